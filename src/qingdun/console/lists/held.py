"""Texts that planes hold for a person. As lists are, they are the whole city's; what they say is masked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.lists.codes import HeldVerb
from qingdun.console.lists.models import HeldDecision, HeldText
from qingdun.errors import NotPermitted
from qingdun.intercept.messages.quarantine import MOVES, VERBS

GROUPS = ("waiting", "moving", "done", "all")
"""Those that somebody must look at, that a decision is on its way for, that are done with."""
LATELY = dt.timedelta(hours=1)
"""How long a text that is done with stands among what was decided lately."""
DECIDABLE = tuple(state for state, may_become in MOVES.items() if {*VERBS.values()} & may_become)
"""States that a decision leads out of."""
# What is gone is on its way no more: its plane may never say what came of it.
_PENDING = HeldDecision.objects.filter(text=OuterRef("pk"), heard_at=None).exclude(text__state="gone")
_GROUPS = {
    "waiting": Q(state__in=("held", "failed", "unsure"), pending=False),
    "moving": Q(pending=True) | Q(state__in=("asked", "sending")),
    "done": Q(state__in=("released", "dropped", "gone"), pending=False),
    "all": Q(),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """Which held texts are asked for; every field is a parameter of the address."""

    group: str = GROUPS[0]
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Ask:
        """The parameters of an address; what is not known falls back to the default."""
        group, page = query.get("group", ""), whole(query.get("page", ""))
        return cls(group if group in GROUPS else GROUPS[0], page if page and 0 < page < 10_000 else 1)

    def query(self, group: str) -> str:
        """The query string of another group."""
        return urlencode({"group": group})


def texts(viewer: User, ask: Ask) -> QuerySet[HeldText]:
    """Those of the group: what waits, the oldest first; what does not, the latest first. Each with whether a
    decision is on its way (`pending`) and the latest one (`verb`, `decided_by`, `decided_at`, `note`,
    `came`: whether it was still possible; null: not known yet).
    """
    require(viewer, Permission.SEE_PERSONS)
    found = _with_decisions(HeldText.objects.all()).filter(_GROUPS[ask.group])
    return found.order_by("until", "pk") if ask.group == "waiting" else found.order_by("-moved_at", "-pk")


def lately(viewer: User) -> QuerySet[HeldText]:
    """Those that are on their way or were done with within the hour, the latest first."""
    require(viewer, Permission.SEE_PERSONS)
    since = timezone.now() - LATELY
    of_it = HeldDecision.objects.filter(text=OuterRef("pk"))
    lately_decided = Q(Exists(of_it.filter(at__gte=since))) | (Q(Exists(of_it)) & Q(moved_at__gte=since))
    found = _with_decisions(HeldText.objects.all())
    return found.filter(_GROUPS["moving"] | lately_decided).order_by("-moved_at", "-pk")


def counts(viewer: User) -> dict[str, int]:
    """How many there are of each group."""
    require(viewer, Permission.SEE_PERSONS)
    found = HeldText.objects.annotate(pending=Exists(_PENDING))
    return found.aggregate(**{name: Count("pk", filter=_GROUPS[name]) for name in GROUPS[:-1]}) | {
        "all": HeldText.objects.count()
    }


def text(viewer: User, held_id: int) -> HeldText:
    """One of them, with the same. Errors: NotPermitted if it is not there."""
    require(viewer, Permission.SEE_PERSONS)
    found = _with_decisions(HeldText.objects.filter(pk=held_id)).first()
    if found is None:
        raise NotPermitted(_("Held text %(id)s is not there.") % {"id": held_id})
    return found


def decisions(viewer: User, about: HeldText) -> QuerySet[HeldDecision]:
    """What was decided of it, in order."""
    require(viewer, Permission.SEE_PERSONS)
    return about.decisions.select_related("by")


def verbs(viewer: User, about: HeldText) -> list[HeldVerb]:
    """What the viewer may decide of it now."""
    require(viewer, Permission.SEE_PERSONS)
    if not may(viewer, Permission.APPROVE_LISTS) or about.decisions.filter(heard_at=None).exists():
        return []
    return possible(about.state)


def possible(state: str) -> list[HeldVerb]:
    """What may be decided of a text in that state."""
    return [verb for verb in HeldVerb if VERBS[verb] in MOVES.get(state, ())]


def _with_decisions(found: QuerySet[HeldText]) -> QuerySet[HeldText]:
    last = HeldDecision.objects.filter(text=OuterRef("pk")).order_by("-pk")
    # As a user is called everywhere.
    name = Coalesce(NullIf("by__display_name", Value("")), "by__username")
    return found.annotate(
        pending=Exists(_PENDING),
        verb=Subquery(last.values("verb")[:1]),
        decided_by=Subquery(last.annotate(name=name).values("name")[:1]),
        decided_at=Subquery(last.values("at")[:1]),
        note=Subquery(last.values("note")[:1]),
        came=Subquery(last.values("was_possible")[:1]),
    ).select_related("entry")
