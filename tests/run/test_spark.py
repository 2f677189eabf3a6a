"""Runs on a Spark of this machine, against the embedded engine. Needs the extra `spark` and Java."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qingdun.errors import InputError
from qingdun.run.embedded import Decisions
from qingdun.run.spark import run_spark, session
from tests.run.test_directory import ListSink
from tests.run.test_stages import busy_world, embedded, keyword_engine, results

pytest.importorskip("pyspark")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        found = session("local[2]", "tests")
        yield found
        found.stop()


def told(sink: ListSink) -> dict[str, Any]:
    decisions = [Decisions(sink.got, {key: list(value) for key, value in sink.timelines.items()})]
    return results(decisions, sink.suspected[-1], sink.members[-1], sink.refused)


@pytest.mark.parametrize("shards", [1, 3, 8])
def test_cities_beside_each_other_give_what_the_embedded_engine_gives(
    spark: Any, tmp_path: Path, shards: int
) -> None:
    cities = [busy_world(seed, tmp_path / str(seed)) for seed in (shards, shards + 20)]
    sinks = [ListSink() for _ in cities]
    for sink in sinks:
        sink.clocks.append(0)
    reports = run_spark(spark, cities, [[sink] for sink in sinks], shards=shards, build=keyword_engine)
    for flows, sink, report in zip(cities, sinks, reports, strict=True):
        whole = embedded(flows)
        assert told(sink) == whole
        assert report.alerts == len(whole["alerts"]) > 3
        assert report.rejects == len(whole["rejects"])
        assert sink.closed


def test_what_a_worker_refuses_is_said_in_its_words(spark: Any, tmp_path: Path) -> None:
    flows = busy_world(5, tmp_path)
    path = flows / "messages.parquet"
    whole = bytearray(path.read_bytes())
    whole[8:200] = bytes(192)
    path.write_bytes(whole)
    with pytest.raises(InputError, match=r"messages\.parquet: part 0 cannot be read"):
        run_spark(spark, [flows], [[]], shards=2, build=keyword_engine)
