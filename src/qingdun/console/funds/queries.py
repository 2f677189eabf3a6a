"""Reads of orders, banks' replies and movements: the viewer first, and only what is theirs to see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingdun.console.alerts.access import visible
from qingdun.console.cases import queries as cases
from qingdun.console.funds import rules
from qingdun.console.funds.lapses import Lapse, Notice
from qingdun.console.funds.models import (
    Document,
    Freeze,
    Movement,
    Refund,
    StopPayment,
)
from qingdun.console.funds.moves import FREEZE_MOVES, MOVES, REFUND_MOVES, Move, RefundState, RefundWay
from qingdun.console.funds.moves import State as State  # with its words, for the ledger
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, residents, within


def stops(viewer: User, region: str = "", state: str = "") -> QuerySet[StopPayment]:
    """Orders of the viewer's region or of tasks they see, or of the part of it named by code; the latest
    first.
    """
    if not may(viewer, Permission.SEE_ALERTS):
        return StopPayment.objects.none()
    picked = narrowed(viewer, region)
    stored = StopPayment.objects.select_related("task", "incident", "by")
    found = residents(viewer, stored) | visible(viewer, stored.filter(task__isnull=False), "task")
    found = found.filter(region_path__startswith=picked.path) if picked else found.none()
    return found.filter(state=state) if state else found


def counted(viewer: User) -> QuerySet[StopPayment]:
    """Every order that figures count for the viewer: those they may see, and for who shows the wall and opens
    no order, those of their region.
    """
    if may(viewer, Permission.SEE_ALERTS):
        return stops(viewer)
    stored = StopPayment.objects.order_by("-requested_at", "-pk")
    return residents(viewer, stored) if may(viewer, Permission.SEE_WALL) else stored.none()


def stop(viewer: User, stop_id: int) -> StopPayment:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = stops(viewer).filter(pk=stop_id).first()
    if found is None:
        raise out_of_reach()
    return found


def orders_of(viewer: User, about: cases.Incident) -> QuerySet[StopPayment]:
    """Those of the orders that are about the incident, or about the task it came out in and no incident."""
    of_task = Q(task=about.task_id, incident=None) if about.task_id is not None else Q(pk__in=())
    return stops(viewer).filter(Q(incident=about.pk or 0) | of_task)


def incidents_naming(viewer: User, account: str) -> list[int]:
    """Incidents whose orders, refused ones aside, name the account: whose victims' money may be in it."""
    named = stops(viewer).filter(account=account, incident__isnull=False, incident__taken_back_at=None)
    found = named.exclude(state=State.REFUSED)
    return sorted(set(found.values_list("incident", flat=True)))


def open_moves(viewer: User, about: StopPayment) -> list[Move]:
    """The moves the viewer may make now."""
    if not stops(viewer).filter(pk=about.pk).exists():
        return []
    return [m for m in MOVES if about.state in m.sources and m.permission and may(viewer, m.permission)]


def freezes(viewer: User, region: str = "", state: str = "") -> QuerySet[Freeze]:
    """Freezes of the viewer's region, or of the part of it named by code; the latest first."""
    if not may(viewer, Permission.TRACE_FUNDS):
        return Freeze.objects.none()
    picked = narrowed(viewer, region)
    found = within(viewer, Freeze.objects.select_related("incident", "by"))
    found = found.filter(region_path__startswith=picked.path) if picked else found.none()
    return found.filter(state=state) if state else found


def freeze(viewer: User, freeze_id: int) -> Freeze:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = freezes(viewer).filter(pk=freeze_id).first()
    if found is None:
        raise out_of_reach()
    return found


def freeze_moves(viewer: User, about: Freeze) -> list[Move]:
    """The moves of a freeze the viewer may make now; it is continued only while its end is near."""
    if not freezes(viewer).filter(pk=about.pk).exists():
        return []
    now = timezone.now()
    near = now + dt.timedelta(days=rules.limit("warn_freeze_days"))
    legal = [m for m in FREEZE_MOVES if about.state in m.sources]
    if about.ends_at is None or not now < about.ends_at <= near:
        legal = [m for m in legal if m.verb != "renew"]
    return [m for m in legal if m.permission and may(viewer, m.permission)]


def refunds(viewer: User, region: str = "", state: str = "") -> QuerySet[Refund]:
    """Refunds of the viewer's region, or of the part of it named by code; the latest first."""
    if not may(viewer, Permission.TRACE_FUNDS):
        return Refund.objects.none()
    picked = narrowed(viewer, region)
    found = within(viewer, Refund.objects.select_related("freeze", "by").prefetch_related("shares"))
    found = found.filter(region_path__startswith=picked.path) if picked else found.none()
    return found.filter(state=state) if state else found


def refund(viewer: User, refund_id: int) -> Refund:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = refunds(viewer).filter(pk=refund_id).first()
    if found is None:
        raise out_of_reach()
    return found


def refund_moves(viewer: User, about: Refund) -> list[Move]:
    """The moves of a refund the viewer may make now, as far as its way allows them."""
    if not refunds(viewer).filter(pk=about.pk).exists():
        return []
    skipped = "publish" if about.way != RefundWay.PRO_RATA else "order"
    legal = [m for m in REFUND_MOVES if about.state in m.sources]
    if about.state == RefundState.PREPARED:
        legal = [m for m in legal if m.verb != skipped]
    return [m for m in legal if m.permission and may(viewer, m.permission)]


def shares_text(viewer: User, about: Refund) -> str:
    """The shares of a refund as its documents list them."""
    shares = refund(viewer, about.pk).shares.all()
    return "；".join(f"警情{one.incident_id} 返还 {one.share_fen / 100:,.2f} 元" for one in shares)


def lapses(viewer: User, region: str = "") -> QuerySet[Lapse]:
    """Losses whose first-level account was not entered in time, of incidents the viewer sees; the latest
    first.
    """
    return Lapse.objects.filter(incident__in=cases.incidents(viewer, region)).select_related("incident")


def notices(viewer: User) -> QuerySet[Notice]:
    """What the viewer is told of orders and entries and has not seen; the latest first."""
    return Notice.objects.filter(to=viewer, seen_at=None)


def documents(viewer: User) -> QuerySet[Document]:
    """Legal documents about the orders the viewer sees, in the order they were issued."""
    of_stops = Q(stop__in=stops(viewer).values("pk"))
    of_freezes = Q(freeze__in=freezes(viewer).values("pk"))
    found = Document.objects.filter(of_stops | of_freezes)
    return found.select_related("stop", "freeze", "by__organisation", "by__region")


def document(viewer: User, document_id: int) -> Document:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = documents(viewer).filter(pk=document_id).first()
    if found is None:
        raise out_of_reach()
    return found


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of movements is narrowed to; nothing means everything."""

    region: str = ""
    statement: int | None = None
    account: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    least_fen: int | None = None
    sort: str = "newest"


SORTS = {
    "newest": ("-at", "-pk"),
    "oldest": ("at", "pk"),
    "largest": ("-amount_fen", "-pk"),
}


def movement(viewer: User, movement_id: int) -> Movement:
    """One movement. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = movements(viewer).filter(pk=movement_id).first()
    if found is None:
        raise out_of_reach()
    return found


def movements(viewer: User, wanted: Filters | None = None) -> QuerySet[Movement]:
    """Movements taken in within the viewer's region, narrowed and in the order asked for."""
    if not may(viewer, Permission.TRACE_FUNDS):
        return Movement.objects.none()
    filters = wanted or Filters()
    picked = narrowed(viewer, filters.region)
    found = within(viewer, Movement.objects.all())
    found = found.filter(region_path__startswith=picked.path) if picked else found.none()
    if filters.statement is not None:
        found = found.filter(statement=filters.statement)
    if filters.account:
        found = found.filter(Q(payer=filters.account) | Q(payee=filters.account))
    if filters.since:
        found = found.filter(at__gte=midnight(filters.since))
    if filters.until:
        found = found.filter(at__lt=midnight(filters.until + dt.timedelta(days=1)))
    if filters.least_fen:
        found = found.filter(amount_fen__gte=filters.least_fen)
    return found.order_by(*SORTS.get(filters.sort, SORTS["newest"]))
