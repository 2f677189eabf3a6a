"""Refunds: which way by what the trace knows, shares exact, a notice with objections, each once, in scope."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.funds import actions, documenting, freezing, moves, queries, refunding
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.freezing import FreezeForm
from qingdun.console.funds.models import Document, Freeze, Movement, Refund
from qingdun.console.funds.moves import REFUND_MOVES, RefundState
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_statements import take
from tests.console.funds.test_tracing import FIRST, HEAD, START, row

LOSSES = (1_000_00, 2_000_00, 4_000_00)
VICTIMS = [f"62000000000009{number:02}" for number in range(3)]


def frozen(world: World, later_min: float, spent: int, known: bool = True) -> tuple[Freeze, list[int]]:
    """Three victims paid 7,000 yuan into one account, each `later_min` after the other; some was spent, the
    rest is frozen. Without balances nobody knows what was there before.
    """
    incidents, rows = [], []
    for number, (victim, loss) in enumerate(zip(VICTIMS, LOSSES, strict=True)):
        at = START + dt.timedelta(minutes=1 + later_min * number)
        form = IncidentForm(
            f"refund-{number}", START + dt.timedelta(hours=1), "police", loss, "", None, made.number(number),
            world.town.code,
        )  # fmt: skip
        incident = cases.report_incident(world.analyst, form)
        if number < 2:
            stop = StopForm(f"stop-{number}", "户101", FIRST, loss, at, "演练银行", None, incident.pk)
            asked = actions.request_stop(world.analyst, stop)
        else:
            actions.move(world.analyst, asked.pk, "turn_down", "银行核实中")
            stop = StopForm(f"stop-{number}", "户101", FIRST, loss, at, "演练银行", None, incident.pk)
            actions.request_stop(world.analyst, stop)
        incidents.append(incident.pk)
        total = sum(LOSSES[: number + 1]) // 100 if known else ""
        rows.append(row(FIRST, 1 + later_min * number, loss // 100, "进", victim, total, f"p{number}"))  # type: ignore[arg-type]
    if spent:
        rows.append(row(FIRST, 60, spent, "出", "8800000001", 7000 - spent if known else "", "s"))  # type: ignore[arg-type]
    assert take(world, "\n".join([HEAD, *rows]).encode()).refused == 0
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    left, _traced, _certain = freezing.left_to_freeze(world.analyst, incidents[0], entry.pk)
    freeze = freezing.request_freeze(world.analyst, FreezeForm("freeze-1", incidents[0], entry.pk, left))
    # What the trace of all three finds there, of which the first incident's alone was asked for.
    Freeze.objects.update(amount_fen=sum(LOSSES) - spent * 100, traced_fen=sum(LOSSES))
    return freezing.move_freeze(world.analyst, freeze.pk, "freeze"), incidents


def test_one_victim_alone_is_returned_directly(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    Freeze.objects.update(amount_fen=LOSSES[0])
    found = refunding.plan(world.analyst, freeze.pk, [])
    assert (found.way, found.shares) == ("single", {incidents[0]: LOSSES[0]})


def test_times_that_resolve_it_return_each_their_own(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    found = refunding.plan(world.analyst, freeze.pk, incidents)
    assert (found.way, list(found.shares.values())) == ("timed", list(LOSSES))


def test_otherwise_shares_are_pro_rata_and_exact(world: World) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    found = refunding.plan(world.analyst, freeze.pk, incidents)
    assert found.way == "pro_rata"
    assert sum(found.shares.values()) == found.amount_fen == 366_700
    assert list(found.shares.values()) == [52_386, 104_771, 209_543]


def test_an_incident_without_money_there_gets_none(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    form = IncidentForm("other-0001", START, "police", 100, "", None, made.number(4), world.town.code)
    other = cases.report_incident(world.analyst, form)
    with pytest.raises(InputError, match=str(other.pk)):
        refunding.plan(world.analyst, freeze.pk, [*incidents, other.pk])


def test_a_notice_runs_thirty_days_and_objections_are_answered_first(world: World) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    assert refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents) == refund
    with pytest.raises(IllegalMove):
        refunding.prepare_refund(world.analyst, "refund-2", freeze.pk, incidents)
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, refund.pk, "order")
    with pytest.raises(IllegalMove):
        refunding.object_to(world.analyst, refund.pk, "份额有误，请核实")
    noticed = refunding.move_refund(world.analyst, refund.pk, "publish")
    assert noticed.notice_until is not None
    assert dt.timedelta(days=30) - (noticed.notice_until - timezone.now()) < dt.timedelta(minutes=1)
    objection = refunding.object_to(world.analyst, refund.pk, "份额有误，请核实")
    with pytest.raises(IllegalMove, match=f"{timezone.localtime(noticed.notice_until):%Y-%m-%d}"):
        refunding.move_refund(world.analyst, refund.pk, "order")
    Refund.objects.update(notice_until=timezone.now())
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, refund.pk, "order")
    refunding.answer(world.analyst, refund.pk, objection.pk, "已核实，份额无误")
    with pytest.raises(IllegalMove):
        refunding.answer(world.analyst, refund.pk, objection.pk, "再答一次")
    refunding.move_refund(world.analyst, refund.pk, "order")
    assert refunding.move_refund(world.analyst, refund.pk, "pay").state == "returned"
    issued = Document.objects.filter(kind__in=("notice", "refund"))
    assert [one.kind for one in issued] == ["notice", "refund"]
    assert all("返还 523.86 元" in one.reason for one in issued)
    assert "返还" in documenting.take_document(world.analyst, issued[1].pk, "pdf").title


def test_a_direct_refund_needs_no_notice_and_a_withdrawn_one_can_be_prepared_anew(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, refund.pk, "publish")
    assert [m.verb for m in queries.refund_moves(world.analyst, refund)] == ["order", "withdraw"]
    refunding.move_refund(world.analyst, refund.pk, "withdraw", "账户另有争议")
    again = refunding.prepare_refund(world.analyst, "refund-2", freeze.pk, incidents)
    freezing.move_freeze(world.analyst, freeze.pk, "release", "查明无关")
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, again.pk, "order")


@pytest.mark.parametrize("state", RefundState.values)
@pytest.mark.parametrize("verb", [move.verb for move in REFUND_MOVES])
def test_only_moves_of_the_table_are_legal(world: World, verb: str, state: str) -> None:
    step = next(move for move in REFUND_MOVES if move.verb == verb)
    if state in step.sources:
        assert moves.check(verb, state, REFUND_MOVES, RefundState) is step
    else:
        with pytest.raises(IllegalMove):
            moves.check(verb, state, REFUND_MOVES, RefundState)


def test_pages_show_shares_and_nobody_else_sees_them(world: World, client_of: LogIn) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    client = client_of(world.analyst)
    asked = {"freeze": freeze.pk, "incidents": "，".join(map(str, incidents))}
    assert "¥523.86" in client.get("/funds/refunds/enter/", asked).content.decode()
    client.post("/funds/refunds/enter/", {**asked, "key": "k" * 16})
    refund = Refund.objects.get()
    client.post(f"/funds/refunds/{refund.pk}/publish/")
    client.post(f"/funds/refunds/{refund.pk}/object/", {"note": "请核实 6200000000000101 的份额"})
    body = client.get(f"/funds/refunds/{refund.pk}/").content.decode()
    assert "¥2,095.43" in body
    assert FIRST not in body
    assert f"#{refund.pk}" in client.get("/funds/refunds/").content.decode()
    assert client_of(world.other_county).get(f"/funds/refunds/{refund.pk}/").status_code == 403
    with pytest.raises(NotPermitted):
        refunding.plan(world.officer, freeze.pk, incidents)
