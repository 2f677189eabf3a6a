"""Who calls lists from shared devices and from one place, as sales rooms, clinics and collectors do, is no
suspect until people that were called are robbed."""

from __future__ import annotations

from qingdun.contract.tables import Suspect
from qingdun.run.embedded import Engine
from tests.run.world import START, H, M, World, run

MORNING = START + 2 * H
CARDS = [f"+8617900000{card:03d}" for card in range(8)]


def sales_room(world: World) -> None:
    """Eight cards of one device call 45 people each from one place, reach a third, dial empty numbers."""
    for card, number in enumerate(CARDS):
        for step in range(45):
            at = MORNING + (step * 8 + card) * M
            person = world.number((step + card) % world.persons)
            if step % 3 == 0:
                world.call(at, number, person, 16, imei="desk", cell="tower")
            else:
                world.failed_call(at, number, person, "refused", cell="tower")
        for step in range(4):
            world.failed_call(MORNING + step * H, number, f"+8617000099{step:03d}", "invalid")


def suspects(engine: Engine, world: World) -> list[Suspect]:
    run(engine, [world.batch()])
    return [s for s in engine.suspects() if s.entity in CARDS]


def test_a_sales_room_is_no_suspect() -> None:
    world = World(60)
    sales_room(world)
    assert suspects(world.engine(), world) == []


def test_whose_called_are_then_robbed_is_one() -> None:
    world = World(60)
    sales_room(world)
    world.list("account", "99001")
    # Six of the fifteen whom the first card reached; the listed account has nothing to do with its number.
    for person in range(0, 18, 3):
        world.transfer(MORNING + 8 * H, world.account(person), "99001", 9_000)
        world.call(MORNING + 9 * H, CARDS[0], world.number(person), 120, imei="desk")
    found = {s.entity for s in suspects(world.engine(), world)}
    assert CARDS[0] in found
    assert CARDS[1] not in found, "it reached others"


def test_one_long_talk_among_many_short_ones_makes_no_suspect_either() -> None:
    world = World(60)
    sales_room(world)
    world.call(MORNING + 5 * H, CARDS[0], world.number(59), 1_500, imei="desk", cell="tower")
    assert suspects(world.engine(), world) == []


def test_debts_a_clinic_reminds_of_and_a_school_that_calls_all_parents_make_none() -> None:
    """A collector tries the same debtors again and again; a clinic and a school call each once in an hour."""
    world = World(60)
    for step in range(60):
        person = world.number(step % 20)
        for number, phase in ((CARDS[0], "refused"), (CARDS[0], "missed")):
            world.failed_call(MORNING + step * 4 * M, number, person, phase, cell="tower")
        world.call(MORNING + step * M, CARDS[1], world.number(step), 40, cell="clinic")
        world.call(MORNING + step * M // 3, CARDS[2], world.number(step), 25, "voip", cell="school")
    assert suspects(world.engine(), world) == []


def test_a_family_abroad_that_calls_a_few_people_at_home_makes_none() -> None:
    world = World(60)
    for step in range(6):
        world.call(MORNING + step * 20 * M, CARDS[0], world.number(step), 700, "overseas")
    assert suspects(world.engine(), world) == []


def test_strangers_called_from_abroad_who_hardly_answer_make_one_before_the_twelfth() -> None:
    world = World(60)
    for step in range(8):
        if step % 4 == 0:
            world.call(MORNING + step * M, CARDS[0], world.number(step), 8, "overseas")
        else:
            world.failed_call(MORNING + step * M, CARDS[0], world.number(step), "missed", origin="overseas")
    assert [s.entity for s in suspects(world.engine(), world)] == [CARDS[0]]


def test_the_same_from_abroad_is_a_suspect_at_once() -> None:
    world = World(60)
    for step in range(45):
        world.call(MORNING + step * M, CARDS[0], world.number(step), 8, "overseas")
    assert [s.entity for s in suspects(world.engine(), world)] == [CARDS[0]]
