"""What the tests of the alert module share."""

from __future__ import annotations

import pytest

from qingdun.console.alerts.intake import ingest_alerts, ingest_context
from qingdun.console.alerts.models import Task
from tests.console.alerts.world import World, build_world, police_context, police_urgent


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def task(world: World) -> Task:
    """The golden story: an urgent task of the officer's town."""
    ingest_alerts(None, [police_urgent()])
    ingest_context(None, police_urgent().alert_id, police_context())
    return Task.objects.get()
