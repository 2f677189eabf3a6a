"""A city as data: Qingyuan as shipped, and a made-up one from a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.errors import ConfigurationError, UnknownCity
from qingdun.regions.city import City, available_cities, load_city
from qingdun.regions.population import apportion

SECOND = Path(__file__).parent / "900100"
ALL = [*((code, None) for code in available_cities()), ("900100", SECOND)]


@pytest.fixture(params=ALL, ids=lambda p: p[0])
def city(request: pytest.FixtureRequest) -> City:
    return load_city(*request.param)


def test_qingyuan_ships_whole() -> None:
    city = load_city("441800")
    assert (len(city.counties), len(city.towns), len(city.villages)) == (8, 85, 1222)
    assert city.places["441800"].population == 3_969_473
    assert city.places["441881"].population == 941_325
    assert {p.name for p in city.towns if p.urban} == {p.name for p in city.towns if p.kind == "街道"}
    assert all(place.name_en.isascii() for place in city.places.values())
    assert any("GeoNames" in text and "CC BY 4.0" in text for text in city.attribution)


def test_parts_add_up_and_estimates_are_marked(city: City) -> None:
    for level, parts in (("city", city.counties), ("county", city.towns), ("town", city.villages)):
        for place in city.places.values():
            if place.level == level:
                own = sum(part.population for part in parts if part.parent == place.code)
                assert own == place.population or not any(p.parent == place.code for p in parts)
    assert not any(p.population_estimated for p in city.counties)
    assert all(p.population_estimated for p in city.villages)


def test_every_place_has_a_path_from_the_city(city: City) -> None:
    depth = {"city": 1, "county": 2, "town": 3, "village": 4}
    assert all(len(city.path(p.code)) == depth[p.level] for p in city.places.values())
    assert all(city.path(p.code)[0] == city.code for p in city.places.values())


def test_neighbours_are_mutual(city: City) -> None:
    for county in city.counties:
        assert all(county.code in city.neighbours(other) for other in city.neighbours(county.code))


@pytest.mark.parametrize(
    ("name", "level"), [("city", "city"), ("counties", "county"), ("towns_schematic", "town")]
)
def test_maps_name_every_place(city: City, name: str, level: str) -> None:
    features = city.boundary(name)["features"]
    named = {f["properties"]["code"] for f in features}
    assert named == {p.code for p in city.places.values() if p.level == level}
    assert {f["geometry"]["type"] for f in features} <= {"Polygon", "MultiPolygon"}


def test_a_published_town_keeps_its_count() -> None:
    city = load_city("900100", SECOND)
    assert (city.places["900121101"].population, city.places["900121101"].population_estimated) == (
        20_000,
        False,
    )
    assert (city.places["900121102"].population, city.places["900121102"].population_estimated) == (
        10_000,
        True,
    )


def test_an_unknown_city_names_those_that_ship() -> None:
    with pytest.raises(UnknownCity, match="cities that ship: 441800"):
        load_city("000000")


def broken(tmp_path: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(SECOND, tmp_path / "900100")
    path = tmp_path / "900100" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return tmp_path / "900100"


BROKEN = [
    ("towns.csv", "900121,20000", "900121,40000", "count 10000 residents more"),
    ("towns.csv", ",镇,900102,,", ",镇,900199,,", "lies in unknown 900199"),
    ("villages.csv", "村,900102101", "村,900102999", "lies in unknown 900102999"),
    ("adjacency.csv", "900121", "900122", "unknown region 900122"),
    ("city.toml", 'code = "900100"', 'code = "900200"', "code 900200, expected 900100"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN)
def test_data_that_contradict_themselves_are_refused(
    tmp_path: Path, file: str, old: str, new: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load_city("900100", broken(tmp_path, file, old, new))


@given(st.integers(0, 10**7), st.lists(st.floats(0.1, 100), min_size=1, max_size=50))
def test_apportioned_parts_add_up_and_stay_within_one(total: int, weights: list[float]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert all(abs(p - total * w / sum(weights)) < 1 + 1e-6 for p, w in zip(parts, weights, strict=True))
