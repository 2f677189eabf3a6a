"""Raw data go when their term is over and not a moment sooner; ledgers stay; a killed purge loses nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from qingdun.console.alerts import feed, intake, retention, snapshots
from qingdun.console.alerts.models import (
    Alert,
    ClusterMember,
    ContextEvent,
    Evidence,
    RejectedRow,
    Suspect,
    Task,
    TaskEvent,
)
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow
from qingdun.contract.tables import ClusterMember as Member
from qingdun.contract.tables import Reject
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.hearing import Hearing

CAME = dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)
DAY, MOMENT = dt.timedelta(days=1), dt.timedelta(microseconds=1)
RAW = {"context": ContextEvent, "rejects": RejectedRow, "evidence": Evidence, "suspects": Suspect,
       "memberships": ClusterMember}  # fmt: skip


@pytest.fixture
def came(world: World, monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """One of everything came at `CAME`, and the engine has forgotten the suspects at once; then time runs."""
    monkeypatch.setattr(timezone, "now", lambda: CAME)
    alert = made.police_urgent()
    intake.ingest_alerts(None, [alert], {alert.alert_id: made.police_context()})
    feed.keep_rejects(None, "/flows", [Reject("calls", n, "x") for n in range(5)])
    for rows in (made.suspects(), []):
        snapshots.replace_suspects(None, rows)
    for members in ([Member("c1", "number", made.CALLER, 0, 0.9)], []):
        snapshots.replace_clusters(None, members)
    monkeypatch.undo()
    return CAME


def left() -> dict[str, int]:
    return {name: model.objects.count() for name, model in RAW.items()}


def test_nothing_goes_before_its_term_and_everything_after(came: dt.datetime) -> None:
    whole = left()
    assert whole == {"context": 11, "rejects": 5, "evidence": 6, "suspects": 2, "memberships": 1}
    assert set(retention.purge(None, came + 30 * DAY).values()) == {0}
    assert left() == whole
    after_30 = retention.purge(None, came + 30 * DAY + MOMENT)
    assert after_30 == whole | {"evidence": 0, "suspects": 0, "memberships": 0}
    assert left() == whole | {"context": 0, "rejects": 0}
    assert set(retention.purge(None, came + 180 * DAY).values()) == {0}
    told = Hearing()
    assert retention.purge(None, came + 180 * DAY + MOMENT, told) == whole | {"context": 0, "rejects": 0}
    assert told.rises()
    assert told.shares[-1] == 1.0
    assert set(left().values()) == {0}


def test_ledgers_stay(came: dt.datetime) -> None:
    def ledgers() -> list[object]:
        return [list(model.objects.order_by("pk").values()) for model in (Task, Alert, TaskEvent)]

    before, head = ledgers(), AuditRow.objects.count()
    retention.purge(None, came + 999 * DAY)
    assert ledgers() == before
    assert AuditRow.objects.count() > head
    assert verify_chain().intact


def test_what_the_engine_still_holds_has_no_term(came: dt.datetime) -> None:
    snapshots.replace_suspects(None, made.suspects()[:1])
    assert retention.purge(None, came + 999 * DAY)["suspects"] == 1
    assert Suspect.objects.get().entity == made.CALLER


def test_terms_are_settings(came: dt.datetime, settings: Any) -> None:
    settings.CONTEXT_KEPT = dt.timedelta(days=7)
    assert retention.count_overdue(came + 7 * DAY)["context"] == 0
    assert retention.count_overdue(came + 8 * DAY) == {
        "context": 11, "rejects": 5, "evidence": 0, "suspects": 0, "memberships": 0,
    }  # fmt: skip


def test_a_batch_is_audited_with_its_count(came: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 4)
    retention.purge(None, came + 31 * DAY)
    rows = AuditRow.objects.filter(verb="purge").order_by("seq").values_list("subject_id", "after")
    assert [(kind, json.loads(after).get("rows")) for kind, after in rows] == [
        ("context", 4), ("context", 4), ("context", 3), ("rejects", 4), ("rejects", 1), ("all", None),
    ]  # fmt: skip


def test_counting_deletes_nothing(came: dt.datetime) -> None:
    whole, audited = left(), AuditRow.objects.count()
    assert retention.count_overdue(came + 999 * DAY) == whole
    assert left() == whole
    assert AuditRow.objects.count() == audited


def test_tick_purges_once_a_day_a_batch_at_a_time(came: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 6)
    now = came + 40 * DAY

    def tick() -> int:
        monkeypatch.setattr(timezone, "now", lambda: now)
        return retention.tick(now)

    assert [tick() for _ in range(5)] == [6, 5, 5, 0, 0]
    feed.keep_rejects(None, "/flows", [Reject("calls", 99, "x")])
    RejectedRow.objects.update(received_at=came)
    now += DAY - MOMENT
    assert tick() == 0
    now += MOMENT
    assert [tick() for _ in range(3)] == [1, 0, 0]


def test_pages_of_a_task_without_its_raw_data_open(came: dt.datetime, world: World, settings: Any) -> None:
    retention.purge(None, came + 999 * DAY)
    browser = Client()
    browser.force_login(world.analyst, backend="qingdun.console.kernel.accounts.ConsoleBackend")
    settings.DEMO = True  # no second factor
    assert browser.get(f"/alerts/{Task.objects.get().pk}/").status_code == 200


KILLED = """
import os, signal, sys
from qingdun.console import serving
serving.setup()
from django.utils import timezone
from qingdun.console.alerts import retention
retention.AT_ONCE = 10
record, batches = retention.record, 0
def killed(*args, **keywords):
    global batches
    record(*args, **keywords)
    batches += 1
    if batches == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)  # within the transaction: deleted and recorded, not committed
retention.record = killed
retention.purge(None, timezone.now())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("batch", [1, 3])
def test_a_purge_ended_by_kill_9_is_true_to_its_audit_and_goes_on(batch: int, tmp_path: Path) -> None:
    made.build_world()
    feed.keep_rejects(None, "/flows", [Reject("calls", n, "x") for n in range(45)])
    RejectedRow.objects.update(received_at=timezone.now() - 31 * DAY)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QINGDUN_", "DJANGO_"))}
    environment |= {
        "QINGDUN_DATABASE": address(),
        "QINGDUN_VAR": str(tmp_path),
        "QINGDUN_SECRET_KEY": "only-for-tests-" * 4,
    }
    ended = subprocess.run([sys.executable, "-c", KILLED, str(batch)], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert RejectedRow.objects.count() == 45 - 10 * (batch - 1) == 45 - purged()
    again = [sys.executable, "-m", "qingdun.cli", "purge"]
    words = subprocess.run(again, env=environment, check=True, capture_output=True, text=True).stdout
    assert f"rejects: {45 - 10 * (batch - 1)} deleted" in words
    assert not RejectedRow.objects.exists()
    assert purged() == 45
    assert verify_chain().intact


def purged() -> int:
    """Rejected rows deleted, by the audit trail."""
    rows = AuditRow.objects.filter(verb="purge", subject_id="rejects").values_list("after", flat=True)
    return sum(json.loads(after)["rows"] for after in rows)


def address() -> str:
    """The test's database as a setting."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(parts["NAME"])
    return f"postgres://{parts['USER']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"


def test_a_timeline_that_was_deleted_stays_so_when_its_alert_comes_again(
    came: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = came + 31 * DAY
    retention.purge(None, later)
    monkeypatch.setattr(timezone, "now", lambda: later)
    alert = made.police_urgent()
    taken = intake.ingest_alerts(None, [alert], {alert.alert_id: made.police_context()})
    assert taken == intake.Taken(fresh=0, known=1, events=0)
    assert intake.ingest_context(None, alert.alert_id, made.police_context()) == 0
    assert not ContextEvent.objects.exists()


WORDS = {
    "zh-hans": "证据保留满180天已删除，合计",
    "en": "Evidence deleted after its term of 180 days, together",
}


@pytest.mark.parametrize("language", WORDS)
def test_a_task_whose_evidence_is_gone_says_so_and_its_sum_adds_up(
    came: dt.datetime, world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, language: str
) -> None:
    words = WORDS[language]
    later = came + 181 * DAY
    task = Task.objects.get()
    world.analyst.language = language
    world.analyst.save()
    monkeypatch.setattr(timezone, "now", lambda: later)
    settings.DEMO = True  # no second factor
    client = Client()
    client.force_login(world.analyst, backend="qingdun.console.kernel.accounts.ConsoleBackend")
    address = f"/alerts/{task.pk}/"
    before = client.get(address)
    assert words not in before.content.decode()
    retention.purge(None, later)
    after = client.get(address)
    assert words in after.content.decode()
    whole, left = before.context["waterfall"], after.context["waterfall"]
    assert [bar.kind for bar in left.bars] == ["prior", "deleted"]
    assert sum(bar.millibits for bar in left.bars) == left.posterior
    assert left.probability == pytest.approx(whole.probability)
    assert after.context["context_gone"]
