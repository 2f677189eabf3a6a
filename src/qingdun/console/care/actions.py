"""What is entered about follow-ups: the actor first, one transaction, one audit row."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts import queries as reads
from qingdun.console.care import queries, rules
from qingdun.console.care.models import CLOSING, FollowUp, Result
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError

State = FollowUp.State


@transaction.atomic
def record_result(actor: User, follow_up_id: int, result: str, note: str = "") -> FollowUp:
    """The follow-up is done with that result, and those of earlier days that nobody did are missed; the task
    is being followed up, and closed after the last one if the table of moves lets the actor do that.

    The same result sent again by the same actor changes nothing. A follow-up in which the person was not
    reached may be entered again. Errors: NotPermitted, InputError (no such result), IllegalMove (done by
    somebody else, missed or dropped).
    """
    require(actor, Permission.WORK_ALERTS)
    if result not in Result.values:
        raise InputError(_("Choose what came of it."))
    queries.follow_up(actor, follow_up_id)
    row = FollowUp.objects.select_for_update().get(pk=follow_up_id)
    if row.state == State.DONE and row.result == result and row.done_by_id == actor.pk:
        return row
    again = row.state == State.DONE and row.result == Result.NOT_REACHED
    if row.state != State.OPEN and not again:
        raise IllegalMove(
            _("This follow-up is no longer open: %(state)s") % {"state": row.get_state_display()}
        )
    before = {"state": row.state, "result": row.result}
    row.state, row.result, row.note = State.DONE, result, note.strip()[:2000]
    row.done_at, row.done_by = timezone.now(), actor
    row.save(update_fields=["state", "result", "note", "done_at", "done_by"])
    earlier = FollowUp.objects.filter(task=row.task_id, day__lt=row.day, state=State.OPEN)
    missed = sorted(earlier.values_list("day", flat=True))
    earlier.update(state=State.MISSED)
    after = {"state": row.state, "result": row.result, "day": row.day, "missed": missed}
    record(actor, "record_follow_up", row, before, after)
    if result == Result.PAID:
        alerts.tell_of_loss(row.person_id, "", row.task_id, actor.get_username())
    _move(actor, row, "follow_up")
    if row.day == max(rules.follow_up_days()) and result in CLOSING:
        _move(actor, row, "close")
    return row


def _move(actor: User, row: FollowUp, verb: str) -> None:
    """The row's task has made the move, if the table of moves lets the actor make it now."""
    task = reads.task(actor, row.task_id)
    if any(move.verb == verb for move in reads.open_moves(actor, task)):
        alerts.move(actor, task.pk, None, verb)
