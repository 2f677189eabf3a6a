"""What was entered by mistake is taken back: the actor first, one transaction, one audit row that keeps what
stood and why it stands no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingdun.console.cases import queries
from qingdun.console.cases.models import Case
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import only, out_of_reach
from qingdun.errors import IllegalMove

READS: Mapping[str, Callable[[User], QuerySet[Any]]] = {
    "part": queries.parts, "measure": queries.measures, "seizure": queries.seizures,
}  # fmt: skip
TOLD: Mapping[str, tuple[str, ...]] = {
    "part": ("person_id", "role", "on"),
    "measure": ("person_id", "kind", "on", "until"),
    "seizure": ("kind", "count", "amount_fen", "on"),
}
"""What the audit keeps of each, by kind; nobody's data."""


@transaction.atomic
def take_back(actor: User, kind: str, row_id: int, reason: str) -> Case:
    """The part, measure or seizure stands no more, and no figure counts it; its case.

    Errors: NotPermitted, InputError (no reason), IllegalMove (of a part: measures of the person stand).
    """
    require(actor, Permission.WORK_CASES)
    case = Case.objects.select_for_update().get(pk=_found(actor, kind, row_id).case_id)
    row, why = _found(actor, kind, row_id), stated(reason)
    if kind == "part" and case.measures.filter(person=row.person_id).exists():
        raise IllegalMove(_("Measures of this person stand in the case: take those back first."))
    before = {name: getattr(row, name) for name in TOLD[kind]}
    row.delete()
    record(actor, f"take_back_{kind}", case, before, None, why)
    return case


def _found(actor: User, kind: str, row_id: int) -> Any:
    if kind not in READS:
        raise out_of_reach()
    return only(READS[kind](actor).filter(pk=row_id))
