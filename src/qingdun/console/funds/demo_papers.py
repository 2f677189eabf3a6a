"""Legal documents of a demonstration's year, numbered in the order of time; their sheets say that they are
none.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils import timezone

from qingdun.console.funds import rules
from qingdun.console.funds.freezing import months_later
from qingdun.console.funds.models import Document, Freeze, Refund, StopPayment
from qingdun.console.funds.moves import DocumentKind, FreezeState, RefundState, State
from qingdun.console.kernel.models import User


class _Paper(NamedTuple):
    at: dt.datetime
    kind: DocumentKind
    about: StopPayment | Freeze
    until: dt.datetime | None = None
    reason: str = ""


def create_papers(
    actor: User, stops: Sequence[StopPayment], freezes: Sequence[Freeze], refunds: Sequence[Refund]
) -> None:
    """Every order of the year has the documents that its acts would have issued."""
    papers = [*_of_stops(stops), *_of_freezes(freezes), *_of_refunds(refunds)]
    last: Counter[tuple[str, int]] = Counter()
    made = []
    for paper in sorted(papers, key=lambda one: one.at):
        year = timezone.localtime(paper.at).year
        last[paper.kind, year] += 1
        about = paper.about
        made.append(
            Document(
                kind=paper.kind, year=year, serial=last[paper.kind, year], at=paper.at, until=paper.until,
                stop=about if isinstance(about, StopPayment) else None,
                freeze=about if isinstance(about, Freeze) else None, amount_fen=about.amount_fen,
                reason=paper.reason, region_path=about.region_path, by=actor,
            )
        )  # fmt: skip
    Document.objects.bulk_create(made, batch_size=1000)


def _of_stops(stops: Sequence[StopPayment]) -> Iterator[_Paper]:
    for stop in stops:
        yield _Paper(stop.requested_at, DocumentKind.STOP, stop)
        if stop.state == State.RELEASED and stop.ended_at:
            yield _Paper(stop.ended_at, DocumentKind.RELEASE, stop, stop.ends_at, stop.note)


def _of_freezes(freezes: Sequence[Freeze]) -> Iterator[_Paper]:
    months = rules.limit("freeze_months")
    for freeze in freezes:
        yield _Paper(freeze.requested_at, DocumentKind.FREEZE, freeze)
        if freeze.renewals and freeze.frozen_at:
            renewed = months_later(freeze.frozen_at, months) - dt.timedelta(days=10)
            yield _Paper(renewed, DocumentKind.RENEWAL, freeze, freeze.ends_at)
        if freeze.state == FreezeState.RELEASED and freeze.ended_at:
            yield _Paper(freeze.ended_at, DocumentKind.RELEASE, freeze, freeze.ends_at, freeze.note)


def _of_refunds(refunds: Sequence[Refund]) -> Iterator[_Paper]:
    for refund in refunds:
        if refund.state != RefundState.PREPARED:
            freeze = refund.freeze
            text = f"警情{freeze.incident_id}　户名待核　账号待核　返还 {refund.amount_fen / 100:,.2f} 元"
            at = refund.prepared_at + dt.timedelta(days=1)
            yield _Paper(min(at, timezone.now()), DocumentKind.REFUND, freeze, freeze.ends_at, text)
