"""What the plane of calls hears of urgent alerts, and what it tells of the calls that it ended."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import intake
from qingdun.console.alerts.interception import ConsoleAlerts
from qingdun.console.alerts.models import Alert, ContextEvent, Task
from qingdun.console.kernel.models import AuditRow
from qingdun.contract.calls import Announced
from qingdun.contract.columns import timestamp
from tests.console.alerts import world as made
from tests.console.alerts.world import World

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
