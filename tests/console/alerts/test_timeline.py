"""The four lanes of a task: what lasted, and what still goes on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from qingdun.console.alerts import timeline
from qingdun.console.alerts.models import ContextEvent, Task
from tests.console.alerts.world import CALLER, World


def call(task: Task, kind: str, minutes_ago: float, entity: str = CALLER, duration_s: int = 0) -> None:
    at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    ContextEvent.objects.create(
        task=task, region_path=task.region_path, at=at, lane="calls", kind=kind, entity=entity,
        text_zh=f"{kind} {minutes_ago}", text_en=f"{kind} {minutes_ago}", suspicious=True,
        duration_s=duration_s, received_at=timezone.now(),
    )  # fmt: skip


def drawn(world: World, task: Task, text: str) -> dict[str, Any]:
    return next(one for one in timeline.lanes(world.analyst, task)["events"] if one["text"] == text)


def test_a_live_call_lasts_until_now(world: World, task: Task) -> None:
    call(task, "answered", 12)
    call(task, "busy", 3, "95588")
    before = timezone.now().timestamp() * 1000
    event = drawn(world, task, "answered 12")
    assert event["live"]
    assert before <= event["until"] <= timezone.now().timestamp() * 1000
    assert event["until"] - event["at"] == pytest.approx(12 * 60_000, abs=60_000)
    assert not drawn(world, task, "busy 3")["live"]


@pytest.mark.parametrize("ended", ["by its report", "by another call", "by its length", "with its task"])
def test_a_call_that_is_over_does_not_grow(world: World, task: Task, ended: str) -> None:
    begun = 200 if ended == "by its length" else 12
    call(task, "answered", begun)
    if ended == "by its report":
        call(task, "ended", 2, duration_s=600)
    elif ended == "by another call":
        call(task, "answered", 5, "+8613900000041")
    elif ended == "with its task":
        task.closed_at = timezone.now()
        task.save()
    event = drawn(world, task, f"answered {begun}")
    assert (event["live"], event["until"]) == (False, event["at"])


def test_a_call_that_ended_is_drawn_until_its_end(world: World, task: Task) -> None:
    call(task, "ended", 2, duration_s=600)
    event = drawn(world, task, "ended 2")
    assert event["until"] == pytest.approx(event["time"].timestamp() * 1000)
    assert event["until"] - event["at"] == pytest.approx(600_000)
