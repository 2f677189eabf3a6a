"""Runs on a Spark of this machine, against the embedded engine. Needs the extra `spark` and Java."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qingdun.errors import InputError
from qingdun.regions.city import load_city
from qingdun.run.embedded import Decisions, Engine
from qingdun.run.spark import run_spark, session
from qingdun.simulate.generate import simulate
from tests.run.stories import listened
from tests.run.test_directory import ListSink
from tests.run.test_stages import busy_world, embedded, keyword_engine, results

pytest.importorskip("pyspark")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]
ROOT = Path(__file__).parents[2]
MONDAY = dt.date(2026, 3, 2)
RAISED_BY_GANGS = {
    "call.fanout", "call.shared_device", "transfer.layer", "transfer.mule", "transfer.shared_device",
    "visit.new_site", "visit.sent_site",
}  # fmt: skip


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        found = session("local[2]", "tests")
        yield found
        found.stop()


def a_sink() -> ListSink:
    """Nobody tells it the time on Spark."""
    sink = ListSink()
    sink.clocks.append(0)
    return sink


def told(sink: ListSink) -> dict[str, Any]:
    decisions = [Decisions(sink.got, {key: list(value) for key, value in sink.timelines.items()})]
    return results(decisions, sink.suspected[-1], sink.members[-1], sink.refused)


@pytest.mark.parametrize("shards", [1, 3, 8])
def test_cities_beside_each_other_give_what_the_embedded_engine_gives(
    spark: Any, tmp_path: Path, shards: int
) -> None:
    cities = [busy_world(seed, tmp_path / str(seed)) for seed in (shards, shards + 20)]
    sinks = [a_sink() for _ in cities]
    reports = run_spark(spark, cities, [[sink] for sink in sinks], shards=shards, build=keyword_engine)
    for flows, sink, report in zip(cities, sinks, reports, strict=True):
        whole = embedded(flows)
        assert told(sink) == whole
        assert report.alerts == len(whole["alerts"]) > 3
        assert report.rejects == len(whole["rejects"])
        assert sink.closed


def test_simulated_cities_give_what_the_embedded_engine_gives(spark: Any, tmp_path: Path) -> None:
    """With models and weights as shipped, and days enough for a site to be new."""
    cities = [tmp_path / "large", tmp_path / "small"]
    for seed, (flows, persons, days) in enumerate(zip(cities, (1_000, 400), (3, 1), strict=True)):
        simulate(load_city("441800"), persons, days, seed, MONDAY, flows, attack_rate=0.2, cash_out=True)
    sinks = [a_sink() for _ in cities]
    run_spark(spark, cities, [[sink] for sink in sinks])
    spoke = set[str]()
    for flows, sink in zip(cities, sinks, strict=True):
        whole = embedded(flows, lambda *about: listened(Engine(*about), spoke))
        assert len(whole["alerts"]) > 3
        assert told(sink) == whole
    assert spoke >= RAISED_BY_GANGS


def test_what_a_worker_refuses_is_said_in_its_words(spark: Any, tmp_path: Path) -> None:
    flows = busy_world(5, tmp_path)
    path = flows / "messages.parquet"
    whole = bytearray(path.read_bytes())
    whole[8:200] = bytes(192)
    path.write_bytes(whole)
    with pytest.raises(InputError, match=r"messages\.parquet: part 0 cannot be read"):
        run_spark(spark, [flows], [[]], shards=2, build=keyword_engine)
