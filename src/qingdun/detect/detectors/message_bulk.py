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

from qingdun.detect.evidence import Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.traffic import Mailed
from qingdun.detect.view import View


class Bulk(Pattern):
    """Suspicion of the sender."""

    code = "message.bulk"
    flows = ("messages",)

    def observe(self, event: Event, view: View) -> Found:
        """A suspicion each time one more person has had a suspicious text from the sender."""
        mailed = view.memory.traffic.mailed()
        return self._mailed(event, mailed) if mailed else ()

    def _mailed(self, event: Event, mailed: Mailed) -> Found:
        row, verdict, people = event.row, event.verdict, mailed.suspicious
        if people < self.settings["least_recipients"]:
            return
        if people < self.settings["least_share"] * mailed.recipients:
            return
        millibits = self.bits["many" if people >= self.settings["many_recipients"] else "some"]
        types = ((verdict.scam_type, 1.0),) if verdict.scam_type else ()
        zh = f"24小时内向{people}人发送可疑短信"
        en = f"sent suspicious texts to {people} people in a day"
        yield Suspicion(self.code, event.at, "sender", row.sender, millibits, types, zh, en)
