"""Orders to a bank as camt.056 and CSV, and what it replies: structure, matching, once, hostile XML."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from defusedxml import ElementTree as Safe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingdun.console.funds import exchange
from qingdun.console.funds.actions import StopForm, request_stop
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import InputError, NotPermitted, UnreadableFile
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_stops import form

__all__ = ["form"]
BANK = "演练银行"
NS = {"c": exchange.ASKS}


@pytest.fixture
def stop(world: World, form: StopForm) -> StopPayment:
    return request_stop(world.officer, form)


def camt_029(stop: StopPayment, status: str = "ACCR", **changed: str) -> bytes:
    told = {
        "order": exchange.reference(stop), "name": stop.account_name, "account": stop.account,
        "amount": f"{stop.amount_fen / 100:.2f}", "day": f"{timezone.localdate(stop.paid_at)}", **changed,
    }  # fmt: skip
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{exchange.REPLIES}"><RsltnOfInvstgtn>
<Assgnmt><Id>R1</Id><CreDtTm>2026-03-03T10:00:00+08:00</CreDtTm></Assgnmt><Sts><Conf>CNCL</Conf></Sts>
<CxlDtls><TxInfAndSts><CxlStsId>1</CxlStsId><OrgnlTxId>{told["order"]}</OrgnlTxId><TxCxlSts>{status}</TxCxlSts>
<CxlStsRsnInf><AddtlInf>账户已销户</AddtlInf></CxlStsRsnInf>
<OrgnlTxRef><IntrBkSttlmAmt Ccy="CNY">{told["amount"]}</IntrBkSttlmAmt>
<IntrBkSttlmDt>{told["day"]}</IntrBkSttlmDt>
<Cdtr><Pty><Nm>{told["name"]}</Nm></Pty></Cdtr>
<CdtrAcct><Id><Othr><Id>{told["account"]}</Id></Othr></Id></CdtrAcct>
</OrgnlTxRef></TxInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>""".encode()


def test_orders_leave_as_camt_056_with_its_elements_in_order(world: World, stop: StopPayment) -> None:
    body, count = exchange.export_orders(world.officer, BANK, "xml")
    root = Safe.fromstring(body)
    assert (root.tag, count) == (f"{{{exchange.ASKS}}}Document", 1)
    assert [one.tag.partition("}")[2] for one in root[0]] == ["Assgnmt", "CtrlData", "Undrlyg"]
    assert root.findtext("c:FIToFIPmtCxlReq/c:CtrlData/c:NbOfTxs", None, NS) == "1"
    one = root.find("c:FIToFIPmtCxlReq/c:Undrlyg/c:TxInf", NS)
    assert one is not None
    assert [part.tag.partition("}")[2] for part in one] == [
        "CxlId", "OrgnlTxId", "OrgnlIntrBkSttlmAmt", "OrgnlIntrBkSttlmDt", "CxlRsnInf", "OrgnlTxRef",
    ]  # fmt: skip
    assert one.findtext("c:OrgnlTxId", None, NS) == exchange.reference(stop)
    assert one.findtext("c:OrgnlIntrBkSttlmAmt", None, NS) == "67000.00"
    assert one.findtext("c:CxlRsnInf/c:Rsn/c:Cd", None, NS) == "FRAD"
    assert one.findtext("c:OrgnlTxRef/c:CdtrAcct/c:Id/c:Othr/c:Id", None, NS) == stop.account
    assert AuditRow.objects.get(verb="export_orders").subject_id == BANK


def test_a_bank_gets_its_own_orders_alone(world: World, stop: StopPayment) -> None:
    for user, bank in ((world.officer, "另一家银行"), (world.officer, ""), (world.other_county, BANK)):
        with pytest.raises(InputError):
            exchange.export_orders(user, bank, "csv")
    with pytest.raises(NotPermitted):
        exchange.export_orders(world.viewer, BANK, "csv")


def test_camt_029_moves_the_order_once(world: World, stop: StopPayment) -> None:
    taken = exchange.take_reply(world.officer, "r.xml", camt_029(stop))
    assert (taken.changed, taken.known, taken.refused) == (1, 0, [])
    stop.refresh_from_db()
    assert stop.state == "held"
    again = exchange.take_reply(world.officer, "r.xml", camt_029(stop))
    assert (again.changed, again.known, again.refused) == (0, 1, [])


def test_a_rejection_carries_the_reason_and_pending_changes_nothing(world: World, stop: StopPayment) -> None:
    assert exchange.take_reply(world.officer, "r.xml", camt_029(stop, "PDCR")).known == 1
    exchange.take_reply(world.officer, "r.xml", camt_029(stop, "RJCR"))
    stop.refresh_from_db()
    assert (stop.state, stop.note, stop.turn) == ("refused", "账户已销户", None)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "别的公司"}, {"account": "6200000000000099"}, {"amount": "1.00"}, {"day": "2020-01-01"},
        {"order": "QD-STOP-99999999"}, {"order": "x"},
    ],
)  # fmt: skip
def test_name_number_amount_and_time_must_match(
    world: World, stop: StopPayment, changed: dict[str, str]
) -> None:
    taken = exchange.take_reply(world.officer, "r.xml", camt_029(stop, **changed))
    assert (taken.changed, len(taken.refused), taken.refused[0].row) == (0, 1, 1)
    stop.refresh_from_db()
    assert stop.state == "requested"
    assert changed.get("account", "~") not in taken.refused[0].why


@pytest.mark.parametrize(
    "data",
    [
        b"<a", b"<Document/>",
        f'<!DOCTYPE x [<!ENTITY a "b">]><Document xmlns="{exchange.REPLIES}">&a;</Document>'.encode(),
        f'<Document xmlns="{exchange.REPLIES}"/>'.encode(),
        b"a,b\n1,2\n",
    ],
)  # fmt: skip
def test_what_is_no_reply_is_refused_whole(world: World, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        exchange.take_reply(world.officer, "r.xml", data)


def test_csv_comes_back_with_results_by_row(world: World, stop: StopPayment, form: StopForm) -> None:
    body, _count = exchange.export_orders(world.officer, BANK, "csv")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert tuple(rows[0]) == exchange.CSV_HEAD
    rows[1][6] = "已止付"
    rows += [[*rows[1][:6], "不知道", ""], ["QD-STOP-1x", *rows[1][1:]]]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    taken = exchange.take_reply(world.officer, "r.csv", out.getvalue().encode("gb18030"))
    assert (taken.changed, [one.row for one in taken.refused]) == (1, [3, 4])
    stop.refresh_from_db()
    assert stop.state == "held"


@pytest.mark.parametrize("name", ["=清", "+甲", "-甲公司", "@乙", "＝丙"])
@pytest.mark.parametrize("guarded", [True, False], ids=["as-sent", "without-apostrophe"])
def test_a_holder_s_name_that_begins_as_formulas_do_comes_back(
    world: World, form: StopForm, name: str, guarded: bool
) -> None:
    order = request_stop(world.officer, replace(form, account_name=name))
    body, _count = exchange.export_orders(world.officer, BANK, "csv")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[1][1] == f"'{name}"
    rows[1][1:2] = [rows[1][1] if guarded else name]
    rows[1][6] = "已止付"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    taken = exchange.take_reply(world.officer, "r.csv", out.getvalue().encode())
    assert (taken.changed, taken.refused) == (1, [])
    order.refresh_from_db()
    assert order.state == "held"


def test_page_takes_a_reply(world: World, stop: StopPayment, client_of: LogIn) -> None:
    client = client_of(world.officer)
    assert BANK in client.get("/funds/exchange/").content.decode()
    sent = client.post("/funds/exchange/file/", {"bank": BANK, "form": "xml"})
    assert sent["Content-Type"].startswith("application/xml")
    upload = SimpleUploadedFile("r.xml", camt_029(stop, name="别人"))
    body = client.post("/funds/exchange/", {"file": upload}).content.decode()
    assert stop.account not in body
    assert client.post("/funds/exchange/", {"file": SimpleUploadedFile("r.xml", b"<x")}).status_code == 422
