"""One tap ends a task as a false alarm with its reason, which the engine hears once nobody can undo it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone, translation

from qingdun.console.alerts import actions
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.models import OutcomeLine, Task, TaskEvent
from qingdun.console.alerts.outcomes import outcomes_since, write_outcomes
from qingdun.console.alerts.rules import false_alarms
from qingdun.console.alerts.states import State
from qingdun.console.alerts.templatetags.alerts import history_note
from qingdun.console.kernel.models import AuditRow
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ACCOUNTS, FLOWS, OUTCOMES, SUBSCRIBERS
from qingdun.errors import IllegalMove, RefusedError
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.visits.conftest import meet

pytestmark = pytest.mark.django_db


def test_the_reason_ends_the_task_and_reaches_the_engine(world: World, task: Task, tmp_path: Path) -> None:
    meet(world, task)
    form = VisitForm(reason="own_transfer", reason_words="两张本人的卡")
    done = actions.save_visit(world.officer, task.pk, None, "false-00000001", form, "false_alarm")
    assert (done.state, done.verdict) == (State.FEEDBACK, State.FALSE_ALARM)
    later = timezone.now() + dt.timedelta(minutes=1)
    assert [(row.result, row.reason) for row in outcomes_since(0, now=later).rows] == [
        ("false_alarm", "own_transfer")
    ]
    assert '"reason":"own_transfer"' in AuditRow.objects.filter(verb="false_alarm").get().after
    line = TaskEvent.objects.get(verb="false_alarm")
    with translation.override("zh-hans"):
        assert history_note(line) == "本人账户互转 两张本人的卡"
    for table in (*FLOWS, SUBSCRIBERS, ACCOUNTS):
        write_table(table, [], tmp_path / f"{table.name}.parquet")
    write_outcomes(tmp_path / "outcomes.parquet", later)
    read = OUTCOMES.to_rows(FlowDirectory(tmp_path).reference(OUTCOMES))
    assert [(row.result, row.reason) for row in read] == [("false_alarm", "own_transfer")]


def test_an_undone_false_alarm_is_told_to_nobody(world: World, task: Task) -> None:
    meet(world, task)
    actions.save_visit(
        world.officer, task.pk, None, "false-00000001", VisitForm(reason="work"), "false_alarm"
    )
    assert actions.undo(world.officer, task.pk).state == State.MET
    assert OutcomeLine.objects.get(reason="work").withdrawn_at is not None
    assert outcomes_since(0, now=timezone.now() + dt.timedelta(minutes=1)).rows == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (VisitForm(), "own_transfer, family"),
        (VisitForm(reason="mood"), "mood"),
        (VisitForm(reason="other"), "own words|写明原因"),
        (VisitForm(reason="other", reason_words="  "), "own words|写明原因"),
    ],
)
def test_without_a_reason_of_the_list_nothing_happens(
    world: World, task: Task, form: VisitForm, said: str
) -> None:
    meet(world, task)
    with pytest.raises(RefusedError, match=said):
        actions.save_visit(world.officer, task.pk, None, "false-00000001", form, "false_alarm")
    assert Task.objects.get().state == State.MET
    assert not OutcomeLine.objects.exists()


def test_no_move_of_its_own_goes_round_the_reason(world: World, task: Task) -> None:
    meet(world, task)
    with pytest.raises(IllegalMove, match="专门的表单"):
        actions.move(world.officer, task.pk, None, "false_alarm")


def test_every_reason_is_a_button_in_both_languages(client_of: LogIn, world: World, task: Task) -> None:
    meet(world, task)
    client = client_of(world.officer)
    for language, words in (
        ("zh-hans", {one.zh for one in false_alarms().values()}),
        ("en", {one.en for one in false_alarms().values()}),
    ):
        client.cookies["django_language"] = language
        page = client.get(f"/m/visit/{task.pk}/").content.decode()
        assert all(f'data-reason="{code}"' in page for code in false_alarms())
        assert all(word in page for word in words)
