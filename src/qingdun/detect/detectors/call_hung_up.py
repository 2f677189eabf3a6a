"""A suspicious call was over within seconds; or the person was called again at once, and stayed.

What it sees: calls that bear marks and ended within seconds of the answer, which take back a quarter of what
that caller says for the person, and never of what else does; and the next such call within minutes, from that
number or another, once it has gone on for some minutes.
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

_OF_A_CALLER = ("call.suspect_contact", "call.spoofed")
"""What speaks for whoever is called, and of whom it is known once the call is answered."""
_MOST = 8
"""Callers of short calls that are remembered of a person."""


class HungUp(Pattern):
    """Signals about the person who hung up, against their being scammed, and for it once they stay."""

    code = "call.hung_up"
    flows = ("calls",)
    phases = ("answered", "ended")

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._hung_up: dict[str, tuple[int, tuple[str, ...]]] = {}
        """By the person's number: when a call was over at once last, and with whom such calls lately were."""

    def observe(self, event: Event, view: View) -> Found:
        """A signal when the person hangs up; a timer when they are called again soon, or by that number."""
        row = event.row
        call = view.live_call(row.callee)
        if call is None or not call.marks or not call.is_of(row.call_id):
            return
        line = view.line(call.victim)
        if row.phase == "ended":
            yield from self._ended(event, call, view)
        elif self._follows_on(call) or (
            line and self._is_held(line.person_id, call.other(call.victim), view)
        ):
            stays_at = call.answered_at + round(self.settings["stayed_min"] * MINUTE_US)
            view.wake_at(stays_at, self.code, (call.victim, call.call))

    def wake(self, timer: Timer, view: View) -> Found:
        """A signal if the call still runs; what was taken back because of short calls counts again."""
        number, digest = timer.key
        call, line = view.live_call(number), view.line(number)
        if call is None or call.call != digest or line is None:
            return
        other, (_, before) = call.other(number), self._hung_up.get(number, (0, ()))
        minutes = round((timer.at - call.answered_at) / MINUTE_US)
        counts = {one: 0 for one in (*before, other) if self._is_held(line.person_id, one, view)}
        if self._follows_on(call):
            counts[other] = self.bits[f"stayed_{call.grade}"]
        last = before[-1] if before else other
        zh = f"与{last}的通话数秒即断，随后又与{call.marks_zh}{other}通话，已持续{minutes}分钟"
        en = (
            f"the person was on the line with {last} for seconds, then again with {other} "
            f"({call.marks_en}), and has stayed for {minutes} min"
        )
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
        lately = self._hung_up[call.victim][1] if self._follows_on(call) else ()
        self._hung_up[call.victim] = (event.at, (*(one for one in lately if one != other), other)[-_MOST:])
        said = sum(max(0, view.held(line.person_id, code, "number", other)) for code in _OF_A_CALLER)
        if taken := min(-self.bits["hung_up"], said // 4):
            yield Signal(
                self.code, event.at, line.person_id, call.victim, "number", other, -taken,
                "contact", (), f"与{call.marks_zh}{other}的通话{row.duration_s}秒即断",
                f"a call with {other} ({call.marks_en}) was over after {row.duration_s} s",
            )  # fmt: skip

    def _is_held(self, person_id: str, number: str, view: View) -> bool:
        return view.held(person_id, self.code, "number", number) < 0

    def _follows_on(self, call: LiveCall) -> bool:
        at, _ = self._hung_up.get(call.victim, (None, ()))
        return at is not None and 0 <= call.answered_at - at <= self.settings["again_min"] * MINUTE_US
