"""A tick asks for what is due, and costs the same however much is not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingdun.console import ticking
from qingdun.console.alerts import intake
from qingdun.console.alerts.models import Clock
from qingdun.console.wiring import TICKS
from tests.console.alerts import world as made
from tests.console.alerts.world import World


@pytest.mark.django_db
def test_what_is_not_due_costs_no_statement_of_its_own(world: World) -> None:
    """Ten tasks more, none of which is due for anything, and every module asks as few times as before."""
    now = timezone.now()
    intake.ingest_alerts(None, [made.police_high()])
    settle(now)
    before = statements(now)
    intake.ingest_alerts(None, made.calm_alerts())
    settle(now)
    assert statements(now) == before
    assert not Clock.objects.exclude(breached_at=None).exists()


def settle(now: dt.datetime) -> None:
    """Everything that is due has been done."""
    while any(ticking.tick_once(now).values()):
        pass


def statements(now: dt.datetime) -> dict[str, int]:
    """By module, what one more tick asks of the database."""
    asked = {}
    for name in TICKS:
        with CaptureQueriesContext(connection) as queries:
            ticking._tick(name, now)
        asked[name] = len(queries)
    return asked
