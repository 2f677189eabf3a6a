"""Two small made-up days that most tests read, and a made-up second city."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from qingdun.contract.tables import TABLES
from qingdun.regions.city import City, Place, load_city
from qingdun.simulate.generate import Report, simulate

START = dt.date(2026, 3, 2)


@dataclass(frozen=True)
class Simulated:
    path: Path
    report: Report

    def rows(self, name: str) -> list[Any]:
        table = TABLES[name]
        return table.to_rows(pq.read_table(self.path / f"{name}.parquet"))


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    out = tmp_path_factory.mktemp("flows")
    return Simulated(out, simulate(load_city("441800"), 3_000, 2, 7, START, out, attack_rate=0.2))


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A city of another zone and calling code, with one county, two towns and no villages."""

    def place(code: str, name: str, level: str, parent: str | None, people: int, urban: bool) -> Place:
        return Place(code, name, name, name, level, level, parent, people, False, 10.0, 50.0, urban)

    places = [
        place("900000", "甲市", "city", None, 9_000, False),
        place("900001", "乙县", "county", "900000", 9_000, False),
        place("900001001", "丙街道", "town", "900001", 6_000, True),
        place("900001002", "丁镇", "town", "900001", 3_000, False),
    ]
    return City(
        code="900000",
        name="甲市",
        name_en="A",
        zone=ZoneInfo("Europe/Berlin"),
        calling_code="+999",
        places={p.code: p for p in places},
        adjacency=frozenset(),
        attribution=(),
        map_approval="",
        floating_population=500,
        folder=tmp_path_factory.mktemp("city"),
    )
