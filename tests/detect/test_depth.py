"""How far a person went along with a caller: who hangs up at once is less far, who stays is further."""

from __future__ import annotations

import pytest

from qingdun.detect.evidence import Signal
from qingdun.detect.weights import load_weights
from tests.detect.listening import all_said, signals
from tests.run.world import START, H, M, S, World

NIGHT = START + 2 * H
BITS = load_weights().detectors["call.hung_up"].millibits
ABROAD, OTHER, THIRD = "+44700000001", "+44700000002", "+44700000003"


def said_of(
    *calls: tuple[int, str, int], origin: str = "overseas", listed: bool = True, also: str = ""
) -> list[Signal]:
    """What is said of a person called at those seconds by those numbers for so many seconds."""
    world = World(4)
    if listed:
        world.list("number", ABROAD)
    if also:
        world.list("number", also)
    for second, caller, lasted in calls:
        world.call(NIGHT + second * S, caller, world.number(0), lasted, origin)
    world.visit(NIGHT + 2 * H, world.number(3), "a.cn")
    return signals(world, "call.hung_up")


def test_hanging_up_within_seconds_takes_from_what_speaks_for_the_person() -> None:
    (one,) = said_of((0, ABROAD, 12))
    assert (one.person_id, one.entity, one.millibits, one.stage) == ("p0", ABROAD, BITS["hung_up"], "contact")
    assert one.millibits < 0
    assert "12秒" in one.text_zh
    assert said_of((0, ABROAD, 60)) == []


def test_nothing_is_taken_from_nothing() -> None:
    assert said_of((0, OTHER, 12), listed=False) == []


def test_no_more_is_taken_than_a_quarter_of_what_the_caller_says() -> None:
    """Or a gang could lower what speaks for its victim by a call that it ends itself."""
    world = World(4)
    world.list("number", ABROAD)
    world.call(NIGHT, ABROAD, world.number(0), 12, "overseas")
    world.visit(NIGHT + 2 * H, world.number(3), "a.cn")
    said = all_said(world, ("call.suspect_contact", "call.hung_up"))
    (contact,), (hung_up,) = said["call.suspect_contact"], said["call.hung_up"]
    assert 0 < -hung_up.millibits <= contact.millibits / 4


def test_called_again_at_once_and_staying_counts_while_the_call_runs() -> None:
    hung_up, *later = said_of((0, ABROAD, 12), (60, OTHER, 900))
    assert hung_up.millibits < 0
    assert {one.entity: one.millibits for one in later} == {ABROAD: 0, OTHER: BITS["stayed_outside"]}
    stayed = next(one for one in later if one.entity == OTHER)
    assert stayed.stage == "lure"
    assert stayed.at == NIGHT + 60 * S + 3 * M
    assert ABROAD in stayed.text_zh


def test_of_all_who_were_hung_up_on_nothing_is_taken_back_any_more() -> None:
    said = said_of((0, ABROAD, 12), (60, THIRD, 8), (120, OTHER, 900), also=THIRD)
    assert {one.entity for one in said if one.millibits < 0} == {ABROAD, THIRD}
    assert {one.entity: one.millibits for one in said} == {ABROAD: 0, THIRD: 0, OTHER: BITS["stayed_outside"]}


def test_whoever_stays_with_that_number_hours_later_counts_in_full() -> None:
    hung_up, forgiven = said_of((0, ABROAD, 12), (3600, ABROAD, 900))
    assert hung_up.millibits < 0
    assert (forgiven.entity, forgiven.millibits) == (ABROAD, 0)


def test_who_stays_with_the_same_number_is_told_once_and_for_it() -> None:
    said = said_of((0, ABROAD, 12), (60, ABROAD, 900))
    assert [s.millibits for s in said] == [BITS["hung_up"], BITS["stayed_marked"]]


@pytest.mark.parametrize(
    ("origin", "calls"),
    [
        ("overseas", [(0, OTHER, 12), (60, OTHER, 120)]),  # hangs up again, if later
        ("overseas", [(0, OTHER, 12), (1800, OTHER, 900)]),  # not at once
        ("overseas", [(0, OTHER, 200), (260, OTHER, 900)]),  # talked before
        ("domestic", [(0, "+8617900000001", 12), (60, "+8617900000001", 900)]),  # a courier's line broke
    ],
)
def test_who_only_looks_as_if_they_stayed(origin: str, calls: list[tuple[int, str, int]]) -> None:
    assert said_of(*calls, origin=origin, listed=False) == []


def test_a_firm_whose_call_over_the_net_broke_says_less_than_a_listed_number() -> None:
    firm = "+8676300000009"
    (stayed,) = said_of((0, firm, 12), (60, firm, 900), origin="voip", listed=False)
    assert stayed.millibits == BITS["stayed_net"] < BITS["stayed_outside"] < BITS["stayed_marked"]
