"""The engine in one process: batches of flows in, alerts out, at once and in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa

from qingdun.contract.codes import CallPhase, TransferPhase
from qingdun.contract.lists import ListChange
from qingdun.contract.tables import FLOWS, OUTCOMES, Alert, ClusterMember, Outcome, Reject, Suspect
from qingdun.detect.clusters import Clusters, Shape, cluster_members
from qingdun.detect.correlate import Heard
from qingdun.detect.detectors.call_live_long import LiveLong
from qingdun.detect.detectors.person_cluster import Cluster
from qingdun.detect.evidence import (
    CALLS,
    HOUR_US,
    MESSAGES,
    VISITS,
    ContextEvent,
    Event,
    HostVerdict,
    Signal,
    Suspicion,
    Timer,
)
from qingdun.detect.following import Following
from qingdun.detect.marks import marks_of
from qingdun.detect.rarity import Rarity
from qingdun.detect.reference import Reference
from qingdun.detect.screens import Screens, SiteScorer, TextScorer
from qingdun.detect.sites.model import SiteModel
from qingdun.detect.text.model import TextModel
from qingdun.detect.tiles import layout
from qingdun.detect.tiles.traffic import FOR_EVER, Ints
from qingdun.detect.tiles.windows import Windows
from qingdun.detect.view import View
from qingdun.detect.waking import IN_CALL, NOBODY, Concern
from qingdun.detect.weights import Weights, load_weights
from qingdun.run.arrival import ARRIVAL, Arrival, Visits, carries_arrival, clocks_of, too_late
from qingdun.run.others import Columns, Others, Part
from qingdun.run.state import State, pack, unpack

_AFTER_THE_END_US = 60_000_000
"""How far past the last row `finish` lets timers run: an alert due between two rows must not depend on the
second.
"""

_JUDGED = (*FLOWS, OUTCOMES)

Batch = Mapping[str, pa.Table]


@dataclass(slots=True)
class Decisions:
    """What a batch brought: alerts in the order they were raised, the timeline behind each, rows not used."""

    alerts: list[Alert] = field(default_factory=list)
    context: dict[str, list[ContextEvent]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)


class Held(NamedTuple):
    """How much an engine keeps."""

    entities: int
    """Hosts, numbers, senders and accounts that were touched."""
    parties: int
    """Numbers and senders that called, were called, wrote or were written to."""
    array_bytes: int
    """What the arrays about them take, without the dictionaries of hosts and the register."""


class Engine:
    """Judges every row as it arrives.

    Rows of a batch are taken in the order (at, flow, id), or by a column `arrival` where the tables carry
    one. How a given arrival is cut into batches does not change the alerts.
    """

    def __init__(
        self,
        reference: Reference,
        weights: Weights | None = None,
        *,
        texts: TextScorer | None = None,
        sites: SiteScorer | None = None,
    ) -> None:
        """An engine that has seen nothing; `texts` and `sites` default to the shipped models."""
        self.weights = weights or load_weights()
        self._reference = reference
        self._texts, self._sites = texts or TextModel.load(), sites or SiteModel.load()
        self._begin(State(self.weights, Rarity.of(self.weights, reference.subscribers)))

    def _begin(self, state: State) -> None:
        self._state = state
        touches, waking = state.memory.touches, state.memory.waking
        lines = self._reference.lines
        self._numbers = touches.enrol((number, line.person_id) for number, line in lines.items())
        waking.enrol(len(self._numbers))
        state.memory.traffic.enrol(touches.number)
        money = state.memory.money
        holdings = self._reference.holdings.items()
        money.enrol(((account, one.person_id, one.kind) for account, one in holdings), touches.person)
        money.seat(touches.people())
        self._columns = Columns(state.memory.traffic, touches, money)
        self._following = Following(state.correlator, state.memory, self._reference, state.clock)
        self._screens = Screens(
            self.weights, self._reference.watchlist, self._texts, self._sites, self._concerns
        )
        self._view = View(
            self._reference,
            state.memory,
            state.suspicions,
            state.correlator,
            state.timers,
            Clusters(Shape.of(self.weights.detectors[Cluster.code].settings)),
            self.weights.site_probability,
        )
        self._view.now = state.clock
        for kind, entity in self._reference.watchlist.entities():
            self._look_at_listed(kind, entity)
        self._by_code = {detector.code: detector for detector in state.detectors}
        self._cluster = cast(Cluster, self._by_code[Cluster.code])
        self._by_flow = {flow.name: [d for d in state.detectors if flow.name in d.flows] for flow in _JUDGED}
        self._shown = {
            (flow, phase): [d for d in found if not (phase and d.phases and phase not in d.phases)]
            for flow, found in self._by_flow.items()
            for phase in ("", *CallPhase, *TransferPhase)
        }
        self._call_weights = self.weights.detectors["call.suspect_contact"]

    @property
    def clock(self) -> int:
        """The greatest `at` that has arrived, UTC microseconds."""
        return self._state.clock

    def push(self, batch: Batch) -> Decisions:
        """Every row of the batch is judged; what that brought."""
        decisions = Decisions()
        self._tidy()
        arrival, end = self._screen(batch, decisions)
        if end:
            self._go_through(arrival, end, decisions)
            self._state.clock = self._view.now = end
        return decisions

    def _go_through(self, arrival: Arrival, end: int, decisions: Decisions) -> None:
        """Rows and timers in their order. What is judged may make later rows worth judging."""
        memory, waking, hours = self._state.memory, self._state.memory.waking, arrival.hours()
        memory.traffic.begin(arrival.others.rows)
        memory.money.begin(arrival.others.rows)
        memory.touches.expect(2 * len(arrival.others))
        arrival.others.prepare(self._likely(arrival.others.rows))
        arrival.prepare(waking.initially())
        while True:
            visit = waking.first()
            clock = end if visit == len(arrival) else arrival.clock_at(visit)
            stop = self._proceed(arrival.others_before(visit), clock)
            if stop in (layout.OWN_TIMER, layout.ANOTHER_TIMER):
                timer = self._own_timer() if stop == layout.OWN_TIMER else self._state.timers.take()
                place = max(memory.touches.cursor, arrival.clock_passes(timer.at), self._reached(arrival))
                self._pass(hours, place)
                waking.reach(place)
                self._wake(timer, decisions)
            elif stop == layout.DONE:
                self._pass(hours, visit)
                if visit == len(arrival):
                    break
                if waking.holds(visit):
                    self._judge(arrival.take(waking), decisions)
                else:
                    arrival.pass_by(waking)
            else:
                self._come_to(arrival, hours, stop, decisions)
        memory.touches.finish()
        waking.finish()

    def _likely(self, rows: Ints) -> Ints:
        """The places of rows other than visits at which the pass will probably stop."""
        memory = self._state.memory
        likely = memory.traffic.likely(rows, memory.waking.numbers, memory.money.rare)
        transfers = np.flatnonzero(rows[:, layout.FLOW] == layout.TRANSFERS)
        return np.union1d(likely, transfers[memory.money.likely(rows[transfers])])

    def _come_to(
        self, arrival: Arrival, hours: list[tuple[int, int]], stop: int, decisions: Decisions
    ) -> None:
        """The row other than a visit at which the pass has stopped is judged, or begins an hour."""
        row = self._state.memory.traffic.next() - (stop == layout.ROW)
        place = int(arrival.cuts[row])
        self._pass(hours, place)
        if stop == layout.ENTERS_HOUR:
            self._sweep(int(arrival.others.rows[row, layout.CLOCK]))
            return
        self._state.memory.waking.reach(place)
        self._judge(arrival.others.event(row), decisions)

    def _proceed(self, upto: int, until: int) -> int:
        """Rows before `upto` and timers before `until` are counted, or up to one to be looked at."""
        memory = self._state.memory
        touches = memory.touches
        return memory.traffic.proceed(
            upto,
            until,
            self._state.timers.first(),
            memory.waking.numbers,
            touches.uncounted,
            touches.waiting,
            memory.money.tables(),
        )

    def _reached(self, arrival: Arrival) -> int:
        """The place among visits of the last row that was counted."""
        row = self._state.memory.traffic.next() - 1
        return int(arrival.cuts[row]) if row >= 0 else 0

    def _own_timer(self) -> Timer:
        at, victim, call, step = self._state.memory.traffic.own_timer()
        return Timer(at, 0, LiveLong.code, (victim, call, step))

    def _pass(self, hours: list[tuple[int, int]], place: int) -> None:
        """Visits before that place have gone by, and hours that began with one of them."""
        touches = self._state.memory.touches
        while hours and hours[0][0] < place:
            touches.cursor, hour = hours.pop(0)
            self._sweep(hour)
        touches.cursor = place

    def pass_on(self, visits: pa.Table) -> pa.Table:
        """Those of the visits, which come in order of time, that `push` would not leave out at once; all are
        counted. The first and the last stay, since they tell the time.

        Leaving out the others before they are pushed, here or elsewhere, changes no decision.
        """
        self._tidy()
        at = visits.column("at").cast(pa.int64()).to_numpy()
        if not len(at):
            return visits
        kept = self._visits(Visits(visits, at, np.maximum(at, self.clock), None))
        arrival = Arrival(Others([], []), kept, self._screens.host)
        self._pass(arrival.hours(), len(arrival))
        self._state.memory.touches.finish()
        self._state.memory.waking.finish()
        self._state.clock = self._view.now = max(self.clock, int(at[-1]))
        places = np.union1d(() if kept.chosen is None else kept.chosen, (0, len(at) - 1))
        return visits.take(pa.array(places.astype(np.int64)))

    def recall_calls(self, pairs: Ints, ended_at: Ints) -> None:
        """Who has spoken with whom before what will be pushed is known, and not judged: pairs of digests of
        numbers, and when their calls ended, in order of time."""
        self._state.memory.traffic.recall(pairs, ended_at)

    def recall_callers(self, callers: Windows, now: int) -> None:
        """So is what callers did before now, in any order."""
        self._state.memory.traffic.callers.merge(callers, now)

    def recall_transfers(self, transfers: pa.Table, now: int) -> None:
        """So is who has paid whom in transfers before now, in order of time, and what accounts received and
        paid."""
        self._state.memory.money.recall(transfers, now)

    def recalled(self, first: int, last: int) -> None:
        """The history, of that span, is known; what comes now comes after it."""
        began = self._state.memory.started_at
        self._state.memory.started_at = first if began is None else min(began, first)
        self._state.clock = self._view.now = max(self.clock, last)
        self._sweep(self.clock)

    def spoken(self) -> tuple[int, int]:
        """How many pairs are held that have spoken, and the bytes that takes."""
        return self._state.memory.traffic.spoken()

    def finish(self, until: int | None = None) -> Decisions:
        """Timers due up to `until` have fired; by default those due within the minute after the last row."""
        decisions = Decisions()
        end = (self._state.clock + _AFTER_THE_END_US if until is None else until) + 1
        self._state.memory.traffic.begin(Others([], []).rows)
        while (stop := self._proceed(0, end)) != layout.DONE:
            timer = self._own_timer() if stop == layout.OWN_TIMER else self._state.timers.take()
            self._wake(timer, decisions)
        return decisions

    def apply(self, changes: Iterable[ListChange]) -> None:
        """From the next row on the watchlist is as the changes say, in their order.

        They are a part of the arrival: an entry holds from its own time or, if that has passed, from the
        engine's clock now. A snapshot does not hold them.
        """
        watchlist, hosts = self._reference.watchlist, set()
        for listed, entry in changes:
            if listed:
                watchlist.add(entry._replace(since=max(entry.since, self._state.clock)))
            else:
                watchlist.remove(entry)
            if entry.entity_kind == "host":
                hosts.add(entry.entity)
            elif listed:
                self._look_at_listed(entry.entity_kind, entry.entity.strip())
        if hosts:
            self._screens.forget_verdicts(hosts)

    def take_back(self, outcomes: Iterable[Outcome]) -> None:
        """From the next row on these outcomes, told before and undone since, count for nothing.

        A part of the arrival, as `apply`. What the detectors said on outcomes of that person is gone until
        they are told of another; alerts that were raised stay.
        """
        for outcome in outcomes:
            for detector in self._by_flow[OUTCOMES.name]:
                detector.take_back(outcome)
                self._state.correlator.take_back(outcome.person_id, detector.code)

    def _look_at_listed(self, kind: str, entity: str) -> None:
        if kind in ("number", "sender"):
            self._state.memory.traffic.watch(entity)
        elif kind == "account":
            self._state.memory.money.look_at(entity, FOR_EVER)

    def listen(self, heard: Heard) -> None:
        """From now on `heard` is told of every weighing of a person; no snapshot holds it."""
        self._state.correlator.listen(heard)

    def suspects(self) -> list[Suspect]:
        """Entities held to be suspects now, the surest first."""
        return list(self._state.suspicions.rows())

    def clusters(self) -> list[ClusterMember]:
        """Suspects tied to each other now."""
        return cluster_members(self._view.operations(), self._state.suspicions.rows())

    def held(self) -> Held:
        """What is kept now, and in how many bytes."""
        memory = self._state.memory
        size = memory.touches.memory_bytes() + memory.traffic.memory_bytes() + memory.money.memory_bytes()
        return Held(len(memory.touches), len(memory.traffic.parties), size)

    def snapshot(self) -> bytes:
        """The whole state, to go on from with `restore`."""
        return pack(self._state, self.weights)

    def restore(self, snapshot: bytes) -> None:
        """The engine is where it was when the snapshot was taken. Only for snapshots of one's own.

        Errors: InputError if another version of the engine took it, or one of other weights, or if it cannot
        be read.
        """
        self._begin(unpack(snapshot, self.weights))

    def _screen(self, batch: Batch, decisions: Decisions) -> tuple[Arrival, int]:
        """The rows of a batch in order of arrival, and the clock after it (0 for an empty batch)."""
        tables = {f.name: batch[f.name] for f in _JUDGED if f.name in batch and batch[f.name].num_rows}
        if not tables:
            return Arrival(Others([], []), Visits.none(), self._screens.host), 0
        times = {name: table.column("at").cast(pa.int64()).to_numpy() for name, table in tables.items()}
        clocks = clocks_of(tables, times, self._state.clock)
        end = max(int(clock.max()) for clock in clocks.values())
        if self._state.memory.started_at is None:
            self._state.memory.started_at = min(int(clock.min()) for clock in clocks.values())
        lateness = round(self.weights.lateness_s * 1_000_000)
        has_arrival = carries_arrival(tables)
        parts: list[Part] = []
        visits = Visits.none()
        for name, rows in tables.items():
            at, clock = times[name], clocks[name]
            order = rows.column(ARRIVAL).to_numpy() if has_arrival else None
            late = at < clock - lateness
            if late.any():
                decisions.rejects += too_late(name, rows, at, clock, late, lateness)
                rows, at, clock = rows.filter(pa.array(~late)), at[~late], clock[~late]
                order = None if order is None else order[~late]
            if name == VISITS:
                visits = Visits(rows, at, clock, order)
            elif len(at):
                parts.append(Part(name, rows, at, clock, order).in_order())
        others = self._others(parts)
        return Arrival(others, self._visits(visits), self._screens.host), end

    def _others(self, parts: list[Part]) -> Others:
        """Rows other than visits, with the verdicts on messages; whoever is in a call in the batch counts as
        in one from its beginning on."""
        waking, columns = self._state.memory.waking, []
        for place, part in enumerate(parts):
            told = None
            if part.flow == MESSAGES:
                told = self._screens.messages(part.rows.column("text"))
                parts[place] = part = replace(part, verdicts=told.verdicts, told=told.of)
            rows = self._columns.of(part, told)
            if part.flow == CALLS:
                answered = rows[rows[:, layout.PHASE] == layout.ANSWERED]
                waking.set_all(IN_CALL, answered[:, [layout.ONE_LINE, layout.OTHER_LINE]].ravel())
            columns.append(rows)
        return Others(parts, columns)

    def _visits(self, visits: Visits) -> Visits:
        """Those that count, in order of arrival, with their hosts and subscribers as places."""
        touches, screens = self._state.memory.touches, self._screens
        visits = visits.in_order()
        if len(visits.at):
            touches.watch_from(int(visits.at[0]))
        kept, hosts = screens.visits(visits.rows.column("host"), visits.chosen, touches)
        visits = visits.only(kept).asked_by(self._numbers, hosts)
        self._state.memory.money.note_visits(
            touches.persons(visits.asked.number.astype(np.int64)), visits.asked.at
        )
        touches.begin(visits.asked, screens.plain(), screens.suspect())
        self._state.memory.waking.begin(visits.asked, screens.concerns(hosts, touches, visits.clock))
        return visits

    def _judge(self, event: Event, decisions: Decisions) -> None:
        state, view, row = self._state, self._view, event.row
        common = event.flow == "visits" and state.memory.is_common(row.host)
        if common and not self._screens.matters(event.verdict):
            # The screen lets such rows through or not, depending on where a batch ends; nobody may notice.
            return
        if event.flow == VISITS and state.visits.is_repeated(event):
            return
        self._sweep(event.clock)
        state.clock = view.now = event.clock
        if event.flow == "calls" and row.phase == "answered":
            self._answer(event)
        raised: list[Alert] = []
        for detector in self._shown[event.flow, getattr(row, "phase", "")]:
            for found in detector.observe(event, view):
                self._take(found, raised)
        state.context.record(event, view)
        self._hand_over(raised, decisions)

    def _answer(self, event: Event) -> None:
        stranger = self._state.memory.traffic.went_live()
        if stranger is not None:
            marks = marks_of(event.row, stranger, self._view, self._call_weights)
            self._state.memory.mark(event.id, marks)

    def _concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        found = NOBODY
        for detector in self._by_flow[VISITS]:
            found |= detector.concerns(verdict, common)
        return found

    def _tidy(self) -> None:
        """Places of hosts and other entities that nothing is known of any more are given anew."""
        touches, waking = self._state.memory.touches, self._state.memory.waking
        traffic, money = self._state.memory.traffic, self._state.memory.money
        traffic.tidy()
        money.tidy()
        places = touches.tidy(waking.watched(len(touches)))
        if places is not None:
            waking.renumber(places)
            traffic.renumber_entities(places)
            money.renumber_entities(places)
            self._screens.renumber(touches.known_hosts())

    def _wake(self, timer: Timer, decisions: Decisions) -> None:
        view = self._view
        view.now = max(timer.at, view.now)
        raised: list[Alert] = []
        for found in self._by_code[timer.detector].wake(timer, view):
            self._take(found, raised)
        self._hand_over(raised, decisions)

    def _take(self, found: Signal | Suspicion, raised: list[Alert]) -> None:
        if isinstance(found, Suspicion):
            news = self._state.suspicions.take(found, self._view.now)
            self._view.look_at(found.entity_kind, found.entity)
            if news and self._cluster.concerned_by(found, self._view):
                self._cluster.noticed(self._view)
            return
        alert = self._state.correlator.take(found, self._view.now)
        self._following.heard(found.person_id, self._view.now)
        if alert is not None:
            raised.append(alert)
        if self._state.correlator.alerted(found.person_id):
            self._cluster.noticed(self._view)

    def _hand_over(self, raised: Iterable[Alert], decisions: Decisions) -> None:
        for alert in raised:
            decisions.alerts.append(alert)
            decisions.context[alert.alert_id] = self._state.context.of(alert.person_id)

    def _sweep(self, now: int) -> None:
        """On the hour of event time what is too old is forgotten."""
        hour = now - now % HOUR_US
        if hour == self._state.swept_at:
            return
        self._state.swept_at = now = hour
        parts: list[Any] = [self._state.memory, self._state.suspicions, self._state.context]
        for part in (*parts, *self._state.detectors):
            part.forget(now)
        self._following.forget(now, self._state.correlator.forget(now))
        touches = self._state.memory.touches
        hosts = [touches.entity("host", host) for host in self._state.suspicions.hosts()]
        self._state.memory.waking.forget(~touches.has_circle(), hosts)
