"""A message reads like fraud.

What it sees: the text model's probability, whether the message names a host that is listed, suspected or
fraudulent by its name, and whether a subscriber's number rather than a service's names an uncommon host,
whatever the words are. The text itself is never kept, only the phrases that weighed most.
Why it matters: invitations to brushing, loans, fake parcels, fake banks and redemption notices come as
messages.
What it is blind to: chats inside apps, pictures, and first messages that say nothing yet.
Who looks guilty and isn't: adverts, banks' own warnings and one-time codes; a single message is therefore
weak.
Source: docs/field.md §4; model card of the message model.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, HostVerdict, Signal, Suspicion, TextVerdict, Types
from qingdun.detect.odds import log_odds
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.words import quote, site

_QUOTES = 2
"""So many phrases of a message are said aloud."""
_SHORT = 6
"""Service codes have at most so many digits; the longer 106… are ports anybody can rent."""


def privately_named(sender: str, hosts: tuple[tuple[str, HostVerdict], ...], view: View) -> tuple[str, ...]:
    """The hosts few know among those that a message names if a subscriber, not a service, sends it."""
    if not sender.startswith("+"):
        return ()
    return tuple(host for host, found in hosts if not found.well_known and not view.memory.is_common(host))


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
        private = privately_named(row.sender, verdict.hosts, view)
        if private:
            millibits += self.bits["private_link"]
        if row.sender.isdigit() and len(row.sender) <= _SHORT:
            millibits += self.bits["service_code"]
        if view.memory.have_spoken(row.sender, row.recipient):
            millibits += self.bits["known_sender"]
        if millibits < self.settings["least_bits"] * 1000:
            return
        for host, found in verdict.hosts:
            # What the host's own name says is said by visit.suspect_host: only the words count here.
            if words > 0 and not found.well_known and not view.memory.is_common(host):
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
        if words or link:
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
        zh, en = self._told(verdict, bool(words), bool(link), private)
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
            zh,
            en,
        )

    def _told(
        self, verdict: TextVerdict, words: bool, link: bool, private: tuple[str, ...]
    ) -> tuple[str, str]:
        if not words and not link and private:
            return (
                f"个人号码发来少有人访问的网址{site(private[0])}",
                f"a subscriber's number sent {site(private[0])}, a site few people know",
            )
        quotes = list(filter(None, map(quote, verdict.phrases)))[:_QUOTES]
        zh, en = "收到诈骗特征短信", "the person got a message that reads like fraud"
        if quotes:
            zh, en = f"{zh}，其中写道{'、'.join(quotes)}", f"{en} and says {' and '.join(quotes)}"
        if link:
            host = site(verdict.hosts[0][0])
            zh, en = f"{zh}，并附可疑网址{host}", f"{en}; it names a suspicious site, {host}"
        return zh, en

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
