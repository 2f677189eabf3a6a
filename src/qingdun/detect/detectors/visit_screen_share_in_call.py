"""A meeting or screen-sharing app is opened during a call with a stranger.

What it sees: visits to meeting and remote-control hosts by a subscriber in a live call that bears marks or
is with a stranger, and within minutes after such a call.
Why it matters: on a shared screen the caller reads cards, codes and balances; the victim's money is then
moved with them or for them.
What it is blind to: sharing inside chat apps.
Who looks guilty and isn't: remote workers: they meet at hours of work and with people they know; only a
stranger's call counts.
Source: docs/field.md §3 (urgent trigger) and §4; the case of the source document.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, HostVerdict
from qingdun.detect.in_call import opened_in_call, suspicious_call
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import IN_CALL, NOBODY, Concern

_URGENT = ("marked", "outside", "net")
"""Whoever shows a stranger the screen is about to lose control; many a firm's own call comes over the net and
has a bank opened."""


class ScreenShareInCall(Pattern):
    """Signals about the subscriber."""

    code = "visit.screen_share_in_call"
    flows = ("visits",)

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Meetings and shared screens of those in a call."""
        shown = "screen_share" in verdict.kinds or "meeting" in verdict.kinds
        return IN_CALL if shown else NOBODY

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the host is for meetings or screen sharing and the call is suspicious."""
        kinds = event.verdict.kinds
        share = "screen_share" in kinds
        return self._opened(event, view, share) if share or "meeting" in kinds else ()

    def _opened(self, event: Event, view: View, share: bool) -> Found:
        call = suspicious_call(event.row.subscriber, event.at, view)
        if call is not None:
            what = ("屏幕共享软件", "a screen-sharing app") if share else ("会议软件", "a meeting app")
            yield from opened_in_call(
                self, event, view, call, "share_" if share else "meeting_", what, _URGENT
            )
