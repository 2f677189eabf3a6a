"""A file of accountability is closed with what was found: the actor first, one transaction, one audit row."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from qingdun.console.assessment import queries
from qingdun.console.assessment.collecting import touches
from qingdun.console.assessment.deciding import said
from qingdun.console.assessment.models import Accountability
from qingdun.console.assessment.moves import MOVES
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach


@transaction.atomic
def close_accountability(actor: User, file_id: int, findings: str) -> Accountability:
    """The findings stand with everything that was collected, as the actor sees it now: what is deleted by age
    elsewhere stays here, masked.

    Errors: NotPermitted, IllegalMove, InputError (nothing said).
    """
    require(actor, Permission.WORK_ASSESSMENT)
    if not queries.accountabilities(actor).filter(pk=file_id).exists():
        raise out_of_reach()
    file = Accountability.objects.select_for_update(of=("self",)).get(pk=file_id)
    move = check(MOVES, "close_accountability", file.state)
    file.touches = [one.kept() for one in touches(actor, file)]
    file.state, file.findings, file.closed_by = move.target, said(findings), actor
    file.closed_at = timezone.now()
    file.save()
    after = {"state": file.state, "rows": len(file.touches)}
    record(actor, "close_accountability", file, {"state": "open"}, after)
    return file
