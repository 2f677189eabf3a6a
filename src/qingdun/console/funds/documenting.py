"""Numbered legal documents: issued with the act they belong to, written as Word and PDF when asked for."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib import resources
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from qingdun.console.funds import queries
from qingdun.console.funds.models import Document, Freeze, StopPayment
from qingdun.console.funds.moves import DocumentKind
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import User
from qingdun.console.kernel.printing import Paper, written_moment
from qingdun.console.kernel.roles import Permission, require


def issue(
    actor: User, kind: DocumentKind, about: StopPayment | Freeze, reason: str = "", fen: int | None = None,
    until: dt.datetime | None = None,
) -> Document:  # fmt: skip
    """A document of the next number of its kind and year stands, in the caller's transaction; about `fen` of
    the order, or all of it, until its end or `until`.
    """
    locked_head()  # Numbers follow one another without a gap, whoever is at it at once.
    now = timezone.now()
    year = timezone.localtime(now).year
    last = Document.objects.filter(kind=kind, year=year).aggregate(last=Max("serial"))["last"]
    return Document.objects.create(
        kind=kind, year=year, serial=(last or 0) + 1, at=now, until=until or about.ends_at, reason=reason,
        amount_fen=about.amount_fen if fen is None else fen,
        stop=about if isinstance(about, StopPayment) else None,
        freeze=about if isinstance(about, Freeze) else None,
        region_path=about.region_path, by=actor,
    )  # fmt: skip


def number_of(document: Document) -> str:
    """The number as it stands on the document."""
    mark = "演示" if settings.DEMO else "公"
    word = _kind(document.kind)["mark"]
    city = settings.CITY.name.removesuffix("市")
    return f"{city}{mark}（{word}）字〔{document.year}〕{document.serial:05}号"


@transaction.atomic
def take_document(actor: User, document_id: int, form: str) -> Paper:
    """What the document says, legible; that the actor took it away is on record under its number.

    Errors: NotPermitted.
    """
    require(actor, Permission.UNMASK)
    document = queries.document(actor, document_id)
    record(actor, "take_document", document, None, {"as": form, "kind": document.kind}, number_of(document))
    return _paper(document)


def _paper(document: Document) -> Paper:
    order = document.stop or document.freeze
    if order is None:
        raise AssertionError
    kind = _kind(document.kind)
    facts = [
        ("户名", order.account_name), ("账号", order.account), ("开户机构", order.bank or "—"),
        ("金额", f"人民币 {document.amount_fen / 100:,.2f} 元"),
    ]  # fmt: skip
    if isinstance(order, StopPayment):
        facts.append(("转入时间", written_moment(order.paid_at)))
    if document.until is not None:
        facts.append((kind.get("until_zh", "期限至"), written_moment(document.until)))
    incidents = [order.incident_id]
    if isinstance(order, Freeze):
        incidents = list(order.parts.values_list("incident", flat=True))
    if any(incidents):
        facts.append(("警情编号", "、".join(map(str, incidents))))
    by = document.by
    unit = by.organisation.name if by.organisation else str(by.region or "")
    return Paper(
        kind["title_zh"], number_of(document), kind.get("to_zh") or order.bank or "有关银行、支付机构",
        kind["body_zh"], tuple(facts), tuple(_data()["laws"][code]["zh"] for code in kind["laws"]),
        document.reason,
        f"{unit}　经办人：{by.display_name or by.username}", document.at, bool(settings.DEMO),
        kind.get("reason_zh", "理由"),
    )  # fmt: skip


def _kind(code: str) -> dict[str, Any]:
    found: dict[str, Any] = _data()["kinds"][code]
    return found


@cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("documents.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
