"""Two officers take at once, two ticks ask at once: one of each wins."""

from __future__ import annotations

import pytest
from django.utils import timezone

from qingdun.console.alerts.models import Task
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow
from qingdun.console.offers import actions
from qingdun.console.offers.models import Offer
from qingdun.console.offers.ticking import tick
from qingdun.errors import IllegalMove
from tests.console.alerts.test_at_once import together
from tests.console.offers.conftest import Field


@pytest.mark.django_db(transaction=True)
def test_of_officers_who_take_at_once_one_has_it_and_the_others_are_told_who(out: Field) -> None:
    out.on_duty(out.near, out.next, out.far)
    task, now = out.searching(), timezone.now()
    together(lambda: tick(now), lambda: tick(now), lambda: tick(now))
    assert Offer.objects.count() == 3, "ticks at once ask each officer once"
    assert AuditRow.objects.filter(verb="offer_task").count() == 1
    takers = (out.near, out.next, out.far)
    offers = {one: Offer.objects.get(officer=one).pk for one in takers}
    answers = together(*(lambda one=one: actions.take(one, offers[one]) for one in takers))
    winners = [answer for answer in answers if isinstance(answer, Offer)]
    refusals = [answer for answer in answers if isinstance(answer, IllegalMove)]
    assert (len(winners), len(refusals)) == (1, 2)
    owner = Task.objects.get(pk=task.pk).owner
    assert owner is not None
    assert owner == winners[0].officer
    assert all(str(owner) in str(refusal) for refusal in refusals)
    assert sorted(Offer.objects.values_list("state", flat=True)) == ["over", "over", "taken"]
    assert AuditRow.objects.filter(verb="take_over").count() == 1
    assert verify_chain().intact
