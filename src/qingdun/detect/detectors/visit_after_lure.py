"""A person who has just been lured opens a bank, a screen-sharing or meeting app or a foreign chat app.

What it sees: visits to hosts of those kinds within half an hour (screen and meeting: an hour, chat: two)
after a suspicious site or message; steps taken during a call have detectors of their own.
Why it matters: it is the next step of nearly every script, and the last one before the first payment: into
the group, onto the shared screen, into the bank's app.
What it is blind to: payments made in an app that was open all the time.
Who looks guilty and isn't: everybody opens banks; without a suspicious site or contact just before it this
says nothing.
Source: docs/field.md §4, the sequences of brushing, investment, loan, game, boss or friend.
"""

from __future__ import annotations

from qingdun.detect.detectors.visit_after_chat import AfterChat
from qingdun.detect.evidence import MINUTE_US, Event, HostVerdict, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import LATELY, NOBODY, Concern
from qingdun.detect.words import site

_STEPS = {
    "screen_share": ("屏幕共享软件", "a screen-sharing app"),
    "meeting": ("会议软件", "a meeting app"),
    "bank": ("银行网站", "a bank"),
    "chat": ("境外聊天软件", "a foreign chat app"),
}
_EARLY = ("contact", "lure")
_LURES = ("message", "visit")


class AfterLure(Pattern):
    """Signals about the subscriber, on the site or contact that lured."""

    code = "visit.after_lure"
    flows = ("visits",)

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Such steps of those who may have been lured."""
        return NOBODY if _STEPS.keys().isdisjoint(verdict.kinds) else LATELY

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the host is such a step and the person was lured shortly before."""
        kinds = event.verdict.kinds
        return self._step(event, view) if kinds and not _STEPS.keys().isdisjoint(kinds) else ()

    def _step(self, event: Event, view: View) -> Found:
        row = event.row
        line = view.line(row.subscriber)
        if line is None or not view.has_evidence(line.person_id):
            return
        step = next(s for s in _STEPS if s in event.verdict.kinds)
        since = event.at - round(self.settings[f"{step}_min"] * MINUTE_US)
        lure = view.strongest(line.person_id, since, event.at, _LURES, without=self.code)
        if lure is None or lure.stage not in _EARLY or lure.millibits < self.settings["least_bits"] * 1000:
            return
        if step == "chat" and lure.detector == AfterChat.code:
            return  # the same chat once more
        strong = lure.millibits >= self.settings["strong_bits"] * 1000
        zh, en = _STEPS[step]
        minutes = (event.at - lure.at) // MINUTE_US
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.subscriber,
            lure.entity_kind,
            lure.entity,
            self.bits[f"{step}_{'strong' if strong else 'weak'}"],
            "lure" if step == "chat" else "control",
            lure.types,
            f"受引诱（{site(lure.entity)}）{minutes}分钟后打开{zh}{site(row.host)}",
            f"the person opened {en}, {site(row.host)}, {minutes} min after being lured "
            f"by {site(lure.entity)}",
        )
