"""Two lines at one place talk at the same times: one is called from abroad, one calls strangers.

What it sees: a number that works through a list from one cell and is not called back; each time it is weighed
(`call.fanout`), which lines at that cell are just then in a call from abroad or over the net; a line that is
so nearly always, in different calls, all from few numbers.
Why it matters: two phones joined by a cable or laid side by side carry a caller abroad into a local call
(手机口): the victim sees a number of home, and whoever talks is out of reach.
What it is blind to: lines whose calls carry no cell, one leg that runs over an app, relays that call fewer
than a list, and those that have called a long one alone before: the more a number has called, the seldomer it
is weighed.
Who looks guilty and isn't: couriers in one depot, who are called back and move; agents of a call centre,
whom many call; kin abroad who ring up beside a sales room, once or twice. A sales room whose supervisor is
ever on the line to headquarters looks the same: alone it makes nobody a suspect.
Source: docs/field.md §4, pairs of phones side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qingdun.contract.tables import Call
from qingdun.detect.evidence import DAY_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_OUTSIDE = ("overseas", "voip")
_TIMES = 6
"""The latest weighings of a number that count: what a line did before it became half of a pair clears it of
nothing."""


@dataclass(slots=True)
class _Far:
    """A line that is called from outside."""

    at: int
    call: str = ""
    cell: str = ""
    """The id of the last such call, and the cell in which it was taken."""
    parties: dict[str, int] = field(default_factory=dict)
    """Who called it from outside, and when last."""


@dataclass(slots=True)
class _Near:
    """A number that works through a list."""

    cell: str
    at: int
    beside: tuple[dict[str, str], ...] = ()
    """Each of the last times it was weighed: by line at its place, the call from outside it was in."""

    def lines(self) -> list[str]:
        """Those that were in such a call at any of these times."""
        return sorted({line for lines in self.beside for line in lines})

    def calls(self, line: str) -> list[str]:
        """The calls of that line, each time it was in one."""
        return [lines[line] for lines in self.beside if line in lines]


class PairedLines(Pattern):
    """Suspicion of both lines of a pair."""

    code = "call.paired_lines"
    flows = ("calls",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._far: dict[str, _Far] = {}
        self._at_cell: dict[str, set[str]] = {}
        """By cell the lines that were called there from outside and may still be talking."""
        self._near: dict[str, _Near] = {}

    def observe(self, event: Event, view: View) -> Found:
        """Suspicions each time the number that calls strangers is weighed, and is half of a pair."""
        row = event.row
        if row.phase == "answered" and row.origin in _OUTSIDE and row.callee_cell:
            self._talks(event)
        caller = view.memory.traffic.fanned_out()
        if caller is None or not row.caller_cell or row.origin in _OUTSIDE:
            return
        near = self._weighed(event, view)
        if caller.called_back > self.settings["called_back_rate"] * caller.callees:
            return
        for line in near.lines():
            if self._is_pair(near, line):
                yield from self._tell(event, near, line, caller.callees)

    def forget(self, now: int) -> None:
        """What was not seen for a day is gone."""
        since = now - DAY_US
        self._near = {number: near for number, near in self._near.items() if near.at >= since}
        self._far = {number: far for number, far in self._far.items() if far.at >= since}
        for far in self._far.values():
            far.parties = {party: at for party, at in far.parties.items() if at >= since}
        kept = {cell: lines & self._far.keys() for cell, lines in self._at_cell.items()}
        self._at_cell = {cell: lines for cell, lines in kept.items() if lines}

    def _talks(self, event: Event) -> None:
        row: Call = event.row
        far = self._far.setdefault(row.callee, _Far(event.at))
        far.at, far.call, far.cell = event.at, row.call_id, row.callee_cell or ""
        far.parties[row.caller] = event.at
        self._at_cell.setdefault(far.cell, set()).add(row.callee)

    def _weighed(self, event: Event, view: View) -> _Near:
        """The number, with whoever is talking beside it now."""
        row = event.row
        near = self._near.get(row.caller)
        if near is None or near.cell != row.caller_cell:  # who has moved begins anew
            near = self._near[row.caller] = _Near(row.caller_cell, event.at)
        lines, talking = self._at_cell.get(near.cell, set()), dict[str, str]()
        for line in sorted(lines):
            far, live = self._far[line], view.live_call(line)
            if live is None or not live.is_of(far.call) or far.cell != near.cell:
                lines.discard(line)
            elif line not in (row.caller, row.callee):
                talking[line] = far.call
        near.at, near.beside = event.at, (*near.beside, talking)[-_TIMES:]
        return near

    def _is_pair(self, near: _Near, line: str) -> bool:
        settings: Mapping[str, float] = self.settings
        far, calls = self._far.get(line), near.calls(line)
        return (
            far is not None
            and len(calls) >= settings["least_times"]
            and len(set(calls)) >= settings["least_calls"]
            and len(calls) >= settings["least_share"] * len(near.beside)
            and len(far.parties) <= settings["most_parties"]
        )

    def _tell(self, event: Event, near: _Near, line: str, callees: int) -> Found:
        caller, calls = event.row.caller, near.calls(line)
        times, talks = len(calls), len(set(calls))
        often = times >= self.settings["often_times"] and times >= self.settings["often_share"] * len(
            near.beside
        )
        millibits = self.bits["often" if often else "some"]
        for number, other in ((caller, line), (line, caller)):
            yield Suspicion(
                self.code,
                event.at,
                "number",
                number,
                millibits,
                self.types,
                f"与同一基站的{other}通话时间{times}次重合（疑似手机口）：{line}接{talks}次境外或网络来电，"
                f"{caller}呼叫{callees}个号码",
                f"at one cell with {other}, talking at the same times, {times} times: {line} in {talks} "
                f"calls from abroad or over the net, {caller} calling {callees} numbers",
                tied_to=(("number", other),),
            )
