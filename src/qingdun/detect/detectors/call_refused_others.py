"""While a suspicious call runs, everybody else gets a busy tone or is refused.

What it sees: other calls to a subscriber that end busy, refused, forwarded or unanswered during a call that
bears marks or has run for long.
Why it matters: victims are told to talk to nobody; the busy line is how the police's own call fails.
What it is blind to: people whom nobody else calls.
Who looks guilty and isn't: anybody in a long ordinary call, hence the call itself must be suspicious.
Source: docs/field.md §3 (busy tone is evidence) and §4, police impersonation.
"""

from __future__ import annotations

from qingdun.detect.evidence import MINUTE_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights


class RefusedOthers(Pattern):
    """Signals about the subscriber who is out of reach."""

    code = "call.refused_others"
    flows = ("calls",)
    phases = ("busy", "refused", "forwarded", "missed")

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._others: dict[str, tuple[int, frozenset[str]]] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A signal when enough different callers were turned away during one call."""
        row = event.row
        call, line = view.live_call(row.callee), view.line(row.callee)
        if call is None or line is None or row.caller in (call.caller, call.callee):
            return
        long_us = self.settings["long_min"] * MINUTE_US
        if not call.marks and not (call.stranger and event.at - call.answered_at >= long_us):
            return
        during, others = self._others.get(row.callee, (0, frozenset()))
        others = (others if during == call.call else frozenset()) | {row.caller}
        self._others[row.callee] = (call.call, others)
        if len(others) < self.settings["least_others"]:
            return
        other = call.other(row.callee)
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.callee,
            "number",
            other,
            self.bits["many" if len(others) >= self.settings["many_others"] else "some"],
            "control",
            self.types,
            f"与{other}通话期间，另有{len(others)}个来电占线或被拒接",
            f"{len(others)} other callers were turned away during the call with {other}",
        )

    def forget(self, now: int) -> None:
        """The counts of an hour are enough: a call that still runs starts anew."""
        self._others.clear()
