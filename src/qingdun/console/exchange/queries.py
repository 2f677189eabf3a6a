"""Reads of the exchange: the viewer first. Lists are the whole city's; so is with whom they are shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from qingdun.console.exchange import listing
from qingdun.console.exchange.codes import Held, Outcome, RuleState
from qingdun.console.exchange.models import (
    Origin,
    Peer,
    Received,
    ReceivedObject,
    Refusal,
    Rule,
    Share,
    Source,
)
from qingdun.console.exchange.sharing import why_held
from qingdun.console.exchange.told import Told
from qingdun.console.exchange.weighing import Line, Weighed, explain, weigh
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.errors import NotPermitted

INDICATOR = Q(issued__object_type="indicator")


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A peer with what is to be known of it at a glance."""

    peer: Peer
    shared: int
    """Entries that stand in its collections now."""
    fetched: int
    """Those of them that went to it."""
    received: int
    waiting: int
    """Objects of it that were proposed, read or not, and reversals to be decided."""
    refusals: int
    rule_waits: bool
    fault: str
    """What keeps its own server from being read; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """With whom an entry was shared, and from whom it came."""

    shares: tuple[Share, ...]
    origins: tuple[Origin, ...]
    answers: tuple[tuple[Peer, Held | None], ...]
    """Of each open peer why it is not shared with it now, None if it is; for who works there."""


def peers(viewer: User) -> list[PeerRow]:
    """Every peer. Errors: NotPermitted."""
    require(viewer, Permission.WORK_EXCHANGE)
    standing = Share.objects.filter(INDICATOR, latest=True, withdrawn_at=None, issued__revoked=False)
    went = Q(fetched_at__isnull=False) | Q(handed_at__isnull=False)
    shared = {
        row["peer"]: (row["n"], row["went"])
        for row in standing.order_by().values("peer").annotate(n=Count("pk"), went=Count("pk", filter=went))
    }
    to_decide = Q(outcome__in=(Outcome.PENDING, Outcome.REVERSAL))
    came = {
        row["received__peer"]: (row["n"], row["waits"])
        for row in ReceivedObject.objects.order_by()
        .values("received__peer")
        .annotate(n=Count("pk"), waits=Count("pk", filter=to_decide))
    }
    refused = dict(Refusal.objects.order_by().values_list("peer").annotate(Count("pk")))
    failing = Source.objects.filter(stopped_at=None, failures__gt=0).order_by("pk")
    faults = {one.peer_id: str(one.get_fault_display()) for one in failing}
    waits = set(Rule.objects.filter(state=RuleState.PROPOSED).values_list("peer", flat=True))
    return [
        PeerRow(
            one,
            *shared.get(one.pk, (0, 0)),
            *came.get(one.pk, (0, 0)),
            refused.get(one.pk, 0),
            one.pk in waits,
            faults.get(one.pk, ""),
        )
        for one in Peer.objects.select_related("rule")
    ]


def peer(viewer: User, peer_id: int) -> Peer:
    """One peer. Errors: NotPermitted."""
    require(viewer, Permission.WORK_EXCHANGE)
    found = Peer.objects.select_related("rule__proposed_by", "rule__decided_by", "opened_by").filter(
        pk=peer_id
    )
    one = found.first()
    if one is None:
        raise NotPermitted(_("Peer %(id)s is not there.") % {"id": peer_id})
    return one


def rules_of(viewer: User, about: Peer) -> QuerySet[Rule]:
    """The peer's rules, the latest first. Errors: NotPermitted."""
    require(viewer, Permission.WORK_EXCHANGE)
    return about.rules.select_related("proposed_by", "decided_by", "ended_by")


def rule_asked(viewer: User, about: Peer, text: str = "") -> Rule | None:
    """The rule of the peer with that number, in force or waiting; without one that in force, else that which
    waits; None if there is none. Errors: NotPermitted.
    """
    known = [one for one in rules_of(viewer, about) if one.state in (RuleState.IN_FORCE, RuleState.PROPOSED)]
    known.sort(key=lambda one: (str(one.pk) != text, one.state != RuleState.IN_FORCE))
    return known[0] if known else None


def weighed(viewer: User, rule: Rule | None) -> Weighed:
    """What the rule would share of the lists as they are, and what it holds back and why."""
    require(viewer, Permission.WORK_EXCHANGE)
    return weigh(rule)


def sources(viewer: User, about: Peer) -> QuerySet[Source]:
    """The peer's own servers that are read, and how that goes. Errors: NotPermitted."""
    require(viewer, Permission.WORK_EXCHANGE)
    return about.sources.select_related("stopped_by")


def told(viewer: User, ids: Iterable[int]) -> list[Told]:
    """The black entries as they are told to others. Errors: NotPermitted."""
    require(viewer, Permission.WORK_EXCHANGE)
    return list(listing.told(ids))


def explained(viewer: User, about: Peer, entry_id: int) -> tuple[Told, Rule | None, list[Line]]:
    """The black entry, the rule that is asked first, and all it asks. Errors: NotPermitted."""
    rule = rule_asked(viewer, about)
    found = next(iter(listing.told([entry_id])), None)
    if found is None:
        raise NotPermitted(_("Entry %(id)s is not on the black list, nor was it.") % {"id": entry_id})
    return found, rule, explain(rule, found) if rule else []


def stands(viewer: User, about: Peer, entry_id: int) -> Share | None:
    """The last of the entry's versions in the peer's collections, withdrawn or not."""
    return shares(viewer, about).filter(issued__entry_id=entry_id).first()


def shares(viewer: User, about: Peer) -> QuerySet[Share]:
    """Entries that stand or stood in the peer's collections, each version, the latest first."""
    require(viewer, Permission.WORK_EXCHANGE)
    return about.shares.filter(INDICATOR).select_related("issued")


def deliveries(viewer: User, about: Peer | None = None) -> QuerySet[Received]:
    """What came, from that peer or from all, the latest first, with how each outcome was met."""
    require(viewer, Permission.WORK_EXCHANGE)
    found = Received.objects.select_related("peer", "by")
    counted = {
        f"n_{name.lower()}": Count("items", filter=Q(items__outcome=getattr(Outcome, name)))
        for name in ("PENDING", "PROPOSED", "KNOWN", "REJECTED", "REVERSAL")
    }
    return (found.filter(peer=about) if about else found).annotate(**counted)


def delivery(viewer: User, received_id: int) -> Received:
    """One delivery. Errors: NotPermitted."""
    found = deliveries(viewer).filter(pk=received_id).first()
    if found is None:
        raise NotPermitted(_("Delivery %(id)s is not there.") % {"id": received_id})
    return found


def objects(viewer: User, about: Received) -> QuerySet[ReceivedObject]:
    """The objects of a delivery with the entries they made or met, in their order."""
    require(viewer, Permission.WORK_EXCHANGE)
    return about.items.prefetch_related("origins")


def reversals(viewer: User) -> QuerySet[ReceivedObject]:
    """What peers take back and nobody has decided, the oldest first."""
    require(viewer, Permission.WORK_EXCHANGE)
    found = ReceivedObject.objects.filter(outcome=Outcome.REVERSAL).select_related("received__peer")
    return found.prefetch_related("origins").order_by("pk")


def refusals(viewer: User, about: Peer | None = None) -> QuerySet[Refusal]:
    """Log-ins that were refused, of that peer or of all, the latest first."""
    require(viewer, Permission.WORK_EXCHANGE)
    found = Refusal.objects.select_related("peer")
    return found.filter(peer=about) if about else found


def of_entry(viewer: User, entry_id: int) -> Exchanged:
    """With whom the entry was shared and from whom it came; to whoever sees entries of lists."""
    if not may(viewer, Permission.SEE_PERSONS):
        return Exchanged((), (), ())
    last = (
        Share.objects.filter(INDICATOR, issued__entry_id=entry_id)
        .order_by()
        .values("peer")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    shared = Share.objects.filter(pk__in=list(last)).select_related("peer", "issued").order_by("peer__name")
    came = Origin.objects.filter(entry_id=entry_id).select_related("item__received__peer").order_by("pk")
    return Exchanged(tuple(shared), tuple(came), tuple(_answers(viewer, entry_id)))


def _answers(viewer: User, entry_id: int) -> list[tuple[Peer, Held | None]]:
    if not may(viewer, Permission.WORK_EXCHANGE):
        return []
    found = next(iter(listing.told([entry_id])), None)
    open_peers = Peer.objects.filter(closed_at=None).select_related("rule") if found else ()
    return [(one, why_held(one.rule, found)) for one in open_peers if found]
