"""Two acts on the same money at the same moment: one of them wins, and every sum still holds to the fen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from qingdun.console.funds import freezing, lapsing, refunding, ticking, unfounded
from qingdun.console.funds.models import (
    Freeze,
    FreezePart,
    Movement,
    Refund,
    RefundShare,
    StopPayment,
    Taint,
)
from qingdun.console.kernel.audit import verify_chain
from qingdun.errors import IllegalMove, InputError
from tests.console.alerts.world import World
from tests.console.funds.test_lapses import enter, loss
from tests.console.funds.test_refunds import LOSSES, frozen
from tests.console.funds.test_tracing import FIRST

__all__ = ["loss"]
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[bool]:
    """Whether each of the acts was done; one that the other forbids is refused in words, and nothing else."""

    def run(act: Callable[[], object]) -> bool:
        try:
            act()
        except (IllegalMove, InputError):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def sums_hold() -> None:
    """What is frozen is the parts of the freezes that stand, and what was returned the shares of refunds."""
    for freeze in Freeze.objects.all():
        paid = Refund.objects.filter(freeze=freeze, state="returned").aggregate(fen=Sum("amount_fen"))["fen"]
        shares = RefundShare.objects.filter(refund__freeze=freeze, refund__state="returned")
        assert freeze.returned_fen == (paid or 0) == sum(one.share_fen for one in shares)
        assert sum(one.out_fen for one in shares) == freeze.returned_fen
        assert 0 <= freeze.returned_fen <= freeze.amount_fen
    standing = FreezePart.objects.filter(freeze__state__in=freezing.STANDING)
    for taint in Taint.objects.all():
        mine = standing.filter(freeze__account=taint.account, incident=taint.incident_id)
        assert taint.frozen_fen == (mine.aggregate(fen=Sum("fen"))["fen"] or 0) <= taint.traced_fen
    assert verify_chain().intact


def ordered(world: World) -> tuple[Freeze, Refund, list[int]]:
    """Three victims' money is frozen, and its return ordered of the bank."""
    freeze, incidents = frozen(world, 5, 0)
    refund = refunding.prepare_refund(world.analyst, "refund-1", freeze.pk, incidents)
    return freeze, refunding.move_refund(world.analyst, refund.pk, "order"), incidents


def test_what_the_bank_returned_is_entered_once(world: World) -> None:
    freeze, refund, _incidents = ordered(world)
    done = at_once(*[lambda: refunding.move_refund(world.analyst, refund.pk, "pay")] * 3)
    assert sum(done) == 1
    freeze.refresh_from_db()
    assert (freeze.state, freeze.returned_fen) == ("returned", sum(LOSSES))
    sums_hold()


@pytest.mark.parametrize("other", ["release", "expire", "unfounded", "withdraw"])
def test_a_return_and_what_ends_the_freeze_at_once(world: World, other: str) -> None:
    freeze, refund, incidents = ordered(world)
    acts: dict[str, Callable[[], object]] = {
        "release": lambda: freezing.move_freeze(world.analyst, freeze.pk, "release", "查明与案件无关"),
        "expire": lambda: ticking.end_orders(timezone.now() + dt.timedelta(days=400)),
        "unfounded": lambda: unfounded.release_unfounded(
            world.analyst, incidents[2], "报案人撤回，查明无诈骗"
        ),
        "withdraw": lambda: refunding.move_refund(world.analyst, refund.pk, "withdraw", "账户另有争议"),
    }
    paid, ended = at_once(lambda: refunding.move_refund(world.analyst, refund.pk, "pay"), acts[other])
    assert paid or ended
    freeze.refresh_from_db()
    refund.refresh_from_db()
    assert refund.state == ("returned" if paid else "withdrawn")
    sums_hold()


def test_two_refunds_of_one_freeze_are_one(world: World) -> None:
    freeze, incidents = frozen(world, 5, 0)
    acts = [
        lambda key=key: refunding.prepare_refund(world.analyst, key, freeze.pk, incidents)  # type: ignore[misc]
        for key in ("one", "two", "three")
    ]
    assert sum(at_once(*acts)) == 1
    assert Refund.objects.count() == 1
    sums_hold()


def test_a_freeze_of_what_is_being_returned_takes_none_of_it(world: World) -> None:
    freeze, refund, incidents = ordered(world)
    entry = freezing.FreezeForm("again", incidents[0], _entry(), 1, tuple(incidents[1:]))
    paid, frozen_again = at_once(
        lambda: refunding.move_refund(world.analyst, refund.pk, "pay"),
        lambda: freezing.request_freeze(world.analyst, entry),
    )
    assert (paid, frozen_again) == (True, False)
    freeze.refresh_from_db()
    assert freeze.state == "returned"
    sums_hold()


def test_an_account_entered_while_the_clock_finds_it_late(world: World, loss: object) -> None:
    at = timezone.now()
    at_once(lambda: enter(world, loss), lambda: lapsing.tick(at))  # type: ignore[arg-type]
    stop = StopPayment.objects.get()
    late = lapsing.Lapse.objects.first()
    assert late is None or late.entered_at == stop.requested_at
    assert late is None or late.tell_at is None
    lapsing.tick(timezone.now())
    assert lapsing.Lapse.objects.get().entered_at == stop.requested_at
    assert verify_chain().intact


def _entry() -> int:
    """The movement that brought most to the account."""
    return Movement.objects.filter(payee=FIRST).latest("at").pk
