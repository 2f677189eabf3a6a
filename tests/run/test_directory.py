from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.lists import ListChange
from qingdun.contract.tables import (
    ALERTS,
    CLUSTERS,
    FLOWS,
    REJECTS,
    SUSPECTS,
    Alert,
    ClusterMember,
    Reject,
    Suspect,
    WatchlistEntry,
)
from qingdun.detect.evidence import ContextEvent
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights
from qingdun.run.directory import run_directory
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import Replay, read_ahead, read_batches
from tests.run.world import START, H, KeywordSites, KeywordTexts, M, S, World


class ListSink:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.got: list[Alert] = []
        self.timelines: dict[str, Sequence[ContextEvent]] = {}
        self.members: list[Sequence[ClusterMember]] = []
        self.suspected: list[Sequence[Suspect]] = []
        self.clocks: list[int] = []
        self.handed_at: list[int] = []
        self.refused: list[Reject] = []
        self.counted: dict[str, int] = {}
        self.closed = False

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        self.got += alerts
        self.timelines |= timelines

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        self.suspected.append(suspects)
        self.handed_at.append(self.clocks[-1])

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        self.members.append(members)

    def rejects(self, rejects: Sequence[Reject]) -> None:
        self.refused += rejects

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        self.clocks.append(clock_us)
        for flow, count in counts_by_flow.items():
            self.counted[flow] = self.counted.get(flow, 0) + count

    def close(self) -> None:
        self.closed = True


class PretendTime:
    """A clock that passes only when slept on."""

    def __init__(self) -> None:
        self.at = 100.0

    def now_s(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


class PassingTime(PretendTime):
    """A clock on which every look takes a second, as if judging took long."""

    def now_s(self) -> float:
        self.at += 1.0
        return self.at


def keyword_engine(reference: Reference, weights: Weights | None) -> Engine:
    """An engine whose models go by keywords: the shipped ones take seconds to load."""
    return Engine(reference, weights, texts=KeywordTexts(), sites=KeywordSites())


judge = partial(run_directory, build=keyword_engine)


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    world = World(6)
    world.everyday(3)
    world.police_story()
    return world.write(tmp_path / "flows")


def test_a_directory_is_judged_into_four_files_and_all_sinks(flows: Path, tmp_path: Path) -> None:
    sink = ListSink()
    done: list[float] = []
    report = judge(flows, tmp_path / "out", [sink], progress=done.append)
    for table in (ALERTS, SUSPECTS, CLUSTERS, REJECTS):
        written = pq.read_table(tmp_path / "out" / f"{table.name}.parquet")
        assert written.schema.equals(table.schema)
    alerts = pq.read_table(tmp_path / "out" / "alerts.parquet")
    assert alerts.column("alert_id").to_pylist() == [a.alert_id for a in sink.got]
    assert report.alerts == len(sink.got) > 0
    assert report.events == sum(sink.counted.values()) == sum(FlowDirectory(flows).rows(f) for f in FLOWS)
    assert sink.closed
    assert done[-1] == 1.0


def test_the_timeline_holds_the_four_lanes_and_no_ordinary_site(flows: Path) -> None:
    sink = ListSink()
    judge(flows, None, [sink])
    shown = [event for events in sink.timelines.values() for event in events]
    assert {e.lane for e in shown} == {"calls", "messages", "sites", "money"}
    assert all(e.suspicious or e.kind in ("bank", "screen_share") for e in shown if e.lane == "sites")
    for alert in sink.got:
        assert all(e.at <= alert.raised_at for e in sink.timelines[alert.alert_id])


def test_whole_and_replayed_give_the_same_alerts(flows: Path) -> None:
    whole, replayed = ListSink(), ListSink()
    judge(flows, None, [whole])
    clock = PretendTime()
    judge(flows, None, [replayed], replay=600.0, pace=clock)
    assert replayed.got == whole.got
    first, last = FlowDirectory(flows).span()
    assert clock.at - 100.0 == pytest.approx((last - first) / 1e6 / 600, abs=2.0)


def test_a_replay_catches_up_and_then_keeps_the_pace(flows: Path) -> None:
    directory = FlowDirectory(flows)
    shift = 7 * 24 * H
    now = START + shift + 9 * H
    clock = PretendTime()
    seen: list[tuple[float, int]] = []
    how = Replay(speed=1.0, shift_us=shift, catch_up_until=now, until=now + 10 * M)
    for batch in read_batches(directory, how, pace=clock):
        for table in batch.values():
            seen += [(clock.at, at) for at in table.column("at").cast(pa.int64()).to_pylist()]
    assert min(at for _, at in seen) >= START + shift
    assert max(at for _, at in seen) < now + 10 * M
    assert {c for c, at in seen if at < now - 5 * M} == {100.0}
    live = [(c, at) for c, at in seen if at >= now]
    assert live
    for came, at in live:
        assert 0 <= (came - 100.0) - (at - now) / S <= 1.0


def test_suspects_and_clusters_are_handed_over_while_running_and_only_when_changed(flows: Path) -> None:
    sink = ListSink()
    judge(flows, None, [sink], replay=30.0, pace=PretendTime())
    assert len(sink.clocks) > len(sink.suspected) > 2
    assert len(sink.members) > 1
    assert not sink.suspected[0]
    assert not sink.members[0]
    for snapshots in (sink.suspected, sink.members):
        assert all(one != next_one for one, next_one in pairwise(snapshots))
    assert all(later - earlier >= M for earlier, later in pairwise(sink.handed_at[:-1]))


def test_list_changes_are_asked_for_before_every_batch_and_hold_from_then_on(tmp_path: Path) -> None:
    world = World(3)
    for minute in range(0, 60, 2):
        world.visit(START + minute * M, world.number(minute % 3), "shop.rare.cn")
    flows = world.write(tmp_path / "flows")
    entry = WatchlistEntry("host", "rare.cn", "测试名单", "console:1", 0, None)
    asked = 0

    def lists() -> Sequence[ListChange]:
        nonlocal asked
        asked += 1
        return {3: [ListChange(True, entry)], 7: [ListChange(False, entry)]}.get(asked, [])

    seen: list[int] = []

    def build(reference: Reference, weights: Weights | None) -> Engine:
        engine = keyword_engine(reference, weights)
        take = engine._take

        def noted(found: Any, raised: Any) -> None:
            if found.entity == "shop.rare.cn" and found.detector == "visit.listed_host":
                seen.append(found.at)
            take(found, raised)

        engine._take = noted  # type: ignore[method-assign]
        return engine

    run_directory(flows, None, lists=lists, build=build)
    assert asked == 12  # windows of five minutes
    assert seen == [START + minute * M for minute in range(10, 30, 2)]


def test_an_engine_that_catches_up_hands_over_no_half_of_what_it_knew(flows: Path) -> None:
    sink = ListSink()
    now = START + 9 * H + 30 * M
    judge(flows, None, [sink], Replay(speed=30.0, catch_up_until=now), pace=PassingTime())
    assert sink.clocks[0] < now <= min(sink.handed_at)
    assert sink.suspected[0]


def test_late_rows_are_rejected_with_the_flow_the_row_and_the_reason() -> None:
    world = World(2)
    world.visit(START + H, world.number(0), "a.cn")
    late = World(2)
    late.visit(START + H - 4 * M, world.number(1), "a.cn")
    late.visit(START + H - 6 * M, world.number(1), "a.cn")
    engine = world.engine()
    engine.push(world.batch())
    rejects = engine.push(late.batch()).rejects
    assert [(r.flow, r.row) for r in rejects] == [("visits", 0)]
    assert "360 s late, expected at most 300" in rejects[0].reason


def test_batches_read_ahead_are_the_same(flows: Path) -> None:
    plain = list(read_batches(FlowDirectory(flows)))
    assert len(plain) > 2
    assert list(read_ahead(read_batches(FlowDirectory(flows)))) == plain


def test_an_error_of_a_batch_read_ahead_comes_after_those_before() -> None:
    def batches() -> Iterator[dict[str, pa.Table]]:
        yield {}
        raise OSError("torn")

    ahead = read_ahead(batches())
    assert next(ahead) == {}
    with pytest.raises(OSError, match="torn"):
        next(ahead)
