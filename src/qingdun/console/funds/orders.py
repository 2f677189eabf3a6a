"""What banks are to be told in files: what waits for their answer, and what was continued or released
lately.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from qingdun.console.funds import queries, rules
from qingdun.console.funds.answers import Asked, Order
from qingdun.console.funds.documenting import number_of
from qingdun.console.funds.models import Document, Freeze, Refund, StopPayment
from qingdun.console.funds.moves import DocumentKind, FreezeState, RefundState, State
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.models import User

TOLD = {DocumentKind.RENEWAL: Asked.RENEWAL, DocumentKind.RELEASE: Asked.RELEASE}
"""Documents that a bank is told of, and whose answer moves nothing."""


def counts(viewer: User) -> dict[str, Counter[Asked]]:
    """By bank, how many orders wait for it, and how many continuations and releases of late it is told of, of
    what the viewer sees.
    """
    found: dict[str, Counter[Asked]] = {}
    banks: dict[Asked, QuerySet[Any]] = {
        Asked.STOP: _stops(viewer).values_list("bank", flat=True),
        Asked.FREEZE: _freezes(viewer).values_list("bank", flat=True),
        Asked.REFUND: _refunds(viewer).values_list("freeze__bank", flat=True),
    }
    for kind, asked in TOLD.items():
        bank = Coalesce("stop__bank", "freeze__bank")
        banks[asked] = _told(viewer).filter(kind=kind).values_list(bank, flat=True)
    for asked, names in banks.items():
        for name in names:
            found.setdefault(name, Counter())[asked] += 1
    return found


def waiting(viewer: User, bank: str) -> list[Order]:
    """Stops and freezes the bank is asked for, refunds it is ordered, and what was continued or released
    within `told_days`: of what the viewer sees, oldest first by kind.
    """
    of_bank = Q(stop__bank=bank) | Q(freeze__bank=bank)
    return [
        *map(_stop, _stops(viewer).filter(bank=bank).prefetch_related("documents")),
        *map(_freeze, _freezes(viewer).filter(bank=bank).prefetch_related("documents")),
        *map(_refund, _refunds(viewer).filter(freeze__bank=bank)),
        *map(_of_paper, _told(viewer).filter(of_bank)),
    ]


def order(
    viewer: User, asked: Asked, ident: int
) -> tuple[Order, StopPayment | Freeze | Refund | None] | None:
    """That order, and what its answer moves, if anything; None if the viewer sees no such order."""
    if asked == Asked.STOP:
        stop = queries.stops(viewer).filter(pk=ident).first()
        return (_stop(stop), stop) if stop else None
    if asked == Asked.FREEZE:
        freeze = queries.freezes(viewer).filter(pk=ident).first()
        return (_freeze(freeze), freeze) if freeze else None
    if asked == Asked.REFUND:
        refund = queries.refunds(viewer).filter(pk=ident).first()
        return (_refund(refund), refund) if refund else None
    paper = queries.documents(viewer).filter(pk=ident, kind__in=_kinds(asked)).first()
    return (_of_paper(paper), None) if paper else None


def _kinds(asked: Asked) -> list[DocumentKind]:
    return [kind for kind, about in TOLD.items() if about == asked]


def _stops(viewer: User) -> QuerySet[StopPayment]:
    return queries.stops(viewer, state=State.REQUESTED).order_by("pk")


def _freezes(viewer: User) -> QuerySet[Freeze]:
    return queries.freezes(viewer, state=FreezeState.REQUESTED).order_by("pk")


def _refunds(viewer: User) -> QuerySet[Refund]:
    return queries.refunds(viewer, state=RefundState.ORDERED).order_by("pk")


def _told(viewer: User) -> QuerySet[Document]:
    since = timezone.now() - dt.timedelta(days=rules.limit("told_days"))
    return queries.documents(viewer).filter(kind__in=TOLD, at__gte=since).order_by("pk")


def _stop(stop: StopPayment) -> Order:
    return Order(
        Asked.STOP, stop.pk, _number(stop, DocumentKind.STOP), stop.account_name, stop.account, stop.bank,
        stop.amount_fen, stop.paid_at,
    )  # fmt: skip


def _freeze(freeze: Freeze) -> Order:
    months = rules.limit("freeze_months")
    return Order(
        Asked.FREEZE, freeze.pk, _number(freeze, DocumentKind.FREEZE), freeze.account_name, freeze.account,
        freeze.bank, freeze.amount_fen, freeze.requested_at, (f"期限{months}个月，自执行冻结之日起算",),
    )  # fmt: skip


def _refund(refund: Refund) -> Order:
    """What the document that orders it says: the first one since it was prepared, as one refund of a freeze
    is under way at a time.
    """
    found = Document.objects.filter(freeze=refund.freeze_id, kind=DocumentKind.REFUND)
    paper = found.filter(at__gte=refund.prepared_at).order_by("at", "pk").first()
    freeze = refund.freeze
    return Order(
        Asked.REFUND, refund.pk, number_of(paper) if paper else "", freeze.account_name, freeze.account,
        freeze.bank, refund.amount_fen, paper.at if paper else refund.prepared_at,
        tuple(paper.reason.splitlines()) if paper else (),
    )  # fmt: skip


def _of_paper(paper: Document) -> Order:
    about = paper.stop or paper.freeze
    if about is None:
        raise AssertionError
    kind = DocumentKind(paper.kind)
    until = (f"期限至 {written(paper.until)}",) if paper.until else ()
    return Order(
        TOLD[kind], paper.pk, number_of(paper), about.account_name, about.account, about.bank,
        paper.amount_fen, paper.at, until if kind == DocumentKind.RENEWAL else (),
    )  # fmt: skip


def _number(about: StopPayment | Freeze, kind: DocumentKind) -> str:
    return next((number_of(one) for one in about.documents.all() if one.kind == kind), "")
