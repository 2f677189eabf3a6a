"""A listed or suspected number has reached a person, or the person has called it.

What it sees: an answered call between a subscriber and a number that is on the watchlist or that other
detectors suspect.
Why it matters: every telephone scam begins with the gang's number reaching somebody; those who pick up are
at risk.
What it is blind to: numbers used once, and calls inside chat apps.
Who looks guilty and isn't: people who hang up at once (the weight decays and nothing joins it), and those
called by a number that was listed by mistake.
Source: docs/field.md §4, signals of scam callers.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.words import listed_for


class SuspectContact(Pattern):
    """Signals about the person at the other end of a listed or suspected number."""

    code = "call.suspect_contact"
    flows = ("calls",)
    phases = ("answered",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal for each subscriber who is now talking with such a number."""
        row = event.row
        for own, others, zh, en in (
            (row.callee, (row.caller, row.network_number), "来电", "was called by"),
            (row.caller, (row.callee,), "拨打", "called"),
        ):
            line = view.line(own)
            if line is None:
                continue
            for number in others:
                if not number or number == own:
                    continue
                entry = view.listed("number", number)
                if entry is None and not view.suspected("number", number):
                    continue
                why_zh, why_en = listed_for(entry.reason if entry else None)
                yield Signal(
                    self.code,
                    event.at,
                    line.person_id,
                    own,
                    "number",
                    number,
                    self.bits["listed" if entry else "suspected"],
                    "contact",
                    view.suspected_types("number", number),
                    f"与{'名单' if entry else '可疑'}号码{number}通话（{zh}）{why_zh}",
                    f"the person {en} a {'listed' if entry else 'suspected'} number, {number}{why_en}",
                    direct=entry is not None or view.suspected("number", number, direct_only=True),
                )
                break
