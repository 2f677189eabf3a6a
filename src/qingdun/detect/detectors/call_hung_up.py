"""A person hung up on a suspicious caller within seconds; or was called again at once, and stayed.

What it sees: calls that bear marks and ended within seconds of the answer, which take away from what else
speaks for the person; and the next such call within minutes, from that number or another, once it has gone
on for some minutes.
Why it matters: whoever hangs up at once is hardly a victim; gangs ring again at once, often from another
number, and whoever stays then was won over.
What it is blind to: who of the two hung up; calls without marks; second calls days later.
Who looks guilty and isn't: calls from abroad or over the net that break and are made anew: worth little
unless the number is false, listed or suspected.
Source: docs/field.md §4, victim depth (published model of another province).
"""

from __future__ import annotations

from qingdun.detect.evidence import MINUTE_US, Event, Signal, Timer
from qingdun.detect.memory import LiveCall
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights


class HungUp(Pattern):
    """Signals about the person who hung up, against their being scammed, and for it once they stay."""

    code = "call.hung_up"
    flows = ("calls",)
    phases = ("answered", "ended")

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._hung_up: dict[str, tuple[int, str]] = {}
        """By the person's number: when they hung up last, and on whom."""

    def observe(self, event: Event, view: View) -> Found:
        """A signal when the person hangs up; a timer when they are called again soon."""
        row = event.row
        call = view.live_call(row.callee)
        if call is None or not call.marks or not call.is_of(row.call_id):
            return
        if row.phase == "ended":
            yield from self._ended(event, call, view)
        elif self._follows_on(call):
            stays_at = call.answered_at + round(self.settings["stayed_min"] * MINUTE_US)
            view.wake_at(stays_at, self.code, (call.victim, call.call))

    def wake(self, timer: Timer, view: View) -> Found:
        """A signal if the call still runs; what was said for them because they hung up counts no more."""
        number, digest = timer.key
        call, line, before = view.live_call(number), view.line(number), self._hung_up.get(number)
        if call is None or call.call != digest or line is None or before is None:
            return
        minutes, other = round((timer.at - call.answered_at) / MINUTE_US), call.other(number)
        zh = f"挂断{before[1]}后随即又与{call.marks_zh}{other}通话，已持续{minutes}分钟"
        en = (
            f"the person hung up on {before[1]}, was at once on the line with {other} "
            f"({call.marks_en}) again, and has stayed for {minutes} min"
        )
        counts = {other: self.bits[f"stayed_{call.grade}"]}
        if before[1] != other and view.held(line.person_id, self.code, "number", before[1]) < 0:
            counts[before[1]] = 0
        for entity, millibits in counts.items():
            yield Signal(
                self.code, timer.at, line.person_id, number, "number", entity, millibits, "lure",
                self.types, zh, en,
            )  # fmt: skip

    def forget(self, now: int) -> None:
        """Calls too long ago to be followed up at once are gone."""
        # A call that began in time is still to be told of.
        since = now - round((self.settings["again_min"] + self.settings["stayed_min"]) * MINUTE_US)
        self._hung_up = {number: seen for number, seen in self._hung_up.items() if seen[0] >= since}

    def _ended(self, event: Event, call: LiveCall, view: View) -> Found:
        row, line, other = event.row, view.line(call.victim), call.other(call.victim)
        if line is None or row.duration_s > self.settings["hung_up_s"]:
            return
        self._hung_up[call.victim] = (event.at, other)
        if view.has_evidence(line.person_id):
            yield Signal(
                self.code, event.at, line.person_id, call.victim, "number", other, self.bits["hung_up"],
                "contact", (), f"与{call.marks_zh}{other}通话{row.duration_s}秒即挂断",
                f"the person hung up on {other} ({call.marks_en}) after {row.duration_s} s",
            )  # fmt: skip

    def _follows_on(self, call: LiveCall) -> bool:
        at, _ = self._hung_up.get(call.victim, (None, ""))
        return at is not None and 0 <= call.answered_at - at <= self.settings["again_min"] * MINUTE_US
