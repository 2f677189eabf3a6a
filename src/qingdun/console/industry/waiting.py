"""What waits for the viewer's own hand, as the home page of the module says it."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from qingdun.console.industry.tables import rows
from qingdun.console.kernel.figures import Counted, Figure, address, reading
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.tables import Ask


class Work(NamedTuple):
    """Rows that somebody with that permission is to do something about."""

    permission: Permission
    figure: Figure


A, P, C = Permission.ANSWER_LISTS, Permission.PROPOSE_RESTRICTIONS, Permission.CONFIRM_RESTRICTIONS
WORK: tuple[Work, ...] = (
    Work(A, Figure("answer", _("Lists to answer"), "", "assignments", {"open": "1"})),
    Work(A, Figure("lift", _("Rows to release"), "", "restrictions", {"state": "releasing"})),
    Work(A, Figure("notify", _("Holders to be told"), "", "checks", {"state": "flagged"})),
    Work(A, Figure("check", _("Cards to be checked"), "", "checks", {"state": "noticed"})),
    Work(A, Figure("restore", _("Cards to be restored"), "", "checks", {"state": "restoring"})),
    Work(C, Figure("send", _("Lists to confirm"), "", "assignments", {"state": "drafted"})),
    Work(C, Figure("second", _("Lists for a second person"), "", "assignments", {"state": "confirmed"})),
    Work(C, Figure("dispute", _("Disputes to decide"), "", "restrictions", {"state": "disputed"})),
    Work(C, Figure("appeal", _("Appeals to decide"), "", "appeals", {"state": "filed"})),
    Work(P, Figure("finding", _("Findings to decide"), "", "findings", {"state": "pushed"})),
    Work(C, Figure("objection", _("Objections to answer"), "", "checks", {"state": "objected"})),
    Work(C, Figure("punish", _("Punishments to confirm"), "", "punishments", {"state": "proposed"})),
    Work(P, Figure("serve", _("Letters to serve"), "", "punishments", {"state": "ordered"})),
    Work(C, Figure("end", _("Punishments to end"), "", "punishments", {"state": "releasing"})),
    Work(C, Figure("entries", _("Blacklist, for a second person"), "", "blacklist", {"state": "waits"})),
    Work(A, Figure("late", _("Clocks that ran out"), "", "breaches", {"open": "1"})),
    Work(C, Figure("late", _("Clocks that ran out"), "", "breaches", {"open": "1"})),
)


def waiting(viewer: User, region: str = "") -> list[Counted]:
    """What waits for the viewer, with how many rows it is; what is nothing is left out."""
    ask = Ask(region)
    counted = (
        Counted(
            one.figure,
            reading(one.figure, rows(viewer, one.figure.table, Ask(region, picks=one.figure.picks))),
            address(one.figure, ask, "industry:table"),
        )
        for one in WORK
        if may(viewer, one.permission)
    )
    return [one for one in counted if one.value]
