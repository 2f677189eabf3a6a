"""Rows that come late: those within the lateness count where they belong, later ones are rejects, counted.

What the engine makes of an arrival in batches, killed and gone on from snapshots, is what a plain pass makes
of it: row by row, each judged as if it concerned everybody, and figures counted anew from all rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.contract.tables import Alert, Reject
from qingdun.detect.evidence import FLOW_ORDER, MINUTE_US
from qingdun.detect.tiles import tallying
from qingdun.detect.tiles.letters import digest
from qingdun.detect.tiles.touches import Seen
from qingdun.detect.tiles.windows import LENGTHS, MINUTES
from qingdun.run.embedded import Decisions, Engine
from tests.detect.tiles.test_windows import Row
from tests.detect.tiles.test_windows import naive as counted
from tests.laws.test_engine import Watchful, batch_of, in_order, random_world, seeds
from tests.run.world import KeywordSites, KeywordTexts, S, World, everything

LATENESS_S = 300
DELAYS_S = (0, 0, 0, 0, 7, 60, 240, LATENESS_S, LATENESS_S + 1, 900, 7200)
"""How late rows come; those behind somebody who came with them are as late as that makes them."""


class Arrived(NamedTuple):
    """A row, and its place among all that came."""

    place: int
    flow: str
    row: Any


def arrived(world: World, draw: Random) -> list[Arrived]:
    """The rows of the world as they come: some late, some too late, some twice."""
    rows = in_order(world)
    rows += draw.sample(rows, len(rows) // 10)
    came = sorted(((row.at + draw.choice(DELAYS_S) * S, flow, row) for flow, row in rows), key=itemgetter(0))
    return [Arrived(place, flow, row) for place, (_, flow, row) in enumerate(came)]


def plain_pass(world: World, arrival: Iterable[Arrived]) -> tuple[list[Alert], list[Reject], list[Arrived]]:
    """Row by row: alerts, what is too late, and what is not."""
    engine = Watchful(world.reference(), world.weights, texts=KeywordTexts(), sites=KeywordSites())
    alerts: list[Alert] = []
    rejects: list[Reject] = []
    taken: list[Arrived] = []
    clock = 0
    for one in arrival:
        clock = max(clock, one.row.at)
        late = clock - one.row.at
        if late > LATENESS_S * S:
            reason = f"at: {late // S} s late, expected at most {LATENESS_S}"
            rejects.append(Reject(one.flow, one.place, reason))
            continue
        taken.append(one)
        alerts += engine.push(batch_of([(one.flow, one.row)])).alerts
    return [*alerts, *engine.finish().alerts], rejects, taken


def table_of(batch: Sequence[Arrived], ordered: bool) -> dict[str, pa.Table]:
    """The batch as tables that know the place of every row, and in that order if `ordered`."""
    tables = batch_of([(one.flow, one.row) for one in batch])
    for name, table in tables.items():
        places = pa.array([one.place for one in batch if one.flow == name], pa.int64())
        for column in ("row", "arrival")[: 2 if ordered else 1]:
            table = table.append_column(column, places)
        tables[name] = table
    return tables


def in_batches(
    world: World, batches: Iterable[Sequence[Arrived]], ordered: bool, draw: Random
) -> tuple[Engine, list[Decisions]]:
    """What the engine decides on the batches; now and then another goes on from its snapshot."""
    engine, decisions = world.engine(), []
    for batch in batches:
        decisions.append(engine.push(table_of(batch, ordered)))
        if draw.random() < 0.3:
            state, engine = engine.snapshot(), world.engine()
            engine.restore(state)
    decisions.append(engine.finish())
    return engine, decisions


@settings(max_examples=12)
@given(seeds, st.lists(st.integers(0, 2000), max_size=6), st.booleans(), st.randoms(use_true_random=False))
def test_late_rows_count_and_later_ones_are_rejected_as_in_a_plain_pass(
    seed: int, cuts: list[int], ordered: bool, draw: Random
) -> None:
    """Where rows say in what order they came, and where each batch is taken in the order of time."""
    world = random_world(seed)
    arrival = arrived(world, draw)
    ends = [0, *sorted(cut % (len(arrival) + 1) for cut in cuts), len(arrival)]
    batches = [arrival[a:b] for a, b in pairwise(ends)]
    engine, decisions = in_batches(world, batches, ordered, draw)
    taken_in = [one for batch in batches for one in (batch if ordered else by_time(batch))]
    alerts, rejects, taken = plain_pass(world, taken_in)
    assert len(rejects) > 5 or not ordered
    assert sorted(r for d in decisions for r in d.rejects) == sorted(rejects)
    assert everything(decisions) == alerts
    facts = Facts.of(taken)
    for later in range(0, 90 * MINUTE_US, 4 * MINUTE_US):  # the windows end at all sorts of rows
        assert figures(engine, facts, engine.clock + later) == figures_plainly(facts, engine.clock + later)


def by_time(batch: Sequence[Arrived]) -> list[Arrived]:
    """As whole files are read: by (at, flow, id)."""
    return sorted(batch, key=lambda one: (one.row.at, FLOW_ORDER[one.flow], the_id(one)))


def the_id(one: Arrived) -> str:
    row = one.row
    if one.flow == "outcomes":
        return f"{row.person_id} {row.at} {row.result}"
    return "" if one.flow == "visits" else str(row[0])


class Facts(NamedTuple):
    """The rows that count, each once."""

    calls: list[Any]
    settled: list[Any]
    visits: list[Any]

    @classmethod
    def of(cls, taken: Iterable[Arrived]) -> Facts:
        """A row is known again by its id and phase; of visits the windows count different persons."""
        once = {(one.flow, one.row[0], one.row.phase): one for one in taken if "phase" in one.row._fields}
        rows = [(one.flow, one.row) for one in once.values()]
        return cls(
            [row for flow, row in rows if flow == "calls"],
            [row for flow, row in rows if flow == "transfers" and row.phase == "settled"],
            [one.row for one in taken if one.flow == "visits"],
        )


def figures(engine: Engine, facts: Facts, now: int) -> list[Any]:
    """What the tiles say at that time of every caller, every account and every host."""
    memory = engine._state.memory
    accounts = {name for row in facts.settled for name in (row.payer_account, row.payee_account)}
    return [
        {caller: memory.traffic.pace(caller, now) for caller in {row.caller for row in facts.calls}},
        {account: tuple(memory.money.turned(account, now)) for account in accounts},
        {host: memory.touches.seen(host, now) for host in {row.host for row in facts.visits}},
    ]


def figures_plainly(facts: Facts, now: int) -> list[Any]:
    """The same, counted row by row."""
    called = {row.caller: [one for one in facts.calls if one.caller == row.caller] for row in facts.calls}
    accounts = {name for row in facts.settled for name in (row.payer_account, row.payee_account)}
    return [
        {caller: in_windows(caller, [a_call(row) for row in rows], now) for caller, rows in called.items()},
        {account: turned(account, facts.settled, now) for account in accounts},
        {host: seen(host, facts.visits, now) for host in {row.host for row in facts.visits}},
    ]


def a_call(row: Any) -> tuple[str, int, int, int]:
    ended, answered = row.phase == "ended", row.phase == "answered"
    what = tallying.MEASURED if ended else tallying.BEGINS | (tallying.MARKED if answered else 0)
    return row.callee, row.at, what, row.duration_s


def turned(account: str, settled: Iterable[Any], now: int) -> Any:
    what = tallying.BEGINS | tallying.MEASURED
    came = [(r.payer_account, r.at, what, r.amount_fen) for r in settled if r.payee_account == account]
    went = [(r.payee_account, r.at, what, r.amount_fen) for r in settled if r.payer_account == account]
    return in_windows(account, came, now), in_windows(account, went, now)


def in_windows(one: str, rows: Iterable[tuple[str, int, int, int]], now: int) -> Any:
    own = [Row(digest(one), digest(other), *about) for other, *about in rows]
    return {name: counted(own, digest(one), now, *LENGTHS[name]) for name in LENGTHS}


def seen(host: str, visits: Iterable[Any], now: int) -> Any:
    asked = [(row.subscriber, row.at) for row in visits if row.host == host]
    since = {name: now // MINUTE_US - minutes for name, minutes in MINUTES.items()}
    counts = {name: len({who for who, at in asked if at // MINUTE_US > since[name]}) for name in MINUTES}
    return Seen(min(at for _, at in asked), counts)
