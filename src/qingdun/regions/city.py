"""A city as data: its tree of regions, its people by estimate or census, its map, loaded from a folder.

A folder holds `city.toml`, `counties.csv`, `towns.csv`, `villages.csv`, `adjacency.csv` and the GeoJSON files
`city`, `counties` and `towns_schematic`. No line of code names a city.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from qingdun.errors import ConfigurationError, UnknownCity
from qingdun.regions.population import spread

SHIPPED = Path(__file__).parent
"""The folder of the cities that ship with the package."""

URBAN_KINDS = ("街道",)
"""Kinds of town that count as urban; a default for response times."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region of any level.

    `level` is city, county, town or village; `kind` the word the register uses (镇, 街道, 村 …). `population`
    counts residents; it is an estimate where `population_estimated` says so. `lng`, `lat` are degrees,
    WGS 84; a village has its town's.
    """

    code: str
    name: str
    short_name: str
    name_en: str
    level: str
    kind: str
    parent: str | None
    population: int
    population_estimated: bool
    lng: float
    lat: float
    urban: bool


@dataclass(frozen=True)
class City:
    """One city: every place by its code, what borders what, and the words its map must carry."""

    code: str
    name: str
    name_en: str
    zone: ZoneInfo
    calling_code: str
    places: Mapping[str, Place]
    adjacency: frozenset[tuple[str, str]]
    attribution: tuple[str, ...]
    map_approval: str
    floating_population: int
    folder: Path
    attribution_en: tuple[str, ...] = ()
    map_approval_en: str = ""
    """The words of the map in English; without them the others are shown."""

    def _level(self, level: str) -> tuple[Place, ...]:
        return tuple(place for place in self.places.values() if place.level == level)

    @cached_property
    def counties(self) -> tuple[Place, ...]:
        """The counties in the order of the data."""
        return self._level("county")

    @cached_property
    def towns(self) -> tuple[Place, ...]:
        """The towns and streets."""
        return self._level("town")

    @cached_property
    def villages(self) -> tuple[Place, ...]:
        """The villages and communities."""
        return self._level("village")

    def path(self, code: str) -> tuple[str, ...]:
        """Codes from the city down to `code`.

        Errors: ConfigurationError if the city has no such place.
        """
        steps: list[str] = []
        at: str | None = code
        while at is not None:
            if at not in self.places:
                raise ConfigurationError(f"{self.name}: there is no region {at}")
            steps.append(at)
            at = self.places[at].parent
        return tuple(reversed(steps))

    def neighbours(self, county: str) -> tuple[str, ...]:
        """Codes of the counties that touch `county`."""
        pairs = (pair for pair in self.adjacency if county in pair)
        return tuple(sorted(b if a == county else a for a, b in pairs))

    def boundary(self, name: str) -> dict[str, Any]:
        """GeoJSON of `city`, `counties` or `towns_schematic`; every feature has code, name and name_en.

        Errors: ConfigurationError if the city's folder has no such file.
        """
        path = self.folder / f"{name}.geojson"
        if not path.is_file():
            raise ConfigurationError(f"{path}: no such map")
        loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return loaded


def load_city(code: str, folder: Path | None = None) -> City:
    """The city of that code, from the shipped folders or from `folder`.

    Errors: UnknownCity; ConfigurationError if the data contradict themselves.

    >>> city = load_city("441800")
    >>> len(city.counties), len(city.towns), city.path("441881101")[:2]
    (8, 85, ('441800', '441881'))
    """
    home = folder or SHIPPED / code
    if not (home / "city.toml").is_file():
        known = ", ".join(available_cities()) or "none"
        where = f"{folder}: no city.toml for" if folder else "there is no city of"
        raise UnknownCity(f"{where} the code {code}; cities that ship: {known}")
    about = tomllib.loads((home / "city.toml").read_text("utf-8"))
    if about["code"] != code:
        raise ConfigurationError(f"{home / 'city.toml'}: code {about['code']}, expected {code}")
    places = {place.code: place for place in _places(home, about)}
    adjacency = frozenset((row["a"], row["b"]) for row in _rows(home / "adjacency.csv"))
    for place_code in {code for pair in adjacency for code in pair} - set(places):
        raise ConfigurationError(f"{home / 'adjacency.csv'}: unknown region {place_code}")
    return City(
        code=code,
        name=about["name"],
        name_en=about["name_en"],
        zone=ZoneInfo(about["zone"]),
        calling_code=about["calling_code"],
        places=places,
        adjacency=adjacency,
        attribution=tuple(about["map"]["attribution"]),
        map_approval=about["map"]["approval"],
        floating_population=int(about["population"]["floating"]),
        folder=home,
        attribution_en=tuple(about["map"].get("attribution_en", ())),
        map_approval_en=about["map"].get("approval_en", ""),
    )


def available_cities() -> list[str]:
    """Codes of the cities that ship with the package."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/city.toml"))


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise ConfigurationError(f"{path}: no such file; a city needs it")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _places(home: Path, about: dict[str, Any]) -> Iterator[Place]:
    counties, towns, villages = (_rows(home / f"{n}.csv") for n in ("counties", "towns", "villages"))
    code = about["code"]
    for name, rows, key, parents in (
        ("towns.csv", towns, "county_code", counties),
        ("villages.csv", villages, "town_code", towns),
    ):
        known = {row["code"] for row in parents}
        for row in rows:
            if row[key] not in known:
                raise ConfigurationError(f"{home / name}: {row['code']} lies in unknown {row[key]}")
    people = spread(counties, towns, villages, about["population"])
    total = sum(people.count[row["code"]] for row in counties)
    name, name_en = about["name"], about["name_en"]
    yield Place(
        code, name, name, name_en, "city", "市", None, total, False, about["lng"], about["lat"], False
    )

    def place(row: dict[str, str], level: str, parent: str, seat: tuple[float, float], urban: bool) -> Place:
        here = row["code"]
        return Place(
            here,
            row["name"],
            row.get("short_name") or row["name"],
            row.get("name_en") or row["name"],
            level,
            row.get("kind") or level,
            parent,
            people.count[here],
            here in people.estimated,
            *seat,
            urban,
        )

    for row in counties:
        yield place(row, "county", code, (float(row["lng"]), float(row["lat"])), False)
    seats: dict[str, tuple[float, float]] = {}
    streets: set[str] = set()
    for row in towns:
        seats[row["code"]] = (float(row["lng"]), float(row["lat"]))
        if row["kind"] in URBAN_KINDS:
            streets.add(row["code"])
        yield place(row, "town", row["county_code"], seats[row["code"]], row["code"] in streets)
    for row in villages:
        town = row["town_code"]
        yield place(row, "village", town, seats[town], town in streets)
