"""Regions, persons and stations come in once, however often they are loaded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from qingdun.console.kernel.loading import load_people, load_regions
from qingdun.console.kernel.models import (
    AuditRow,
    Organisation,
    Person,
    PersonAccount,
    PersonNumber,
    PersonRelation,
    Region,
)
from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ACCOUNTS,
    FLOWS,
    PLACES,
    RELATIONS,
    STATIONS,
    SUBSCRIBERS,
    Account,
    Place,
    Relation,
    Station,
    Subscriber,
)
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A, small_city
from tests.hearing import Hearing

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 1, 1)


def subscriber(number: int, person: str, town: str = TOWN_A, village: str | None = None) -> Subscriber:
    return Subscriber(
        f"+86172580100{number:02}", person, DAY, None, "甲", False, town, village, False, 1980, "f"
    )


def account(number: int, person: str | None, name: str | None) -> Account:
    return Account(f"62000000000000{number:02}", person, "personal", "乙行", DAY, None, name, None, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    towns = [place.code for place in small_city().towns]
    other = next(code for code in towns if code.startswith(COUNTY_A) and code != TOWN_A)
    village = next(place.code for place in small_city().villages if place.parent == TOWN_A)
    rows = {
        SUBSCRIBERS: [
            subscriber(1, "p1", village=village),
            subscriber(2, "p1"),
            subscriber(3, "p2"),
            subscriber(4, "p3", town="999999999"),
        ],
        ACCOUNTS: [account(1, "p1", "张小明"), account(2, "p2", None), account(3, None, "外地人")],
        PLACES: [
            Place("p1", "home", 113.1, 24.1, TOWN_A, "演练路1号"),
            Place("p1", "workplace", 113.2, 24.2, None, None),
        ],
        RELATIONS: [Relation("p1", "p2", "spouse"), Relation("p1", "gone", "child")],
        STATIONS: [
            Station("st-1", "甲派出所", (TOWN_A,), 113.1, 24.1, "Jia Police Station"),
            Station("st-2", "乙派出所", (TOWN_A, other), 113.1, 24.1),
            Station("st-3", "丙派出所", ("999999999",), 113.1, 24.1),
        ],
    }
    for table in (*FLOWS, *rows):
        write_table(table, rows.get(table, []), tmp_path / f"{table.name}.parquet")
    return tmp_path


def counts() -> list[int]:
    return [
        m.objects.count() for m in (Person, PersonNumber, PersonAccount, PersonRelation, Organisation, Region)
    ]


def test_reference_tables_stand_in_the_register(regions: object, folder: Path) -> None:
    told = Hearing()
    loaded = load_people(folder, told)
    assert told.rises()
    assert loaded[:5] == (2, 3, 2, 2, 1)
    assert [(row.flow, row.row) for row in loaded.rejects] == [("subscribers", 3), ("stations", 2)]
    assert loaded.rejects[0].reason == "town_code: found '999999999', expected a town of the city"
    person = Person.objects.get(person_id="p1")
    assert (person.name, person.home_address, person.work_lng) == ("张小明", "演练路1号", 113.2)
    assert person.region.level == Region.Level.VILLAGE
    assert person.region_path == person.region.path
    assert person.numbers.count() == 2
    assert Organisation.objects.get(code="st-1").region_id == TOWN_A
    assert Organisation.objects.get(code="st-2").region_id == COUNTY_A
    with translation.override("en"):
        assert str(Organisation.objects.get(code="st-1")) == "Jia Police Station"
        assert str(Organisation.objects.get(code="st-2")) == "乙派出所"


def test_loading_again_changes_nothing_but_what_is_new(regions: object, folder: Path) -> None:
    load_people(folder)
    before = counts()
    load_people(folder)
    load_regions(small_city())
    assert counts() == before
    write_table(ACCOUNTS, [account(1, "p1", "张晓明")], folder / "accounts.parquet")
    load_people(folder)
    assert Person.objects.get(person_id="p1").name == "张晓明"


def test_every_region_has_its_path_and_every_county_its_bureau(regions: dict[str, Region]) -> None:
    for region in regions.values():
        assert region.path.endswith(f"{region.code}/")
        if region.parent is not None:
            assert region.path.startswith(region.parent.path)
    bureaus = Organisation.objects.filter(kind=Organisation.Kind.COUNTY_BUREAU)
    assert {bureau.region_id for bureau in bureaus} == {COUNTY_A, COUNTY_B}


def test_a_start_writes_only_what_differs(regions: dict[str, Region]) -> None:
    loads = AuditRow.objects.filter(verb="load_regions")
    before = loads.count()
    with CaptureQueriesContext(connection) as quiet:
        assert load_regions(small_city()) == 0
    assert not [one for one in quiet.captured_queries if not one["sql"].startswith("SELECT")]
    Region.objects.filter(code=TOWN_A).update(name="旧名")
    Organisation.objects.filter(code=f"bureau-{COUNTY_A}").update(lng=None)
    assert load_regions(small_city()) == 2
    assert Region.objects.get(code=TOWN_A).name == regions[TOWN_A].name
    assert loads.count() == before + 1
