"""A message reads like fraud.

What it sees: the text model's probability, whether the message names a host that is listed, suspected or
fraudulent by its name, and whether a subscriber's number rather than a service's names an uncommon host. The
text itself is never kept, only the phrases that weighed most.
Why it matters: invitations to brushing, loans, fake parcels, fake banks and redemption notices come as
messages.
What it is blind to: chats inside apps, pictures, and first messages that say nothing yet.
Who looks guilty and isn't: adverts, banks' own warnings and one-time codes; a single message is therefore
weak.
Source: docs/field.md §4; model card of the message model.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, HostVerdict, Signal, Suspicion, Types
from qingdun.detect.odds import log_odds
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View

_SHORT = 6
"""Service codes have at most so many digits; the longer 106… are ports anybody can rent."""


class ScamText(Pattern):
    """Signals about the recipient, and suspicion of the hosts a scam message names."""

    code = "message.scam_text"
    flows = ("messages",)

    def observe(self, event: Event, view: View) -> Found:
        """Evidence if the text is probably fraud or names a bad host."""
        row, verdict = event.row, event.verdict
        types: Types = ((verdict.scam_type, 1.0),) if verdict.scam_type else ()
        words = self._words(verdict.probability)
        link = max((self._link(host, found, view) for host, found in verdict.hosts), default=0)
        millibits = words + link
        if words and self._sent_privately(row.sender, verdict.hosts, view):
            millibits += self.bits["private_link"]
        if row.sender.isdigit() and len(row.sender) <= _SHORT:
            millibits += self.bits["service_code"]
        if view.memory.have_spoken(row.sender, row.recipient):
            millibits += self.bits["known_sender"]
        if millibits < self.settings["least_bits"] * 1000:
            return
        for host, found in verdict.hosts:
            # What the host's own name says is said by visit.suspect_host: only the words count here.
            if words > 0 and not found.kinds and not view.memory.is_common(host):
                yield Suspicion(
                    self.code,
                    event.at,
                    "host",
                    host,
                    min(words, self.bits["host"]),
                    types,
                    "可疑短信中出现的网址",
                    "named in a message that reads like fraud",
                    tied_to=(("sender", row.sender),),
                )
        yield Suspicion(
            self.code,
            event.at,
            "sender",
            row.sender,
            min(millibits, self.bits["sender"]),
            types,
            f"发送诈骗特征短信（可能性{verdict.probability:.0%}）",
            f"sent a message that reads like fraud ({verdict.probability:.0%})",
        )
        line = view.line(row.recipient)
        if line is None:
            return
        phrases = "、".join(verdict.phrases)
        if link:
            phrases = "；".join(filter(None, (phrases, f"可疑网址{verdict.hosts[0][0]}")))
        yield Signal(
            self.code,
            event.at,
            line.person_id,
            row.recipient,
            "sender",
            row.sender,
            min(millibits, self.bits["most"]),
            "contact",
            types,
            f"收到诈骗特征短信（可能性{verdict.probability:.0%}）：{phrases}",
            f"message that reads like fraud ({verdict.probability:.0%}): {phrases}",
        )

    def _sent_privately(self, sender: str, hosts: tuple[tuple[str, HostVerdict], ...], view: View) -> bool:
        """Whether a subscriber's number, not a service's, names a host that few know."""
        return sender.startswith("+") and any(
            not found.kinds and not view.memory.is_common(host) for host, found in hosts
        )

    def _words(self, probability: float) -> int:
        """The likelihood ratio of the words: the model's odds over the share of fraud it was trained with."""
        if probability < self.settings["least_probability"]:
            return 0
        odds = log_odds(probability) - log_odds(self.settings["base_rate"])
        return min(round(odds * 1000 * self.settings["trust"]), self.bits["words"])

    def _link(self, host: str, found: HostVerdict, view: View) -> int:
        if view.listed("host", host) or view.suspected("host", host):
            return self.bits["bad_link"]
        if found.probability >= view.site_probability and not view.memory.is_common(host):
            return self.bits["odd_link"]
        return 0
