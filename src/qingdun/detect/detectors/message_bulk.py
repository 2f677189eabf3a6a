"""One sender writes suspicious texts to many people.

What it sees: per sender and day, to how many different people it sent texts that the message model finds
suspicious, and how large a part of its texts those are.
Why it matters: gangs write to lists; friends, shops and banks do not send suspicious texts to many.
What it is blind to: senders that change after a few messages.
Who looks guilty and isn't: advertisers, of whose texts a few are found suspicious (the part is small), and
service codes of banks and operators (left out, since they are what gangs present falsely).
Source: docs/field.md §4.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_MOST = 200
_SHORT = 6


@dataclass(slots=True)
class Mailing:
    """What one sender sent since `since`: to whom, and to whom suspicious texts."""

    since: int
    recipients: set[str] = field(default_factory=set)
    suspicious: set[str] = field(default_factory=set)


class Bulk(Pattern):
    """Suspicion of the sender."""

    code = "message.bulk"
    flows = ("messages",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._mailings: dict[str, Mailing] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A suspicion each time one more person has had a suspicious text from the sender."""
        row, verdict = event.row, event.verdict
        if len(row.sender) <= _SHORT:
            return
        mailing = self._mailings.get(row.sender)
        if mailing is None or event.at - mailing.since > DAY_US:
            mailing = self._mailings[row.sender] = Mailing(event.at)
        if len(mailing.recipients) >= _MOST:
            return
        mailing.recipients.add(row.recipient)
        if verdict.probability < self.settings["least_probability"] or row.recipient in mailing.suspicious:
            return
        mailing.suspicious.add(row.recipient)
        people = len(mailing.suspicious)
        if people < self.settings["least_recipients"]:
            return
        if people < self.settings["least_share"] * len(mailing.recipients):
            return
        millibits = self.bits["many" if people >= self.settings["many_recipients"] else "some"]
        types = ((verdict.scam_type, 1.0),) if verdict.scam_type else ()
        zh = f"24小时内向{people}人发送可疑短信"
        en = f"sent suspicious texts to {people} people in a day"
        yield Suspicion(self.code, event.at, "sender", row.sender, millibits, types, zh, en)

    def forget(self, now: int) -> None:
        """Mailings of more than a day ago are gone."""
        for sender in [s for s, m in self._mailings.items() if m.since < now - DAY_US]:
            del self._mailings[sender]
