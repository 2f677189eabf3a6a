"""A message reads like fraud.

What it sees: the text model's probability, and whether the message names a host that is listed, suspected or
fraudulent by its name. The text itself is never kept, only the phrases that weighed most.
Why it matters: invitations to brushing, loans, fake parcels, fake banks and redemption notices come as
messages.
What it is blind to: chats inside apps, pictures, and first messages that say nothing yet.
Who looks guilty and isn't: adverts, banks' own warnings and one-time codes; a single message is therefore
weak.
Source: domain.md §4; model card of the message model.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal, Suspicion, Types
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View

_STEPS = (0.99, 0.95, 0.8, 0.5)


class ScamText(Pattern):
    """Signals about the recipient, and suspicion of the hosts a scam message names."""

    code = "message.scam_text"
    flows = ("messages",)

    def observe(self, event: Event, view: View) -> Found:
        """Evidence if the text is probably fraud or names a bad host."""
        row, verdict = event.row, event.verdict
        types: Types = ((verdict.scam_type, 1.0),) if verdict.scam_type else ()
        millibits = next((self.bits[f"p{step}"] for step in _STEPS if verdict.probability >= step), 0)
        bad = [h for h in verdict.hosts if view.listed("host", h) or view.suspected("host", h)]
        if bad:
            millibits += self.bits["bad_link"]
        if millibits <= 0:
            return
        if row.sender.isdigit():
            millibits += self.bits["service_code"]
        if verdict.probability >= self.settings["host_probability"]:
            for host in verdict.hosts:
                yield Suspicion(
                    self.code,
                    event.at,
                    "host",
                    host,
                    self.bits["host"],
                    types,
                    "可疑短信中出现的网址",
                    "named in a message that reads like fraud",
                    tied_to=(("sender", row.sender),),
                )
        line = view.line(row.recipient)
        if line is None or millibits <= 0:
            return
        phrases = "、".join(verdict.phrases) or "可疑网址"
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.recipient,
            "sender",
            row.sender,
            millibits,
            "contact",
            types,
            f"收到诈骗特征短信（可能性{verdict.probability:.0%}）：{phrases}",
            f"message that reads like fraud ({verdict.probability:.0%}): {phrases}",
        )
