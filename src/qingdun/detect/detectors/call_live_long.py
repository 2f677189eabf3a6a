"""A call with a stranger goes on and on, and has not ended.

What it sees: the time since the answer, at 5, 10, 20 and 30 minutes, while the call runs; stronger if the
call came from abroad, over the net, with a false number, or from a listed or suspected one.
Why it matters: to keep the victim on the line is how impersonated police and fake customer service keep
control; the end record comes after the money has gone.
What it is blind to: control through chat apps, and long silence between short calls.
Who looks guilty and isn't: families abroad (known after the first call), clinics, insurers, support lines.
Source: docs/field.md §4, overseas call of 30 min or more; published victim depth of another province.
"""

from __future__ import annotations

from qingdun.detect.evidence import MINUTE_US, Event, Signal, Timer
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.timing import MINUTES
from qingdun.detect.view import View


class LiveLong(Pattern):
    """Signals by timer about the subscriber held on the line."""

    code = "call.live_long"
    flows = ("calls",)
    phases = ("answered",)

    def observe(self, event: Event, view: View) -> Found:
        """A timer is set if the call is with a stranger or bears marks.

        Those of ordinary calls between strangers, which are not shown, the compiled pass sets itself.
        """
        call = view.live_call(event.row.callee)
        if call and (call.stranger or call.marks) and call.is_of(event.row.call_id):
            view.wake_at(call.answered_at + MINUTES[0] * MINUTE_US, self.code, (call.victim, call.call, 0))
        return ()

    def wake(self, timer: Timer, view: View) -> Found:
        """A signal if the call still runs, and the next timer."""
        number, digest, step = timer.key
        call = view.live_call(number)
        line = view.line(number)
        if call is None or call.call != digest or line is None:
            return
        minutes = MINUTES[step]
        if step + 1 < len(MINUTES):
            at = call.answered_at + MINUTES[step + 1] * MINUTE_US
            view.wake_at(at, self.code, (number, digest, step + 1))
        millibits = self.bits[f"{call.grade}_{minutes}"]
        if millibits <= 0:
            return
        other = call.other(number)
        yield Signal(
            self.code,
            timer.at,
            line.person_id,
            number,
            "number",
            other,
            millibits,
            "control" if minutes >= 20 else "lure",
            self.types if call.marks else (),
            f"与{call.marks_zh or '陌生号码'}{other}通话已持续{minutes}分钟，尚未结束",
            f"the person has talked with {other} ({call.marks_en or 'a stranger'}) for "
            f"{minutes} min and still does",
        )
