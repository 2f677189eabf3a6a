"""A listed or suspected sender has written to a person.

What it sees: any message, whatever it says, from a sender on the watchlist or suspected by other detectors,
or from a number suspected for its calls.
Why it matters: the harmless second message of a known gang says more than the words in it.
What it is blind to: senders used once.
Who looks guilty and isn't: recipients of mass messages who do nothing: one such message is weak by itself.
Source: docs/field.md §4.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.words import listed_for


class SuspectSender(Pattern):
    """Signals about the recipient."""

    code = "message.suspect_sender"
    flows = ("messages",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the sender is listed or suspected, as a sender or as a number."""
        row = event.row
        entry = view.listed("sender", row.sender) or view.listed("number", row.sender)
        suspected = [k for k in ("sender", "number") if view.suspected(k, row.sender)]
        line = view.line(row.recipient)
        if line is None or not (entry or suspected):
            return
        kind = suspected[0] if suspected else "sender"
        why_zh, why_en = listed_for(entry.reason if entry else None)
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.recipient,
            "sender",
            row.sender,
            self.bits["listed" if entry else "suspected"],
            "contact",
            view.suspected_types(kind, row.sender),
            f"收到{'名单' if entry else '可疑'}发送方{row.sender}的短信{why_zh}",
            f"the person got a message from a {'listed' if entry else 'suspected'} "
            f"sender, {row.sender}{why_en}",
            direct=entry is not None or view.suspected(kind, row.sender, direct_only=True),
        )
