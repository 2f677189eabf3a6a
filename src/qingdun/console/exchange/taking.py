"""What was received becomes proposals for the lists, never entries; what takes something back waits for a
person. A delivery is read in one transaction, by the clock: whoever sent it asks for its status meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from qingdun.console.exchange import listing, rules
from qingdun.console.exchange.codes import Cause, Form, Outcome
from qingdun.console.exchange.models import Issued, Origin, Received, ReceivedObject
from qingdun.console.exchange.reading import Reading, Unread, read
from qingdun.console.kernel.localtime import written
from qingdun.console.lists import actions as lists
from qingdun.console.lists.candidates import Candidate, Piece

AT_ONCE = 500
_FIELDS = ["outcome", "cause", "detail"]


def take_waiting(now: dt.datetime) -> int:
    """Every delivery is read, the oldest first; how many objects."""
    waiting = Received.objects.filter(read_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(take(pk, now) for pk in waiting)


@transaction.atomic
def take(received_id: int, now: dt.datetime) -> int:
    """Each object of the delivery has its outcome; how many. Read once, however often it is called."""
    found = Received.objects.select_for_update(of=("self",)).filter(pk=received_id, read_at=None)
    received = found.select_related("peer__account", "by").first()
    if received is None:
        return 0
    taken = _Taken(received, list(received.items.filter(outcome=Outcome.PENDING)), now)
    taken.read()
    taken.propose()
    taken.take_back()
    taken.keep()
    return len(taken.items)


@dataclass(slots=True)
class _Taken:
    """A delivery being read."""

    received: Received
    items: list[ReceivedObject]
    now: dt.datetime
    wanted: list[tuple[ReceivedObject, Reading, tuple[str, str]]] = field(default_factory=list)
    revoked: list[ReceivedObject] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)

    def read(self) -> None:
        """What each object says; what was known before needs no more."""
        ids = {one.object_id for one in self.items if one.object_id}
        seen, own = self._seen(ids), set(_own(ids))
        for item in self.items:
            if item.object_id in own:
                _settle(item, Outcome.KNOWN)
                continue
            try:
                reading = read(Form(self.received.form), item.body)
            except Unread as unread:
                _settle(item, Outcome.REJECTED, unread.cause, unread.detail)
                continue
            if item.object_id and (item.object_id, item.version) in seen:
                _settle(item, Outcome.KNOWN)
            elif reading.revoked:
                self.revoked.append(item)
            elif not reading.named:
                _settle(item, Outcome.CONTEXT)
            elif len(self.wanted) + len(reading.named) > rules.number("most_objects"):
                # A pattern may name hundreds of things: what one delivery asks for is bounded all the same.
                why = _("More than %(most)d objects at once; send them in parts.")
                detail = why % {"most": rules.number("most_objects")}
                _settle(item, Outcome.REJECTED, Cause.LISTS, detail)
                continue
            else:
                self.wanted += [(item, reading, named) for named in reading.named]
            seen.add((item.object_id, item.version))

    def _seen(self, ids: set[str]) -> set[tuple[str, str]]:
        """Versions that the peer has sent before."""
        before = ReceivedObject.objects.filter(received__peer=self.received.peer_id, object_id__in=ids)
        done = before.exclude(outcome__in=(Outcome.PENDING, Outcome.REJECTED))
        return set(done.values_list("object_id", "version"))

    def propose(self) -> None:
        """What is named is proposed, by whoever brought the file, else by the peer."""
        if not self.wanted:
            return
        candidates = [self._candidate(row, *one) for row, one in enumerate(self.wanted, start=1)]
        who = self.received.by or self.received.peer.account
        made = lists.receive(who, candidates, f"exchange-{self.received.pk}", str(self.received.peer.name))
        refused = {row.number: row.reason for row in made.refused}
        found = listing.open_entries(named for _item, _reading, named in self.wanted)
        for row, (item, _reading, named) in enumerate(self.wanted, start=1):
            entry = found.get(named)
            if entry is None:
                if item.outcome == Outcome.PENDING:
                    _settle(item, Outcome.REJECTED, Cause.LISTS, refused.get(row, ""))
                continue
            self.origins.append(Origin(entry_id=entry, item=item))
            if row not in refused:
                _settle(item, Outcome.PROPOSED)
            elif item.outcome != Outcome.PROPOSED:
                _settle(item, Outcome.KNOWN)

    def _candidate(
        self, row: int, item: ReceivedObject, reading: Reading, named: tuple[str, str]
    ) -> Candidate:
        peer, until = self.received.peer, reading.until
        most = self.now + dt.timedelta(days=rules.number("longest_days"))
        title = reading.title or item.object_type
        told = Piece("", *_provenance(item, self.received), self.received.at)
        return Candidate(
            named[0], named[1][:1000], "black",
            _("Reported by %(peer)s: %(title)s") % {"peer": peer.name, "title": title},
            reading.scam_type, min(until, most) if until else None, (told,), row,
        )  # fmt: skip

    def take_back(self) -> None:
        """What the peer takes back waits for a person, where an entry here rests on it."""
        ids = [item.object_id for item in self.revoked]
        rest = Origin.objects.filter(item__received__peer=self.received.peer_id, item__object_id__in=ids)
        entries: dict[str, set[int]] = {}
        for object_id, entry in rest.values_list("item__object_id", "entry_id"):
            entries.setdefault(object_id, set()).add(entry)
        for one in self.origins:
            entries.setdefault(one.item.object_id, set()).add(one.entry_id)
        still = listing.are_open(entry for some in entries.values() for entry in some)
        for item in self.revoked:
            known = entries.get(item.object_id)
            if not known:
                _settle(item, Outcome.REJECTED, Cause.STRANGER)
                continue
            _settle(item, Outcome.REVERSAL if known & still else Outcome.KNOWN)
            self.origins += [Origin(entry_id=entry, item=item) for entry in sorted(known & still)]

    def keep(self) -> None:
        """All of it is saved."""
        ReceivedObject.objects.bulk_update(self.items, _FIELDS, batch_size=AT_ONCE)
        Origin.objects.bulk_create(self.origins, batch_size=AT_ONCE, ignore_conflicts=True)
        self.received.read_at = self.now
        self.received.save(update_fields=["read_at"])


def _own(ids: set[str]) -> Sequence[str]:
    """Objects that are ours and come back."""
    return list(Issued.objects.filter(object_id__in=ids).values_list("object_id", flat=True).distinct())


def _settle(item: ReceivedObject, outcome: Outcome, cause: str = "", detail: str = "") -> None:
    item.outcome, item.cause, item.detail = outcome, cause, detail[:500]


def _provenance(item: ReceivedObject, received: Received) -> tuple[str, str]:
    """Who says so, under which id, how surely and when: in both languages, for the review."""
    peer, at = received.peer, written(received.at)
    name, sure = item.object_id or f"#{item.number}", item.confidence
    sure_zh, sure_en = ("未说明", "not said") if sure is None else (f"{sure}/100", f"{sure}/100")
    return (
        f"来自{peer.name}，对方编号{name}，对方置信度{sure_zh}，收到于{at}",
        f"From {peer.name_en or peer.name}, their id {name}, their confidence {sure_en}, received {at}",
    )
