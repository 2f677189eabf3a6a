"""Looking at whereabouts: the actor first, one transaction, one audit row with the purpose."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.access import locked
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.whereabouts import rules
from qingdun.console.whereabouts.models import Look
from qingdun.errors import IllegalMove

SHOWN = ["last_cell", "home", "workplace", "family", "branches"]


@transaction.atomic
def look(actor: User, task_id: int, purpose: str) -> Look:
    """The actor may see where the person of the task may be, for a while and while the task is open.

    Errors: NotPermitted (not theirs to see, no right to unmask), IllegalMove (the person is met or the task
    settled), InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    task = locked(actor, task_id)
    if task.state not in rules.OPEN_IN:
        raise IllegalMove(
            _("Nobody is looked for in this task: it is “%(state)s”.") % {"state": task.get_state_display()}
        )
    now = timezone.now()
    until = now + rules.look_lasts()
    made, _new = Look.objects.update_or_create(
        task=task, by=actor, defaults={"region_path": task.region_path, "at": now, "until": until}
    )
    record(actor, "look_for_person", task, None, {"shown": SHOWN, "until": until}, stated(purpose))
    return made
