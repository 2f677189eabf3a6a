"""Reads of lists: the viewer first. Lists are the whole city's; evidence is of whoever sees its alert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import entities, suspects
from qingdun.console.alerts import queries as alerts
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import Hit
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.lists import moves, rules
from qingdun.console.lists.codes import NETWORKED, EntityKind, ListName
from qingdun.console.lists.masks import label, private_numbers
from qingdun.console.lists.models import (
    Entry,
    EntryEvent,
    EntryEvidence,
    Proposal,
    RefusedRow,
    Sighting,
)
from qingdun.console.lists.moves import OPEN, Move, State
from qingdun.console.lists.normal import normal
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError, NotPermitted

PAGE = 50
GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": (State.PROPOSED, State.APPROVED),
    "active": (State.ACTIVE,),
    "ended": (State.EXPIRED, State.REVERSED, State.REFUSED),
    "all": tuple(State.values),
}
"""What the filter `state` may name: a group of states, or one state."""
SORTS: dict[str, tuple[Any, ...]] = {
    "newest": ("-proposed_at", "-pk"),
    "ending": (F("until").asc(nulls_last=True), "pk"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of a list asks for; every field is a parameter of its query string.

    `among` are ids of entries, by points: what a search has found, without what was searched for.
    """

    list: str = ""
    kind: str = ""
    state: str = "active"
    type: str = ""
    mode: str = ""
    """In networks: `observed` or `enforced`."""
    mine: bool = False
    proposal: int = 0
    among: tuple[int, ...] = ()
    sort: str = "newest"
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Filters:
        """The filters of a query string; what it does not know falls back to the default."""
        got = {name: query.get(name, "") for name in ("list", "kind", "state", "type", "mode", "sort")}
        page, proposal = query.get("page", ""), query.get("proposal", "")
        return cls(
            list=got["list"] if got["list"] in ListName.values else "",
            kind=got["kind"] if got["kind"] in EntityKind.values else "",
            state=got["state"] if got["state"] in GROUPS or got["state"] in State.values else "active",
            mode=got["mode"] if got["mode"] in ("observed", "enforced") else "",
            type=got["type"] if got["type"] in scam_types().names else "",
            mine=query.get("mine") == "1",
            proposal=int(proposal) if proposal.isdecimal() and len(proposal) < 12 else 0,
            among=_ids(query.get("among", "")),
            sort=got["sort"] if got["sort"] in SORTS else "newest",
            page=int(page) if 0 < (whole(page) or 0) < 10_000 else 1,
        )


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """A suspect that waits for a decision, with what speaks for it."""

    suspect: suspects.Suspected
    ref: str
    """What stands for it in addresses."""
    victims: int
    """Persons it reached whose tasks are the viewer's to see."""
    cluster: int
    """How many suspects it is tied to, itself included; 0 without a tie."""
    refused: bool
    """Whether it was refused or reversed before."""


def entries(viewer: User, filters: Filters) -> QuerySet[Entry]:
    """Entries that the filters let through, in the order asked for."""
    require(viewer, Permission.SEE_PERSONS)
    found = Entry.objects.filter(state__in=GROUPS.get(filters.state, (filters.state,)))
    if filters.list:
        found = found.filter(list_name=filters.list)
    if filters.kind:
        found = found.filter(entity_kind=filters.kind)
    if filters.type:
        found = found.filter(scam_type=filters.type)
    if filters.mode:
        networked = Q(list_name=ListName.BLACK, entity_kind__in=NETWORKED)
        found = found.filter(networked, enforced_at__isnull=filters.mode == "observed")
    if filters.mine:
        found = found.filter(Q(owner=viewer) | Q(proposed_by=viewer) | Q(approved_by=viewer))
    if filters.proposal:
        found = found.filter(proposal=filters.proposal)
    if filters.among:
        found = found.filter(pk__in=filters.among)
    return found.select_related("owner", "approved_by").order_by(*SORTS[filters.sort])


def counts(viewer: User, filters: Filters) -> dict[str, int]:
    """How many entries each group of states has, the other filters as they are."""
    open_filters = Filters(**{**{name: getattr(filters, name) for name in Filters.__slots__}, "state": "all"})
    by_state = dict(entries(viewer, open_filters).order_by().values_list("state").annotate(Count("pk")))
    return {group: sum(by_state.get(state, 0) for state in states) for group, states in GROUPS.items()}


def entry(viewer: User, entry_id: int) -> Entry:
    """One entry. Errors: NotPermitted if it is not there or the viewer's role sees no lists."""
    require(viewer, Permission.SEE_PERSONS)
    related = ("proposal", "owner", "proposed_by", "approved_by", "second_by", "reversed_by")
    found = Entry.objects.select_related(*related).filter(pk=entry_id).first()
    if found is None:
        raise NotPermitted(_("Entry %(id)s is not there.") % {"id": entry_id})
    return found


def labels(viewer: User, ids: Iterable[int]) -> dict[int, str]:
    """Of each of the entries how pages print its entity. Errors: NotPermitted."""
    found = list(entries(viewer, Filters(state="all", among=tuple(ids))))
    private = private_numbers(found)
    return {one.pk: label(one, private) for one in found}


def evidence(viewer: User, about: Entry) -> list[EntryEvidence]:
    """What the entry rests on: reasons of the suspicion, and evidence of alerts the viewer sees."""
    if not may(viewer, Permission.SEE_PERSONS):
        return []
    found = list(about.evidence.all())
    seen = _alerts_seen(viewer, {piece.alert_id for piece in found if piece.alert_id})
    return [piece for piece in found if not piece.alert_id or piece.alert_id in seen]


def task_of(viewer: User, alert_ids: Iterable[str]) -> dict[str, int]:
    """The task of each of the alerts that the viewer sees."""
    return _alerts_seen(viewer, set(alert_ids))


def history(viewer: User, about: Entry) -> QuerySet[EntryEvent]:
    """Every move of the entry, the latest first."""
    found = EntryEvent.objects.filter(entry=about).select_related("actor").order_by("-at", "-pk")
    return found if may(viewer, Permission.SEE_PERSONS) else found.none()


def sighted(viewer: User, about: Entry) -> tuple[int, int]:
    """How often networks have met the entry: what they would have blocked, and what they blocked."""
    require(viewer, Permission.SEE_PERSONS)
    found = Sighting.objects.filter(entry=about).aggregate(observed=Sum("observed"), blocked=Sum("blocked"))
    return found["observed"] or 0, found["blocked"] or 0


def open_moves(viewer: User, about: Entry) -> list[Move]:
    """The moves the viewer may make now."""
    found = [m for m in moves.legal(about.state, viewer.role) if m.permission and may(viewer, m.permission)]
    if not about.may_be_enforced:
        found = [m for m in found if m.verb != "enforce"]
    if not about.may_be_put_back(viewer.pk, timezone.now()):
        found = [m for m in found if m.verb != "put_back"]
    if about.wants_second:
        own = about.approved_by_id == viewer.pk
        return [m for m in found if m.verb != "second" or not own]
    return [m for m in found if m.verb != "second"]


def of_entity(viewer: User, kind: str, value: str) -> list[Entry]:
    """Every entry there is or was for the entity, open ones first; a listed domain covers its hosts."""
    if not may(viewer, Permission.SEE_PERSONS) or kind not in EntityKind.values:
        return []
    try:
        names = [normal(kind, value)]
    except InputError:
        names = [value]
    while kind == EntityKind.HOST and names[-1].count(".") > 1:
        names.append(names[-1].partition(".")[2])
    found = Entry.objects.filter(entity_kind=kind, entity__in=names).select_related("owner")
    return sorted(found, key=lambda one: (one.state not in OPEN, -one.pk))


def proposal(viewer: User, proposal_id: int) -> Proposal:
    """One proposal. Errors: NotPermitted."""
    require(viewer, Permission.SEE_PERSONS)
    found = Proposal.objects.select_related("by").filter(pk=proposal_id).first()
    if found is None:
        raise NotPermitted(_("Proposal %(id)s is not there.") % {"id": proposal_id})
    return found


def refused_rows(viewer: User, about: Proposal) -> QuerySet[RefusedRow]:
    """Rows of the proposal that made no entry; to whoever sent it and to those who approve."""
    own = about.by_id == viewer.pk and may(viewer, Permission.PROPOSE_LISTS)
    found = RefusedRow.objects.filter(proposal=about)
    return found if own or may(viewer, Permission.APPROVE_LISTS) else found.none()


def waiting(viewer: User, proposal_id: int) -> list[tuple[int, None]]:
    """Entries of the proposal that wait for an approver, as rows for an act on all of them."""
    if not may(viewer, Permission.APPROVE_LISTS):
        return []
    found = Entry.objects.filter(proposal=proposal_id, state__in=GROUPS["waiting"]).order_by("pk")
    return [(pk, None) for pk in found.values_list("pk", flat=True)]


def to_review(viewer: User, kind: str = "") -> QuerySet[suspects.Suspected]:
    """Suspects of the engine that wait for a decision, the surest first.

    Those with an open entry are decided, and those refused or reversed lately.
    """
    require(viewer, Permission.SEE_PERSONS)
    same = Entry.objects.filter(entity_kind=OuterRef("entity_kind"), entity=OuterRef("entity"))
    lately = timezone.now() - rules.review_again()
    decided = Q(state__in=OPEN) | Q(
        state__in=(State.REFUSED, State.REVERSED),
        events__verb__in=("refuse", "reverse"),
        events__at__gt=lately,
    )
    found = suspects.standing(viewer).exclude(Exists(same.filter(decided)))
    return found.filter(entity_kind=kind) if kind in EntityKind.values else found


def suspect_rows(viewer: User, found: Iterable[suspects.Suspected]) -> list[SuspectRow]:
    """The suspects with whom they reached and what they are tied to."""
    require(viewer, Permission.SEE_PERSONS)
    listed = list(found)
    reach = suspects.reach(viewer, listed)
    before = set(
        Entry.objects.filter(
            entity__in=[one.entity for one in listed], state__in=(State.REFUSED, State.REVERSED)
        ).values_list("entity_kind", "entity")
    )
    return [
        SuspectRow(one, entities.reference(one), *reach[one.pk], (one.entity_kind, one.entity) in before)
        for one in listed
    ]


def find(viewer: User, text: str) -> list[int]:
    """Ids of the entries of exactly that entity, the latest first. Parts find nothing."""
    require(viewer, Permission.SEE_PERSONS)
    names = {text.strip()}
    for kind in EntityKind.values:
        try:
            names.add(normal(kind, text))
        except InputError:
            continue
    found = Entry.objects.filter(entity__in=names).order_by("-pk")
    return list(found.values_list("pk", flat=True)[:PAGE])


def search_entries(viewer: User, text: str) -> list[Hit]:
    """For the search field: entries of exactly that entity."""
    if not may(viewer, Permission.SEE_PERSONS) or len(text.strip()) < 3:
        return []
    found = list(Entry.objects.filter(pk__in=find(viewer, text)[:8]).order_by("-pk"))
    hidden = private_numbers(found)
    return [
        Hit(
            str(one.get_list_name_display()),
            label(one, hidden),
            str(one.get_state_display()),
            reverse("lists:entry", args=[one.pk]),
        )
        for one in found
    ]


def _alerts_seen(viewer: User, alert_ids: set[str]) -> dict[str, int]:
    if not alert_ids or not may(viewer, Permission.SEE_ALERTS):
        return {}
    tasks = alerts.tasks(viewer, alerts.Filters(state="all")).order_by()
    return dict(tasks.filter(alerts__alert_id__in=alert_ids).values_list("alerts__alert_id", "pk"))


def _ids(text: str) -> tuple[int, ...]:
    parts = text.split(".")[:PAGE]
    return tuple(int(part) for part in parts if part.isdecimal() and len(part) < 19)
