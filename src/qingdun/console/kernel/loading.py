"""Regions, stations and the register of persons, brought into the database in bulk; loading twice changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from django.db import transaction
from django.db.models import Model

from qingdun.console.kernel import audit
from qingdun.console.kernel.models import (
    Organisation,
    Person,
    PersonAccount,
    PersonNumber,
    PersonRelation,
    Region,
)
from qingdun.contract.codes import PlaceKind
from qingdun.contract.columns import Table
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ACCOUNTS, PLACES, RELATIONS, STATIONS, SUBSCRIBERS
from qingdun.regions.city import City

_BATCH = 2000


class Loaded(NamedTuple):
    """How many rows of each kind stand in the database, and which rows were left out and why."""

    persons: int
    numbers: int
    accounts: int
    stations: int
    relations: int
    left_out: tuple[str, ...]


def load_regions(city: City) -> int:
    """Every place of the city stands in the database as the data say, and so do its bureaus; the number of
    places is returned.
    """
    with transaction.atomic():
        places = sorted(city.places.values(), key=lambda place: len(city.path(place.code)))
        rows = [
            Region(
                code=place.code,
                name=place.name,
                short_name=place.short_name,
                name_en=place.name_en,
                level=place.level,
                kind=place.kind,
                parent_id=place.parent,
                path="".join(f"{code}/" for code in city.path(place.code)),
                population=place.population,
                population_estimated=place.population_estimated,
                lng=place.lng,
                lat=place.lat,
                urban=place.urban,
            )
            for place in places
        ]
        _upsert(Region, rows, "code")
        Kind = Organisation.Kind
        bureaus = [
            Organisation(
                code=f"bureau-{place.code}",
                kind=Kind.CITY_BUREAU if place.level == "city" else Kind.COUNTY_BUREAU,
                name=f"{place.name}反诈骗中心",
                name_en=f"{place.name_en} Anti-Fraud Centre",
                region_id=place.code,
                lng=place.lng,
                lat=place.lat,
            )
            for place in places
            if place.level in ("city", "county")
        ]
        _upsert(Organisation, bureaus, "code")
        audit.record(None, "load_regions", ("city", city.code), None, {"regions": len(rows)})
    return len(rows)


def load_people(directory: FlowDirectory | Path) -> Loaded:
    """Persons, their numbers, accounts, places and family ties, and the stations, stand as the reference
    tables say.

    A person's name is that of the holder of their accounts. Rows in a region the database does not know are
    left out and named. `load_regions` must have run. Errors: those of `FlowDirectory`.
    """
    if isinstance(directory, Path):
        directory = FlowDirectory(directory)
    paths = dict(Region.objects.values_list("code", "path"))
    left_out: list[str] = []
    with transaction.atomic():
        persons, numbers = _persons(directory, paths, left_out)
        _upsert(Person, persons.values(), "person_id")
        counts = {
            "persons": len(persons),
            "numbers": _upsert(PersonNumber, numbers, "msisdn"),
            "accounts": _upsert(PersonAccount, _accounts(directory, persons), "account"),
            "stations": _stations(directory, paths, left_out),
            "relations": _relations(directory, persons),
        }
        audit.record(None, "load_people", ("flow_directory", directory.path.name), None, counts)
    return Loaded(**counts, left_out=tuple(left_out))


def _persons(
    directory: FlowDirectory, paths: dict[str, str], left_out: list[str]
) -> tuple[dict[str, Person], list[PersonNumber]]:
    names = {
        row["person_id"]: row["holder_name"]
        for row in _rows(directory, ACCOUNTS)
        if row["person_id"] and row["holder_name"]
    }
    persons: dict[str, Person] = {}
    numbers: list[PersonNumber] = []
    for row in _rows(directory, SUBSCRIBERS):
        code = row["village_code"] if row["village_code"] in paths else row["town_code"]
        if code not in paths:
            left_out.append(f"subscribers: {row['msisdn']}: unknown region {row['town_code']}")
            continue
        ident = row["person_id"]
        if ident not in persons:
            persons[ident] = Person(
                person_id=ident,
                name=names.get(ident, ""),
                birth_year=row["birth_year"],
                sex=row["sex"],
                floating=row["floating"],
                region_id=code,
                region_path=paths[code],
            )
        numbers.append(
            PersonNumber(
                msisdn=row["msisdn"],
                person_id=ident,
                carrier=row["carrier"],
                virtual_operator=row["virtual_operator"],
                activated_on=row["activated_on"],
            )
        )
    for row in _rows(directory, PLACES):
        if row["person_id"] in persons:
            prefix = "home" if row["kind"] == PlaceKind.HOME else "work"
            for field, value in (("lng", row["lng"]), ("lat", row["lat"]), ("address", row["address"] or "")):
                setattr(persons[row["person_id"]], f"{prefix}_{field}", value)
    return persons, numbers


def _accounts(directory: FlowDirectory, persons: dict[str, Person]) -> Iterator[PersonAccount]:
    for row in _rows(directory, ACCOUNTS):
        if row["person_id"] in persons:
            yield PersonAccount(
                account=row["account"],
                person_id=row["person_id"],
                kind=row["kind"],
                bank=row["bank"],
                opened_on=row["opened_on"],
            )


def _relations(directory: FlowDirectory, persons: dict[str, Person]) -> int:
    ties = [
        PersonRelation(person_id=row["person_id"], relative_id=row["relative_id"], relation=row["relation"])
        for row in _rows(directory, RELATIONS)
        if row["person_id"] in persons and row["relative_id"] in persons
    ]
    PersonRelation.objects.bulk_create(
        ties,
        batch_size=_BATCH,
        update_conflicts=True,
        update_fields=["relation"],
        unique_fields=["person", "relative"],
    )
    return len(ties)


def _stations(directory: FlowDirectory, paths: dict[str, str], left_out: list[str]) -> int:
    count = 0
    for row in _rows(directory, STATIONS):
        towns = [code for code in row["town_codes"] if code in paths]
        if not towns:
            left_out.append(f"stations: {row['station_code']}: no known town in {row['town_codes']}")
            continue
        station, _ = Organisation.objects.update_or_create(
            code=row["station_code"],
            defaults={
                "kind": Organisation.Kind.STATION,
                "name": row["name"],
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


def _rows(directory: FlowDirectory, table: Table) -> Iterator[dict[str, Any]]:
    loaded: pa.Table = directory.reference(table)
    for batch in loaded.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _upsert(model: type[Model], rows: Iterable[Model], key: str) -> int:
    """Each row is inserted, or updated where its key is there already; how many there were."""
    listed = list(rows)
    fields = [f.name for f in model._meta.concrete_fields if f.name != key and not f.auto_created]
    model._default_manager.bulk_create(
        listed, batch_size=_BATCH, update_conflicts=True, update_fields=fields, unique_fields=[key]
    )
    return len(listed)
