"""What lands for cities on Spark is judged once, whoever is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ALERTS, CLUSTERS, FLOWS, REJECTS, SUSPECTS
from qingdun.detect.reference import Reference
from qingdun.errors import InputError
from qingdun.run import streaming
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import read_batches
from qingdun.run.streaming import Places, judge_group, start
from tests.run.test_stages import busy_world, keyword_engine

ROOT = Path(__file__).parents[2]
PARTS = 4


def places_in(folder: Path) -> Places:
    named = [str(folder / name) for name in ("landing", "registers", "state", "out")]
    return Places(named[0], named[1], named[2], named[3], build=keyword_engine)


def landed(folder: Path, city: str, seed: int) -> tuple[Path, list[list[tuple[str, str]]]]:
    """The flows of a city cut into a few groups of files by time, later ones landed later."""
    flows = busy_world(seed, folder / "whole" / city)
    registers = folder / "registers" / city
    registers.mkdir(parents=True)
    for table in ("subscribers", "accounts", "watchlist"):
        shutil.copy(flows / f"{table}.parquet", registers)
    (flows / "outcomes.parquet").unlink()
    groups: list[list[tuple[str, str]]] = [[] for _ in range(PARTS)]
    first, last = FlowDirectory(flows).span()
    length = -(-(last + 1 - first) // PARTS)
    for flow in FLOWS:
        rows = (
            pq.read_table(flows / flow.name)
            if flow.name == "visits"
            else pq.read_table(flows / f"{flow.name}.parquet")
        )
        at = rows.column("at").cast(pa.int64())
        for part in range(PARTS):
            begin, end = first + part * length, first + (part + 1) * length
            chosen = pc.and_(pc.greater_equal(at, begin), pc.less(at, end))
            path = folder / "landing" / city / flow.name / f"{part}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows.filter(chosen), path)
            os.utime(path, (1_700_000_000 + part, 1_700_000_000 + part))
            groups[part].append((flow.name, str(path)))
    return flows, groups


def judged(flows: Path) -> dict[str, Any]:
    """What an engine that nobody kills finds in the whole, timers after the last row not waited for."""
    directory = FlowDirectory(flows)
    engine = keyword_engine(Reference.of(directory), None)
    alerts = [alert for batch in read_batches(directory) for alert in engine.push(batch).alerts]
    return {
        "alerts": ALERTS.from_rows(alerts).to_pylist(),
        "suspects": SUSPECTS.from_rows(engine.suspects()).to_pylist(),
        "clusters": CLUSTERS.from_rows(engine.clusters()).to_pylist(),
    }


def found(out: Path) -> dict[str, Any]:
    parts = sorted((out / "alerts").glob("*.parquet"))
    tables = {name: pq.read_table(out / f"{name}.parquet").to_pylist() for name in ("suspects", "clusters")}
    return {"alerts": [row for part in parts for row in pq.read_table(part).to_pylist()], **tables}


class Killed(Exception):
    """Somebody has pulled the plug."""


def test_a_task_that_dies_anywhere_and_is_run_again_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows, groups = landed(tmp_path, "441800", 4)
    places, draw = places_in(tmp_path), Random(1)
    keeps = [(streaming.PartsSink, "keep"), (streaming.Snapshots, "keep"), (Engine, "push")]
    for batch, files in enumerate(groups):
        for owner, name in draw.sample(keeps, 2):
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, dying(getattr(owner, name), before=draw.random() < 0.5))
                with pytest.raises(Killed):
                    judge_group(places, batch, "441800", files)
        assert judge_group(places, batch, "441800", files)["events"] >= 0
        again = judge_group(places, batch, "441800", files)
        assert set(again.values()) == {0}
    whole = judged(flows)
    assert len(whole["alerts"]) > 3
    assert found(tmp_path / "out" / "441800") == whole


def dying(method: Any, before: bool) -> Any:
    def dies(*given: Any) -> None:
        if not before and method.__qualname__ != "Snapshots.keep":  # which is the end of the work
            method(*given)
        raise Killed

    return dies


def test_a_file_that_is_none_is_a_reject_and_the_rest_is_judged(tmp_path: Path) -> None:
    _, groups = landed(tmp_path, "441800", 5)
    bad = tmp_path / "landing" / "441800" / "calls" / "bad.parquet"
    bad.write_bytes(b"PAR1 and no more")
    counts = judge_group(places_in(tmp_path), 0, "441800", [*groups[0], ("calls", str(bad))])
    assert counts["events"] > 100
    reasons = pq.read_table(tmp_path / "out/441800/rejects").column("reason").to_pylist()
    assert sum(str(bad) in reason for reason in reasons) == 1


def test_a_snapshot_that_cannot_be_read_stops_the_city(tmp_path: Path) -> None:
    _, groups = landed(tmp_path, "441800", 6)
    for batch in (0, 1):
        judge_group(places_in(tmp_path), batch, "441800", groups[batch])
    newest = max((tmp_path / "state" / "441800").glob("*.snapshot"))
    newest.write_bytes(newest.read_bytes()[:-9])
    streaming._kept.engine = None
    with pytest.raises(InputError, match="snapshot 2 cannot be read, and what landed since"):
        judge_group(places_in(tmp_path), 2, "441800", groups[2])


def executors() -> Sequence[int]:
    """Processes of Spark's executors that this test has started."""
    shown = subprocess.run(["ps", "-ewwo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in shown.stdout.splitlines()[1:]]
    ours = {os.getpid()}
    while True:
        more = {int(pid) for pid, parent, _ in rows if int(parent) in ours} - ours
        if not more:
            break
        ours |= more
    return [int(pid) for pid, _, args in rows if int(pid) in ours and "CoarseGrainedExecutorBackend" in args]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_killing_executors_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two executors, two cities; whichever works is killed each time another snapshot stands."""
    pytest.importorskip("pyspark")
    from qingdun.run.spark import session

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    cities = {city: landed(tmp_path, city, seed)[0] for seed, city in enumerate(("441800", "441900"))}
    spark = session("local-cluster[2,1,1024]", "killed")
    killed: set[int] = set()
    try:
        query = start(spark, places_in(tmp_path), every_s=None, files_at_once=len(cities) * len(FLOWS))
        seen, draw = 0, Random(3)
        while query.isActive:
            snapshots = len(list((tmp_path / "state").glob("*/*.snapshot")))
            fresh = [pid for pid in executors() if pid not in killed]
            if snapshots > seen and fresh and len(killed) < 3:
                pid = draw.choice(fresh)
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
                seen = snapshots
            time.sleep(0.05)
        assert query.exception() is None
        batches = [progress["batchId"] for progress in query.recentProgress if progress["numInputRows"]]
    finally:
        spark.stop()
    assert len(killed) > 1
    assert len(batches) == PARTS
    for city, flows in cities.items():
        assert found(tmp_path / "out" / city) == judged(flows)
    assert pq.read_schema(next((tmp_path / "out").glob("*/rejects/*.parquet"))).names == REJECTS.schema.names
