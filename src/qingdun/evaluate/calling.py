"""What a busy line tells: in simulated days officers ring up everybody who was alerted, find the line as the
flows have it at that moment, and the engine hears of it.

That the person had a suspicious call at all is what other detectors weigh. What the tone adds is that the
call goes on, so the likelihood ratio is that of a line still busy among those who had such a call within the
hour: victims when an officer rings, everybody else at any moment of the hour after the call was answered. A
second busy line ten minutes later is measured likewise. No simulated line is forwarded, nobody in the
simulator refuses to talk, and the network sees every call: of forwarded lines, refused talks and busy lines
without a call in sight nothing is measured.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from qingdun.contract.codes import EntityKind, OutcomeResult
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import (
    ALERTS,
    CALLS,
    SUBSCRIBERS,
    SUSPECTS,
    TRUTH,
    WATCHLIST,
    Alert,
    Call,
    Outcome,
    Truth,
)
from qingdun.detect.marks import is_spoofed
from qingdun.evaluate.dispatching import Interval
from qingdun.evaluate.figures import Quartiles, Share
from qingdun.evaluate.measures import LEVELS, in_time, read_results, scam_behind

MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
CALLED_AFTER_MIN = {"urgent": 3, "high": 10, "medium": 30}
"""When somebody rings after an alert of the level: at the end of the clocks of docs/field.md, and from the
hotline after half an hour, which is ours. Low alerts are told by a message.
"""
AGAIN_MIN = 10
"""When a busy line is tried once more."""
GRADES = ("marked", "outside", "net", "stranger", "known")
BY = "simulated officer"


class Talk(NamedTuple):
    """A call that was answered, as a line's owner had it: grade as the engine gives it (`LiveCall.grade`)."""

    grade: str
    answered_at: int
    ended_at: int


class Lines(NamedTuple):
    """The calls of every line of the city, and whose line it is."""

    talks: dict[str, list[Talk]]
    person_of: dict[str, str]


def read_lines(flows: Path, results: Path) -> Lines:
    """Every answered call by line; a call that never ends lasts to the last row.

    Marked are calls with a listed, suspected or spoofed number, as far as that was known when they began.
    """
    directory = FlowDirectory(flows)
    numbers = directory.reference(SUBSCRIBERS)
    person_of = dict(zip(numbers["msisdn"].to_pylist(), numbers["person_id"].to_pylist(), strict=True))
    bad = {
        row.entity: row.since
        for row in WATCHLIST.to_rows(directory.reference(WATCHLIST))
        if row.entity_kind == EntityKind.NUMBER
    }
    for suspect in read_results(SUSPECTS, results):
        if suspect.entity_kind == EntityKind.NUMBER:
            bad.setdefault(suspect.entity, suspect.first_flagged_at)
    rows: list[Call] = sorted(CALLS.to_rows(directory.reference(CALLS)), key=lambda call: call.at)
    ended = {row.call_id: row.at for row in rows if row.phase == "ended"}
    spoke: dict[tuple[str, str], int] = {}
    talks: dict[str, list[Talk]] = defaultdict(list)
    for row in rows:
        if row.phase != "answered":
            continue
        pair = (min(row.caller, row.callee), max(row.caller, row.callee))
        since = spoke.setdefault(pair, row.at)
        for own, other in ((row.caller, row.callee), (row.callee, row.caller)):
            if own in person_of:
                grade = _grade(row, other, since, bad)
                talks[own].append(Talk(grade, row.at, ended.get(row.call_id, rows[-1].at)))
    return Lines(talks, person_of)


def _grade(row: Call, other: str, since: int, bad: Mapping[str, int]) -> str:
    named = [other, *([row.network_number] if row.network_number and other == row.caller else [])]
    if any(bad.get(number, row.at + 1) <= row.at for number in named):
        return "marked"
    if other == row.caller and is_spoofed(row):
        return "marked"
    if row.at - since > DAY_US:
        return "known"
    if other == row.caller and row.origin in ("overseas", "voip"):
        return "outside" if row.origin == "overseas" else "net"
    return "stranger"


@dataclass(frozen=True, slots=True)
class Try:
    """One call of an officer to somebody who was alerted."""

    person_id: str
    alert_id: str
    at: int
    had: frozenset[str]
    """Grades of the calls of the hour before."""
    busy: str
    """Grade of the call that keeps the line busy; empty for a free line."""
    again: str
    """Grade of the call that kept it busy ten minutes before; empty for a first try."""
    scammed: bool
    """Whether a scam is behind the alert; the engine never learns."""


def tries(flows: Path, results: Path, lines: Lines) -> list[Try]:
    """Every alert but the low ones brings a call, and a busy line a second one, until the line was free once.

    Errors: those of `FlowDirectory`; MissingFile for absent truth or results.
    """
    by_person = _by_person(TRUTH.to_rows(FlowDirectory(flows).reference(TRUTH)))
    reached: set[str] = set()
    found = []
    for alert in sorted(read_results(ALERTS, results), key=lambda alert: alert.raised_at):
        if alert.level not in CALLED_AFTER_MIN or alert.episode_id in reached:
            continue
        at, before = alert.raised_at + CALLED_AFTER_MIN[alert.level] * MINUTE_US, ""
        scammed = scam_behind(alert, by_person) is not None
        talks = lines.talks.get(alert.msisdn, [])
        for _ in range(2):
            had = frozenset(talk.grade for talk in talks if at - HOUR_US < talk.answered_at <= at)
            busy = next((t.grade for t in reversed(talks) if t.answered_at <= at < t.ended_at), "")
            found.append(Try(alert.person_id, alert.alert_id, at, had, busy, before, scammed))
            if not busy:
                reached.add(alert.episode_id)
                break
            at, before = at + AGAIN_MIN * MINUTE_US, busy
    return found


def told(tried: Iterable[Try]) -> list[Outcome]:
    """What the engine hears of the calls: the busy lines."""
    return [
        Outcome(one.person_id, one.at, one.alert_id, OutcomeResult.BUSY.value, BY)
        for one in sorted(tried, key=lambda one: (one.at, one.person_id))
        if one.busy
    ]


class Chance(NamedTuple):
    """How often a line is still busy: cases, and how many there might have been; minutes for everybody else,
    whose hours count whole.
    """

    busy: float
    of: float

    def __add__(self, other: Any) -> Chance:
        """Both together."""
        return Chance(self.busy + other.busy, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Worth:
    """Alerts against truth, by level at least: scams alerted before their first transfer and the minutes
    left, and episodes on nobody's scam.
    """

    scams: int
    leads_min: Mapping[str, tuple[float, ...]]
    wrong: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Day:
    """One simulated city: chances by grade and for a second try, of victims and of everybody else, and what
    the alerts were worth without and with hearing of busy lines.
    """

    seed: int
    tries: int
    busy: int
    scammed: Mapping[str, Chance]
    ordinary: Mapping[str, Chance]
    without: Worth
    heard: Worth


def of_victims(tried: Iterable[Try]) -> dict[str, Chance]:
    """Of victims who had a call of the grade within the hour, how many were still in it when an officer rang;
    `again`: of those in a call with a stranger, how many were ten minutes later.
    """
    found = dict.fromkeys((*GRADES, "again"), Chance(0, 0))
    for one in tried:
        if not one.scammed:
            continue
        if one.again:
            if one.again != "known":
                found["again"] += Chance(bool(one.busy), 1)
            continue
        for grade in one.had:
            found[grade] += Chance(one.busy == grade, 1)
    return found


def of_others(flows: Path, lines: Lines) -> dict[str, Chance]:
    """The same of those whom no scam reached, in minutes: of each call's first hour those it lasted, and of
    its minutes those after which it lasted ten more. Calls of the first day are left out: before a day is
    over everybody is a stranger.
    """
    directory = FlowDirectory(flows)
    reached = {row.person_id for row in TRUTH.to_rows(directory.reference(TRUTH))}
    first, last = directory.span()
    found = dict.fromkeys((*GRADES, "again"), Chance(0, 0))
    for line, talks in lines.talks.items():
        if lines.person_of[line] in reached:
            continue
        for talk in talks:
            if not first + DAY_US < talk.answered_at < last - HOUR_US:
                continue
            lasted = (talk.ended_at - talk.answered_at) / MINUTE_US
            found[talk.grade] += Chance(min(lasted, 60.0), 60.0)
            if talk.grade != "known":
                found["again"] += Chance(max(0.0, lasted - AGAIN_MIN), lasted)
    return found


def worth(flows: Path, results: Path) -> Worth:
    """What the alerts of the results were worth."""
    truth: list[Truth] = TRUTH.to_rows(FlowDirectory(flows).reference(TRUTH))
    by_person = _by_person(truth)
    alerts: list[Alert] = read_results(ALERTS, results)
    alerts_of: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        alerts_of[alert.person_id].append(alert)
    paid = [row for row in truth if row.first_transfer_at is not None]
    leads: dict[str, list[float]] = {level: [] for level in LEVELS}
    for level in LEVELS:
        for row in paid:
            until = row.first_transfer_at or 0
            times = [a.raised_at for a in in_time(row, alerts_of[row.person_id], level)]
            if times and min(times) < until:
                leads[level].append((until - min(times)) / MINUTE_US)
    wrong = {
        level: len(
            {
                a.episode_id
                for a in alerts
                if a.level in LEVELS[: LEVELS.index(level) + 1] and scam_behind(a, by_person) is None
            }
        )
        for level in LEVELS
    }
    return Worth(len(paid), {level: tuple(found) for level, found in leads.items()}, wrong)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How often officers find a line still busy, of victims and of everybody else who had such a call."""

    scammed: Chance
    ordinary: Chance

    @property
    def bits(self) -> float:
        """Log2 of the ratio; half a case and a minute are added to either side, so that what was never seen
        is no certainty.
        """
        victims = (self.scammed.busy + 0.5) / (self.scammed.of + 1)
        return math.log2(victims * (self.ordinary.of + 2) / (self.ordinary.busy + 1))

    def json(self) -> dict[str, Any]:
        """Both chances and the bits."""
        return {
            "victims_busy": round(self.scammed.busy), "victims": round(self.scammed.of),
            "others_busy_min": round(self.ordinary.busy), "others_min": round(self.ordinary.of),
            "bits": round(self.bits, 2),
        }  # fmt: skip


def likelihoods(days: Sequence[Day]) -> dict[str, Likelihood]:
    """By grade, and for a second try."""
    return {
        name: Likelihood(
            sum((day.scammed[name] for day in days), Chance(0, 0)),
            sum((day.ordinary[name] for day in days), Chance(0, 0)),
        )
        for name in (*GRADES, "again")
    }


def report(days: Sequence[Day]) -> dict[str, Any]:
    """Everything, for a file: ratios, and recall, minutes left and wrong episodes without and with hearing of
    busy lines.
    """
    gains = {}
    for level in LEVELS:
        pairs = [
            (len(d.without.leads_min[level]), len(d.heard.leads_min[level]), d.without.scams) for d in days
        ]
        scams = sum(pair[2] for pair in pairs)
        gains[level] = {
            "recall_without": Share(sum(pair[0] for pair in pairs), scams).json(),
            "recall_heard": Share(sum(pair[1] for pair in pairs), scams).json(),
            "recall_gain": Interval.of([(b - a) / n if n else 0.0 for a, b, n in pairs]).json(),
            "minutes_left_without": _minutes(d.without.leads_min[level] for d in days),
            "minutes_left_heard": _minutes(d.heard.leads_min[level] for d in days),
            "wrong_without": sum(d.without.wrong[level] for d in days),
            "wrong_heard": sum(d.heard.wrong[level] for d in days),
        }
    return {
        "seeds": [day.seed for day in days],
        "calls": sum(day.tries for day in days),
        "busy": sum(day.busy for day in days),
        "likelihoods": {name: found.json() for name, found in likelihoods(days).items()},
        "levels": gains,
    }


def _minutes(leads: Iterable[Sequence[float]]) -> dict[str, Any]:
    return Quartiles.of([lead for day in leads for lead in day]).json()


def _by_person(truth: Iterable[Truth]) -> dict[str, list[Truth]]:
    found: dict[str, list[Truth]] = defaultdict(list)
    for row in truth:
        found[row.person_id].append(row)
    return found
