"""Right after a long call with a suspicious stranger, the person dials an official number.

What it sees: an outgoing call to a service code (110, 96110, a bank's 95…) within the hour after a call that
bore marks or was long and with a stranger.
Why it matters: victims check what they were told, or ring the bank to raise a limit; published models of
victim depth count it.
What it is blind to: checks made through apps.
Who looks guilty and isn't: people who ring their bank every week; without the call before it this says
nothing.
Source: docs/field.md §4, victim depth (published model of another province).
"""

from __future__ import annotations

from qingdun.detect.evidence import HOUR_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights


class Official(Pattern):
    """Signals about the person who dials."""

    code = "call.official"
    flows = ("calls",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._ended: dict[str, tuple[int, str]] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A signal if a service code is dialled within the hour."""
        row = event.row
        if row.phase == "ended":
            call = view.live_call(row.callee)
            if call is None or not (call.marks or call.stranger) or not call.is_of(row.call_id):
                return
            least_s = self.settings["marked_min" if call.marks else "stranger_min"] * 60
            if row.duration_s >= least_s and view.line(call.victim) is not None:
                self._ended[call.victim] = (event.at, call.other(call.victim))
            return
        before = self._ended.get(row.caller)
        line = view.line(row.caller)
        if before is None or line is None or row.callee.startswith("+") or len(row.callee) > 6:
            return
        if not 0 <= event.at - before[0] <= HOUR_US:
            return
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.caller,
            "number",
            before[1],
            self.bits["dialled"],
            "control",
            self.types,
            f"与{before[1]}长时间通话后拨打{row.callee}",
            f"the person dialled {row.callee} after a long call with {before[1]}",
        )

    def forget(self, now: int) -> None:
        """Calls that ended more than an hour ago are gone."""
        for number in [n for n, (at, _) in self._ended.items() if at < now - HOUR_US]:
            del self._ended[number]
