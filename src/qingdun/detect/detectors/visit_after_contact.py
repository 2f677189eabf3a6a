"""A site that few people know is opened soon after a suspicious contact.

What it sees: visits of a person to a host that few ask for, within the hour or, weaker, the day after a
suspicious message or call; after a strong contact also to one that some ask for, since a scam's site soon has
more than one victim.
Why it matters: the contact leads somewhere; a name nobody else knows is where.
What it is blind to: platforms opened days later.
Who looks guilty and isn't: people with unusual interests: without the contact before it this says nothing;
and those who follow the link of an advert, so only a strong contact makes the host suspect.
Source: docs/field.md §4, sequences of brushing, investment, loan, shopping and phishing.
"""

from __future__ import annotations

from qingdun.detect.evidence import DAY_US, HOUR_US, Event, HostVerdict, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.waking import NOBODY, UNDER_EVIDENCE, Concern
from qingdun.detect.words import site

_CONTACTS = ("call", "message")


class AfterContact(Pattern):
    """Signals about the subscriber, and slight suspicion of the host."""

    code = "visit.after_contact"
    flows = ("visits",)

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Uncommon hosts of those who may have been contacted."""
        return NOBODY if verdict.well_known or common else UNDER_EVIDENCE

    def observe(self, event: Event, view: View) -> Found:
        """Evidence if the person was contacted within the hour and few people know the host."""
        if event.verdict.well_known or view.memory.is_common(event.row.host):
            return ()
        return self._opened(event, view)

    def _opened(self, event: Event, view: View) -> Found:
        row = event.row
        line = view.line(row.subscriber)
        if line is None or not view.has_evidence(line.person_id):
            return
        contact = view.strongest(line.person_id, event.at - HOUR_US, event.at, _CONTACTS)
        soon = contact is not None
        contact = contact or view.strongest(line.person_id, event.at - DAY_US, event.at, _CONTACTS)
        if contact is None or contact.millibits < self.settings["least_contact_bits"] * 1000:
            return
        strong = contact.millibits >= self.settings["strong_contact_bits"] * 1000
        if not (strong or view.memory.is_little_known(row.host)):
            return
        if soon and strong:
            yield Suspicion(
                self.code,
                event.at,
                "host",
                row.host,
                self.bits["host"],
                contact.types,
                "可疑联系后一小时内被访问的冷门网站",
                "a little-known site opened within an hour after a suspicious contact",
                tied_to=((contact.entity_kind, contact.entity),),
            )
        minutes = (event.at - contact.at) // 60_000_000
        yield self.led(
            event,
            line.person_id,
            self.bits["within_hour" if soon else "within_day"],
            contact.types,
            f"可疑联系后{minutes}分钟访问冷门网站{site(row.host)}",
            f"the person opened a little-known site, {site(row.host)}, {minutes} minutes "
            "after a suspicious contact",
        )
