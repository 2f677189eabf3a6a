"""How far it is and how long it takes, as the crow flies."""

from __future__ import annotations

import math
from typing import NamedTuple

_EARTH_KM = 6371.0


class Point(NamedTuple):
    """A place on the map: longitude and latitude in degrees, WGS 84."""

    lng: float
    lat: float


class Speeds(NamedTuple):
    """Kilometres of straight line covered in an hour; roads are longer, which the figures allow for."""

    urban_kmh: float = 20.0
    rural_kmh: float = 30.0


def distance_km(one: Point, other: Point) -> float:
    """The straight line between two points in kilometres (haversine on a sphere).

    >>> round(distance_km(Point(113.0, 24.0), Point(113.0, 25.0)), 1)
    111.2
    """
    lat, lat_other = math.radians(one.lat), math.radians(other.lat)
    half_lat = (lat_other - lat) / 2
    half_lng = math.radians(other.lng - one.lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat) * math.cos(lat_other) * math.sin(half_lng) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


def way_min(one: Point | None, other: Point | None, urban: bool, speeds: Speeds | None = None) -> float:
    """Minutes from one point to the other; 0 where a point is not known, for nothing can be said.

    >>> round(way_min(Point(113.0, 24.0), Point(113.0, 24.09), urban=True))
    30
    """
    if one is None or other is None:
        return 0.0
    pace = speeds or Speeds()
    return distance_km(one, other) / (pace.urban_kmh if urban else pace.rural_kmh) * 60
