"""Refunds: which way by what the trace knows, shares exact, a notice with objections, each once, in scope."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.cases.correcting import IncidentCorrection, correct_incident
from qingdun.console.cases.models import Incident
from qingdun.console.funds import actions, documenting, freezing, moves, queries, refunding, ticking
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.freezing import FreezeForm
from qingdun.console.funds.models import Document, Freeze, Movement, Refund, RefundShare, StopPayment, Taint
from qingdun.console.funds.moves import REFUND_MOVES, RefundState
from qingdun.console.funds.unfounded import release_unfounded
from qingdun.console.kernel import printing
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_statements import take
from tests.console.funds.test_tracing import FIRST, HEAD, START, row

LOSSES = (1_000_00, 2_000_00, 4_000_00)
VICTIMS = [f"62000000000009{number:02}" for number in range(3)]


def frozen(world: World, later_min: float, spent: int, together: bool = True) -> tuple[Freeze, list[int]]:
    """Three victims paid 7,000 yuan into one account, each `later_min` after the other; some was spent, the
    rest is frozen, of all three or of the first alone.
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
        total = sum(LOSSES[: number + 1]) // 100
        rows.append(row(FIRST, 1 + later_min * number, loss // 100, "进", victim, total, f"p{number}"))  # type: ignore[arg-type]
    if spent:
        rows.append(row(FIRST, 60, spent, "出", "8800000001", 7000 - spent, "s"))  # type: ignore[arg-type]
    assert take(world, "\n".join([HEAD, *rows]).encode()).refused == 0
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    others = tuple(incidents[1:]) if together else ()
    free = freezing.room(world.analyst, [incidents[0], *others], entry.pk)
    form_of = FreezeForm("freeze-1", incidents[0], entry.pk, free.left_fen, others)
    freeze = freezing.request_freeze(world.analyst, form_of)
    return freezing.move_freeze(world.analyst, freeze.pk, "freeze"), incidents


def test_one_victim_alone_is_returned_directly(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0, together=False)
    assert freeze.amount_fen == LOSSES[0]
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
    assert dict(freeze.parts.values_list("incident", "fen")) == found.shares
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
    freeze.refresh_from_db()
    assert (freeze.state, freeze.left_fen, freeze.ended_at is None) == ("returned", 0, False)
    assert not Taint.objects.exclude(frozen_fen=0).exists()
    issued = Document.objects.filter(kind__in=("notice", "refund"))
    assert [one.kind for one in issued] == ["notice", "refund"]
    assert all("返还 523.86 元" in one.reason for one in issued)
    assert "返还" in documenting.take_document(world.analyst, issued[1].pk, "pdf").title


def test_a_document_lists_the_shares_of_a_hundred_victims_and_says_until_when_to_object(world: World) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    for number in range(97):
        form = IncidentForm(f"many-{number}", START, "police", 100, "", None, made.number(4), world.town.code)
        incident = cases.report_incident(world.analyst, form)
        RefundShare.objects.create(refund=refund, incident=incident, loss_fen=100, share_fen=0)
    noticed = refunding.move_refund(world.analyst, refund.pk, "publish")
    issued = Document.objects.get(kind="notice")
    assert issued.reason.count("返还") == 100
    assert issued.until == noticed.notice_until
    paper = documenting.take_document(world.analyst, issued.pk, "pdf")
    assert paper.reason_word == "返还明细"
    assert paper.addressee == "各被害人及其他利害关系人"
    assert "公告期至" in dict(paper.facts)
    assert printing.as_pdf(paper).startswith(b"%PDF")


def test_a_direct_refund_needs_no_notice_and_a_withdrawn_one_can_be_prepared_anew(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, refund.pk, "publish")
    assert [m.verb for m in queries.refund_moves(world.analyst, refund)] == ["order", "withdraw"]
    refunding.move_refund(world.analyst, refund.pk, "withdraw", "账户另有争议")
    assert refunding.prepare_refund(world.analyst, "refund-2", freeze.pk, incidents).state == "prepared"


def test_a_part_that_is_returned_lessens_the_freeze_and_what_is_left_can_follow(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    Incident.objects.filter(pk=incidents[2]).update(loss_fen=1_000_00)  # as first reported
    first = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    assert (first.way, first.amount_fen) == ("timed", 4_000_00)
    for verb in ("order", "pay"):
        refunding.move_refund(world.analyst, first.pk, verb)
    freeze.refresh_from_db()
    assert (freeze.state, freeze.returned_fen, freeze.left_fen) == ("frozen", 4_000_00, 3_000_00)
    parts = dict(freeze.parts.values_list("incident", "fen"))
    assert parts == {incidents[0]: 0, incidents[1]: 0, incidents[2]: 3_000_00}
    assert {one.incident_id: one.frozen_fen for one in Taint.objects.all()} == parts
    # What the bank has returned is not frozen a second time, though no movement tells of it yet.
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    assert freezing.room(world.analyst, incidents, entry.pk).left_fen == 0
    with pytest.raises(InputError):  # everybody has what they lost
        refunding.plan(world.analyst, freeze.pk, incidents)
    Incident.objects.filter(pk=incidents[2]).update(loss_fen=LOSSES[2])
    again = refunding.prepare_refund(world.analyst, "refund-2", freeze.pk, incidents)
    assert [one.share_fen for one in again.shares.all()] == [0, 0, 3_000_00]
    Refund.objects.filter(pk=again.pk).update(state="ordered", amount_fen=3_000_01)
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, again.pk, "pay")


def test_what_was_returned_to_one_leaves_another_s_money_to_be_frozen(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0, together=False)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, [])
    for verb in ("order", "pay"):
        refunding.move_refund(world.analyst, refund.pk, verb)
    assert [one.out_fen for one in refund.shares.all()] == [LOSSES[0]]
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    free = freezing.room(world.analyst, incidents[1:], entry.pk)
    assert free.left == dict(zip(incidents[1:], LOSSES[1:], strict=True))
    with pytest.raises(InputError):
        freezing.request_freeze(world.analyst, FreezeForm("freeze-2", incidents[0], entry.pk, 1))


def test_a_share_out_of_another_s_money_counts_as_the_other_s(world: World) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    # As if the shares had been other than what the trace says: all goes to the first.
    shares = list(refund.shares.all())
    for one, fen in zip(shares, (100_000, 0, 0), strict=True):
        RefundShare.objects.filter(pk=one.pk).update(share_fen=fen)
    Refund.objects.filter(pk=refund.pk).update(state="ordered", amount_fen=100_000)
    parts = list(freeze.parts.values_list("fen", flat=True))
    refunding.move_refund(world.analyst, refund.pk, "pay")
    off = [one.out_fen for one in refund.shares.all()]
    assert (sum(off), off[0]) == (100_000, parts[0])
    assert all(off)
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    left = freezing.room(world.analyst, incidents, entry.pk).traced
    assert list(left.values()) == [fen - gone for fen, gone in zip(parts, off, strict=True)]


def test_what_another_bank_tells_does_not_tell_of_the_return(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    RefundShare.objects.filter(refund=refund).exclude(incident=incidents[0]).update(share_fen=0)
    Refund.objects.filter(pk=refund.pk).update(state="ordered", amount_fen=LOSSES[0])
    refunding.move_refund(world.analyst, refund.pk, "pay")
    Refund.objects.update(ended_at=START + dt.timedelta(minutes=70))
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    before = freezing.room(world.analyst, incidents[1:], entry.pk).left
    line = row("6200000000000555", 100, 5, "出", FIRST, 100, "other-bank")
    assert take(world, "\n".join([HEAD, line]).encode(), "另一银行").taken == 1
    with pytest.raises(InputError):  # all of the first's went back, which its own bank has not told yet
        freezing.request_freeze(world.analyst, FreezeForm("freeze-2", incidents[0], entry.pk, 1))
    assert freezing.room(world.analyst, incidents[1:], entry.pk).left == before


def test_two_refunds_prepared_side_by_side_give_nobody_more_than_was_lost(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    elsewhere = Freeze.objects.get(pk=freeze.pk)
    elsewhere.pk, elsewhere.key, elsewhere.account = None, "freeze-2", "6200000000000777"
    elsewhere.save()
    other = Refund.objects.create(
        freeze=elsewhere, way="single", amount_fen=1, prepared_at=timezone.now(), state="prepared",
        region_path=freeze.region_path, key="refund-2", by=world.analyst,
    )  # fmt: skip
    RefundShare.objects.create(refund=other, incident_id=incidents[1], loss_fen=LOSSES[1], share_fen=1)
    refunding.move_refund(world.analyst, other.pk, "order")
    with pytest.raises(IllegalMove, match=str(incidents[1])):
        refunding.move_refund(world.analyst, refund.pk, "order")
    refunding.move_refund(world.analyst, refund.pk, "withdraw", "重新计算")
    again = refunding.prepare_refund(world.analyst, "refund-3", freeze.pk, incidents)
    assert again.shares.get(incident=incidents[1]).share_fen == LOSSES[1] - 1
    assert refunding.move_refund(world.analyst, again.pk, "order").state == "ordered"


def test_what_is_released_gives_its_refund_up(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    freezing.move_freeze(world.analyst, freeze.pk, "release", "查明与案件无关")
    refund.refresh_from_db()
    assert (refund.state, refund.note) == ("withdrawn", "查明与案件无关")
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, refund.pk, "order")


def test_what_runs_out_gives_up_what_is_not_ordered(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    Freeze.objects.update(ends_at=timezone.now())
    with pytest.raises(IllegalMove):
        refunding.move_refund(world.analyst, refund.pk, "order")
    assert ticking.end_orders(timezone.now()) == 1
    refund.refresh_from_db()
    assert (refund.state, refund.note) == ("withdrawn", ticking.ENDED)


def test_a_loss_corrected_meanwhile_gives_back_no_more_than_it_says_now(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    lost = Incident.objects.get(pk=incidents[0])
    form = IncidentCorrection(lost.reported_at, lost.scam_type, LOSSES[0] - 1, "报案人更正")
    correct_incident(world.analyst, lost.pk, form)
    with pytest.raises(IllegalMove, match=str(lost.pk)):
        refunding.move_refund(world.analyst, refund.pk, "order")


def test_a_freeze_goes_where_those_are_for_whom_it_goes_on(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    elsewhere = world.other_county.region_path
    Incident.objects.filter(pk__in=incidents[1:]).update(region_path=elsewhere)
    release_unfounded(world.county, incidents[0], "报案人撤回，查明无诈骗")
    freeze.refresh_from_db()
    assert (freeze.incident_id, freeze.region_path) == (incidents[1], elsewhere)
    release_unfounded(world.other_county, incidents[1], "报案人撤回，查明无诈骗")
    assert release_unfounded(world.other_county, incidents[2], "报案人撤回，查明无诈骗").freezes == 1
    freeze.refresh_from_db()
    assert freeze.state == "released"


def test_pages_name_the_incidents_whose_orders_name_the_account(world: World, client_of: LogIn) -> None:
    freeze, incidents = frozen(world, 5, 0, together=False)
    entry = Movement.objects.filter(payee=FIRST).latest("at")
    client = client_of(world.analyst)
    pages = [
        client.get(f"/funds/refunds/enter/?freeze={freeze.pk}"),
        client.get(f"/funds/freezes/enter/?incident={incidents[0]}&movement={entry.pk}"),
    ]
    # The bank refused the order of the second.
    assert [page.context["also"] for page in pages] == [[incidents[2]]] * 2
    known = client.get(f"/funds/refunds/enter/?freeze={freeze.pk}&incidents={incidents[0]},{incidents[2]}")
    assert known.context["also"] == []


def test_a_refund_s_page_has_its_own_papers_and_a_freeze_offers_one_refund(
    world: World, client_of: LogIn
) -> None:
    freeze, incidents = frozen(world, 0, 3_333)
    client = client_of(world.analyst)
    offer, page = f"/funds/refunds/enter/?freeze={freeze.pk}", f"/funds/freezes/{freeze.pk}/"
    assert offer in client.get(page).content.decode()
    first = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    refunding.move_refund(world.analyst, first.pk, "publish")
    assert offer not in client.get(page).content.decode()
    refunding.move_refund(world.analyst, first.pk, "withdraw", "重新计算")
    assert offer in client.get(page).content.decode()
    second = refunding.prepare_refund(world.analyst, "refund-2", freeze.pk, incidents)
    refunding.move_refund(world.analyst, second.pk, "publish")
    papers = [
        [one["row"].serial for one in client.get(f"/funds/refunds/{refund.pk}/").context["documents"]]
        for refund in (first, second)
    ]
    assert papers == [[1], [2]]


def test_what_is_unfounded_is_released_at_once_and_others_keep_theirs(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    actions.move(world.analyst, StopPayment.objects.get(incident=incidents[2]).pk, "hold")
    done = release_unfounded(world.analyst, incidents[2], "报案人撤回，查明无诈骗")
    assert done == (1, 0, 1)
    freeze.refresh_from_db()
    assert (freeze.state, freeze.amount_fen) == ("frozen", LOSSES[0] + LOSSES[1])
    assert {one.incident_id: one.frozen_fen for one in Taint.objects.all()} == {
        incidents[0]: LOSSES[0], incidents[1]: LOSSES[1], incidents[2]: 0,
    }  # fmt: skip
    assert StopPayment.objects.get(incident=incidents[2]).state == "released"
    papers = Document.objects.filter(kind="release")
    assert [one.amount_fen for one in papers] == [LOSSES[2], LOSSES[2]]
    with pytest.raises(IllegalMove):
        release_unfounded(world.analyst, incidents[2], "报案人撤回，查明无诈骗")
    assert set(refunding.plan(world.analyst, freeze.pk, []).shares) == set(incidents[:2])
    assert release_unfounded(world.analyst, incidents[0], "报案人撤回，查明无诈骗") == (1, 0, 1)
    assert release_unfounded(world.analyst, incidents[1], "报案人撤回，查明无诈骗") == (0, 1, 0)
    freeze.refresh_from_db()
    assert freeze.state == "released"
    with pytest.raises(NotPermitted):
        release_unfounded(world.other_county, incidents[0], "报案人撤回，查明无诈骗")


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
    listed = client.get("/funds/refunds/").content.decode()
    assert f'<a href="/funds/refunds/{refund.pk}/">' in listed
    assert client_of(world.other_county).get(f"/funds/refunds/{refund.pk}/").status_code == 403
    with pytest.raises(NotPermitted):
        refunding.plan(world.officer, freeze.pk, incidents)
