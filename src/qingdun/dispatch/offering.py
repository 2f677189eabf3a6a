"""Who is asked to take a search over: the free officers who would be there soonest, a few at a time.

Straight lines until better is known. Nobody is asked twice about one search; when those asked have let their
time pass, the next nearest are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from qingdun.dispatch.way import Point, Speeds, distance_km, way_min


class Candidate(NamedTuple):
    """A free officer: on duty, with no open visit, at a place as far as it is known."""

    officer: int
    at: Point


class Ask(NamedTuple):
    """An officer to be asked, with the straight line and the way in minutes."""

    officer: int
    km: float
    way_min: float


def position(
    visited: Point | None, visited_at_us: int, station: Point | None, now_us: int, fresh_us: int
) -> Point | None:
    """Where an officer is held to be: at the place of their last visit if that is fresh, else at the station.

    >>> position(Point(1, 1), 0, Point(2, 2), 60, 100), position(Point(1, 1), 0, Point(2, 2), 200, 100)
    (Point(lng=1, lat=1), Point(lng=2, lat=2))
    """
    if visited is not None and 0 <= now_us - visited_at_us <= fresh_us:
        return visited
    return station


def nearest(
    target: Point, candidates: Iterable[Candidate], urban: bool, speeds: Speeds | None = None
) -> list[Ask]:
    """Everybody by the way to the target, the shortest first; of equals the lower number."""
    asks = [
        Ask(one.officer, distance_km(one.at, target), way_min(one.at, target, urban, speeds))
        for one in candidates
    ]
    return sorted(asks, key=lambda ask: (ask.way_min, ask.officer))


def next_asked(
    ranked: Iterable[Ask], asked: Collection[int], at_once: int, holder_min: float | None = None
) -> list[Ask]:
    """The next `at_once` who were not asked yet.

    `holder_min`: minutes of way of whoever holds the task and is free to go; then nobody further away is.
    """
    near = (ask for ask in ranked if holder_min is None or ask.way_min < holder_min)
    return [ask for ask in near if ask.officer not in asked][:at_once]
