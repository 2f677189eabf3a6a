"""The difference and the ratio of two groups: as published, and right as often as they say."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.reach.effect import Group, effect, least_fall


def test_the_difference_is_newcombe_s() -> None:
    """His first example: 56 of 70 against 48 of 80."""
    found = effect(Group(56, 70), Group(48, 80))
    assert found.difference == pytest.approx(0.2)
    assert found.difference_interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.verdict == "more"


def test_the_ratio_is_katz_s() -> None:
    """The physicians' health study: 104 of 11,037 against 189 of 11,034; ratio 0.55, 0.43 to 0.70."""
    found = effect(Group(104, 11_037), Group(189, 11_034))
    assert found.ratio == pytest.approx(0.55, abs=0.005)
    assert found.ratio_interval == pytest.approx((0.43, 0.70), abs=0.005)
    assert found.verdict == "fewer"


def test_nobody_and_nothing_hit_are_said() -> None:
    assert effect(Group(0, 0), Group(0, 10)).verdict == "nothing"
    quiet = effect(Group(0, 900), Group(0, 100))
    assert quiet.ratio is None
    assert quiet.ratio_interval is None
    assert quiet.verdict == "open"
    one = effect(Group(3, 900), Group(0, 100))
    assert one.ratio is None
    assert one.ratio_interval is not None
    with pytest.raises(ValueError, match="held out: found 11 hit of 10"):
        effect(Group(0, 1), Group(11, 10))


@given(st.integers(1, 3000), st.integers(1, 3000), st.data())
def test_intervals_hold_what_was_found(n: int, m: int, data: st.DataObject) -> None:
    found = effect(Group(data.draw(st.integers(0, n)), n), Group(data.draw(st.integers(0, m)), m))
    assert found.difference is not None
    assert found.difference_interval is not None
    low, high = found.difference_interval
    assert -1 <= low <= found.difference + 1e-12
    assert found.difference - 1e-12 <= high <= 1


def test_a_mailing_without_effect_is_called_effective_no_oftener_than_one_in_twenty() -> None:
    dice, called = Random(5), 0
    for _ in range(1000):
        sent = sum(dice.random() < 0.06 for _person in range(450))
        held = sum(dice.random() < 0.06 for _person in range(150))
        called += effect(Group(sent, 450), Group(held, 150)).verdict in ("fewer", "more")
    assert called <= 70


@pytest.mark.parametrize(("share", "sent", "held"), [(0.2, 900, 100), (0.1, 3000, 3000), (0.05, 9000, 1000)])
def test_the_least_fall_is_found_in_eight_of_ten(share: float, sent: int, held: int) -> None:
    fall = least_fall(share, sent, held)
    assert fall is not None
    dice, found = Random(8), 0
    for _ in range(200):
        hit = sum(dice.random() < share - fall for _person in range(sent))
        left = sum(dice.random() < share for _person in range(held))
        found += effect(Group(hit, sent), Group(left, held)).verdict == "fewer"
    assert 0.7 <= found / 200 <= 0.9


def test_nobody_held_out_or_nobody_hit_tells_of_no_fall() -> None:
    assert least_fall(0.1, 100, 0) is None
    assert least_fall(0.0, 100, 100) is None
    assert least_fall(0.01, 100, 100) is None
