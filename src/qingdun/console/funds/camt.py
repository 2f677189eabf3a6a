"""Orders and answers as messages of ISO 20022: camt.056 asks a bank to stop, freeze, return or release what
was paid to an account, camt.029 is its answer.

Elements stand in the order of the published message definitions, and no text is longer than they allow;
`tests/console/funds/test_camt.py` holds both against the parts of the definitions that we use.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from xml.etree import ElementTree as Xml

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Safe
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.funds.answers import MOST_ROWS, Answer, Asked, Order
from qingdun.console.kernel.entry import amount_fen
from qingdun.errors import InputError, UnreadableFile

ASKS = "urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"
REPLIES = "urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"
CURRENCY = "CNY"
STATUSES = {"ACCR": "done", "RJCR": "refused", "PDCR": "pending"}
"""What became of an order, by code of the message (CancellationIndividualStatus1Code)."""
REASONS: dict[str, str | Promise] = {
    "AC04": gettext_lazy("The account is closed."),
    "AM04": gettext_lazy("There is not enough money in the account."),
    "ARDT": gettext_lazy("The money has been returned already."),
    "CUST": gettext_lazy("The customer does not agree."),
    "LEGL": gettext_lazy("The law forbids it."),
    "NOAS": gettext_lazy("The customer does not answer."),
    "NOOR": gettext_lazy("The payment was never received."),
}
"""Why a bank refuses, by code; one that is not here is told as it is."""
LONGEST_ACCOUNT = 34
LONGEST_LINE = 105
"""Of AddtlInf, of which there may be several."""
WHY = {
    Asked.FREEZE: "FREEZE", Asked.REFUND: "REFUND", Asked.RENEWAL: "RENEWAL", Asked.RELEASE: "RELEASE",
}  # fmt: skip
"""Why it is asked, where no published code says it (docs/funds.md): our own, agreed with the bank."""
_NO_SIGN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def request(orders: Sequence[Order], now: dt.datetime) -> bytes:
    """A camt.056 (FIToFIPaymentCancellationRequest) about what was paid to the accounts of these orders.

    Errors: InputError (an account too long for the message).
    """
    root = Xml.Element("Document", xmlns=ASKS)
    ask = Xml.SubElement(root, "FIToFIPmtCxlReq")
    assigned = Xml.SubElement(ask, "Assgnmt")
    _leaf(assigned, "Id", f"QD{now:%Y%m%d%H%M%S}-{orders[0].ident}")
    _leaf(_path(assigned, "Assgnr", "Pty"), "Nm", "清盾")
    _leaf(_path(assigned, "Assgne", "Pty"), "Nm", orders[0].bank or "—")
    _leaf(assigned, "CreDtTm", now.isoformat(timespec="seconds"))
    _leaf(Xml.SubElement(ask, "CtrlData"), "NbOfTxs", str(len(orders)))
    under = Xml.SubElement(ask, "Undrlyg")
    for order in orders:
        _add(Xml.SubElement(under, "TxInf"), order)
    Xml.indent(root)
    out = io.BytesIO()
    Xml.ElementTree(root).write(out, "utf-8", xml_declaration=True)
    return out.getvalue()


def _add(one: Xml.Element, order: Order) -> None:
    if len(order.account) > LONGEST_ACCOUNT:
        raise InputError(
            _("%(order)s: the account has more than %(most)d signs, which this message cannot hold. Use CSV.")
            % {"order": order.reference, "most": LONGEST_ACCOUNT}
        )
    _leaf(one, "CxlId", order.reference)
    _leaf(one, "OrgnlTxId", order.reference)
    amount = _leaf(one, "OrgnlIntrBkSttlmAmt", f"{Decimal(order.fen) / 100:.2f}")
    amount.set("Ccy", CURRENCY)
    _leaf(one, "OrgnlIntrBkSttlmDt", f"{timezone.localdate(order.at)}")
    why = Xml.SubElement(one, "CxlRsnInf")
    reason = Xml.SubElement(why, "Rsn")
    if order.asked == Asked.STOP:
        _leaf(reason, "Cd", "FRAD")
    else:
        _leaf(reason, "Prtry", WHY[order.asked])
    _leaf(why, "AddtlInf", timezone.localtime(order.at).isoformat(timespec="seconds"))
    for line in filter(None, (order.paper, *order.told)):
        _leaf(why, "AddtlInf", line[:LONGEST_LINE])
    told = Xml.SubElement(one, "OrgnlTxRef")
    _leaf(_path(told, "Cdtr", "Pty"), "Nm", order.name)
    _leaf(_path(told, "CdtrAcct", "Id", "Othr"), "Id", order.account)


def _path(parent: Xml.Element, *names: str) -> Xml.Element:
    for name in names:
        parent = Xml.SubElement(parent, name)
    return parent


def _leaf(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    one = Xml.SubElement(parent, name)
    one.text = _NO_SIGN.sub("\ufffd", text)
    return one


def answers(data: bytes) -> list[Answer]:
    """The answers of a camt.029 (ResolutionOfInvestigation), one an order.

    Errors: UnreadableFile (no such message, or no order in it), InputError (too many orders).
    """
    try:
        root = Safe.fromstring(data, forbid_dtd=True)
    except (Xml.ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableFile(_("The file is no XML that can be read safely.")) from error
    if root.tag != f"{{{REPLIES}}}Document":
        raise UnreadableFile(
            _("The file is no %(expected)s: found %(found)s") % {"expected": REPLIES, "found": root.tag[:80]}
        )
    found = root.findall("c:RsltnOfInvstgtn/c:CxlDtls/c:TxInfAndSts", {"c": REPLIES})
    if not found:
        raise UnreadableFile(_("The file answers no order."))
    if len(found) > MOST_ROWS:
        raise InputError(_("The file has more than %(most)d rows: split it.") % {"most": MOST_ROWS})
    return [_answer(row, one) for row, one in enumerate(found, start=1)]


def _answer(row: int, one: Xml.Element) -> Answer:
    """Sum and day stand beside the order, or in what it refers to; an account may be an IBAN."""
    status = _text(one, "TxCxlSts")
    account = "OrgnlTxRef/CdtrAcct/Id"
    return Answer(
        row, _text(one, "OrgnlTxId"), _text(one, "OrgnlTxRef/Cdtr/Pty/Nm"),
        _text(one, f"{account}/Othr/Id") or _text(one, f"{account}/IBAN"),
        _fen(one, "OrgnlIntrBkSttlmAmt", "OrgnlTxRef/IntrBkSttlmAmt"),
        _day(_text(one, "OrgnlIntrBkSttlmDt") or _text(one, "OrgnlTxRef/IntrBkSttlmDt")),
        STATUSES.get(status, ""), status, _reason(one)[:200],
    )  # fmt: skip


def _reason(one: Xml.Element) -> str:
    """The bank's own words; else what its code means, or the code."""
    inside = {"c": REPLIES}
    said = [line.text or "" for line in one.findall("c:CxlStsRsnInf/c:AddtlInf", inside)]
    text = " ".join(line.strip() for line in said if line.strip())
    code = _text(one, "CxlStsRsnInf/Rsn/Cd") or _text(one, "CxlStsRsnInf/Rsn/Prtry")
    return text or (f"{REASONS[code]} ({code})" if code in REASONS else code)


def _fen(one: Xml.Element, *paths: str) -> int | None:
    for path in paths:
        found = one.find(_inside(path), {"c": REPLIES})
        if found is not None:
            return amount_fen((found.text or "").strip()) if found.get("Ccy") == CURRENCY else None
    return None


def _text(one: Xml.Element, path: str) -> str:
    return (one.findtext(_inside(path), "", {"c": REPLIES}) or "").strip()


def _inside(path: str) -> str:
    return "/".join(f"c:{part}" for part in path.split("/"))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
