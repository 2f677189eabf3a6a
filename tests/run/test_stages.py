"""The stages of a run, one after the other in this process, against the embedded engine."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ALERTS, CLUSTERS, REJECTS, SUBSCRIBERS, SUSPECTS, VISITS
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights, load_weights
from qingdun.run import stages
from qingdun.run.embedded import Decisions, Engine
from qingdun.run.sources.files import read_batches
from tests.run.stories import gang, listened, relayed
from tests.run.world import START, H, KeywordSites, KeywordTexts, M, S, World

Stage = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
RESULTS = (ALERTS, SUSPECTS, CLUSTERS, REJECTS)


def keyword_engine(reference: Reference, weights: Weights | None) -> Engine:
    return Engine(reference, weights, texts=KeywordTexts(), sites=KeywordSites())


def busy_world(seed: int, folder: Path) -> Path:
    """Everyday rows, the story of the source, hosts that all or few ask for, and rows that are of no use."""
    world, draw = World(40), Random(seed)
    world.everyday(seed, hours=30, events=300)
    world.police_story()
    world.tried(START + 9 * 60 * M + 20 * M, 0)
    for _ in range(3000):
        host = draw.choice(["www.common.cn", "www.baidu.com", "m.icbc.com.cn", f"r{draw.randrange(9)}.cn"])
        world.visit(START + draw.randrange(30 * 3600) * S, world.number(draw.randrange(44)), host)
    for _ in range(4):  # the end stands before the answer
        at = START + draw.randrange(10, 30) * M
        world.call(at, world.number(1), world.number(2), 5)
        world.rows["calls"][-1] = world.rows["calls"][-1]._replace(at=at - 5 * S)
    world.list("host", "r3.cn")
    gang(world, START + 80 * H)
    relayed(world, START + 78 * H)
    for minutes, caller, lasted_s in ((0, "+44700009001", 12), (1, "+44700009002", 900)):
        world.call(START + 81 * H + minutes * M, caller, world.number(7), lasted_s, "overseas")
    flows = world.write(folder)
    people = pq.read_table(flows / "subscribers.parquet")
    nobody = {**people.slice(0, 1).to_pylist()[0], "msisdn": ""}
    people = pa.Table.from_pylist([*people.to_pylist(), nobody], people.schema)
    write_table(SUBSCRIBERS, people, flows / "subscribers.parquet")
    visits = VISITS.from_rows(world.rows["visits"]).to_pylist()
    visits[7]["host"] = ""
    (flows / "visits.parquet").unlink()
    half = len(visits) // 2
    for name, rows in (("a", visits[half:]), ("b", visits[:half])):
        table = pa.Table.from_pylist(rows, schema=VISITS.schema)
        write_table(VISITS, table, flows / "visits" / f"{name}.parquet")
    return flows


def embedded(flows: Path, build: Any = keyword_engine) -> dict[str, Any]:
    directory = FlowDirectory(flows)
    engine = build(Reference.of(directory), None)
    decisions = [engine.push(batch) for batch in read_batches(directory)]
    decisions.append(engine.finish())
    rejects = [*directory.rejects, *(one for d in decisions for one in d.rejects)]
    return results(decisions, engine.suspects(), engine.clusters(), rejects)


def results(decisions: list[Decisions], suspects: Any, clusters: Any, rejects: Any) -> dict[str, Any]:
    return {
        "alerts": [alert for one in decisions for alert in one.alerts],
        "timelines": {key: value for one in decisions for key, value in one.context.items()},
        "suspects": suspects,
        "clusters": clusters,
        "rejects": sorted(rejects),
    }


def in_stages(city: stages.City, draw: Random, tasks: int) -> dict[str, Any]:
    """The stages, with what a cluster does in between: pieces go anywhere, parcels come in no order."""
    pieces = city.pieces(0)
    draw.shuffle(pieces)

    def spread(chosen: list[Any], stage: Stage) -> list[dict[str, Any]]:
        parts = [chosen[task::tasks] for task in range(tasks)]
        return [row for part in parts for row in carried(part, stages.PIECES, stage)]

    def carried(rows: list[Any], schema: pa.Schema, stage: Stage) -> list[dict[str, Any]]:
        batches = (pa.RecordBatch.from_pylist(rows[at : at + 3], schema) for at in range(0, len(rows), 3))
        return [row for batch in stage(batches) for row in batch.to_pylist()]

    def gathered(parcels: list[Any], key: str, stage: Stage) -> list[dict[str, Any]]:
        draw.shuffle(parcels)
        found: list[Any] = []
        for place in sorted({one[key] for one in parcels}):
            due = sorted((one for one in parcels if one[key] == place), key=lambda one: int(one["window"]))
            found += carried(due, stages.PARCELS, stage)
        return found

    calls = [one for one in pieces if one["flow"] == "calls"]
    begun = spread(calls, lambda b: stages.calls_begun([city], b))
    early = stages.ids_of([one["rows"] for one in gathered(begun, "shard", stages.ended_early)])
    rows = spread(pieces, lambda b: stages.read([city], {0: early}, b))
    visits = [one for one in rows if one["flow"] == "visits"]
    screened = gathered(visits, "shard", lambda b: stages.screen([city], b))
    assert rows_in(screened) < rows_in(visits) / 2
    others = [one for one in rows if one["flow"] != "visits"]
    found = gathered([*screened, *others], "city", lambda b: stages.judge([city], b))
    *decisions, standing = [pickle.loads(one["found"]) for one in found]
    rejects = [reject for one in decisions for reject in one.rejects]
    return results(decisions, standing.suspects, standing.clusters, rejects)


def rows_in(parcels: list[dict[str, Any]]) -> int:
    return sum(pa.ipc.open_stream(one["rows"]).read_all().num_rows for one in parcels)


@pytest.mark.parametrize(("seed", "shards", "tasks"), [(1, 1, 1), (2, 3, 2), (3, 8, 5)])
def test_stages_give_what_the_embedded_engine_gives(
    tmp_path: Path, seed: int, shards: int, tasks: int
) -> None:
    flows = busy_world(seed, tmp_path)
    spoke = set[str]()
    whole = embedded(flows, lambda *about: listened(keyword_engine(*about), spoke))
    assert len(whole["alerts"]) > 3
    assert spoke == set(load_weights().detectors), "every detector has a part in it"
    assert {"visit.new_site", "visit.sent_site"} <= {e.detector for a in whole["alerts"] for e in a.evidence}
    assert any("；已到账：近1小时" in why for suspect in whole["suspects"] for why in suspect.reasons)
    assert sum("ends before it was answered" in reject.reason for reject in whole["rejects"]) == 4
    assert {reject.flow for reject in whole["rejects"]} == {"calls", "visits", "subscribers"}
    city = replace(stages.City.of(FlowDirectory(flows), shards, build=keyword_engine), length_us=45 * M)
    assert in_stages(city, Random(seed), tasks) == whole
