"""How gangs call: pairs of phones at one place, and people who hang up and are called again at once."""

from __future__ import annotations

from collections import defaultdict

from .conftest import Simulated


def scam_numbers(run: Simulated) -> set[str]:
    return {number for row in run.rows("truth") for number in row.scam_numbers}


def test_the_two_phones_of_a_port_stand_at_one_place_and_talk_at_the_same_times(run: Simulated) -> None:
    ours, calls = scam_numbers(run), run.rows("calls")
    begun = [c for c in calls if c.phase == "answered"]
    far = {c.callee: c.callee_cell for c in begun if c.callee in ours and c.origin != "domestic"}
    assert len(far) > 2
    for number, cell in far.items():
        assert cell is not None
        near = {c.at for c in begun if c.caller in ours and c.caller_cell == cell}
        assert near & {c.at for c in begun if c.callee == number}, "who answers is put through"


def test_some_hang_up_within_seconds_and_are_called_again_at_once(run: Simulated) -> None:
    ours, talks = scam_numbers(run), defaultdict(list)
    for call in run.rows("calls"):
        if call.phase == "ended" and call.caller in ours:
            talks[call.callee].append((call.at - call.duration_s * 1_000_000, call.at, call.duration_s))
    again = [
        second[2]
        for one in talks.values()
        for first, second in zip(sorted(one), sorted(one)[1:], strict=False)
        if first[2] < 20 and 0 < second[0] - first[1] < 180_000_000
    ]
    assert any(lasted > 180 for lasted in again)
    assert any(lasted < 60 for lasted in again), "some hang up again"
