"""One sender sends nearly the same suspicious text to many, or many senders send it.

What it sees: messages that the text model finds suspicious and that differ only in digits, letters and
punctuation, by sender and recipient, over a day.
Why it matters: gangs write once and send to lists, often from several numbers.
What it is blind to: texts rewritten for each recipient.
Who looks guilty and isn't: advertisers, whose texts the model does not find fraudulent; service codes
(banks, operators) need far more.
Source: domain.md §4.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_MOST = 64


@dataclass(slots=True)
class Mailing:
    """Who sent one text to how many."""

    since: int
    recipients: dict[str, set[str]] = field(default_factory=dict)


class Bulk(Pattern):
    """Suspicion of the senders."""

    code = "message.bulk"
    flows = ("messages",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._mailings: dict[int, Mailing] = {}

    def observe(self, event: Event, view: View) -> Found:
        """Suspicions once enough people have had the text."""
        row, verdict = event.row, event.verdict
        if verdict.probability < self.settings["least_probability"]:
            return
        mailing = self._mailings.get(verdict.shape)
        if mailing is None or event.at - mailing.since > DAY_US:
            mailing = self._mailings[verdict.shape] = Mailing(event.at)
        recipients = mailing.recipients
        if row.sender not in recipients and len(recipients) >= _MOST:
            return
        own = recipients.setdefault(row.sender, set())
        before = len(own)
        if before < _MOST:
            own.add(row.recipient)
        if len(own) == before:
            return
        people = sum(len(r) for r in recipients.values())
        if people < self.settings["least_recipients"] or (row.sender.isdigit() and len(own) == people):
            return
        millibits = self.bits["many" if people >= self.settings["many_recipients"] else "some"]
        types = ((verdict.scam_type, 1.0),) if verdict.scam_type else ()
        zh = f"24小时内{len(recipients)}个发送方向{people}人发送近乎相同的可疑短信"
        en = f"{len(recipients)} senders sent nearly the same suspicious text to {people} people in a day"
        senders = sorted(recipients)
        for sender in senders:
            tied = (("sender", senders[0]),) if sender != senders[0] else ()
            yield Suspicion(self.code, event.at, "sender", sender, millibits, types, zh, en, tied_to=tied)

    def forget(self, now: int) -> None:
        """Mailings of more than a day ago are gone."""
        for shape in [s for s, m in self._mailings.items() if m.since < now - DAY_US]:
            del self._mailings[shape]
