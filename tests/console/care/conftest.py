"""A task with a verdict, and a clock that the tests move by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions
from qingdun.console.alerts.models import Task
from tests.console.alerts.world import World
from tests.console.whistles.conftest import client_of, task, world

__all__ = ["client_of", "task", "world"]

SetClock = Callable[[dt.datetime], dt.datetime]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the time that the console reads."""

    def set_to(at: dt.datetime) -> dt.datetime:
        monkeypatch.setattr(timezone, "now", lambda: at)
        return at

    return set_to


def decide(world: World, task: Task, verdict: str = "awakened") -> Task:
    """The officer has signed, met and passed the verdict, and reported back."""
    actions.move(world.officer, task.pk, None, "sign")
    actions.move(world.officer, task.pk, None, "meet")
    return actions.save_visit(
        world.officer,
        task.pk,
        None,
        f"care-{task.pk}-{verdict}-{task.version}",
        actions.VisitForm(reason="family"),
        verdict,
    )
