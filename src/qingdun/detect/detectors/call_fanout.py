"""A number calls many strangers, is not called back, and dials numbers nobody has.

What it sees: per caller and sliding day, how many different people it calls, how many answer, how many call
back, how many numbers are empty, how long the talks are, and where the calls come from.
Why it matters: gangs work through lists; people who are not scammers are called back.
What it is blind to: callers that use a number for a handful of calls.
Who looks guilty and isn't: couriers, clinics, drivers: they are called back, call at home from an old line,
and nobody dials empty numbers from a delivery slip. Sales rooms work through lists too, so what only shows a
list is worth `list` at the most and makes no suspect: the number must also come from abroad, or those it
called must show signs of a scam (`person.shared_contact`).
Source: docs/field.md §4, signals of scam callers; "frequency alone fails".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, HOUR_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_MOST_CALLEES = 400


@dataclass(slots=True)
class Caller:
    """What one number has done since `since`, at most two days."""

    since: int
    callees: set[str] = field(default_factory=set)
    attempts: int = 0
    answered: int = 0
    invalid: int = 0
    overseas: int = 0
    voip: int = 0
    called_back: set[str] = field(default_factory=set)
    judged_at_size: int = 0


class Fanout(Pattern):
    """Suspicion of numbers that work through lists of strangers."""

    code = "call.fanout"
    flows = ("calls",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._callers: dict[str, Caller] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A suspicion each time the number of different people called has grown by half."""
        row = event.row
        back = self._callers.get(row.callee)
        if back is not None and row.caller in back.callees:
            back.called_back.add(row.caller)
        if row.phase == "ended":
            return
        caller = self._callers.get(row.caller)
        if caller is None or event.at - caller.since > DAY_US:
            caller = self._callers[row.caller] = Caller(event.at)
        caller.attempts += 1
        caller.answered += row.phase == "answered"
        caller.invalid += row.phase == "invalid"
        caller.overseas += row.origin == "overseas"
        caller.voip += row.origin == "voip"
        if len(caller.callees) < _MOST_CALLEES:
            caller.callees.add(row.callee)
        count = len(caller.callees)
        if count < self.settings["least_callees"] or count < caller.judged_at_size * 1.25:
            return
        caller.judged_at_size = count
        millibits = self._weigh(row.caller, caller, view)
        if millibits > 0:
            zh = (
                f"{(event.at - caller.since) // HOUR_US + 1}小时内呼叫{count}个不同号码，"
                f"接通{caller.answered}次，"
                f"回拨{len(caller.called_back)}人，空号{caller.invalid}次"
            )
            en = (
                f"called {count} different numbers, {caller.answered} answered, "
                f"{len(caller.called_back)} called back, {caller.invalid} empty numbers"
            )
            yield Suspicion(self.code, event.at, "number", row.caller, millibits, self.types, zh, en)

    def _weigh(self, number: str, caller: Caller, view: View) -> int:
        bits, settings = self.bits, self.settings
        count = len(caller.callees)
        total = bits["many"] if count >= settings["many_callees"] else bits["some"]
        rate = len(caller.called_back) / count
        total += bits["called_back"] if rate > settings["called_back_rate"] else bits["not_called_back"]
        if caller.invalid >= 2 and caller.invalid / caller.attempts > settings["invalid_rate"]:
            total += bits["empty_numbers"]
        if caller.answered / caller.attempts < settings["answer_rate"]:
            total += bits["rarely_answered"]
        total = min(total, bits["list"])
        if caller.overseas / caller.attempts > 0.5:
            total += bits["overseas"]
        elif caller.voip / caller.attempts > 0.5:
            total += bits["voip"]
        line = view.line(number)
        if line is not None:
            age = view.now // DAY_US - line.activated_day
            total += bits["young_line"] if age < settings["young_days"] else bits["old_line"]
        return total

    def forget(self, now: int) -> None:
        """Callers of more than a day ago are gone."""
        for number in [n for n, c in self._callers.items() if c.since < now - DAY_US]:
            del self._callers[number]
