"""Many accounts worked from one handset, and those who pay for others and are no mules."""

from __future__ import annotations

from qingdun.contract.tables import Suspect
from qingdun.run.embedded import Engine
from tests.run.world import START, H, M, World, run

NIGHT = START + 2 * H
RENTED = [f"9800{card}" for card in range(5)]


def suspects(world: World) -> set[str]:
    engine: Engine = world.engine()
    run(engine, [world.batch()])
    found: list[Suspect] = [*engine.suspects()]
    return {s.entity for s in found}


def warm_up(world: World, start: int = NIGHT, device: str | None = "handset") -> None:
    """Each rented account is tried with a few yuan, to one of two others."""
    for step, payer in enumerate(RENTED):
        world.transfer(start + step * 20 * M, payer, f"9900{step % 2}", 10, device=device)


def test_accounts_tried_from_one_handset_are_suspects_before_anybody_pays_them() -> None:
    world = World(6)
    warm_up(world)
    assert suspects(world) == {*RENTED, "handset"}


def test_the_same_payments_from_handsets_of_their_own_say_nothing() -> None:
    world = World(6)
    warm_up(world, device=None)
    assert suspects(world) == set()


def test_a_family_that_shares_a_phone_is_none() -> None:
    world = World(6)
    for step, (payer, payee) in enumerate(((0, 1), (1, 2), (2, 0), (0, 2), (2, 1))):
        world.transfer(NIGHT + step * H, world.account(payer), world.account(payee), 300, device="phone")
    assert suspects(world) == set()


def test_nor_is_a_clerk_who_pays_the_bills_of_a_village() -> None:
    world = World(40)
    for person in range(30):
        payee = "88001" if person % 4 == 0 else f"7700{person}"
        world.transfer(NIGHT + person * 10 * M, world.account(person), payee, 90, device="till")
    assert suspects(world) == set()


def test_nor_is_a_family_of_many_whose_members_have_paid_each_other_before() -> None:
    world = World(8)
    for day in range(2):
        for person in range(6):
            at = NIGHT + day * 30 * H + person * 10 * M
            device = "phone" if day else None
            world.transfer(at, world.account(person), world.account((person + 1) % 6), 200, device=device)
    assert suspects(world) == set()
