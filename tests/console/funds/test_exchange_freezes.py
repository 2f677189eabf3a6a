"""Freezes, refunds, continuations and releases in the files for banks: they leave with their document, come
back by name, number, amount and time, and move what the bank's answer moves, once.
"""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from defusedxml import ElementTree as Safe
from django.utils import timezone

from qingdun.console.funds import camt, documenting, exchange, freezing, orders, queries, refunding
from qingdun.console.funds.answers import Order
from qingdun.console.funds.models import Document, Freeze, Refund
from tests.console.alerts.world import World
from tests.console.funds.test_camt import ANSWER, REQUEST, wrong
from tests.console.funds.test_exchange import BANK, RESULT
from tests.console.funds.test_freezes import form
from tests.console.funds.test_refunds import VICTIMS, frozen
from tests.console.funds.test_tracing import traced_incident

__all__ = ["traced_incident"]
INSIDE = {"c": camt.ASKS}


@pytest.fixture
def asked(world: World, traced_incident: int) -> Freeze:
    """A freeze the bank is asked for."""
    made = freezing.request_freeze(world.analyst, form(traced_incident))
    Freeze.objects.update(bank=BANK)
    made.refresh_from_db()
    return made


def order_of(world: World, kind: str) -> Order:
    """The order of that kind that waits for the bank."""
    return next(one for one in orders.waiting(world.analyst, BANK) if one.asked.name == kind)


def answered(order: Order, status: str, **changed: str) -> bytes:
    """What a bank says of the order in a camt.029."""
    told = {"amount": f"{order.fen / 100:.2f}", "day": f"{timezone.localdate(order.at)}"} | changed
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{camt.REPLIES}"><RsltnOfInvstgtn>
<Assgnmt><Id>R1</Id><Assgnr><Pty><Nm>{BANK}</Nm></Pty></Assgnr><Assgne><Pty><Nm>清盾</Nm></Pty></Assgne>
<CreDtTm>2026-03-03T10:00:00+08:00</CreDtTm></Assgnmt><Sts><Conf>CNCL</Conf></Sts>
<CxlDtls><TxInfAndSts><OrgnlTxId>{order.reference}</OrgnlTxId><TxCxlSts>{status}</TxCxlSts>
<CxlStsRsnInf><AddtlInf>账户余额不足</AddtlInf></CxlStsRsnInf>
<OrgnlIntrBkSttlmAmt Ccy="CNY">{told["amount"]}</OrgnlIntrBkSttlmAmt>
<OrgnlIntrBkSttlmDt>{told["day"]}</OrgnlIntrBkSttlmDt>
<OrgnlTxRef><Cdtr><Pty><Nm>{order.name}</Nm></Pty></Cdtr>
<CdtrAcct><Id><Othr><Id>{order.account}</Id></Othr></Id></CdtrAcct></OrgnlTxRef>
</TxInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>""".encode()


def took(world: World, order: Order, status: str, **changed: str) -> tuple[int, int, int]:
    """Orders moved, known before and refused by that answer, taken twice: the second time moves nothing."""
    data = answered(order, status, **changed)
    assert wrong(Safe.fromstring(data), ANSWER) == []
    first = exchange.take_reply(world.analyst, "r.xml", data)
    again = exchange.take_reply(world.analyst, "r.xml", data)
    assert (again.changed, again.known) == (0, first.changed + first.known)
    return first.changed, first.known, len(first.refused)


def test_a_freeze_leaves_as_the_message_is_defined_and_under_its_document(
    world: World, asked: Freeze
) -> None:
    body, count = exchange.export_orders(world.analyst, BANK, "xml")
    root = Safe.fromstring(body)
    assert wrong(root, REQUEST) == []
    one = root.findall("c:FIToFIPmtCxlReq/c:Undrlyg/c:TxInf", INSIDE)[-1]
    number = documenting.number_of(Document.objects.get(freeze=asked))
    assert one.findtext("c:OrgnlTxId", None, INSIDE) == f"QD-FRZE-{asked.pk:08}"
    assert one.findtext("c:CxlRsnInf/c:Rsn/c:Prtry", None, INSIDE) == "FREEZE"
    lines = [line.text for line in one.findall("c:CxlRsnInf/c:AddtlInf", INSIDE)]
    assert number in lines
    assert any("6个月" in (line or "") for line in lines)
    assert (one.findtext("c:OrgnlIntrBkSttlmAmt", None, INSIDE), count) == ("60000.00", 2)


def test_a_freeze_is_moved_by_the_bank_s_answer_once(world: World, asked: Freeze) -> None:
    order = order_of(world, "FREEZE")
    assert took(world, order, "ACCR", amount="1.00") == (0, 0, 1)
    assert took(world, order, "ACCR", day="2020-01-01") == (0, 0, 1)
    assert took(world, order, "PDCR") == (0, 1, 0)
    # Whoever may not trace funds, or is of another county, moves nothing.
    for user in (world.officer, world.other_county):
        assert len(exchange.take_reply(user, "r.xml", answered(order, "ACCR")).refused) == 1
    assert took(world, order, "ACCR") == (1, 0, 0)
    asked.refresh_from_db()
    assert (asked.state, asked.frozen_at is not None) == ("frozen", True)


def test_a_freeze_that_the_bank_refuses_makes_room(world: World, asked: Freeze) -> None:
    assert took(world, order_of(world, "FREEZE"), "RJCR") == (1, 0, 0)
    asked.refresh_from_db()
    assert (asked.state, asked.note) == ("refused", "账户余额不足")


def test_a_table_says_of_a_freeze_that_it_is_frozen(world: World, asked: Freeze) -> None:
    body, _count = exchange.export_orders(world.analyst, BANK, "csv")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    mine = next(row for row in rows if row[1] == "冻结")
    for said, moved in (("已止付", 0), ("已冻结", 1), ("已冻结", 0)):
        mine[RESULT] = said
        out = io.StringIO()
        csv.writer(out).writerows([rows[0], mine])
        assert exchange.take_reply(world.analyst, "r.csv", out.getvalue().encode()).changed == moved
    asked.refresh_from_db()
    assert asked.state == "frozen"


def test_a_refund_names_each_victim_s_account_and_is_moved_by_the_answer(world: World) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    Freeze.objects.update(bank=BANK)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    assert not [one for one in orders.waiting(world.analyst, BANK) if one.asked.name == "REFUND"]
    refunding.move_refund(world.analyst, refund.pk, "publish")
    Refund.objects.update(notice_until=timezone.now())
    refunding.move_refund(world.analyst, refund.pk, "order")
    order = order_of(world, "REFUND")
    assert [line.split()[-2] for line in order.told] == ["523.86", "1,047.71", "2,095.43"]
    assert all(victim in line for victim, line in zip(VICTIMS, order.told, strict=True))
    assert wrong(Safe.fromstring(exchange.export_orders(world.analyst, BANK, "xml")[0]), REQUEST) == []
    assert took(world, order, "RJCR") == (0, 0, 1)
    assert took(world, order, "ACCR") == (1, 0, 0)
    refund.refresh_from_db()
    assert refund.state == "returned"


def test_what_was_released_is_told_for_some_days_and_its_answer_moves_nothing(
    world: World, asked: Freeze
) -> None:
    freezing.move_freeze(world.analyst, asked.pk, "release", "查明与案件无关")
    order = order_of(world, "RELEASE")
    counted = orders.counts(world.analyst)[BANK]
    assert {one.name: count for one, count in counted.items()} == {"STOP": 1, "RELEASE": 1}
    assert took(world, order, "ACCR") == (0, 1, 0)
    assert took(world, order, "RJCR") == (0, 0, 1)
    Document.objects.update(at=timezone.now() - dt.timedelta(days=8))
    assert "RELEASE" not in [one.asked.name for one in orders.waiting(world.analyst, BANK)]
    assert queries.freeze(world.analyst, asked.pk).state == "released"
