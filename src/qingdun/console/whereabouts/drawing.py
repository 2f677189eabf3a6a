"""The schematic map of the panel: places to scale around each other, no streets, nothing from the net."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qingdun.console.whereabouts.spots import Spot
from qingdun.dispatch.way import Point

WIDTH, HEIGHT, MARGIN = 320.0, 240.0, 26.0
_KM_PER_DEGREE = 111.2
_APART = 17.0
"""Marks closer than this would hide each other."""
_LEAST_KM = 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One place on the map: where its mark stands, and where the place itself is if the mark had to move."""

    label: str
    kind: str
    name: str
    x: float
    y: float
    at_x: float
    at_y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks in a field of WIDTH by HEIGHT, north up, with a bar of so many kilometres."""

    marks: list[Mark]
    bar_km: float
    bar_width: float


def draw(spots: Sequence[Spot], start: Point | None) -> Drawing:
    """The places that have coordinates, and the station as S."""
    placed = [(str(spot.number), spot.kind, spot.word, spot.point) for spot in spots if spot.point]
    if not placed:
        return Drawing([], 0.0, 0.0)
    if start is not None:
        placed.insert(0, ("S", "station", "", start))
    points = [point for _, _, _, point in placed]
    middle = Point(
        (min(p.lng for p in points) + max(p.lng for p in points)) / 2,
        (min(p.lat for p in points) + max(p.lat for p in points)) / 2,
    )
    flat = [_km(point, middle) for point in points]
    wide = max(_LEAST_KM, *(2 * abs(x) for x, _ in flat))
    high = max(_LEAST_KM, *(2 * abs(y) for _, y in flat))
    per_km = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    marks: list[Mark] = []
    for (label, kind, name, _point), (x, y) in zip(placed, flat, strict=True):
        at_x, at_y = WIDTH / 2 + x * per_km, HEIGHT / 2 - y * per_km
        marks.append(_free(marks, label, kind, name, round(at_x, 1), round(at_y, 1)))
    bar_km = _round(60.0 / per_km)
    return Drawing(marks, bar_km, round(bar_km * per_km, 1))


def _km(point: Point, middle: Point) -> tuple[float, float]:
    east = (point.lng - middle.lng) * _KM_PER_DEGREE * math.cos(math.radians(middle.lat))
    return east, (point.lat - middle.lat) * _KM_PER_DEGREE


def _free(marks: Sequence[Mark], label: str, kind: str, name: str, at_x: float, at_y: float) -> Mark:
    """The mark at its place, or beside it where nothing stands yet, within the field."""
    for step in range(48):
        away = _APART * (1 + step // 12) if step else 0.0
        angle = step * math.pi / 6
        x = min(max(at_x + away * math.cos(angle), 12.0), WIDTH - 12)
        y = min(max(at_y + away * math.sin(angle), 12.0), HEIGHT - 12)
        if all(math.hypot(x - mark.x, y - mark.y) >= _APART - 1 for mark in marks):
            break
    return Mark(label, kind, name, round(x, 1), round(y, 1), at_x, at_y)


def _round(km: float) -> float:
    """The greatest of 1, 2, 5 times a power of ten that is not more.

    >>> _round(7.3), _round(0.34)
    (5.0, 0.2)
    """
    power = 10.0 ** math.floor(math.log10(km))
    return round(power * max(step for step in (1, 2, 5) if step * power <= km), 6)
