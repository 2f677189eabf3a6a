"""Two tasks of one person become one by hand, where the intake could not know that they belong together."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from qingdun.console.alerts import moves
from qingdun.console.alerts.access import out_of_sight, visible
from qingdun.console.alerts.acting import announce, carry_out, raise_level, take, write_line
from qingdun.console.alerts.codes import STAGE_NUMBER
from qingdun.console.alerts.intake import take_turn
from qingdun.console.alerts.models import Alert, ContextEvent, Evidence, Task
from qingdun.console.alerts.states import ENDED
from qingdun.console.kernel.models import User
from qingdun.errors import IllegalMove


@transaction.atomic
def merge(actor: User, task_id: int, version: int | None, into_id: int) -> Task:
    """The alerts of the task belong to the other task of the same person, whose level may rise by it; the
    task itself is merged, which is final. Calls and history stay where they were made.

    Errors: NotPermitted, IllegalMove: tasks of two persons, one that is being worked on, one that has ended.
    """
    # In turn with whoever takes alerts in, who follows merged tasks before locking any; and in one order, so
    # that two who merge crosswise do not wait for each other.
    take_turn()
    held = {task.pk: task for task in visible(actor, Task.objects.select_for_update().order_by("pk")).filter(
        pk__in=(task_id, into_id)
    )}  # fmt: skip
    if into_id not in held:
        raise out_of_sight(into_id)
    act = take(actor, task_id, version)
    task, into = act.task, held[into_id]
    move = moves.check("merge", task.state, task.level, actor.role)
    if task.pk == into.pk or task.person_id != into.person_id:
        raise IllegalMove(_("Only two tasks of one person become one."))
    if into.state in ENDED:
        raise IllegalMove(
            _("The other task has ended: %(state)s. Choose one that is open.")
            % {"state": into.get_state_display()}
        )
    carry_out(task, move, actor, act.now, f"→ #{into.pk}")
    task.merged_into = into
    _hand_over(task, into)
    write_line(into, actor, act.now, "merged", into.state, into.state, f"#{task.pk}")
    raise_level(actor, into, task.level, act.now)
    if STAGE_NUMBER[task.stage] > STAGE_NUMBER[into.stage]:
        into.stage = task.stage
    into.probability = max(into.probability, task.probability)
    into.version += 1
    into.save()
    act.finish("merge", undoable=False, into=into.pk)
    announce(into, "merged")
    return into


def _hand_over(task: Task, into: Task) -> None:
    Evidence.objects.filter(alert__task=task).update(region_path=into.region_path)
    Alert.objects.filter(task=task).update(task=into, region_path=into.region_path)
    around = ContextEvent.objects.filter(task=task)
    key = ("at", "lane", "kind", "entity", "text_zh")
    same = ContextEvent.objects.filter(task=into, **{name: OuterRef(name) for name in key})
    around.filter(Exists(same)).delete()
    around.update(task=into, region_path=into.region_path)
