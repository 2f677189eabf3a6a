"""The table of moves: what it allows is legal, everything else is refused with what would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingdun.console.alerts import moves
from qingdun.console.alerts.drawing import moves_page
from qingdun.console.alerts.moves import BY_VERB, MOVES
from qingdun.console.alerts.moving import ALL_LEVELS, Move
from qingdun.console.alerts.states import State
from qingdun.console.kernel.roles import Role
from qingdun.errors import IllegalMove, NotPermitted


@pytest.mark.parametrize("verb", sorted(BY_VERB))
def test_move_is_legal_exactly_where_the_table_says(verb: str) -> None:
    move = BY_VERB[verb]
    for state in State.values:
        for level in ALL_LEVELS:
            if state in move.sources and level in move.levels:
                assert moves.check(verb, state, level, move.roles[0], "因为") is move
            else:
                with pytest.raises(IllegalMove, match=f"任务当前状态：{State(state).label}；可办理："):
                    moves.check(verb, state, level, move.roles[0], "因为")


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.verb)
def test_role_outside_the_table_is_refused(move: Move) -> None:
    for role in set(Role) - set(move.roles):
        with pytest.raises(NotPermitted, match=f"{role.label}无权办理"):
            moves.check(move.verb, move.sources[0], move.levels[0], role, "因为")


@pytest.mark.parametrize("move", [m for m in MOVES if m.needs_note], ids=lambda move: move.verb)
def test_reason_is_asked_for(move: Move) -> None:
    with pytest.raises(IllegalMove, match="请填写理由"):
        moves.check(move.verb, move.sources[0], move.levels[0], move.roles[0], "  ")


def test_verbs_are_unique() -> None:
    assert len(BY_VERB) == len(MOVES)


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_every_state_reaches_its_end(level: str) -> None:
    reaching = {State.CLOSED.value, State.MERGED.value}
    while True:
        more = {s for m in MOVES if level in m.levels and m.target in reaching for s in m.sources} - reaching
        if not more:
            break
        reaching |= {state.value for state in more}
    assert reaching == set(State.values)


def test_every_open_state_offers_somebody_a_next_step() -> None:
    for state in set(State) - {State.CLOSED, State.MERGED}:
        for level in ALL_LEVELS:
            assert any(moves.next_step(state, level, role) for role in Role), (state, level)


def test_every_state_can_be_come_to() -> None:
    assert {move.target for move in MOVES if move.target} == set(State) - {State.NEW}


def test_what_the_system_makes_by_itself_needs_no_holder() -> None:
    for move in MOVES:
        assert not (move.by_engine and move.by_owner), move.verb


def test_urgent_goes_straight_to_the_station_and_medium_through_the_county() -> None:
    straight = [m.verb for m in moves.legal("city", "urgent") if m.target == State.STATION]
    assert straight == ["dispatch_straight"]
    assert not [m for m in moves.legal("city", "medium") if m.target == State.STATION]


def test_page_of_moves_is_drawn_from_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "moves.md"
    assert page.read_text("utf-8") == moves_page(), "run: python -m django draw_moves > docs/moves.md"
