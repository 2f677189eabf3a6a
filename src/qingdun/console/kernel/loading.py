"""Regions, stations and the register of persons, brought into the database in bulk; loading twice changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Model

from qingdun.console.kernel import audit
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import (
    Organisation,
    Person,
    PersonAccount,
    PersonNumber,
    PersonRelation,
    Region,
)
from qingdun.contract.checking import ROW
from qingdun.contract.codes import PlaceKind
from qingdun.contract.columns import Table
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.progress import Share, Steps, Told, unheard
from qingdun.contract.tables import ACCOUNTS, PLACES, RELATIONS, STATIONS, SUBSCRIBERS, Reject
from qingdun.regions.city import City

Row = dict[str, Any]
_AT_ONCE = 10_000
"""Rows read or written at once."""

_NOWHERE: Row = {
    "home_lng": None,
    "home_lat": None,
    "home_address": "",
    "work_lng": None,
    "work_lat": None,
    "work_address": "",
}


class Loaded(NamedTuple):
    """How many rows of each kind stand in the database, and which rows were not used and why: bad ones, and
    those in a region that the database does not know.
    """

    persons: int
    numbers: int
    accounts: int
    stations: int
    relations: int
    rejects: tuple[Reject, ...]


def load_regions(city: City) -> int:
    """Every place of the city stands in the database as the data say, and so do its bureaus; how many rows
    had to be written for it.

    Every start calls it: where nothing differs nothing is locked, written or audited. What differs is
    written in one order under the locks of the city and the ledger, so that starts and intakes come one after
    the other.
    """
    if not any(_differing(model, rows, key) for model, rows, key in _places(city)):
        return 0
    with transaction.atomic():
        locked_city(city.code)
        locked_head()
        written = sum(_upsert(model, _differing(model, rows, key), key) for model, rows, key in _places(city))
        if written:
            audit.record(None, "load_regions", ("city", city.code), None, {"rows": written})
    return written


def locked_city(code: str) -> Region | None:
    """The city's row, locked until the transaction ends; None before the first start."""
    return Region.objects.select_for_update(no_key=True).filter(code=code).first()


def _places(city: City) -> Iterator[tuple[type[Model], list[Row], str]]:
    """The tables of places with their rows, what lies higher first, and the name of their key."""
    places = sorted(city.places.values(), key=lambda place: (len(city.path(place.code)), place.code))
    yield (
        Region,
        [
            {
                "code": place.code,
                "name": place.name,
                "short_name": place.short_name,
                "name_en": place.name_en,
                "level": place.level,
                "kind": place.kind,
                "parent_id": place.parent,
                "path": "".join(f"{code}/" for code in city.path(place.code)),
                "population": place.population,
                "population_estimated": place.population_estimated,
                "lng": place.lng,
                "lat": place.lat,
                "urban": place.urban,
            }
            for place in places
        ],
        "code",
    )
    kinds = {"city": Organisation.Kind.CITY_BUREAU, "county": Organisation.Kind.COUNTY_BUREAU}
    yield (
        Organisation,
        [
            {
                "code": f"bureau-{place.code}",
                "kind": kinds[place.level].value,
                "name": f"{place.name}反诈骗中心",
                "name_en": f"{place.name_en} Anti-Fraud Centre",
                "region_id": place.code,
                "lng": place.lng,
                "lat": place.lat,
            }
            for place in places
            if place.level in kinds
        ],
        "code",
    )


def _differing(model: type[Model], rows: list[Row], key: str) -> list[Row]:
    """Those of the rows that do not stand in the table as they are here."""
    stand = {row[key]: row for row in model._default_manager.values(*rows[0])}
    return [row for row in rows if stand.get(row[key]) != row]


def load_people(directory: FlowDirectory | Path, told: Told = unheard) -> Loaded:
    """Persons, their numbers, accounts, places and family ties, and the stations, stand as the reference
    tables say.

    A person's name is that of the holder of their accounts. `load_regions` must have run.
    Errors: those of `FlowDirectory`.
    """
    if isinstance(directory, Path):
        directory = FlowDirectory(directory)
    steps = Steps(7, told)
    steps.begin("reading accounts")
    known = len(directory.rejects)
    paths = dict(Region.objects.values_list("code", "path"))
    elsewhere: list[Reject] = []
    accounts = [row for row in _rows(directory, ACCOUNTS) if row["person_id"]]
    names = {row["person_id"]: row["holder_name"] for row in accounts if row["holder_name"]}
    steps.begin("reading residents")
    persons, numbers = _residents(directory, paths, names, elsewhere)
    for row in _rows(directory, PLACES):
        if row["person_id"] in persons:
            prefix = "home" if row["kind"] == PlaceKind.HOME else "work"
            persons[row["person_id"]] |= {
                f"{prefix}_lng": row["lng"],
                f"{prefix}_lat": row["lat"],
                f"{prefix}_address": row["address"] or "",
            }
    held = [
        _picked(row, "account person_id kind bank opened_on")
        for row in accounts
        if row["person_id"] in persons
    ]
    ties = [
        _picked(row, "person_id relative_id relation")
        for row in _rows(directory, RELATIONS)
        if row["person_id"] in persons and row["relative_id"] in persons
    ]
    written: tuple[tuple[str, type[Model], list[Row], tuple[str, ...]], ...] = (
        ("persons", Person, list(persons.values()), ("person_id",)),
        ("numbers", PersonNumber, numbers, ("msisdn",)),
        ("accounts", PersonAccount, held, ("account",)),
        ("relations", PersonRelation, ties, ("person_id", "relative_id")),
    )
    counts = {}
    with transaction.atomic():
        for name, model, rows, key in written:
            steps.begin(name)
            counts[name] = _upsert(model, rows, *key, told=steps.within)
        steps.begin("stations")
        counts["stations"] = _stations(directory, paths, elsewhere)
        audit.record(None, "load_people", ("flow_directory", directory.path.name), None, counts)
    return Loaded(**counts, rejects=(*directory.rejects[known:], *elsewhere))


def _residents(
    directory: FlowDirectory, paths: dict[str, str], names: dict[str, str], elsewhere: list[Reject]
) -> tuple[dict[str, Row], list[Row]]:
    """Persons by id, and numbers, of the subscribers."""
    persons: dict[str, Row] = {}
    numbers: list[Row] = []
    for row in _rows(directory, SUBSCRIBERS):
        code = row["village_code"] if row["village_code"] in paths else row["town_code"]
        if code not in paths:
            reason = f"town_code: found {row['town_code']!r}, expected a town of the city"
            elsewhere.append(Reject(SUBSCRIBERS.name, row[ROW], reason))
            continue
        ident = row["person_id"]
        if ident not in persons:
            persons[ident] = _picked(row, "person_id birth_year sex floating") | {
                "name": names.get(ident, ""),
                "region_id": code,
                "region_path": paths[code],
                **_NOWHERE,
            }
        numbers.append(_picked(row, "msisdn person_id carrier virtual_operator activated_on"))
    return persons, numbers


def _stations(directory: FlowDirectory, paths: dict[str, str], elsewhere: list[Reject]) -> int:
    count = 0
    for row in _rows(directory, STATIONS):
        towns = [code for code in row["town_codes"] if code in paths]
        if not towns:
            reason = f"town_codes: found {', '.join(row['town_codes'])!r}, expected towns of the city"
            elsewhere.append(Reject(STATIONS.name, row[ROW], reason))
            continue
        station, _ = Organisation.objects.update_or_create(
            code=row["station_code"],
            defaults={
                "kind": Organisation.Kind.STATION,
                "name": row["name"],
                "name_en": row["name_en"] or "",
                "region_id": _common(towns, paths),
                "lng": row["lng"],
                "lat": row["lat"],
            },
        )
        station.towns.set(towns)
        count += 1
    return count


def _common(towns: list[str], paths: dict[str, str]) -> str:
    """The town a station serves; the region all its towns lie in, if there are several."""
    steps = [paths[code].strip("/").split("/") for code in towns]
    shared = [level[0] for level in zip(*steps, strict=False) if len(set(level)) == 1]
    return str(shared[-1])


def _rows(directory: FlowDirectory, table: Table) -> Iterator[Row]:
    loaded: pa.Table = directory.reference(table, numbered=True)
    for batch in loaded.to_batches(max_chunksize=_AT_ONCE):
        yield from batch.to_pylist()


def _picked(row: Row, columns: str) -> Row:
    return {column: row[column] for column in columns.split()}


def _upsert(model: type[Model], rows: list[Row], *key: str, told: Share = unheard) -> int:
    """Each row is inserted, or updated where its key is there already; how many there were.

    All rows have the same columns in the same order. Written as SQL that both databases share: a city's
    register takes minutes through model instances and seconds so.
    """
    if not rows:
        return 0
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column in rows[0])
    holes = ", ".join(["%s"] * len(rows[0]))
    changed = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in rows[0] if c not in key)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({holes}) "
        f"ON CONFLICT ({', '.join(quote(column) for column in key)}) DO UPDATE SET {changed}"
    )
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            told(start / len(rows))
            cursor.executemany(statement, [tuple(row.values()) for row in rows[start : start + _AT_ONCE]])
    return len(rows)
