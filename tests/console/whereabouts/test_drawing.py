"""The schematic map: to scale, north up, no mark over another, whatever the places are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.console.whereabouts.drawing import HEIGHT, WIDTH, draw
from qingdun.console.whereabouts.spots import Spot
from qingdun.dispatch.way import Point, distance_km

points = st.tuples(st.integers(0, 400), st.integers(0, 500)).map(
    lambda steps: Point(112.9 + steps[0] / 1000, 23.7 + steps[1] / 1000)
)


def spots(*places: Point | None) -> list[Spot]:
    return [Spot("home", "家", "", place, number) for number, place in enumerate(places, start=1)]


@given(st.lists(points, min_size=1, max_size=11), st.none() | points)
def test_every_place_has_a_mark_of_its_own_in_the_field(places: list[Point], start: Point | None) -> None:
    drawing = draw(spots(*places), start)
    assert len(drawing.marks) == len(places) + (start is not None)
    for index, mark in enumerate(drawing.marks):
        assert 0 <= mark.at_x <= WIDTH
        assert 0 <= mark.at_y <= HEIGHT
        for other in drawing.marks[:index]:
            assert math.hypot(mark.x - other.x, mark.y - other.y) >= 15.5
    assert 0 < drawing.bar_width <= WIDTH


def test_the_bar_tells_how_far_places_are() -> None:
    one, other = Point(113.0, 24.0), Point(113.1, 24.05)
    drawing = draw(spots(one, other), None)
    first, second = drawing.marks
    drawn = math.hypot(first.at_x - second.at_x, first.at_y - second.at_y)
    assert drawn / drawing.bar_width * drawing.bar_km == pytest.approx(distance_km(one, other), rel=0.01)


def test_places_without_coordinates_have_no_mark() -> None:
    assert draw(spots(None), None).marks == []
    assert [mark.label for mark in draw(spots(None, Point(113.0, 24.0)), None).marks] == ["2"]
