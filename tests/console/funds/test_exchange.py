"""Orders to a bank as camt.056 and CSV, and what it replies: structure, matching, once, hostile XML."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import override

from qingdun.console.funds import camt, exchange
from qingdun.console.funds.actions import StopForm, request_stop
from qingdun.console.funds.answers import Asked
from qingdun.console.funds.models import StopPayment
from qingdun.errors import InputError, NotPermitted, UnreadableFile
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_stops import form

__all__ = ["form"]
BANK = "演练银行"
RESULT = exchange.CSV_HEAD.index("处理结果")


@pytest.fixture
def stop(world: World, form: StopForm) -> StopPayment:
    return request_stop(world.officer, form)


def reference(stop: StopPayment) -> str:
    """What a stop is called in files."""
    return f"{Asked.STOP}{stop.pk:08}"


def camt_029(stop: StopPayment, status: str = "ACCR", **changed: str) -> bytes:
    told = {
        "order": reference(stop), "name": stop.account_name, "account": stop.account,
        "amount": f"{stop.amount_fen / 100:.2f}", "day": f"{timezone.localdate(stop.paid_at)}",
        "currency": "CNY", "why": "<AddtlInf>账户已销户</AddtlInf>", **changed,
    }  # fmt: skip
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{camt.REPLIES}"><RsltnOfInvstgtn>
<Assgnmt><Id>R1</Id><Assgnr><Pty><Nm>{BANK}</Nm></Pty></Assgnr><Assgne><Pty><Nm>清盾</Nm></Pty></Assgne>
<CreDtTm>2026-03-03T10:00:00+08:00</CreDtTm></Assgnmt><Sts><Conf>CNCL</Conf></Sts>
<CxlDtls><TxInfAndSts><CxlStsId>1</CxlStsId><OrgnlTxId>{told["order"]}</OrgnlTxId><TxCxlSts>{status}</TxCxlSts>
<CxlStsRsnInf>{told["why"]}</CxlStsRsnInf>
<OrgnlIntrBkSttlmAmt Ccy="{told["currency"]}">{told["amount"]}</OrgnlIntrBkSttlmAmt>
<OrgnlIntrBkSttlmDt>{told["day"]}</OrgnlIntrBkSttlmDt>
<OrgnlTxRef><Cdtr><Pty><Nm>{told["name"]}</Nm></Pty></Cdtr>
<CdtrAcct><Id><Othr><Id>{told["account"]}</Id></Othr></Id></CdtrAcct>
</OrgnlTxRef></TxInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>""".encode()


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


@pytest.mark.parametrize("status", ["", "ACCP", "已办"])
def test_a_status_nobody_knows_is_refused_with_what_was_found(
    world: World, stop: StopPayment, status: str
) -> None:
    taken = exchange.take_reply(world.officer, "r.xml", camt_029(stop, status))
    (refused,) = taken.refused
    assert (taken.changed, refused.row, refused.order) == (0, 1, reference(stop))
    assert f"“{status}”" in refused.why
    assert all(code in refused.why for code in ("ACCR", "RJCR", "PDCR", "已止付"))
    stop.refresh_from_db()
    assert stop.state == "requested"


@pytest.mark.parametrize(
    ("why", "note"),
    [
        ("<Rsn><Cd>AC04</Cd></Rsn>", "The account is closed. (AC04)"), ("<Rsn><Cd>XX99</Cd></Rsn>", "XX99"),
        ("<Rsn><Prtry>B17</Prtry></Rsn>", "the bank’s reason: B17"), ("", "the bank gave no reason"),
        ("<Rsn><Cd>LEGL</Cd></Rsn><AddtlInf>司法</AddtlInf><AddtlInf>冻结在先</AddtlInf>", "司法 冻结在先"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_in_words_or_by_its_code(
    world: World, stop: StopPayment, why: str, note: str
) -> None:
    with override("en"):
        exchange.take_reply(world.officer, "r.xml", camt_029(stop, "RJCR", why=why))
    stop.refresh_from_db()
    assert (stop.state, stop.note) == ("refused", note)


def test_more_answers_than_one_file_may_hold_are_refused_whole(
    world: World, stop: StopPayment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camt, "MOST_ROWS", 0)
    with pytest.raises(InputError):
        exchange.take_reply(world.officer, "r.xml", camt_029(stop))


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "别的公司"}, {"account": "6200000000000099"}, {"amount": "1.00"}, {"day": "2020-01-01"},
        {"order": "QD-STOP-99999999"}, {"order": "x"}, {"currency": "USD"},
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
        f'<!DOCTYPE x [<!ENTITY a "b">]><Document xmlns="{camt.REPLIES}">&a;</Document>'.encode(),
        f'<Document xmlns="{camt.REPLIES}"/>'.encode(),
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
    rows[1][RESULT] = "已止付"
    rows += [[*rows[1][:RESULT], said, ""] for said in ("不知道", "已冻结")] + [["QD-STOP-1x", *rows[1][1:]]]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    taken = exchange.take_reply(world.officer, "r.csv", out.getvalue().encode("gb18030"))
    assert (taken.changed, [one.row for one in taken.refused]) == (1, [3, 4, 5])
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
    holder = exchange.CSV_HEAD.index("户名")
    assert rows[1][holder] == f"'{name}"
    rows[1][holder] = rows[1][holder] if guarded else name
    rows[1][RESULT] = "已止付"
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
