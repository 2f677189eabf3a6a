"""The search field finds tasks by the whole number of their person and by their own number."""

from __future__ import annotations

import pytest

from qingdun.console.alerts import actions
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.searching import search_tasks
from tests.console.alerts.world import World


def test_a_whole_number_and_the_number_of_a_task_lead_to_it(world: World, task: Task) -> None:
    for text in ("17258010000", "172 5801 0000", "+8617258010000", f"#{task.pk}"):
        (hit,) = search_tasks(world.analyst, text)
        assert (hit.title, hit.url) == (f"#{task.pk} 郑**", f"/alerts/{task.pk}/")


@pytest.mark.parametrize(
    "text", ["1725801", "郑晓岚", "p00", "#", "#0", "# 1 1", "1", "#99999999999999999999"]
)
def test_parts_and_names_lead_nowhere(world: World, task: Task, text: str) -> None:
    assert search_tasks(world.analyst, text) == []


def test_a_task_is_found_by_who_sees_it_alone(world: World, task: Task) -> None:
    for text in ("17258010000", f"#{task.pk}"):
        for user in (world.officer, world.other_county, world.auditor, world.viewer):
            assert search_tasks(user, text) == []
    actions.dispatch(world.analyst, task.pk, None)
    assert search_tasks(world.officer, f"#{task.pk}")
