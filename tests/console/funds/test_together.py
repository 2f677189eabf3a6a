"""Several victims' money in one account: the third of them has no order, since the law allows two."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.funds import actions, freezing, tracing
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.freezing import FreezeForm
from qingdun.console.funds.models import FreezePart, Movement, Taint
from qingdun.console.kernel.models import Person, PersonAccount
from tests.browser.moving import BANK, FIRST, LAST, NAMES, VICTIMS, reply
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.funds.test_statements import take


def three(world: World) -> list[int]:
    """Three incidents, the first two with an order on the account all three paid; and the bank's reply."""
    now = timezone.localtime().replace(microsecond=0)
    incidents = []
    for index, one in enumerate(VICTIMS):
        PersonAccount.objects.create(account=one.account, person=Person.objects.get(pk=f"p{index:02}"))
        fen = int(one.yuan.replace(".", ""))
        form = IncidentForm(f"three-{index}", now, "police", fen, "", None, made.number(index))
        incident = cases.report_incident(world.analyst, form)
        at = now - dt.timedelta(minutes=one.ago_min)
        if index < 2:
            stop = StopForm(f"three-{index}", NAMES[FIRST], FIRST, fen, at, BANK, None, incident.pk)
            actions.request_stop(world.analyst, stop)
        incidents.append(incident.pk)
    assert take(world, reply(now).encode()).refused == 0
    return incidents


def test_one_without_an_order_is_found_by_their_own_account(world: World) -> None:
    incidents = three(world)
    for incident, one in zip(incidents, VICTIMS, strict=True):
        (paid,) = tracing.payments(world.analyst, incident)
        assert (paid.payer, f"{paid.amount_fen / 100:.2f}") == (one.account, one.yuan)
    found, owner = tracing.together(world.analyst, incidents)
    assert (found.layers, found.paid_fen) == (4, 10_000_000)
    assert set(owner.values()) == set(incidents)


def test_a_freeze_of_all_three_is_parted_exactly_by_what_is_whose(world: World) -> None:
    incidents = three(world)
    entry = Movement.objects.get(payee=LAST, of_payer=True)
    free = freezing.room(world.analyst, incidents, entry.pk)
    assert (free.traced_fen, free.left_fen) == (5_600_000, 5_600_000)
    form = FreezeForm("freeze-three", incidents[0], entry.pk, 5_000_001, tuple(incidents[1:]))
    made_freeze = freezing.request_freeze(world.analyst, form)
    parts = dict(FreezePart.objects.filter(freeze=made_freeze).values_list("incident", "fen"))
    assert sum(parts.values()) == 5_000_001
    assert all(0 < parts[one] <= free.traced[one] for one in incidents)
    assert dict(Taint.objects.values_list("incident", "frozen_fen")) == parts


def test_an_order_about_a_deeper_account_is_no_payment_of_a_victim(world: World) -> None:
    incidents = three(world)
    entry = Movement.objects.get(payee=LAST, of_payer=True)
    deeper = StopForm("deeper", NAMES[LAST], LAST, entry.amount_fen, entry.at, BANK, None, incidents[0])
    actions.request_stop(world.analyst, deeper)
    (paid,) = tracing.payments(world.analyst, incidents[0])
    assert paid.payee == FIRST
    free = freezing.room(world.analyst, incidents, entry.pk)
    assert free.traced_fen == 5_600_000
