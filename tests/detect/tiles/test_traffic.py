"""Calls and messages counted in the compiled pass, against plain dictionaries, one row after the other."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.contract.tables import CALLS, MESSAGES, Call, Message
from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US, TextVerdict
from qingdun.detect.rarity import Rarity
from qingdun.detect.screens import Told
from qingdun.detect.tiles import layout
from qingdun.detect.tiles.letters import digest
from qingdun.detect.tiles.money import Money
from qingdun.detect.tiles.tallying import BEGINS, MARKED, MEASURED
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import FanOut, Mailed, Traffic, call_digest
from qingdun.detect.tiles.windows import LENGTHS, Figures
from qingdun.detect.timers import NO_TIME
from qingdun.detect.weights import load_weights
from qingdun.run.others import Columns, Others, Part
from tests.detect.tiles.test_windows import Row
from tests.detect.tiles.test_windows import naive as naive_figures

SIX_HOURS = 6 * HOUR_US
START = 20_000 * DAY_US
NAMES = [f"+8617{n}" for n in range(16)] + ["10086x", "rent1"]
OURS = 8
"""The first few are numbers of the register."""


@dataclass
class Naive:
    """What `Traffic` says, from dictionaries and sets."""

    swept: int = 0
    seen: set[Any] = field(default_factory=set)
    fans: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[str, dict[str, int]] = field(default_factory=dict)
    mails: dict[str, dict[str, Any]] = field(default_factory=dict)
    live: dict[str, tuple[Call, bool]] = field(default_factory=dict)
    spoken: dict[frozenset[str], int] = field(default_factory=dict)
    """When each pair first spoke."""
    calls: list[Call] = field(default_factory=list)
    told: Any = None

    def begin(self, row: Any, phase: str) -> bool:
        """The row counts, unless it came before."""
        if (row[0], phase) in self.seen:
            return False
        self.seen.add((row[0], phase))
        self.told = (None, [], None, None)
        if isinstance(row, Message):
            self.told = (None, [], self.mail(row), None)
            return True
        self.calls.append(row)
        went = None
        if phase == "answered" and (row.call_id, "ended") not in self.seen:
            went = not self.have_spoken(row.caller, row.callee)
            self.live[row.caller] = self.live[row.callee] = (row, went)
        self.told = (self.fan(row), self.device(row), None, went)
        return True

    def end(self, row: Any) -> None:
        """All have seen it."""
        if isinstance(row, Call) and row.phase == "ended":
            for number in (row.caller, row.callee):
                if number in self.live and self.live[number][0].call_id == row.call_id:
                    del self.live[number]
            self.spoken.setdefault(frozenset((row.caller, row.callee)), row.at)

    def fan(self, row: Call) -> FanOut | None:
        back = self.fans.get(row.callee)
        if back and row.caller in back["callees"]:
            back["back"].add(row.caller)
        if row.phase == "ended":
            return None
        fan = self.fans.get(row.caller)
        if fan is None or row.at - fan["since"] > DAY_US:
            fan = self.fans[row.caller] = {
                "since": row.at,
                "callees": set(),
                "back": set(),
                "calls": [],
                "abroad": 0,
                "at": 0,
            }
        fan["calls"].append(row)
        fresh = row.origin == "overseas" and row.callee not in fan["callees"]
        fan["abroad"] += fresh and not self.have_spoken(row.caller, row.callee)
        fan["callees"].add(row.callee)
        count, calls = len(fan["callees"]), fan["calls"]
        if (count < 4 and fan["abroad"] < 2) or count < fan["at"] * 1.25:
            return None
        fan["at"] = count
        return FanOut(
            fan["since"],
            count,
            len(calls),
            sum(call.phase == "answered" for call in calls),
            sum(call.phase == "invalid" for call in calls),
            sum(call.origin == "overseas" for call in calls),
            sum(call.origin == "voip" for call in calls),
            len(fan["back"]),
            fan["abroad"],
        )

    def device(self, row: Call) -> list[tuple[str, int]]:
        if row.phase == "ended" or row.caller_imei is None:
            return []
        numbers = self.devices.setdefault(row.caller_imei, {})
        known = row.caller in numbers
        numbers[row.caller] = row.at
        return [] if known or len(numbers) < 3 else sorted(numbers.items())

    def mail(self, row: Message) -> Mailed | None:
        if len(row.sender) <= 6:
            return None
        mail = self.mails.get(row.sender)
        if mail is None or row.at - mail["since"] > DAY_US:
            mail = self.mails[row.sender] = {"since": row.at, "to": set(), "bad": set()}
        mail["to"].add(row.recipient)
        if row.text != "bad" or row.recipient in mail["bad"]:
            return None
        mail["bad"].add(row.recipient)
        return Mailed(len(mail["bad"]), len(mail["to"]))

    def pace(self, caller: str, now: int) -> dict[str, Figures]:
        rows = []
        for call in self.calls:
            ended, answered = call.phase == "ended", call.phase == "answered"
            what = MEASURED if ended else BEGINS | (MARKED if answered else 0)
            rows.append(Row(digest(call.caller), digest(call.callee), call.at, what, call.duration_s))
        return {name: naive_figures(rows, digest(caller), now, *LENGTHS[name]) for name in LENGTHS}

    def have_spoken(self, one: str, other: str) -> bool:
        return self.spoken.get(frozenset((one, other)), self.swept) < self.swept - DAY_US

    def forget(self, now: int) -> None:
        self.swept = now
        for counts in (self.fans, self.mails):
            for name in [name for name, c in counts.items() if c["since"] < now - DAY_US]:
                del counts[name]
        for numbers in self.devices.values():
            for number in [number for number, at in numbers.items() if at < now - DAY_US]:
                del numbers[number]
        for number in [n for n, (call, _) in self.live.items() if call.at < now - SIX_HOURS]:
            del self.live[number]


def weights() -> Any:
    """The shipped ones with marks that a few rows reach."""
    found = dict(load_weights().detectors)
    for code, name, value in (
        ("call.fanout", "least_callees", 4.0),
        ("call.fanout", "few_abroad", 2.0),
        ("call.shared_device", "least_numbers", 3.0),
    ):
        own = found[code]
        found[code] = replace(own, settings={**own.settings, name: value})
    return found


names = st.sampled_from(NAMES)
steps = st.tuples(
    st.sampled_from(["call", "call", "open", "fail", "end", "mail", "again"]),
    names,
    names,
    st.sampled_from([0, 1, 20, 200, 1500, 20_000]),
    st.sampled_from(["domestic", "overseas", "voip"]),
    st.sampled_from([None, "i1", "i2"]),
    st.booleans(),
)


def rows_of(drawn: list[Any]) -> list[Any]:
    """Rows in the order of arrival, up to four minutes late."""
    rows: list[Any] = []
    at, opened = START, list[Call]()
    for number, (kind, one, other, gap_s, origin, imei, bad) in enumerate(drawn):
        at += gap_s * 1_000_000
        own = (origin, None, imei, None, None, None)
        if kind == "mail":
            rows.append(Message(f"m{number}", at, one, other, "bad" if bad else "good"))
        elif kind == "again" and rows:
            rows.append(rows[-1])
        elif kind == "fail":
            phase = "invalid" if bad else "busy"
            rows.append(Call(f"c{number}", at - bad * 200_000_000, phase, one, other, 0, *own))
        elif kind == "end" and opened:
            call = opened.pop()
            length = max(0, at - call.at) // 1_000_000
            rows.append(call._replace(at=max(at, call.at), phase="ended", duration_s=length))
        else:
            call = Call(f"c{number}", at, "answered", one, other, 0, *own)
            rows.append(call)
            if kind == "open":
                opened.append(call)
            else:
                rows.append(call._replace(phase="ended", duration_s=0))
    return rows


@settings(max_examples=80)
@given(st.lists(steps, min_size=1, max_size=60), st.integers(1, 3), st.booleans(), st.booleans())
def test_counting_in_the_pass_is_counting_one_by_one(
    drawn: list[Any], batches: int, watched: bool, tidy: bool
) -> None:
    traffic, naive = Traffic(weights()), Naive()
    touches = Touches(Rarity(2, 3), 2)
    touches.enrol((name, f"p{n}") for n, name in enumerate(NAMES[:OURS]))
    traffic.enrol(touches.number)
    rows, clock = rows_of(drawn), 0
    size = -(-len(rows) // batches)
    for first in range(0, len(rows), size):
        batch = rows[first : first + size]
        clocks = np.maximum(np.maximum.accumulate([row.at for row in batch]), clock)
        clock = int(clocks[-1])
        columns = integers(batch, clocks, Columns(traffic, touches, Money(weights())))
        if watched:
            columns[:, layout.DUE] = 1
        go_through(traffic, naive, batch, columns, clock)
        assert told(traffic, clock) == told_naively(naive, clock)
        if tidy:
            traffic.spare = -1_000
            traffic.tidy()
            traffic = pickle.loads(pickle.dumps(traffic))
            traffic.enrol(touches.number)
            assert told(traffic, clock) == told_naively(naive, clock)


def integers(batch: list[Any], clocks: Any, columns: Columns) -> Any:
    parts, coded = [], []
    for table, kind in ((CALLS, Call), (MESSAGES, Message)):
        places = np.array([place for place, row in enumerate(batch) if isinstance(row, kind)], np.int64)
        if not len(places):
            continue
        own = [batch[place] for place in places]
        at = np.array([row.at for row in own], np.int64)
        part = Part(table.name, table.from_rows(own), at, clocks[places], places)
        told = None
        if kind is Message:
            verdict = TextVerdict(0.0, None, (), (), False)
            of = np.array([row.text == "bad" for row in own], np.int64)
            told = Told([verdict, verdict], of, np.array([False, True]), np.array([False, True]))
        parts.append(part)
        coded.append(columns.of(part, told))
    return Others(parts, coded).rows


def go_through(traffic: Traffic, naive: Naive, batch: list[Any], columns: Any, until: int) -> None:
    """Both have seen the batch, and agree wherever the pass stops."""
    flags = np.ones(OURS + 1, np.uint8)
    uncounted, waiting = np.zeros((2 * len(batch) + 1, 4), np.int64), np.zeros(1, np.int64)
    traffic.begin(columns)
    money = Money(weights()).tables()
    done = 0
    while True:
        stop = traffic.proceed(len(batch), until, (NO_TIME, 0), flags, uncounted, waiting, money)
        row = traffic.next() - (stop == layout.ROW)
        for quiet in batch[done:row]:
            if naive.begin(quiet, getattr(quiet, "phase", "")):
                fanned_out, crowd, mailed, _ = naive.told
                told = fanned_out or crowd or mailed
                assert not told, "the pass went by what it had to tell"
                naive.end(quiet)
        done = max(done, row)
        if stop == layout.ENTERS_HOUR:
            hour = int(columns[row, layout.CLOCK]) // HOUR_US * HOUR_US
            naive.forget(hour)
            traffic.forget(hour, SIX_HOURS)
        elif stop == layout.OWN_TIMER:
            at, victim, call, step = traffic.own_timer()
            answered, stranger = naive.live[victim]
            assert stranger
            assert victim in NAMES[:OURS]
            due = answered.at + 10 * MINUTE_US
            assert (call, at, step) == (call_digest(answered.call_id), due, 1)
        elif stop == layout.ROW:
            assert naive.begin(batch[row], getattr(batch[row], "phase", ""))
            crowd = sorted(traffic.crowd())
            caller, now = NAMES[row % len(NAMES)], int(columns[row, layout.CLOCK])
            assert traffic.pace(caller, now) == naive.pace(caller, now)
            assert (traffic.fanned_out(), crowd, traffic.mailed(), traffic.went_live()) == naive.told
            naive.end(batch[row])
            done = row + 1
        else:
            return


def told(traffic: Traffic, clock: int) -> Any:
    pairs = [(one, other) for one in NAMES[:6] for other in NAMES]
    paces = [traffic.pace(name, clock) for name in NAMES]
    return [traffic.live(name) for name in NAMES], [traffic.have_spoken(*pair) for pair in pairs], paces


def told_naively(naive: Naive, clock: int) -> Any:
    pairs = [(one, other) for one in NAMES[:6] for other in NAMES]
    live = []
    for name in NAMES:
        call, stranger = naive.live.get(name, (None, False))
        live.append(call and (call_digest(call.call_id), call.caller, call.callee, call.at, stranger))
    paces = [naive.pace(name, clock) for name in NAMES]
    return live, [naive.have_spoken(*pair) for pair in pairs], paces
