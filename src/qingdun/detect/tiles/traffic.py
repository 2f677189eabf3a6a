"""Who has called, written to and spoken with whom, in integer-coded tables that compiled loops fill.

- *fans*: the different numbers that a number called since its first call of the day, what came of the calls
  and who called back; *devices*: the numbers that called from each;
- *mails*: to how many a sender wrote since its first message of the day, and to how many suspicious texts;
- *callers*: what each caller did in windows of ten minutes to seven days (`windows`);
- *live* calls, and the pairs that have *spoken*; ids that were *seen*, so that no row counts twice.

Rows go by in their order (`passing.proceed`) until one comes that some detector must look at. Nothing is
estimated: distinct numbers are counted one by one, and what is a day old or more is forgotten; but
windows hold what they are long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.detect.evidence import DAY_US, MINUTE_US
from qingdun.detect.tiles import distinct, open_tables, passing, speaking
from qingdun.detect.tiles import layout as c
from qingdun.detect.tiles.codes import UNKNOWN, Codes, larger
from qingdun.detect.tiles.devices import thin
from qingdun.detect.tiles.letters import digest
from qingdun.detect.tiles.timing import MINUTES
from qingdun.detect.tiles.touches import Placed
from qingdun.detect.tiles.windows import Figures, Windows
from qingdun.detect.weights import DetectorWeights

Ints = npt.NDArray[np.int64]

WATCH_US = 31 * DAY_US
"""Longer than any suspicion is held without news."""
FOR_EVER = 1 << 62
_SPARE = 100_000
"""Parties that may be stale before their numbers are given anew."""


class FanOut(NamedTuple):
    """What one number has done since its first call of the day."""

    since: int
    callees: int
    attempts: int
    answered: int
    invalid: int
    overseas: int
    voip: int
    called_back: int
    strangers_abroad: int
    """How many of the called, on calls from abroad, had never spoken with it before the last day."""


class Mailed(NamedTuple):
    """To how many one sender has written since its first message of the day."""

    suspicious: int
    """Of whom so many got a suspicious text."""
    recipients: int


class Live(NamedTuple):
    """A call that was answered and has not ended."""

    call: int
    """A digest of its id."""
    caller: str
    callee: str
    answered_at: int
    stranger: bool


class OwnTimer(NamedTuple):
    """A call between strangers that still runs after so many minutes, by step."""

    at: int
    victim: str
    call: int
    step: int


def call_digest(call_id: str) -> int:
    """What stands for the call of that id; never 0."""
    return digest(call_id) | 1


class Traffic:
    """The tables, and the pass through a batch."""

    def __init__(self, detectors: Mapping[str, DetectorWeights]) -> None:
        self.parties, self._imeis = Codes(), Codes()
        self._figures = np.zeros((0, c.PARTY_WIDTH), np.int64)
        self._as = {kind: np.zeros(0, np.int64) for kind in ("number", "sender")}
        """By party: its place among the touched entities of that kind, or `UNKNOWN`."""
        self._devices, self._nodes = np.zeros((0, 2), np.int64), np.zeros((0, 3), np.int64)
        self._heap = np.zeros((1, 5), np.int64)
        self._fans, self._mails = open_tables.empty(3), open_tables.empty(3)
        self._spoken, self._seen = open_tables.empty(3), open_tables.empty(2)
        self.callers = Windows()
        self._watched = set[int]()
        """Parties whose calls and messages are looked at."""
        self._tidied = 0
        self.spare = _SPARE
        self._cells = np.zeros(c.CELLS, np.int64)
        self._cells[[c.PENDING, c.FREE_NODE]] = -1
        self._bound(detectors)
        self._place: Callable[[str], int] = _nowhere
        self._entered = 0
        """Parties whose place in the register is known."""
        self._rows = np.zeros((1, c.ROW_WIDTH), np.int64)

    def _bound(self, detectors: Mapping[str, DetectorWeights]) -> None:
        """The detectors' thresholds."""
        cells, talk = self._cells, detectors["call.live_long"].millibits
        cells[c.LEAST_CALLEES] = math.ceil(detectors["call.fanout"].settings["least_callees"])
        cells[c.LEAST_ABROAD] = math.ceil(detectors["call.fanout"].settings["few_abroad"])
        cells[c.LEAST_NUMBERS] = math.ceil(detectors["call.shared_device"].settings["least_numbers"])
        cells[c.STRANGER_S] = math.ceil(detectors["call.official"].settings["stranger_min"] * 60)
        cells[c.CODE_US] = round(detectors["message.code_at_site"].settings["within_min"] * MINUTE_US)
        speaks = (talk[f"stranger_{minutes}"] > 0 for minutes in MINUTES)
        cells[c.SPEAKS] = sum(1 << step for step, bit in enumerate(speaks) if bit)

    def enrol(self, place: Callable[[str], int]) -> None:
        """`place` tells where a number stands in the register, or `UNKNOWN`."""
        self._place, self._entered = place, 0
        self.enter()

    # The pass through a batch.

    def enter(self) -> None:
        """Every party and device has its figures."""
        count, known = len(self.parties), len(self._figures)
        if count > known:
            self._figures = larger(self._figures, count)
            fresh = self._figures[known:]
            fresh[:, [c.SINCE, c.MAILED_SINCE]], fresh[:, c.LINE] = c.NEVER, UNKNOWN
            for kind, places in self._as.items():
                self._as[kind] = larger(places, len(self._figures))
                self._as[kind][known:] = UNKNOWN
        if count > self._entered:
            fresh = np.arange(self._entered, count)
            self._figures[fresh, c.LINE] = [*map(self._place, self.parties.names(fresh))]
        self._entered = count
        if len(self._imeis) > len(self._devices):
            known = len(self._devices)
            self._devices = larger(self._devices, len(self._imeis))
            self._devices[known:, c.HEAD] = -1

    def lines(self, parties: Ints) -> Ints:
        """Their places in the register."""
        return np.asarray(self._figures[parties, c.LINE])

    def devices(self, imeis: Any) -> Ints:
        """The devices' numbers."""
        return self._imeis.of(imeis)

    def entities(self, kind: str, parties: Ints, placed: Placed) -> Ints:
        """The places of the parties among the touched entities of that kind."""
        places = self._as[kind]
        fresh = np.unique(parties[places[parties] == UNKNOWN])
        places[fresh] = placed(kind, self.parties.names(fresh))
        return places[parties]

    def renumber_entities(self, moved: npt.NDArray[np.int32]) -> None:
        """Touched entities have new places, or −1 and none."""
        for places in self._as.values():
            known = places >= 0
            places[known] = moved[places[known]]

    def begin(self, rows: Ints) -> None:
        """These rows are next."""
        more, cells = len(rows), self._cells
        self._rows = rows if more else np.zeros((1, c.ROW_WIDTH), np.int64)
        cells[[c.NEXT, c.UPTO]], cells[c.PENDING] = 0, -1
        self._nodes = _with_room(self._nodes, int(cells[c.NODES]) + more)
        self._heap = _with_room(self._heap, int(cells[c.HEAP]) + more + 1)
        self._fans = open_tables.with_room(self._fans, cells[c.FANS :], more, self._are_counted)
        self._mails = open_tables.with_room(self._mails, cells[c.MAILS :], more, self._are_counted)
        if calls := int((rows[:, c.FLOW] == c.CALLS).sum()):
            self.callers.expect(calls, int(rows[0, c.CLOCK]))
        self._room_to_speak(more)
        self._seen = open_tables.held_with_room(self._seen, cells[c.SEEN :], more)

    def _room_to_speak(self, more: int) -> None:
        self._spoken = open_tables.held_with_room(self._spoken, self._cells[c.SPOKEN :], more)

    def recall(self, pairs: Ints, ended_at: Ints) -> None:
        """Pairs (`speaking.pairs_of` digests) had calls that ended then, in order of time: they have spoken
        as if their rows had gone by."""
        self._room_to_speak(len(pairs))
        speaking.speak_all(self._cells, self._spoken, pairs, ended_at)

    def spoken(self) -> tuple[int, int]:
        """How many pairs are held that have spoken, and the bytes that takes."""
        return int(self._cells[c.SPOKEN]), self._spoken.nbytes

    def _are_counted(self, rows: Ints) -> npt.NDArray[np.bool_]:
        return np.asarray(rows[:, open_tables.WHEN] >= self._cells[c.SWEPT] - DAY_US)

    def proceed(
        self,
        upto: int,
        until: int,
        other_timer: tuple[int, int],
        flags: npt.NDArray[np.uint8],
        touched: Ints,
        waiting: Ints,
        money: tuple[Any, ...],
    ) -> int:
        """Rows before `upto` and timers before `until` are counted, or up to where the pass stops, and why.

        `flags` are the conditions that hold of subscribers; touches go into `touched`; transfers are counted
        in `money`.
        """
        cells = self._cells
        cells[c.UPTO], cells[c.UNTIL] = upto, until
        cells[c.OTHER_TIMER], cells[c.OTHER_NUMBER] = other_timer
        tables = self._fans, self._mails, self._spoken, self._seen
        owned = self._figures, self._devices, self._nodes, self._heap
        callers = self.callers.tiles()
        seen_by = flags, touched, waiting, callers, money
        return int(passing.proceed(cells, self._rows, *owned, *tables, *seen_by))

    def next(self) -> int:
        """The row that the pass comes to next."""
        return int(self._cells[c.NEXT])

    def timer_number(self) -> int:
        """One more than that of all timers before."""
        self._cells[c.TIMERS] += 1
        return int(self._cells[c.TIMERS])

    def own_timer(self) -> OwnTimer:
        """The timer at which the pass has stopped."""
        at, _, party, call, step = self._cells[c.TIMER_AT : c.TIMER_STEP + 1].tolist()
        return OwnTimer(at, self.parties.name(party), call, step)

    def likely(self, rows: Ints, flags: npt.NDArray[np.uint8], rare: Ints) -> Ints:
        """The places of rows at which the pass will probably stop. `rare`: see `Money`."""
        due = (rows[:, c.DUE] == c.ALWAYS) | (rows[:, c.FLOW] == c.OTHERS)
        codes = np.flatnonzero(rows[:, c.DUE] == c.CODE)
        line, person, since = rows[codes][:, [c.OTHER_LINE, c.OTHER_PERSON, c.AT]].T
        lately = (person >= 0) & (np.append(rare, c.NEVER)[person] >= since - self._cells[c.CODE_US])
        due[codes] = lately | (flags[line] & (c.FOLLOWED | c.IN_CALL) != 0)
        ours = np.flatnonzero(~due & (rows[:, c.FLOW] != c.TRANSFERS))
        one, other = rows[ours, c.ONE], rows[ours, c.OTHER]
        watched = self._figures[one, c.WATCHED] != 0
        watched |= (self._figures[other, c.WATCHED] != 0) & (rows[ours, c.PHASE] == c.ANSWERED)
        known = flags[rows[ours, c.ONE_LINE]] | flags[rows[ours, c.OTHER_LINE]]
        touching = (rows[ours, c.FLOW] != c.MESSAGES) | (rows[ours, c.ONE_ENTITY] >= 0)
        due[ours] |= watched | (touching & (known & c.FOLLOWED != 0))
        due |= self._goes_on(rows, due)
        return np.flatnonzero(due)

    def _goes_on(self, rows: Ints, due: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Calls to somebody who is in one, and the ends of calls that are looked at, were or will be."""
        phase, call = rows[:, c.PHASE], rows[:, c.CALL]
        calls = np.flatnonzero(rows[:, c.FLOW] == c.CALLS)
        goes_on = np.zeros(len(rows), np.bool_)
        live = self._figures[rows[calls, c.OTHER]]
        long = (live[:, c.LIVE_STRANGER] != 0) & (rows[calls, c.LASTED] >= self._cells[c.STRANGER_S])
        judged = (live[:, c.LIVE] == call[calls]) & (long | (live[:, c.LIVE_JUDGED] != 0))
        judged |= np.isin(call[calls], call[due & (phase == c.ANSWERED)])
        goes_on[calls] = (phase[calls] == c.ENDED) & judged
        goes_on[calls] |= (phase[calls] == c.TURNED_AWAY) & (live[:, c.LIVE] != 0)
        return goes_on

    # Figures of the row at which the pass has stopped.

    def fanned_out(self) -> FanOut | None:
        """What its caller has done, if it has called so many more that it is to be weighed."""
        if not self._cells[c.FANNED_OUT]:
            return None
        row = self._figures[self._rows[self._cells[c.PENDING], c.ONE]]
        return FanOut(*row[c.SINCE : c.JUDGED_AT].tolist())

    def pace(self, caller: str, now: int) -> dict[str, Figures]:
        """What it did in each window that ends now, by the name of the window (`windows.LENGTHS`); answered
        calls are marked, amounts are seconds of calls that ended."""
        return self.callers.figures(digest(caller), now)

    def crowd(self) -> list[tuple[str, int]]:
        """The numbers that called from its device, with the time of the last call, if it is one more and they
        are many."""
        if not self._cells[c.CROWDED]:
            return []
        device = self._rows[self._cells[c.PENDING], c.DEVICE]
        found, node = [], int(self._devices[device, c.HEAD])
        while node >= 0:
            party, at, node = self._nodes[node].tolist()
            found.append((self.parties.name(party), at))
        return found

    def mailed(self) -> Mailed | None:
        """To whom its sender has written, if one more person has had a suspicious text."""
        fresh, people, recipients = self._cells[c.FRESH : c.ALL_PEOPLE + 1].tolist()
        return Mailed(people, recipients) if fresh else None

    def went_live(self) -> bool | None:
        """Whether it is between strangers, if it began a call; None if it did not."""
        return bool(self._cells[c.STRANGERS]) if self._cells[c.WENT_LIVE] else None

    # Questions, answered as of that row.

    def live(self, number: str) -> Live | None:
        """The call the number is in."""
        party = self.parties.find(number)
        if party == UNKNOWN or not self._figures[party, c.LIVE]:
            return None
        call, one, other, at, stranger = self._figures[party, c.LIVE : c.LIVE_JUDGED].tolist()
        return Live(call, self.parties.name(one), self.parties.name(other), at, bool(stranger))

    def have_spoken(self, one: str, other: str) -> bool:
        """Whether the two had a call with each other before the last day."""
        pair = speaking.pair_of(digest(one), digest(other))
        return bool(speaking.have_spoken(self._cells, self._spoken, pair))

    def watch(self, name: str, until: int = FOR_EVER) -> None:
        """Calls and messages of the party are looked at."""
        party = self.parties.find(name)
        if party == UNKNOWN:
            party = self.parties.add(name)
            self.enter()
        self._figures[party, c.WATCHED] = max(self._figures[party, c.WATCHED], until)
        self._watched.add(party)

    # Forgetting.

    def forget(self, now: int, longest_us: int) -> None:
        """Calls that began longer ago are over."""
        self._cells[c.SWEPT] = now
        figures = self._figures
        for party in [one for one in self._watched if figures[one, c.WATCHED] < now]:
            figures[party, c.WATCHED] = 0
            self._watched.remove(party)
        over = np.flatnonzero(figures[: len(self.parties), c.LIVE])
        over = over[figures[over, c.LIVE_AT] < now - longest_us]
        figures[over, c.LIVE] = 0

    def lines_in_calls(self) -> Ints:
        """The register places of those who are in a live call; −1 of others."""
        figures = self._figures[: len(self.parties)]
        return np.asarray(figures[figures[:, c.LIVE] != 0, c.LINE])

    def live_calls(self) -> set[int]:
        """Digests of all live calls."""
        calls = self._figures[: len(self.parties), c.LIVE]
        return set(calls[calls != 0].tolist())

    def tidy(self) -> None:
        """Between batches: parties and devices of which nothing is known any more are gone, and the others
        numbered anew; not before there are twice as many and `spare` as when last done."""
        count = len(self.parties)
        if count <= 2 * self._tidied + self.spare:
            return
        used = self._in_use(count)
        places = np.where(used, np.cumsum(used) - 1, UNKNOWN)
        kept = np.flatnonzero(used)
        self._rows = np.zeros((1, c.ROW_WIDTH), np.int64)
        self._fans = _moved(self._fans, self._cells[c.FANS :], places, self._are_counted)
        self._mails = _moved(self._mails, self._cells[c.MAILS :], places, self._are_counted)
        self._tidy_devices(places)
        timers = self._heap[: self._cells[c.HEAP]]
        timers[:, c.DUE_PARTY] = places[timers[:, c.DUE_PARTY]]
        self._figures = self._figures[kept]
        live = self._figures[:, c.LIVE] != 0
        for column in (c.LIVE_ONE, c.LIVE_OTHER):
            self._figures[live, column] = places[self._figures[live, column]]
        self._as = {kind: known[kept] for kind, known in self._as.items()}
        self.parties.only(kept)
        self._watched = {int(places[party]) for party in self._watched}
        self._tidied = self._entered = len(kept)

    def _in_use(self, count: int) -> npt.NDArray[np.bool_]:
        figures = self._figures[:count]
        since = self._cells[c.SWEPT] - DAY_US
        live = figures[:, c.LIVE] != 0
        used = (figures[:, c.WATCHED] != 0) | live
        used |= (figures[:, c.SINCE] >= since) | (figures[:, c.MAILED_SINCE] >= since)
        used[figures[live, c.LIVE_ONE]] = used[figures[live, c.LIVE_OTHER]] = True
        used[self._heap[: self._cells[c.HEAP], c.DUE_PARTY]] = True
        for table in (self._fans, self._mails):
            one, other = distinct.parties_of(open_tables.rows_of(table, self._are_counted))
            used[one] = used[other] = True
        nodes = self._nodes[: self._cells[c.NODES]]
        used[nodes[(nodes[:, c.PARTY] >= 0) & (nodes[:, c.USED_AT] >= since), c.PARTY]] = True
        return np.asarray(used)

    def _tidy_devices(self, places: Ints) -> None:
        """Devices from which nobody has called for a day are gone; their numbers are parties anew."""
        since = self._cells[c.SWEPT] - DAY_US
        devices = np.full((len(self._imeis), 2), 0, np.int64)
        devices[:, c.HEAD] = -1
        nodes = np.zeros((len(self._nodes), 3), np.int64)
        taken = int(thin(self._devices[: len(devices)], self._nodes, devices, nodes, places, since))
        kept = np.flatnonzero(devices[:, c.SIZE])
        self._devices, self._nodes = devices[kept], nodes[:taken]
        self._cells[c.NODES], self._cells[c.FREE_NODE] = taken, -1
        self._imeis.only(kept)

    def memory_bytes(self) -> int:
        """What the tables and the names of all parties take."""
        tables = (self._figures, *self._as.values(), self._devices, self._nodes, self._heap)
        tables += (self._fans, self._mails, self._spoken, self._seen)
        return (
            sum(t.nbytes for t in tables)
            + self.callers.memory_bytes()
            + self.parties.memory_bytes()
            + self._imeis.memory_bytes()
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_rows": np.zeros((1, c.ROW_WIDTH), np.int64), "_place": _nowhere}


def _nowhere(_name: str) -> int:
    return UNKNOWN


def _with_room(table: Ints, length: int) -> Ints:
    return larger(table, length) if length > len(table) else table


def _moved(table: Ints, taken: Ints, places: Ints, valid: open_tables.Valid) -> Ints:
    """The table of fans or mails whose parties are numbered anew."""
    rows = open_tables.rows_of(table, valid)
    distinct.rename(rows, places)
    return open_tables.filled(rows, taken, 0)
