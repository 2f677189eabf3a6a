"""What is true of the engine however rows arrive."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise
from operator import itemgetter
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.contract.lists import ListChange
from qingdun.contract.tables import Alert, WatchlistEntry
from qingdun.detect.evidence import FLOW_ORDER, HostVerdict
from qingdun.detect.suspicion import Suspected
from qingdun.detect.tiles import layout
from qingdun.detect.tiles.turnover import LARGEST_FEN
from qingdun.detect.tiles.windows import Windows
from qingdun.detect.waking import EVERYBODY, IN_CALL, Concern
from qingdun.detect.weights import Weights, load_weights, parse_weights
from qingdun.errors import InputError
from qingdun.run import state
from qingdun.run.embedded import Engine
from qingdun.run.others import Others, Part
from tests.run.stories import FAR, NEAR, gang, listened, relayed
from tests.run.world import JUDGED, START, H, KeywordSites, KeywordTexts, M, S, World, run

seeds = st.integers(0, 10_000)


def hasty() -> Weights:
    """Weights by which a host is new for two hours; opening one, or one that was sent, raises an alert;
    so does staying on the line after hanging up, and a pair of lines is suspect by itself."""
    source = copy.deepcopy(dict(load_weights().source))
    for code in ("visit.new_site", "visit.sent_site"):
        source["detectors"][code] |= {"worth": 1.0}
        source["detectors"][code]["bits"]["opened"] = 9.0
    source["detectors"]["call.hung_up"]["bits"]["stayed_outside"] = 12.0
    source["detectors"]["call.paired_lines"]["bits"]["some"] = 12.0
    source["detectors"]["visit.new_site"]["settings"]["new_h"] = 2
    return parse_weights(source)


def random_world(seed: int) -> World:
    world = World(6, weights=hasty())
    world.everyday(seed, hours=8, events=220)
    world.persons = 10  # four of whom nothing else is known
    world.message(START + 6 * H, "+8617900000001", world.number(6), "在吗 sent.cn")
    world.visit(START + M, world.number(9), "sent.cn")
    for i, host in enumerate(("sent.cn", "fresh.cn", "fresh.cn", "sent.cn")):
        world.visit(START + 6 * H + (1 + i * seed % 90) * M, world.number(6 + i), host)
    world.call(START + 7 * H + seed % 50 * M, "+44700009001", world.number(7), 12, "overseas")
    world.call(START + 7 * H + (seed % 50 + 1) * M, "+44700009002", world.number(7), 900, "overseas")
    relayed(world, START + (5 * 60 + seed % 60) * M)
    world.police_story()
    for minutes, result in ((13, "busy"), (13, "answered"), (20, "forwarded"), (44, "refused")):
        world.tried(START + 9 * H + minutes * M, 0, result)
    for hour in range(8):
        world.tried(START + hour * H + seed % 3600 * S, seed % 6)
    world.list("host", "b.cn")
    gang(world, START + 8 * H, watched=6 * H)
    return world


def in_order(world: World) -> list[tuple[str, Any]]:
    """All rows as the engine takes them from whole files: by (at, flow, id)."""
    rows = [(flow, row) for flow, found in world.rows.items() for row in found]
    return sorted(rows, key=lambda fr: (fr[1].at, FLOW_ORDER[fr[0]], fr[1][0] if fr[0] != "visits" else ""))


def pieces(rows: list[tuple[str, Any]], cuts: list[int]) -> list[dict[str, pa.Table]]:
    """Batches of the rows, cut at those places."""
    ends = [0, *sorted(c % (len(rows) + 1) for c in cuts), len(rows)]
    return [batch_of(rows[a:b]) for a, b in pairwise(ends)]


def batch_of(rows: list[tuple[str, Any]]) -> dict[str, pa.Table]:
    return {f.name: f.from_rows([r for name, r in rows if name == f.name]) for f in JUDGED}


def test_every_detector_has_a_part_in_what_is_drawn() -> None:
    """Not in every world: what is drawn last may come too late for some."""
    spoke = set[str]()
    for seed in range(3):
        world = random_world(seed)
        run(listened(world.engine(), spoke), [world.batch()])
    assert set(load_weights().detectors) - spoke <= {"visit.after_lure"}, "lured by what is drawn"


@settings(max_examples=8)
@given(seeds, st.lists(st.integers(0, 1000), max_size=6))
def test_how_an_arrival_is_cut_does_not_change_the_alerts(seed: int, cuts: list[int]) -> None:
    """Nor suspects and clusters, though whoever asks for clusters has their graph brought up to date."""
    world = random_world(seed)
    engine, cut = world.engine(), world.engine()
    whole = run(engine, [world.batch()])
    assert {"visit.new_site", "visit.sent_site", "call.hung_up"} <= {
        e.detector for alert in whole for e in alert.evidence
    }
    assert {NEAR, FAR} <= {suspect.entity for suspect in engine.suspects()}
    assert any("；已到账：近1小时" in why for suspect in engine.suspects() for why in suspect.reasons)
    alerts: list[Alert] = []
    for batch in pieces(in_order(world), cuts):
        alerts += cut.push(batch).alerts
        cut.clusters()
    assert [*alerts, *cut.finish().alerts] == whole
    assert cut.suspects() == engine.suspects()
    assert cut.clusters() == engine.clusters()


@settings(max_examples=8)
@given(seeds, st.lists(st.integers(0, 1000), max_size=5), st.integers(0, 1000), st.integers(0, 1000))
def test_list_changes_are_part_of_the_arrival(seed: int, cuts: list[int], on: int, off: int) -> None:
    """Entries that come and go between the same rows give the same alerts, wherever else it is cut."""
    rows = in_order(random_world(seed))
    on, off = sorted((on % (len(rows) + 1), off % (len(rows) + 1)))
    changes = [
        WatchlistEntry(kind, entity, "测试", "console:1", 0, None)
        for kind, entity in (("host", "rare.cn"), ("host", "a.cn"), ("number", "110"))
    ]

    def judged(places: list[int]) -> list[Alert]:
        engine = random_world(seed).engine()
        alerts: list[Alert] = []
        for a, b in pairwise([0, *sorted({on, off, *places} - {0, len(rows)}), len(rows)]):
            if a == on:
                engine.apply(ListChange(True, entry) for entry in changes)
            if a == off:
                engine.apply(ListChange(False, entry) for entry in changes)
            alerts += engine.push(batch_of(rows[a:b])).alerts
        return alerts + engine.finish().alerts

    assert judged([cut % (len(rows) + 1) for cut in cuts]) == judged([])


@settings(max_examples=6)
@given(seeds, st.lists(st.integers(0, 1000), max_size=4), st.randoms(use_true_random=False))
def test_rows_out_of_order_are_judged_in_order_of_arrival(seed: int, cuts: list[int], draw: Any) -> None:
    world = random_world(seed)
    delayed = sorted(
        in_order(world), key=lambda fr: fr[1].at + draw.choice([0, 0, 0, 60, 200, 900]) * 1_000_000
    )
    engine, in_pieces = world.engine(), world.engine()
    whole = run(engine, [arriving(delayed, 0)])
    cut_at = [0, *sorted(c % (len(delayed) + 1) for c in cuts), len(delayed)]
    cut = run(in_pieces, [arriving(delayed[a:b], a) for a, b in pairwise(cut_at)])
    assert cut == whole
    assert in_pieces.suspects() == engine.suspects()


def arriving(rows: list[tuple[str, Any]], first: int) -> dict[str, pa.Table]:
    """A batch whose column `arrival` tells the order in which rows came."""
    batch = batch_of(rows)
    return {
        name: table.append_column(
            "arrival", pa.array([first + i for i, (flow, _) in enumerate(rows) if flow == name], pa.int64())
        )
        for name, table in batch.items()
    }


@settings(max_examples=5)
@given(seeds, st.lists(st.integers(0, 1000), min_size=2, max_size=40))
def test_batches_delivered_twice_raise_nothing_twice(seed: int, cuts: list[int]) -> None:
    world = random_world(seed)
    batches = pieces(in_order(world), cuts)
    engine, again = world.engine(), world.engine()
    once = run(engine, batches)
    twice = run(again, [b for batch in batches for b in (batch, batch)])
    assert twice == once
    assert again.suspects() == engine.suspects()


def sent_about(world: World, host: str, at: int) -> None:
    """From half a minute later on six people are told of the host in scam texts; they open it in the next."""
    for person in range(1, 7):
        world.message(at + (30 + person) * S, f"+861790000008{person}", world.number(person), f"刷单 {host}")
        world.visit(at + (60 + person) * S, world.number(person), host)


@pytest.mark.parametrize(
    "batches", [[(0, 1)], [(0, 1), (0, 1)], [(1, 0)]], ids=["once", "again", "end first"]
)
def test_nobody_is_taken_for_somebody_in_a_call_who_is_in_none(batches: list[tuple[int, int]]) -> None:
    """Neither after rows that were told again nor after an end that came first: all their visits would be
    judged from then on."""
    world = World()
    world.call(START, "+8617900000001", world.number(0), 0)
    for minutes in (1, 62):
        world.visit(START + minutes * M, world.number(1), "a.cn")
    calls, visits = world.rows["calls"], world.rows["visits"]
    engine = world.engine()
    for batch in batches:
        engine.push(arriving([("calls", calls[place]) for place in batch], 0))
    engine.push(arriving([("visits", visit) for visit in visits], 2))
    assert not (engine._state.memory.waking.numbers & IN_CALL).any()


def test_amounts_beyond_reason_add_up_to_no_negative_sum() -> None:
    world = World()
    for person in (0, 1):
        world.transfer(START + person * M, world.account(person), "9900000001", (1 << 62) // 100)
    engine = world.engine()
    engine.push(world.batch())
    money = engine._state.memory.money
    assert money.taken("9900000001", START, START + H) == 2 * LARGEST_FEN
    assert money.turned("9900000001", START + H).received["1d"].total == 2 * LARGEST_FEN


@settings(max_examples=6)
@given(seeds, st.randoms(use_true_random=False))
def test_visits_that_each_come_again_within_the_lateness_change_nothing(seed: int, draw: Random) -> None:
    world = random_world(seed)
    for host in ("quiet.cn", "plain.cn"):
        at = START + draw.randrange(2 * 3600, 7 * 3600) * S
        sent_about(world, host, at)
        for _ in range(6):
            world.visit(at + draw.randrange(-100, 240) * S, world.number(draw.randrange(6)), host)
    rows = in_order(world)
    later = [(row.at + draw.choice([1, 20, 60, 200, 299]) * S, (flow, row)) for flow, row in rows]
    again = [(at, 1, one) for at, one in later if one[0] == "visits"]
    came = sorted([*((one[1].at, 0, one) for one in rows), *again], key=itemgetter(0, 1))
    engine, told_again = world.engine(), world.engine()
    once = run(engine, [arriving(rows, 0)])
    assert run(told_again, [arriving([one for _, _, one in came], 0)]) == once
    assert told_again.suspects() == engine.suspects()


@pytest.mark.parametrize("listed", [False, True])
def test_who_came_before_a_host_was_bad_is_not_judged_when_the_visit_comes_again(listed: bool) -> None:
    """Visits have no id; what was only counted at first is not judged by what is known now."""
    world, visitor = World(12), set[str]()
    world.visit(START + 10 * H, world.number(0), "quiet.cn")
    world.visit(START + 10 * H + M, world.number(8), "other.cn")
    if not listed:
        sent_about(world, "quiet.cn", START + 10 * H)
    engine, rows = world.engine(), in_order(world)
    engine.push(batch_of(rows))
    entry = WatchlistEntry("host", "quiet.cn", "测试", "console:1", 0, None)
    engine.apply([ListChange(True, entry)] * listed)
    engine.listen(lambda who, _, said: visitor.update(one.signal.detector for one in said if who == "p0"))
    assert listed or "quiet.cn" in {suspect.entity for suspect in engine.suspects()}
    engine.push(batch_of([("visits", row) for row in world.rows["visits"][:1]]))
    assert not {detector for detector in visitor if detector.startswith("visit.")}


@settings(max_examples=8)
@given(seeds, st.integers(0, 1000))
def test_going_on_from_a_snapshot_is_going_on(seed: int, cut: int) -> None:
    world = random_world(seed)
    first, second = pieces(in_order(world), [cut])
    engine = world.engine()
    whole = engine.push(first).alerts
    restored = world.engine()
    restored.restore(engine.snapshot())
    rest = [*engine.push(second).alerts, *engine.finish().alerts]
    again = [*restored.push(second).alerts, *restored.finish().alerts]
    assert again == rest
    assert restored.suspects() == engine.suspects()
    assert restored.clusters() == engine.clusters()
    assert [*whole, *rest] == run(world.engine(), [world.batch()])


@pytest.mark.parametrize(
    "harm",
    [
        lambda state: b"version 0, weights x\n" + state.partition(b"\n")[2],
        lambda state: state.replace(b"_Correlator", b"_Correlatos").replace(b"Correlator", b"Correlatos"),
        lambda state: state[: len(state) // 2],
        lambda state: b"",
    ],
    ids=["version", "class moved", "cut", "empty"],
)
def test_a_snapshot_that_cannot_be_gone_on_from_is_refused(harm: Callable[[bytes], bytes]) -> None:
    engine = World().engine()
    with pytest.raises(InputError, match=r"engine snapshot: .*begin anew"):
        engine.restore(harm(engine.snapshot()))


def with_an_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Windows.__init__

    def begin(self: Any, *args: Any, **named: Any) -> None:
        before(self, *args, **named)
        self.more = 0

    monkeypatch.setattr(Windows, "__init__", begin)


def with_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "PARTY_WIDTH", layout.PARTY_WIDTH + 1)


def with_a_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Suspected, "__dataclass_fields__", {**Suspected.__dataclass_fields__, "more": None})


@pytest.mark.parametrize("change", [with_an_attribute, with_a_column, with_a_field])
def test_a_snapshot_of_what_was_made_otherwise_is_refused(
    change: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not somebody has counted the version up: what lacks an attribute fails long after."""
    snapshot = World().engine().snapshot()
    change(monkeypatch)
    state._fresh.cache_clear()
    try:
        with pytest.raises(InputError, match=r"found 'version .*, expected 'version .*begin anew"):
            World().engine().restore(snapshot)
    finally:
        state._fresh.cache_clear()


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_host_forgotten_within_a_batch_is_new_in_it(cut: int) -> None:
    world = World(6, weights=hasty())
    for hours, host in ((0, "again.cn"), (14 * 24 - 1, "other.cn"), (14 * 24 + 1.5, "other.cn")):
        world.visit(START + round(hours * H), world.number(0), host)
    world.visit(START + (14 * 24 + 2) * H, world.number(1), "again.cn")
    alerts = run(world.engine(), pieces(in_order(world), [cut]))
    assert "p1" in {alert.person_id for alert in alerts}


def test_a_snapshot_of_other_weights_is_refused() -> None:
    state = World(weights=hasty()).engine().snapshot()
    with pytest.raises(
        InputError, match=r"engine snapshot: found 'version .*, expected 'version .*begin anew"
    ):
        World().engine().restore(state)


@settings(max_examples=4)
@given(seeds)
def test_no_alert_uses_what_came_after_it(seed: int) -> None:
    world = random_world(seed)
    whole = run(world.engine(), [world.batch()])
    for alert in whole:
        assert all(e.at <= alert.raised_at for e in alert.evidence)
    for alert in whole[:: max(1, len(whole) // 4)]:
        cut = [(flow, row) for flow, row in in_order(world) if row.at <= alert.raised_at]
        engine = world.engine()
        early = [*engine.push(batch_of(cut)).alerts, *engine.finish(alert.raised_at).alerts]
        assert upto(early, alert.raised_at) == upto(whole, alert.raised_at)


def upto(alerts: list[Alert], at: int) -> list[Alert]:
    return [a for a in alerts if a.raised_at <= at]


class Watchful(Engine):
    """Judges every row one by one, as if each concerned every detector."""

    def _concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        return EVERYBODY

    def _others(self, parts: list[Part]) -> Others:
        others = super()._others(parts)
        others.rows[:, layout.DUE] = 1
        return others


@settings(max_examples=10)
@given(seeds, st.lists(st.integers(0, 2000), max_size=5))
def test_rows_that_are_only_counted_would_have_said_nothing(seed: int, cuts: list[int]) -> None:
    world = browsing_world(seed)
    watchful = Watchful(world.reference(), texts=KeywordTexts(), sites=KeywordSites())
    engine = world.engine()
    memory = engine._state.memory
    memory.touches.spare = memory.traffic.spare = -10_000  # places are given anew with every batch
    everything = run(watchful, [world.batch()])
    assert everything
    assert run(engine, pieces(in_order(world), cuts)) == everything
    assert NEAR in {suspect.entity for suspect in engine.suspects()}
    assert engine.suspects() == watchful.suspects()
    assert engine.clusters() == watchful.clusters()


def browsing_world(seed: int) -> World:
    """Days of people who ask for much, some of it bad, more of it rare, most of it common."""
    world, draw = World(30), Random(seed)
    world.everyday(seed, hours=30, events=150)
    world.strangers(seed, hours=60, events=250)
    hosts = ["web.telegram.org", "todesk.com", "m.icbc.com.cn", "fake.cn", "listed.cn", "a.listed.cn"]
    for _ in range(900):
        host = draw.choice([*hosts, *(f"r{draw.randrange(8)}.cn" for _ in hosts), "www.common.cn"])
        at, person = START + draw.randrange(80 * 3600) * S, draw.randrange(34)
        world.visit(at, world.number(person), host)
    for _ in range(12):  # hosts that are new here
        at = START + draw.randrange(60 * 3600, 80 * 3600) * S
        world.visit(at, world.number(draw.randrange(34)), f"fake{draw.randrange(3)}.cn")
    relayed(world, START + 30 * H)
    world.call(START + 31 * H, "+44700009001", world.number(7), 12, "overseas")
    world.call(START + 31 * H + M, "+44700009002", world.number(7), 900, "overseas")
    world.list("host", "listed.cn")
    return world


@settings(max_examples=8)
@given(seeds)
def test_prior_and_bits_add_up_to_the_probability(seed: int) -> None:
    prior = load_weights().prior_bits
    for alert in random_world(seed).alerts():
        odds = prior + sum(e.bits for e in alert.evidence)
        assert alert.probability == pytest.approx(1 / (1 + 2**-odds), abs=1e-9)


@settings(max_examples=8)
@given(seeds)
def test_an_episode_names_each_level_once_and_rises(seed: int) -> None:
    order = ["low", "medium", "high", "urgent"]
    seen: dict[str, list[str]] = {}
    alerts = random_world(seed).alerts()
    assert len({a.alert_id for a in alerts}) == len(alerts)
    for alert in alerts:
        seen.setdefault(alert.episode_id, []).append(alert.level)
    for levels in seen.values():
        ranks = [order.index(level) for level in levels]
        assert ranks == sorted(set(ranks))
