"""The world of the alerts, and an officer at the door in it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from qingdun.console.alerts import actions
from qingdun.console.alerts.models import Task
from tests.console.alerts.conftest import task, world
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

__all__ = ["task", "world"]


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def meet(world: World, task: Task) -> Task:
    """The officer has signed the task and stands before the person."""
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    return actions.move(world.officer, task.pk, None, "meet")
