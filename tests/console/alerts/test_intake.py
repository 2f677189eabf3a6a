"""What the engine hands in: once each, replaced where it replaces, and one audit row a batch at most."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingdun.console.alerts import entities, feed, intake, snapshots
from qingdun.console.alerts.models import (
    Alert,
    Clock,
    ClusterMember,
    ContextEvent,
    Evidence,
    FeedProgress,
    RejectedRow,
    Suspect,
    Task,
    TaskEvent,
)
from qingdun.console.alerts.sink import ConsoleSink
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent
from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ACCOUNTS,
    FLOWS,
    SUBSCRIBERS,
    WATCHLIST,
    Account,
    Reject,
    Subscriber,
    WatchlistEntry,
)
from qingdun.contract.tables import ClusterMember as Member
from qingdun.run.directory import run_directory
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.run.test_directory import keyword_engine

MEMBERS = [
    Member("c1", "number", made.CALLER, made.us(made.MORNING), 0.9),
    Member("c1", "host", made.SCREEN_HOST, made.us(made.MORNING), 0.8),
]


def audited(*verbs: str) -> list[str]:
    """What was recorded of these verbs, oldest first."""
    return list(AuditRow.objects.filter(verb__in=verbs).order_by("seq").values_list("after", flat=True))


def test_same_alert_twice_changes_nothing(world: World) -> None:
    rows = [made.police_high(), *made.calm_alerts()]
    taken = intake.ingest_alerts(None, rows)
    before = list(Task.objects.order_by("pk").values())
    assert (taken.fresh, taken.known) == (11, 0)
    assert intake.ingest_alerts(None, rows) == intake.Taken(0, 11)
    assert list(Task.objects.order_by("pk").values()) == before
    assert Evidence.objects.count() == sum(len(row.evidence) for row in rows)


def test_two_events_that_differ_by_their_words_alone_are_both_kept(world: World) -> None:
    alert = made.police_high()
    intake.ingest_alerts(None, [alert])
    first = made.police_context()[0]
    events = [first, first._replace(text_zh="另一笔"), first]
    assert intake.ingest_context(None, alert.alert_id, events) == 2
    assert intake.ingest_context(None, alert.alert_id, events) == 0
    assert ContextEvent.objects.count() == 2
    ended = first._replace(duration_s=30)
    assert intake.ingest_context(None, alert.alert_id, [*events, ended]) == 1
    assert ContextEvent.objects.get(text_zh=first.text_zh).duration_s == 30


def test_a_batch_leaves_one_audit_row_and_its_repetition_none(world: World) -> None:
    rows = [made.police_high(), *made.calm_alerts()]
    timelines = {row.alert_id: made.police_context() for row in rows}
    intake.ingest_alerts(None, rows, timelines)
    assert len(audited("ingest_alerts", "ingest_context")) == 1
    assert '"context_events":121' in audited("ingest_alerts")[0]
    count = AuditRow.objects.count()
    for _ in range(2):
        intake.ingest_alerts(None, rows, timelines)
        intake.ingest_context(None, rows[0].alert_id, made.police_context())
    assert AuditRow.objects.count() == count


def test_a_batch_that_fails_half_way_leaves_nothing(world: World) -> None:
    rows = made.calm_alerts()
    with pytest.raises(Alert.DoesNotExist), transaction.atomic():
        intake.ingest_alerts(None, rows, {"unheard-of": made.police_context()})
    assert not Task.objects.exists()
    assert not audited("ingest_alerts")


def test_what_the_engine_has_forgotten_is_gone_with_a_time_and_comes_back_as_it_was(world: World) -> None:
    caller, host = made.suspects()
    assert snapshots.replace_suspects(None, [caller, host]) == {"new": 2, "changed": 0, "gone": 0}
    assert snapshots.replace_suspects(None, [caller, host]) == {"new": 0, "changed": 0, "gone": 0}
    before = timezone.now()
    surer = caller._replace(score=0.99)
    assert snapshots.replace_suspects(None, [surer]) == {"new": 0, "changed": 1, "gone": 1}
    gone = Suspect.objects.get(entity=made.SCREEN_HOST)
    assert gone.gone_at is not None
    assert gone.gone_at >= before
    assert [found.entity for found in entities.suspects(world.analyst)] == [made.CALLER]
    shown = entities.entity(world.analyst, "host", made.SCREEN_HOST)
    assert shown.suspect == gone
    again = host._replace(first_flagged_at=host.first_flagged_at + 1)
    assert snapshots.replace_suspects(None, [surer, again]) == {"new": 1, "changed": 0, "gone": 0}
    back = Suspect.objects.get(entity=made.SCREEN_HOST)
    assert (back.pk, back.gone_at, back.first_flagged_at) == (gone.pk, None, gone.first_flagged_at)
    assert len(audited("replace_suspects")) == 3


def test_an_empty_snapshot_forgets_everything_and_gone_rows_keep_their_time(world: World) -> None:
    snapshots.replace_suspects(None, made.suspects())
    snapshots.replace_suspects(None, [])
    times = set(Suspect.objects.values_list("gone_at", flat=True))
    snapshots.replace_suspects(None, [])
    assert None not in times
    assert set(Suspect.objects.values_list("gone_at", flat=True)) == times


def test_clusters_are_replaced_too(world: World) -> None:
    console = ConsoleSink()
    console.clusters(MEMBERS)
    console.clusters(MEMBERS)
    assert [member.entity for member in entities.entity(world.analyst, "number", made.CALLER).neighbours] == [
        made.SCREEN_HOST
    ]
    console.clusters([member._replace(cluster_id="c0") for member in MEMBERS])
    assert ClusterMember.objects.filter(gone_at=None).count() == 2
    assert ClusterMember.objects.exclude(gone_at=None).count() == 2
    console.clusters([])
    assert not entities.entity(world.analyst, "number", made.CALLER).neighbours
    assert len(audited("replace_clusters")) == 3


def test_thousands_of_suspects_are_replaced_in_pieces(world: World) -> None:
    host = made.suspects()[1]
    many = [host._replace(entity=f"h{number:04}.invalid") for number in range(2300)]
    assert snapshots.replace_suspects(None, many)["new"] == 2300
    half = [row._replace(score=0.5) for row in many[:1200]]
    assert snapshots.replace_suspects(None, half) == {"new": 0, "changed": 1200, "gone": 1100}
    assert Suspect.objects.filter(gone_at=None, score=0.5).count() == 1200


def test_rejected_rows_of_two_directories_do_not_collide(world: World) -> None:
    rows = [Reject("calls", 5, "callee: found 'x'"), Reject("visits", 5, "host: null")]
    assert feed.keep_rejects(None, "/flows/monday", rows) == 2
    assert feed.keep_rejects(None, "/flows/monday", rows) == 0
    assert feed.keep_rejects(None, "/flows/tuesday", rows[:1]) == 1
    assert feed.keep_rejects(None, "/flows/tuesday", [rows[0]._replace(reason="at: late")]) == 1
    assert set(RejectedRow.objects.values_list("source", "flow", "row", "reason")) == {
        ("/flows/monday", "calls", 5, "callee: found 'x'"),
        ("/flows/monday", "visits", 5, "host: null"),
        ("/flows/tuesday", "calls", 5, "at: late"),
    }
    assert audited("keep_rejects") == ['{"rows":2}', '{"rows":1}', '{"rows":1}']


def test_a_path_that_is_no_text_or_very_long_still_names_a_source(world: World) -> None:
    for path in ("/flows/\udcff", "/" + "f" * 400 + "/monday"):
        ConsoleSink(source=path).rejects([Reject("calls", 1, "x")])
    assert RejectedRow.objects.count() == 2


def test_sink_takes_all_a_run_hands_in_and_twice_is_once(world: World) -> None:
    console = ConsoleSink(source="/flows")
    for _ in range(2):
        console.alerts([made.police_urgent()], {made.police_urgent().alert_id: made.police_context()})
        console.suspects(made.suspects())
        console.clusters(MEMBERS)
        console.rejects([Reject("calls", 1, "x")])
        console.progress(made.us(made.MORNING), {"calls": 10, "messages": 20})
        console.close()
    assert (Task.objects.count(), Suspect.objects.count(), RejectedRow.objects.count()) == (1, 2, 1)
    assert ContextEvent.objects.count() == len(made.police_context())
    progress = FeedProgress.objects.get()
    assert (progress.running, progress.counts["messages"]) == (False, 40)
    assert verify_chain().intact


def test_alerts_of_nobody_known_belong_to_the_city(world: World) -> None:
    stranger = made.police_high()._replace(person_id="nobody")
    intake.ingest_alerts(None, [stranger])
    assert Task.objects.get().region_path == world.analyst.region_path
    assert Task.objects.get().received_at <= timezone.now() + dt.timedelta(seconds=1)


def test_rejected_rows_of_the_register_are_kept_beside_those_of_the_flows(
    world: World, tmp_path: Path
) -> None:
    day = dt.date(2026, 6, 1)
    good = Subscriber("+8617258010001", "p1", day, None, "甲", False, world.town.code, None, False, 1980, "f")
    nowhere = good._replace(msisdn="+8617258010002", town_code="999999999")
    accounts = [
        Account(number, "p1", "personal", "乙行", day, None, "名", None, None) for number in ("62", "6" * 41)
    ]
    listed = [WatchlistEntry("host", "a" * 300 + ".invalid", "x", "y", 0, None)]
    tables = {SUBSCRIBERS: [good, nowhere], ACCOUNTS: accounts, WATCHLIST: listed}
    for table in (*FLOWS, *tables):
        write_table(table, tables.get(table, []), tmp_path / f"{table.name}.parquet")
    loaded = feed.load_register(tmp_path)
    run_directory(tmp_path, None, [ConsoleSink(source=feed.source_of(tmp_path))], build=keyword_engine)
    kept = RejectedRow.objects.order_by("flow").values_list("source", "flow", "row")
    source = str(tmp_path.resolve())
    assert list(kept) == [(source, "accounts", 1), (source, "subscribers", 1), (source, "watchlist", 0)]
    assert loaded.persons == 1
    feed.load_register(tmp_path)
    assert RejectedRow.objects.count() == 3


def test_a_batch_costs_the_same_statements_however_many_tasks_it_opens(world: World) -> None:
    """One event each, but one statement for all of them: neither the ledger nor the tasks are held longer."""
    rows = made.calm_alerts()
    counts = []
    for batch in (rows[:2], rows[2:10]):
        timelines = {row.alert_id: made.police_context() for row in batch}
        before = LiveEvent.objects.count(), Task.objects.count()
        with CaptureQueriesContext(connection) as asked:
            assert intake.ingest_alerts(None, batch, timelines).fresh == len(batch)
        counts.append(len(asked))
        assert Task.objects.count() == before[1] + len(batch)
        assert LiveEvent.objects.count() == before[0] + len(batch)
    # The second batch holds low alerts, for which earlier verdicts are asked for, once for all of them;
    # SQLite takes at most 999 values a statement.
    assert counts[1] <= counts[0] + (3 if connection.vendor == "sqlite" else 1)
    assert counts[0] <= 30


def test_tasks_of_one_batch_are_as_if_each_alert_had_come_alone(world: World) -> None:
    """Also where one alert of the batch joins the task that another one has just opened."""
    first = made.police_high()
    later = first._replace(alert_id="later", level="urgent", raised_at=first.raised_at + 60_000_000)
    intake.ingest_alerts(None, [later, *made.calm_alerts(), first])
    together = state_of_all()
    with transaction.atomic():
        for model in (Evidence, Alert, TaskEvent, Clock, Task):
            model._default_manager.all().delete()
    for row in sorted([*made.calm_alerts(), first, later], key=lambda row: row.raised_at):
        intake.ingest_alerts(None, [row])
    assert state_of_all() == together
    assert Task.objects.get(episode_id=first.episode_id).level == "urgent"


def state_of_all() -> list[tuple[object, ...]]:
    """Every task with its history and clocks, as far as they do not depend on when it was taken in."""
    return [
        (
            task.episode_id, task.state, task.level, task.version, task.expected_loss_fen, task.due_clock,
            [(e.verb, e.source, e.target, e.note) for e in task.events.all()],
            [(c.name, lasts(c), c.stopped_at is None) for c in task.clocks.all()],
            sorted(task.alerts.values_list("alert_id", flat=True)),
        )
        for task in Task.objects.order_by("episode_id")
    ]  # fmt: skip


def lasts(clock: Clock) -> float:
    """Seconds the clock runs, to ten: a rise of level shortens it from when it is taken in."""
    return round((clock.due_at - clock.started_at).total_seconds(), -1)
