"""Collections of peers' own servers, read by the clock: page by page, each kept once, by what it says. The
place to go on from moves when the end is reached, so that a process that is killed at any moment loses
nothing and keeps nothing twice, though some servers give a page once under one `next` (OASIS's medallion).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingdun.console.exchange import actions, reading, rules
from qingdun.console.exchange.codes import Fault, Form, Way
from qingdun.console.exchange.fetching import Fetched, Unfetched, fetch
from qingdun.console.exchange.models import Received, Source

MOST_PAGES = 20
"""Of one server at a time, and no longer than `turn_seconds`; then others have their turn."""
_FORGOTTEN = {400, 404, 410}
"""How a server may answer to a place in its pages that it knows no more."""
REST = dt.timedelta(minutes=1)
"""Until the next turn of a server that has more."""


def tick(now: dt.datetime) -> int:
    """Every server that is due has been read; how many objects came."""
    due = Source.objects.filter(due_at__lte=now, stopped_at=None, peer__closed_at=None)
    return sum(pull(pk, now) for pk in due.order_by("due_at", "pk").values_list("pk", flat=True))


def pull(source_id: int, now: dt.datetime, told: Callable[[int], object] = lambda _count: None) -> int:
    """The server is read to its end, or as far as one turn goes; how many objects came. What fails is on
    record and tried again, each time twice as late.
    """
    source = Source.objects.select_related("peer__rule").get(pk=source_id)
    if _is_enough(source, now):
        _failed(source, Unfetched(Fault.ENOUGH), now)
        return 0
    begin, count, seen = source.next, 0, set[str]()
    ends_at = time.monotonic() + rules.number("turn_seconds")
    # Servers may give a page once: whoever is killed with one unkept goes on from where the turn began.
    Source.objects.filter(pk=source_id).update(next="")
    for number in range(1, MOST_PAGES + 1):
        try:
            if source.peer.rule is None or not source.peer.rule.may_send:
                raise Unfetched(Fault.RULE)
            page = fetch(source, begin)
            said = _digest(page.objects)
            if page.next and said in seen:
                raise Unfetched(Fault.FORM, "more, next: the same page again")
        except Unfetched as error:
            if number == 1 and begin and error.status in _FORGOTTEN:
                begin = ""
                continue
            _failed(source, error, now)
            return count
        seen.add(said)
        is_last = number == MOST_PAGES or time.monotonic() >= ends_at
        came = _kept(source, page, is_last, now)
        count += came or 0
        told(count)
        if came is None or is_last or not page.next:
            return count
        begin = page.next
    return count


@transaction.atomic
def _kept(source: Source, page: Fetched, is_last: bool, now: dt.datetime) -> int | None:
    """The page is kept, and at the end of a turn the place to go on from; how many objects are new. None if
    the server was stopped, its peer may send no more, or somebody else has read on meanwhile.
    """
    stands = Source.objects.select_for_update(of=("self",)).filter(pk=source.pk, stopped_at=None)
    stands = stands.filter(peer__rule__may_send=True)
    locked = stands.filter(added_after=source.added_after).first()
    if locked is None:
        return None
    items = list(reading.items_of_objects(page.objects))
    most = rules.number("most_objects")
    count = sum(_keep(source, items[cut : cut + most]) for cut in range(0, len(items), most))
    locked.last, locked.asked_at = page.last or locked.last, now
    locked.objects_read += count
    locked.failures, locked.fault, locked.detail = 0, "", ""
    if not page.next:
        locked.added_after, locked.read_at = locked.last or source.added_after, now
        locked.due_at = now + dt.timedelta(minutes=source.every_minutes)
    elif is_last:
        locked.next, locked.due_at = page.next, now + REST
    locked.save()
    return count


def _is_enough(source: Source, now: dt.datetime) -> bool:
    """Whether so many pages have come from the server within a day that it waits: one that always has more
    fills no disk.
    """
    came = Received.objects.filter(peer=source.peer, way=Way.PULL, name=f"{source}"[:255])
    return came.filter(at__gt=now - dt.timedelta(days=1)).count() >= rules.number("pages_a_day")


def _keep(source: Source, items: list[reading.Item]) -> int:
    """The objects wait to be read; the very same ones are kept once. How many are new."""
    digest = _digest([one.body for one in items])
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"pull:{source.pk}:{digest}"))
    if Received.objects.filter(key=key).exists():
        return 0
    actions.keep(source.peer, key, Form.STIX, Way.PULL, items, f"{source}")
    return len(items)


def _digest(objects: list[Any]) -> str:
    said = json.dumps(objects, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _failed(source: Source, error: Unfetched, now: dt.datetime) -> None:
    """The fault is on record, and when it is tried again."""
    source.refresh_from_db()
    wait = dt.timedelta(minutes=source.every_minutes) * 2 ** min(source.failures, 10)
    values = {
        "asked_at": now, "failures": source.failures + 1, "fault": error.fault, "detail": error.detail,
        "due_at": now + min(wait, dt.timedelta(hours=rules.number("longest_wait_hours"))),
    }  # fmt: skip
    Source.objects.filter(pk=source.pk).update(**values)


def pull_all(peer_id: int | None, told: Callable[[int], object] = lambda _count: None) -> list[Source]:
    """Every server of the peer, or of all peers, has been asked, due or not; how each stands."""
    found = Source.objects.filter(stopped_at=None, peer__closed_at=None).order_by("pk")
    chosen = list((found.filter(peer=peer_id) if peer_id else found).values_list("pk", flat=True))
    before = 0
    for pk in chosen:
        before += pull(pk, timezone.now(), lambda count, so_far=before: told(so_far + count))  # type: ignore[misc]
    return list(Source.objects.select_related("peer").filter(pk__in=chosen).order_by("pk"))
