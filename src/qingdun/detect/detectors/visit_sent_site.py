"""A person opens the very site that a subscriber's number has sent them in a message.

What it sees: a visit, within a day, to a host that few people ask for, named by a message that a subscriber's
number sent, and no service; whatever the words were.
Why it matters: a text that says little leads as well as one that promises; scammers write from boxes full of
subscribers' cards, and friends send what many know.
What it is blind to: links in chat apps; links in messages from service numbers, which adverts carry too.
Who looks guilty and isn't: a shopkeeper's or a club's own page, sent by hand to somebody who looks at it.
Source: docs/field.md §4, sequences of brushing, investment, loan, shopping and phishing.
"""

from __future__ import annotations

from qingdun.detect.detectors.message_scam_text import privately_named
from qingdun.detect.evidence import DAY_US, MESSAGES, MINUTE_US, Event, HostVerdict, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import NOBODY, UNDER_EVIDENCE, Concern
from qingdun.detect.weights import Weights
from qingdun.detect.words import site


class SentSite(Pattern):
    """Signals about the subscriber, and suspicion of the host."""

    code = "visit.sent_site"
    flows = ("messages", "visits")

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._sent: dict[tuple[str, str], tuple[int, str]] = {}
        """By person and host, when it was sent, and by whom."""

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Uncommon hosts of those who were sent one, on whom there is evidence for it."""
        return NOBODY if verdict.well_known or common else UNDER_EVIDENCE

    def observe(self, event: Event, view: View) -> Found:
        """What is sent is remembered; a signal if it is opened."""
        return self._received(event, view) if event.flow == MESSAGES else self._opened(event, view)

    def _received(self, event: Event, view: View) -> Found:
        row = event.row
        named = privately_named(row.sender, event.verdict.hosts, view)
        line = view.line(row.recipient) if named else None
        # What acquaintances send each other says nothing, nor does it make a person's visits looked at.
        if line is not None and not view.memory.have_spoken(row.sender, row.recipient):
            for host in named:
                self._sent[line.person_id, host] = event.at, row.sender
        return ()

    def _opened(self, event: Event, view: View) -> Found:
        row = event.row
        line = view.line(row.subscriber) if self._sent else None
        at, sender = self._sent.get((line.person_id, row.host), (0, "")) if line else (0, "")
        if line is None or not event.at - DAY_US <= at <= event.at or view.memory.is_common(row.host):
            return
        yield Suspicion(
            self.code,
            event.at,
            "host",
            row.host,
            self.bits["host"],
            (),
            "个人号码发来且被收信人打开的冷门网站",
            "a little-known site that a subscriber's number sent and the recipient opened",
            tied_to=(("sender", sender),),
        )
        minutes = (event.at - at) // MINUTE_US
        yield self.led(
            event,
            line.person_id,
            self.bits["opened"],
            (),
            f"{minutes}分钟前个人号码{sender}发来的冷门网站{site(row.host)}，本人已打开",
            f"the person opened a little-known site, {site(row.host)}, that {sender} had "
            f"sent {minutes} minutes before",
        )

    def forget(self, now: int) -> None:
        """What was sent more than a day ago is gone."""
        for key in [key for key, (at, _) in self._sent.items() if at < now - DAY_US]:
            del self._sent[key]
