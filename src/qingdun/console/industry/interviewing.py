"""Interviews of banks, operators and departments (约谈). The actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import queries
from qingdun.console.industry.codes import Interviewed
from qingdun.console.industry.models import Interview
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require


@transaction.atomic
def record_interview(
    actor: User, kind: str, name: str, held_on: dt.date, topic: str, demands: str
) -> Interview:
    """The interview stands. A bank or an operator that is registered is known by its name.

    Errors: NotPermitted, FieldFaults.
    """
    require(actor, Permission.PROPOSE_RESTRICTIONS)
    faults = {}
    if kind not in Interviewed.values:
        faults["kind"] = _("This is needed.")
    if held_on > timezone.localdate():
        faults["held_on"] = _("This day lies in the future.")
    if faults:
        raise FieldFaults(faults)
    party = queries.parties(actor).filter(name=name, kind=kind).first()
    made = Interview.objects.create(
        kind=kind, name=name[:64], party=party, held_on=held_on, topic=topic[:200], demands=demands[:500],
        by=actor, region_path=actor.region_path,
    )  # fmt: skip
    record(actor, "record_interview", made, None, {"kind": kind, "name": made.name, "on": held_on})
    return made
