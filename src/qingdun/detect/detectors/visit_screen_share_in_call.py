"""A meeting or screen-sharing app is opened during a call with a stranger.

What it sees: visits to meeting and remote-control hosts by a subscriber in a live call that bears marks or
is with a stranger, and within minutes after such a call.
Why it matters: on a shared screen the caller reads cards, codes and balances; the victim's money is then
moved with them or for them.
What it is blind to: sharing inside chat apps.
Who looks guilty and isn't: remote workers: they meet at hours of work and with people they know; only a
stranger's call counts.
Source: domain.md §3 (urgent trigger) and §4; the case of the source document.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View


class ScreenShareInCall(Pattern):
    """Signals about the subscriber."""

    code = "visit.screen_share_in_call"
    flows = ("visits",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the host is for meetings or screen sharing and the call is suspicious."""
        kinds = event.verdict.kinds
        share = "screen_share" in kinds
        if not share and "meeting" not in kinds:
            return
        row = event.row
        call, line = view.live_call(row.subscriber), view.line(row.subscriber)
        if call is None or line is None or event.at < call.answered_at:
            return
        if not (call.marks or call.stranger):
            return
        other = call.other(row.subscriber)
        app_zh, app_en = ("屏幕共享软件", "a screen-sharing app") if share else ("会议软件", "a meeting app")
        if call.marks and other.startswith("+"):
            yield Suspicion(
                self.code,
                event.at,
                "number",
                other,
                self.bits["number"],
                self.types,
                "通话中诱导打开屏幕共享或会议软件",
                "a screen-sharing or meeting app was opened during its call",
            )
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.subscriber,
            "number",
            other,
            self.bits[("share_" if share else "meeting_") + call.grade],
            "control",
            self.types,
            f"与{call.marks_zh or '陌生号码'}{other}通话中打开{app_zh}{row.host}",
            f"opened {app_en}, {row.host}, during the call with {other} ({call.marks_en or 'a stranger'})",
            urgent=bool(call.marks),
        )
