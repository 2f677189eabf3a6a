"""Money traced over banks' movements: a transfer told twice is one; layers, sums, what to stop, who sees."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.funds import actions, queries, tracing
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.models import Movement, StopPayment
from qingdun.console.funds.pairing import transfers
from qingdun.console.funds.trace_views import drawing
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_statements import take

START = timezone.now().replace(microsecond=0) - dt.timedelta(hours=2)
VICTIM, FIRST = "6200000000000011", "6200000000000101"
LAYERS = [FIRST, "6200000000000102", "6200000000000103", "6200000000000104"]
HEAD = "账号,户名,时间,金额,收付标志,对方账号,对手户名,余额,流水号,摘要"


def row(account: str, minute: float, yuan: int, way: str, other: str, balance: int, serial: str) -> str:
    at = timezone.localtime(START + dt.timedelta(minutes=minute))
    note = "" if other else "ATM取现"
    own = f"{account},户{account[-3:]},{at:%Y-%m-%d %H:%M:%S}"
    return f"{own},{yuan},{way},{other},户{other[-3:]},{balance},{serial},{note}"


def four_layers() -> bytes:
    """67,000 goes through four accounts, each told by both banks a minute apart; a thousand stays in each."""
    rows, fen, payer = [], 67_000, VICTIM
    for number, account in enumerate(LAYERS):
        rows.append(row(account, 10 * number + 1, fen, "进", payer, fen, f"in{number}"))
        if number + 1 < len(LAYERS):
            rows.append(
                row(account, 10 * number + 10, fen - 1000, "出", LAYERS[number + 1], 1000, f"out{number}")
            )
        payer, fen = account, fen - 1000
    rows.append(row(LAYERS[-1], 45, 4000, "出", "", 60_000, "cash"))
    return "\n".join([HEAD, *rows]).encode()


@pytest.fixture
def traced_incident(world: World) -> int:
    """An incident whose first-level account has an order, and the banks' reply."""
    reported = START + dt.timedelta(hours=1)
    form = IncidentForm(
        "trace-0001", reported, "police", 6_700_000, "", None, made.number(0), world.town.code
    )
    incident = cases.report_incident(world.analyst, form)
    paid = START + dt.timedelta(minutes=1)
    actions.request_stop(
        world.analyst,
        StopForm("trace-stop-1", "户101", FIRST, 6_700_000, paid, "演练银行", None, incident.pk),
    )
    assert take(world, four_layers()).refused == 0
    return incident.pk


def test_money_is_followed_through_four_layers_to_cash_and_sums_are_exact(
    world: World, traced_incident: int
) -> None:
    paid = [one.pk for one in tracing.payments(world.analyst, traced_incident)]
    found = tracing.trace(world.analyst, paid)
    assert found.layers == 4
    assert [step.hop.tainted_fen for step in found.steps] == [
        6_700_000,
        6_600_000,
        6_500_000,
        6_400_000,
        400_000,
    ]
    assert all(step.hop.certain for step in found.steps)
    where = {one.party.account: one.standing.there_fen for one in found.places}
    assert sum(where.values()) == found.paid_fen == 6_700_000
    assert where == {**dict.fromkeys(LAYERS[:3], 100_000), LAYERS[3]: 6_000_000, f"cash:{LAYERS[3]}": 400_000}
    assert found.there_fen == 6_300_000
    first = found.proposals[0]
    assert (first.place.party.account, first.place.party.name) == (LAYERS[3], "户104")
    # The first account has an order already, so it is proposed no more.
    assert FIRST not in {one.place.party.account for one in found.proposals}


def test_payments_of_an_incident_are_those_its_orders_match(world: World, traced_incident: int) -> None:
    assert [one.payee for one in tracing.payments(world.analyst, traced_incident)] == [FIRST]
    StopPayment.objects.update(amount_fen=6_699_900)
    assert tracing.payments(world.analyst, traced_incident) == []
    StopPayment.objects.update(amount_fen=6_700_000, paid_at=START - dt.timedelta(hours=1))
    assert tracing.payments(world.analyst, traced_incident) == []
    assert [one.payee for one in tracing.candidates(world.analyst, traced_incident)] == [FIRST]


def test_another_county_traces_nothing_of_it(world: World, traced_incident: int) -> None:
    paid = [one.pk for one in tracing.payments(world.analyst, traced_incident)]
    with pytest.raises(InputError):
        tracing.trace(world.other_county, paid)
    for user in (world.officer, world.viewer):
        with pytest.raises(NotPermitted):
            tracing.trace(user, paid)
    with pytest.raises(InputError):
        tracing.trace(world.analyst, [])


def test_page_is_masked_on_record_and_one_click_from_a_filled_in_order(
    world: World, traced_incident: int, client_of: LogIn
) -> None:
    client = client_of(world.analyst)
    body = client.get(f"/funds/trace/?incident={traced_incident}").content.decode()
    assert AuditRow.objects.get(verb="trace_funds").subject_id == str(traced_incident)
    for secret in (*LAYERS, VICTIM, "户104"):
        assert secret not in body
    entry = Movement.objects.get(payee=LAYERS[3], of_payer=True)
    assert f"incident={traced_incident}&amp;movement={entry.pk}" in body
    form = client.get(f"/funds/enter/?incident={traced_incident}&movement={entry.pk}").content.decode()
    assert "****0104" in form
    assert LAYERS[3] not in form
    client.post("/funds/enter/", {"key": "k" * 16, "incident": traced_incident, "movement": entry.pk})
    stop = StopPayment.objects.get(account=LAYERS[3])
    assert (stop.account_name, stop.amount_fen, stop.paid_at) == ("户104", 6_400_000, entry.at)
    assert client_of(world.other_county).get(f"/funds/trace/?incident={traced_incident}").status_code == 403


def test_drawing_has_no_circles_though_money_comes_back(world: World) -> None:
    second = LAYERS[1]
    rows = [
        row(FIRST, 1, 100, "进", VICTIM, 100, "a"), row(FIRST, 2, 100, "出", second, 0, "b"),
        row(second, 3, 60, "出", FIRST, 40, "c"), row(second, 4, 40, "出", VICTIM, 0, "d"),
    ]  # fmt: skip
    take(world, "\n".join([HEAD, *rows]).encode())
    paid = [one.pk for one in queries.movements(world.analyst) if one.payer == VICTIM]
    drawn = drawing(tracing.trace(world.analyst, paid))
    depth = {node["id"]: node["depth"] for node in drawn["nodes"]}
    assert len(drawn["links"]) == 4
    assert all(depth[link["source"]] < depth[link["target"]] for link in drawn["links"])
    assert json.dumps(drawn).count(FIRST) == 0


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 60)), max_size=12))
def test_a_transfer_told_by_both_banks_is_one(told: list[tuple[int, int]]) -> None:
    now = timezone.now()
    rows = []
    for number, (second, late) in enumerate(told):
        at = now + dt.timedelta(seconds=second)
        common = {"payer": "a", "payee": "b", "amount_fen": number + 1}
        rows.append(Movement(pk=2 * number + 1, at=at, of_payer=True, **common))
        rows.append(Movement(pk=2 * number + 2, at=at + dt.timedelta(seconds=late), of_payer=False, **common))
    stands = transfers(rows, 120)
    assert {one.pk for one in stands.values()} == {2 * number + 1 for number in range(len(told))}
    alone = transfers([one for one in rows if one.of_payer], 120)
    assert len({one.pk for one in alone.values()}) == len(told)


def test_two_equal_transfers_stay_two(world: World) -> None:
    now = timezone.now()
    common = {"payer": "a", "payee": "b", "amount_fen": 5, "of_payer": True}
    rows = [Movement(pk=n, at=now + dt.timedelta(seconds=n), **common) for n in (1, 2)]
    other = Movement(pk=3, at=now, payer="a", payee="b", amount_fen=5, of_payer=False)
    late = Movement(pk=4, at=now + dt.timedelta(hours=1), payer="a", payee="b", amount_fen=5, of_payer=False)
    stands = transfers([*rows, other, late], 120)
    assert {one.pk for one in stands.values()} == {1, 2, 4}
    assert stands[3].pk == 1
