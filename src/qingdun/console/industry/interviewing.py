"""Interviews of banks, operators and departments (约谈). The actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.industry import queries
from qingdun.console.industry.actions import AT_ONCE
from qingdun.console.industry.codes import Interviewed
from qingdun.console.industry.models import Interview
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require


class Held(NamedTuple):
    """An interview: of whom (a bank, an operator or a department, by name), when, about what, with what
    demands.
    """

    kind: str
    name: str
    held_on: dt.date
    topic: str
    demands: str


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
    (made,) = keep_interviews(actor, [Held(kind, name, held_on, topic, demands)])
    record(actor, "record_interview", made, None, {"kind": kind, "name": made.name, "on": held_on})
    return made


def keep_interviews(actor: User, told: Sequence[Held]) -> list[Interview]:
    """Each of these, which are well said, stands, in the transaction of the caller, who writes the audit row.

    Errors: NotPermitted.
    """
    require(actor, Permission.PROPOSE_RESTRICTIONS)
    known = {(party.kind, party.name): party for party in queries.parties(actor)}
    return Interview.objects.bulk_create(
        [
            Interview(
                kind=one.kind, name=one.name[:64], party=known.get((one.kind, one.name)), held_on=one.held_on,
                topic=one.topic[:200], demands=one.demands[:500], by=actor, region_path=actor.region_path,
            )
            for one in told
        ],
        batch_size=AT_ONCE,
    )  # fmt: skip
