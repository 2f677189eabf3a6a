"""The messages held against the published definitions of camt.056.001.08 and camt.029.001.09, as far as we
use them: which elements stand in which, in what order, which must be there, and how long a text may be.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from defusedxml import ElementTree as Safe
from django.utils import timezone

from qingdun.console.funds import camt, exchange
from qingdun.console.funds.actions import StopForm, request_stop
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import InputError
from tests.console.alerts.world import World
from tests.console.funds.test_exchange import BANK, camt_029, reference
from tests.console.funds.test_stops import form

__all__ = ["form"]
DAY, MOMENT = r"\d{4}-\d\d-\d\d", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
AMOUNT = r"\d{1,13}\.\d\d"
PARTY = {"Pty": {"Nm": r".{1,140}"}, "Agt": {}}
ACCOUNT = {"Id": {"IBAN": r"[A-Z]{2}\d\d[A-Za-z0-9]{1,30}", "Othr": {"Id!": r".{1,34}"}}}
REFERS = {
    name: {} for name in (
        "IntrBkSttlmAmt", "Amt", "IntrBkSttlmDt", "ReqdColltnDt", "ReqdExctnDt", "CdtrSchmeId", "SttlmInf",
        "PmtTpInf", "PmtMtd", "MndtRltdInf", "RmtInf", "UltmtDbtr", "Dbtr", "DbtrAcct", "DbtrAgt",
        "DbtrAgtAcct", "CdtrAgt", "CdtrAgtAcct",
    )
} | {"Cdtr": PARTY, "CdtrAcct": ACCOUNT, "UltmtCdtr": {}, "Purp": {}}  # fmt: skip
REASON = {"Orgtr": {}, "Rsn": {"Cd": r".{1,4}", "Prtry": r".{1,35}"}, "AddtlInf": r".{1,105}"}
ASSIGNMENT = {"Id!": r".{1,35}", "Assgnr!": PARTY, "Assgne!": PARTY, "CreDtTm!": MOMENT}
REQUEST: dict[str, Any] = {
    "FIToFIPmtCxlReq!": {
        "Assgnmt!": ASSIGNMENT,
        "Case": {},
        "CtrlData": {"NbOfTxs!": r"\d{1,15}", "CtrlSum": AMOUNT},
        "Undrlyg!": {
            "OrgnlGrpInfAndCxl": {},
            "TxInf": {
                "CxlId": r".{1,35}", "Case": {}, "OrgnlGrpInf": {}, "OrgnlInstrId": r".{1,35}",
                "OrgnlEndToEndId": r".{1,35}", "OrgnlTxId": r".{1,35}", "OrgnlUETR": r".{36}",
                "OrgnlClrSysRef": r".{1,35}", "OrgnlIntrBkSttlmAmt": AMOUNT, "OrgnlIntrBkSttlmDt": DAY,
                "Assgnr": {}, "Assgne": {},
                "CxlRsnInf": REASON,
                "OrgnlTxRef": REFERS, "SplmtryData": {},
            },
        },
    }
}  # fmt: skip
"""Names of elements in their order, `!` for those that must be there; below each its own, or what fits."""
ANSWER: dict[str, Any] = {
    "RsltnOfInvstgtn!": {
        "Assgnmt!": ASSIGNMENT,
        "RslvdCase": {},
        "Sts!": {"Conf": r".{1,4}"},
        "CxlDtls": {
            "OrgnlGrpInfAndSts": {}, "OrgnlPmtInfAndSts": {},
            "TxInfAndSts": {
                "CxlStsId": r".{1,35}", "RslvdCase": {}, "OrgnlGrpInf": {}, "OrgnlInstrId": r".{1,35}",
                "OrgnlEndToEndId": r".{1,35}", "OrgnlTxId": r".{1,35}", "OrgnlClrSysRef": r".{1,35}",
                "OrgnlUETR": r".{36}", "TxCxlSts": "ACCR|PDCR|RJCR",
                "CxlStsRsnInf": REASON,
                "RsltnRltdInf": {}, "OrgnlIntrBkSttlmAmt": AMOUNT, "OrgnlIntrBkSttlmDt": DAY, "Assgnr": {},
                "Assgne": {}, "OrgnlTxRef": REFERS,
            },
        },
    }
}  # fmt: skip


def wrong(one: Any, meant: dict[str, Any] | str, place: str = "Document") -> list[str]:
    """What of the element is not as the definition has it."""
    if isinstance(meant, str):
        return [] if len(one) == 0 and re.fullmatch(meant, one.text or "") else [f"{place}: {one.text!r}"]
    names = [name.rstrip("!") for name in meant]
    found = [child.tag.partition("}")[2] for child in one]
    faults = [f"{place}: unknown {name}" for name in found if name not in names]
    faults += [f"{place}: lacks {name}" for name in meant if name.endswith("!") and name[:-1] not in found]
    if [names.index(name) for name in found if name in names] != sorted(
        names.index(n) for n in found if n in names
    ):
        faults.append(f"{place}: {found} out of order")
    for child, name in zip(one, found, strict=True):
        if name in names:
            faults += wrong(child, meant.get(f"{name}!", meant.get(name, {})), f"{place}/{name}")
    return faults


@pytest.fixture
def stop(world: World, form: StopForm) -> StopPayment:
    return request_stop(world.officer, form)


def test_orders_leave_as_the_message_is_defined(world: World, form: StopForm, stop: StopPayment) -> None:
    longest = replace(form, key="long-1", account="6" * 34, account_name="清" * 64, amount_fen=10**13)
    other = request_stop(world.officer, longest)
    body, count = exchange.export_orders(world.officer, BANK, "xml")
    root = Safe.fromstring(body)
    assert (root.tag, count) == (f"{{{camt.ASKS}}}Document", 2)
    assert wrong(root, REQUEST) == []
    inside = {"c": camt.ASKS}
    assert root.findtext("c:FIToFIPmtCxlReq/c:CtrlData/c:NbOfTxs", None, inside) == "2"
    first, second = root.findall("c:FIToFIPmtCxlReq/c:Undrlyg/c:TxInf", inside)
    assert first.findtext("c:OrgnlTxId", None, inside) == reference(stop)
    assert second.findtext("c:OrgnlTxId", None, inside) == reference(other)
    amount = first.find("c:OrgnlIntrBkSttlmAmt", inside)
    assert amount is not None
    assert (amount.text, amount.get("Ccy")) == ("67000.00", "CNY")
    assert first.findtext("c:OrgnlIntrBkSttlmDt", None, inside) == f"{timezone.localdate(stop.paid_at)}"
    assert first.findtext("c:CxlRsnInf/c:Rsn/c:Cd", None, inside) == "FRAD"
    assert first.findtext("c:OrgnlTxRef/c:CdtrAcct/c:Id/c:Othr/c:Id", None, inside) == stop.account
    assert AuditRow.objects.get(verb="export_orders").subject_id == BANK


def test_the_answer_of_these_tests_is_as_the_message_is_defined(stop: StopPayment) -> None:
    assert wrong(Safe.fromstring(camt_029(stop)), ANSWER) == []


def test_an_answer_that_refers_to_the_payment_alone_or_names_an_iban_is_read(stop: StopPayment) -> None:
    moved = camt_029(stop).decode()
    amount = re.search(r"<OrgnlIntrBkSttlmAmt.*</OrgnlIntrBkSttlmDt>", moved, re.DOTALL)
    assert amount is not None
    moved = moved.replace(amount[0], "").replace(
        "<OrgnlTxRef>", "<OrgnlTxRef>" + amount[0].replace("OrgnlIntrBk", "IntrBk")
    )
    moved = re.sub(r"<Othr><Id>.*?</Id></Othr>", "<IBAN>DE02120300000000202051</IBAN>", moved)
    (one,) = camt.answers(moved.encode())
    assert (one.fen, one.at) == (stop.amount_fen, timezone.localdate(stop.paid_at))
    assert one.account == "DE02120300000000202051"


def test_an_account_longer_than_the_message_holds_is_refused_by_its_order(
    world: World, form: StopForm
) -> None:
    long = request_stop(world.officer, replace(form, account="6" * 35))
    with pytest.raises(InputError, match=reference(long)):
        exchange.export_orders(world.officer, BANK, "xml")
    assert exchange.export_orders(world.officer, BANK, "csv")[1] == 1


def test_a_name_with_signs_that_xml_cannot_hold_leaves_without_them(world: World, form: StopForm) -> None:
    request_stop(world.officer, replace(form, account_name="甲\x0b公司 & <子>"))
    root = Safe.fromstring(exchange.export_orders(world.officer, BANK, "xml")[0])
    name = root.find(".//c:Cdtr/c:Pty/c:Nm", {"c": camt.ASKS})
    assert name is not None
    assert name.text == "甲\ufffd公司 & <子>"
