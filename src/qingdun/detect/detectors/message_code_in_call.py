"""A one-time code arrives while a suspicious call runs.

What it sees: a message with a verification code to a subscriber who is in a live call that bears marks or is
long and with a stranger.
Why it matters: the caller asks for the code, or sees it on the shared screen; it is the last step before
money moves.
What it is blind to: codes shown inside apps.
Who looks guilty and isn't: someone who logs in somewhere while chatting with a new acquaintance.
Source: docs/field.md §4, customer service and police; the case of the source document.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal
from qingdun.detect.in_call import suspicious_call
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View


class CodeInCall(Pattern):
    """Signals about the subscriber who gets the code."""

    code = "message.code_in_call"
    flows = ("messages",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the recipient is in a suspicious call."""
        return self._in_call(event, view) if event.verdict.code else ()

    def _in_call(self, event: Event, view: View) -> Found:
        number = event.row.recipient
        line = view.line(number)
        call = suspicious_call(number, event.at, view, self.settings["long_min"])
        if call is None or line is None:
            return
        other = call.other(number)
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            number,
            "number",
            other,
            self.bits[call.grade],
            "control",
            self.types,
            f"与{call.marks_zh or '陌生号码'}{other}通话中收到验证码短信",
            f"a one-time code arrived during the call with {other} ({call.marks_en or 'a stranger'})",
        )
