"""Stop-payment orders: at most two an account, legal moves alone, expired exactly once after their hold."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from qingdun.console.alerts.models import Task
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.funds import actions, moves, queries, rules
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.lapses import Notice
from qingdun.console.funds.models import StopPayment
from qingdun.console.funds.moves import MOVES, State
from qingdun.console.funds.ticking import end_orders, warn_of_ends
from qingdun.console.funds.unfounded import release_unfounded
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent, User
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

ACCOUNT = "6200000000000017"


@pytest.fixture
def form(task: Task) -> StopForm:
    paid = timezone.now() - dt.timedelta(minutes=10)
    return StopForm("stop-key-0001", "某某公司", ACCOUNT, 6_700_000, paid, "演练银行", task.pk)


@pytest.fixture
def held(world: World, form: StopForm) -> StopPayment:
    stop = actions.request_stop(world.officer, form)
    return actions.move(world.officer, stop.pk, "hold")


def test_order_holds_as_long_as_the_law_says(held: StopPayment) -> None:
    assert held.held_at is not None
    assert held.ends_at == held.held_at + dt.timedelta(hours=rules.hold_h())
    assert (held.turn, held.state) == (1, "held")


def test_a_hold_runs_from_when_the_bank_stopped_it(world: World, form: StopForm) -> None:
    stop, now = actions.request_stop(world.officer, form), timezone.now()
    StopPayment.objects.update(requested_at=now - dt.timedelta(hours=3))
    for wrong in (now + dt.timedelta(minutes=1), now - dt.timedelta(hours=4)):
        with pytest.raises(InputError):
            actions.move(world.officer, stop.pk, "hold", at=wrong)
    told = now - dt.timedelta(hours=2)
    stop = actions.move(world.officer, stop.pk, "hold", at=told)
    assert (stop.held_at, stop.ends_at) == (told, told + dt.timedelta(hours=rules.hold_h()))


def test_an_order_of_the_task_is_one_of_the_incident_that_came_out_in_it(
    world: World, held: StopPayment, task: Task
) -> None:
    form = IncidentForm("stop-incident", timezone.now(), "police", 6_700_000, "", task.pk)
    incident = report_incident(world.officer, form)
    assert list(queries.orders_of(world.officer, incident)) == [held]
    assert not queries.orders_of(world.other_county, incident).exists()
    assert release_unfounded(world.county, incident.pk, "查明无诈骗") == (1, 0, 0)


def test_same_form_is_one_order(world: World, form: StopForm) -> None:
    first = actions.request_stop(world.officer, form)
    assert actions.request_stop(world.officer, form).pk == first.pk
    assert AuditRow.objects.filter(verb="request_stop").count() == 1


def test_account_has_two_orders_at_most_and_refused_ones_do_not_count(world: World, form: StopForm) -> None:
    stops = [actions.request_stop(world.officer, replace(form, key=f"stop-key-{n:04}")) for n in range(2)]
    assert [stop.turn for stop in stops] == [1, 2]
    with pytest.raises(IllegalMove):
        actions.request_stop(world.officer, replace(form, key="stop-key-0009"))
    actions.move(world.officer, stops[0].pk, "turn_down", "户名不符")
    again = actions.request_stop(
        world.officer, replace(form, key="stop-key-0010", account=" 6200 0000 0000 0017 ")
    )
    assert again.turn == 1
    actions.request_stop(world.officer, replace(form, key="stop-key-0011", account="6200000000000018"))


@pytest.mark.parametrize(
    "wrong",
    [{"account_name": " "}, {"account": "12"}, {"account": "62;DROP"}, {"amount_fen": 0}, {"task": None}],
)
def test_name_number_amount_and_cause_are_required(
    world: World, form: StopForm, wrong: dict[str, object]
) -> None:
    with pytest.raises(InputError):
        actions.request_stop(world.officer, replace(form, **wrong))
    with pytest.raises(InputError):
        actions.request_stop(world.officer, replace(form, paid_at=timezone.now() + dt.timedelta(days=1)))
    assert not StopPayment.objects.exists()


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("verb", sorted(move.verb for move in MOVES))
def test_only_moves_of_the_table_are_legal(world: World, held: StopPayment, verb: str, state: str) -> None:
    StopPayment.objects.filter(pk=held.pk).update(state=state)
    move = moves.BY_VERB[verb]
    if move.permission is None or state not in move.sources:
        with pytest.raises(IllegalMove):
            actions.move(world.analyst, held.pk, verb, "理由充分")
    else:
        assert actions.move(world.analyst, held.pk, verb, "理由充分").state == move.target


def test_release_needs_a_reason_and_a_reviewer(world: World, held: StopPayment) -> None:
    with pytest.raises(NotPermitted):
        actions.move(world.officer, held.pk, "release", "查明无关")
    with pytest.raises(InputError):
        actions.move(world.county, held.pk, "release", "")
    assert actions.move(world.county, held.pk, "release", "查明无关").ended_at is not None
    assert AuditRow.objects.get(verb="stop_release").purpose == "查明无关"


def test_hold_expires_when_it_is_due_and_once(held: StopPayment) -> None:
    assert held.ends_at is not None
    assert end_orders(held.ends_at - dt.timedelta(seconds=1)) == 0
    assert end_orders(held.ends_at) == 1
    assert end_orders(held.ends_at + dt.timedelta(days=1)) == 0
    held.refresh_from_db()
    assert (held.state, held.ended_at) == ("expired", held.ends_at)
    assert AuditRow.objects.filter(verb="stop_expire").count() == 1


def test_the_end_of_a_hold_is_said_once_before_it(held: StopPayment) -> None:
    assert held.ends_at is not None
    ahead = dt.timedelta(hours=rules.limit("warn_stop_h"))
    assert warn_of_ends(held.ends_at - ahead - dt.timedelta(seconds=1)) == 0
    assert warn_of_ends(held.ends_at - ahead) == 1
    assert warn_of_ends(held.ends_at - ahead) == 0
    assert AuditRow.objects.get(verb="warn_of_end").subject_id == str(held.pk)
    told = Notice.objects.get()
    assert (told.to, told.kind, told.subject_id, told.due_at) == (
        held.by, "stop_ends", held.pk, held.ends_at,
    )  # fmt: skip
    event = LiveEvent.objects.get(topic="funds")
    assert event.users == [held.by_id]


def test_of_an_end_whose_officer_has_left_the_county_is_told(world: World, held: StopPayment) -> None:
    User.objects.filter(pk=held.by_id).update(is_active=False)
    assert held.ends_at is not None
    assert warn_of_ends(held.ends_at) == 1
    assert [one.to for one in Notice.objects.all()] == [world.county]


@pytest.mark.django_db(transaction=True)
def test_two_tick_processes_expire_an_order_once(held: StopPayment) -> None:
    def run(_number: int) -> int:
        try:
            assert held.ends_at is not None
            return end_orders(held.ends_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1
    assert AuditRow.objects.filter(verb="stop_expire").count() == 1
    assert verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_do_not_give_an_account_a_third_order(world: World, form: StopForm) -> None:
    def run(number: int) -> bool:
        try:
            who = (world.officer, world.county)[number % 2]
            actions.request_stop(who, replace(form, key=f"stop-at-once-{number}"))
        except IllegalMove:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(run, range(6))) == 2
    turns = StopPayment.objects.values_list("turn", flat=True)
    assert sorted(turn or 0 for turn in turns) == [1, 2]


def test_everybody_sees_their_own_part(world: World, held: StopPayment) -> None:
    for user in (world.analyst, world.county, world.officer):
        assert queries.stop(user, held.pk) == held
    for user in (world.other_county, world.viewer, world.auditor):
        assert not queries.stops(user).exists()
        assert queries.open_moves(user, held) == []
        with pytest.raises(NotPermitted):
            actions.move(user, held.pk, "release", "理由充分")
        with pytest.raises(NotPermitted):
            actions.unmask_stop(user, held.pk, "理由充分")


def test_pages_are_masked_until_unmasked_for_a_purpose(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.officer)
    body = {
        "key": "0123456789abcdef", "task": task.pk, "account_name": "李小明", "account": ACCOUNT,
        "bank": "演练银行", "amount": "67,000", "paid_at": "2026-03-03T10:30",
    }  # fmt: skip
    assert client.post("/funds/enter/", {**body, "amount": ""}).status_code == 422
    answer = client.post("/funds/enter/", body, follow=True)
    stop = StopPayment.objects.get()
    pages = [answer.content.decode(), client.get("/funds/").content.decode()]
    for page in pages:
        assert "李**" in page
        assert "****0017" in page
        assert "李小明" not in page
        assert ACCOUNT not in page
    refused = client.post(f"/funds/{stop.pk}/unmask/", {"note": ""}, follow=True).content.decode()
    assert ACCOUNT not in refused
    plain = client.post(f"/funds/{stop.pk}/unmask/", {"note": "提请银行止付"})
    assert ACCOUNT in plain.content.decode()
    assert plain["Cache-Control"] == "no-store"
    assert AuditRow.objects.get(verb="unmask_stop").purpose == "提请银行止付"
    client.post(f"/funds/{stop.pk}/hold/")
    stop.refresh_from_db()
    assert stop.state == "held"
    assert client.post(f"/funds/{stop.pk}/release/", {"note": "查明无关"}).status_code == 403
    assert client_of(world.other_county).get(f"/funds/{stop.pk}/").status_code == 403
