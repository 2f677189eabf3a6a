"""What the plane of calls hears of urgent alerts, and what it tells of the calls that it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from qingdun.console.alerts import intake
from qingdun.console.alerts.interception import ConsoleAlerts
from qingdun.console.alerts.models import Alert, ContextEvent, Task
from qingdun.console.kernel.models import AuditRow, Person, Region
from qingdun.contract.calls import Announced, UrgentCall
from qingdun.contract.columns import timestamp
from qingdun.intercept.calls.plane import HANG_UP
from tests.console.alerts import world as made
from tests.console.alerts.world import World, build_world
from tests.intercept.calls import running, scenarios
from tests.intercept.memory import MemoryLists
from tests.intercept.running import until
from tests.run.world import World as Flows

pytestmark = pytest.mark.django_db


def just_now() -> int:
    return timestamp(timezone.now() - dt.timedelta(minutes=1))


def test_urgent_alerts_are_heard_with_the_numbers_they_name(world: World) -> None:
    urgent = made.police_urgent()
    intake.ingest_alerts(None, [made.police_high(), urgent])
    (heard,) = ConsoleAlerts().since(just_now())
    numbers = [piece.entity for piece in urgent.evidence if piece.entity_kind == "number"]
    assert numbers
    assert (heard.alert_id, heard.protected, heard.numbers) == (
        urgent.alert_id,
        urgent.msisdn,
        tuple(dict.fromkeys(numbers)),
    )
    assert ConsoleAlerts().since(timestamp(timezone.now() + dt.timedelta(minutes=1))) == []
    Task.objects.update(closed_at=timezone.now())
    assert ConsoleAlerts().since(just_now()) == []


def test_a_call_that_was_ended_stands_on_the_timeline_once_and_is_audited(world: World) -> None:
    urgent = made.police_urgent()
    intake.ingest_alerts(None, [urgent])
    at = timestamp(timezone.now())
    found = [
        Announced(urgent.alert_id, "+8617000000001", "done", at),
        Announced(urgent.alert_id, "+8617000000002", "not_live", at),
        Announced("of another database", "+8617000000001", "done", at),
    ]
    for _ in range(2):
        ConsoleAlerts().told(found)
    (event,) = ContextEvent.objects.all()
    assert event.entity == "+8617000000001"
    assert event.task == Alert.objects.get(pk=urgent.alert_id).task
    assert AuditRow.objects.filter(verb="ingest_context").count() == 1


class _Alerts(ConsoleAlerts):
    """The console's, asked from the plane's threads, which keep no connection to the test's database."""

    def since(self, at: int) -> Sequence[UrgentCall]:
        with closing(connection):
            return super().since(at)

    def told(self, found: Sequence[Announced]) -> None:
        with closing(connection):
            super().told(found)


@pytest.mark.django_db(transaction=True)
def test_the_engine_ends_the_call_in_which_somebody_is_being_scammed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From flows to the network: the engine finds the story, the console commits it, the plane hears of it
    and Kamailio hangs up. The caller shows 110 from abroad, which flows and SIP write in two ways.
    """
    running.needs_kamailio()
    monkeypatch.setattr("qingdun.intercept.following.TELL_S", 0.2)
    build_world()
    lists = MemoryLists()
    flows = Flows(3)
    victim = flows.police_story()
    town = Region.objects.filter(level=Region.Level.TOWN)[0]
    Person.objects.create(
        person_id="p0", name="郑晓岚", birth_year=1960, sex="f", floating=False, region=town,
        region_path=town.path,
    )  # fmt: skip
    found = [one for one in flows.alerts() if one.level == "urgent"]
    with (
        running.kamailio(tmp_path / "kamailio", "QD_LIVE") as proxy,
        running.callee(tmp_path, proxy.onward),
        running.running(
            running.settings(tmp_path / "plane", proxy.evapi, announce=HANG_UP), lists, _Alerts()
        ),
    ):
        # Nobody hangs up on a call to somebody else.
        until(lambda: running.call(tmp_path, proxy.port, scenarios.passes(), "+00861110").right)
        talks = scenarios.passes(hung_up=True).replace("+8675730000001", victim)
        with running.calling(tmp_path, proxy.port, talks, "+00861110", "-m", "1") as process:
            until(lambda: lists.planes["calls"].figures["live_calls"])
            intake.ingest_alerts(None, found)
            process.wait(30)
        assert running.came_of(tmp_path, process).right
        event = until(lambda: ContextEvent.objects.filter(kind="announced").first())
    assert (event.entity, event.task) == ("+00861110", Task.objects.get(person_id="p0"))
