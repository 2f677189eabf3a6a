"""Collections of peers' own servers, read by the clock: page by page, each kept with the place to go on from
in one transaction, so that a process that is killed at any moment loses nothing and keeps nothing twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from qingdun.console.exchange import actions, reading, rules
from qingdun.console.exchange.codes import Fault, Form, Way
from qingdun.console.exchange.fetching import Fetched, Unfetched, fetch
from qingdun.console.exchange.models import Received, Source

MOST_PAGES = 20
"""Of one server at a time; then others have their turn."""
_AGAIN = {400, 404, 410}
"""How a server may answer to a place in its pages that it has forgotten."""


def tick(now: dt.datetime) -> int:
    """Every server that is due has been read; how many objects came."""
    due = Source.objects.filter(due_at__lte=now, stopped_at=None, peer__closed_at=None)
    return sum(pull(pk, now) for pk in due.order_by("due_at", "pk").values_list("pk", flat=True))


def pull(source_id: int, now: dt.datetime, told: Callable[[int], object] = lambda _count: None) -> int:
    """The server is read to its end, or as far as one turn goes; how many objects came. What fails is on
    record and tried again, each time twice as late.
    """
    count = 0
    for _page in range(MOST_PAGES):
        source = Source.objects.select_related("peer__rule").get(pk=source_id)
        try:
            if source.peer.rule is None or not source.peer.rule.may_send:
                raise Unfetched(Fault.RULE)
            page = fetch(source)
        except Unfetched as error:
            _failed(source, error, now)
            return count
        if not _kept(source, page, now):
            return count
        count += len(page.objects)
        told(count)
        if not page.next:
            return count
    return count


@transaction.atomic
def _kept(source: Source, page: Fetched, now: dt.datetime) -> bool:
    """The page and the place after it are kept; not if somebody else has read on meanwhile."""
    place = {"added_after": source.added_after, "next": source.next, "stopped_at": None}
    locked = Source.objects.select_for_update().filter(pk=source.pk, **place).first()
    if locked is None:
        return False
    items = list(reading.items_of_objects(page.objects))
    most = rules.number("most_objects")
    for cut in range(0, len(items), most):
        _keep(source, items[cut : cut + most])
    last = page.last or source.last
    locked.next, locked.last, locked.asked_at = page.next, last, now
    locked.objects_read += len(items)
    locked.failures, locked.fault, locked.detail = 0, "", ""
    if not page.next:
        locked.added_after, locked.read_at = last or source.added_after, now
        locked.due_at = now + dt.timedelta(minutes=source.every_minutes)
    locked.save()
    return True


def _keep(source: Source, items: list[reading.Item]) -> None:
    """The objects wait to be read; the very same ones are kept once."""
    said = json.dumps([one.body for one in items], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).hexdigest()
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"pull:{source.pk}:{digest}"))
    if not Received.objects.filter(key=key).exists():
        actions.keep(source.peer, key, Form.STIX, Way.PULL, items, f"{source}")


def _failed(source: Source, error: Unfetched, now: dt.datetime) -> None:
    """The fault is on record; a place in its pages that the server knows no more is given up."""
    wait = dt.timedelta(minutes=source.every_minutes) * 2 ** min(source.failures, 10)
    values = {
        "asked_at": now, "failures": source.failures + 1, "fault": error.fault, "detail": error.detail,
        "due_at": now + min(wait, dt.timedelta(hours=rules.number("longest_wait_hours"))),
    }  # fmt: skip
    if source.next and error.status in _AGAIN:
        values |= {"next": "", "due_at": now}
    Source.objects.filter(pk=source.pk, next=source.next, added_after=source.added_after).update(**values)


def pull_all(peer_id: int | None, told: Callable[[int], object] = lambda _count: None) -> list[Source]:
    """Every server of the peer, or of all peers, has been asked, due or not; how each stands."""
    found = Source.objects.filter(stopped_at=None, peer__closed_at=None).order_by("pk")
    chosen = list((found.filter(peer=peer_id) if peer_id else found).values_list("pk", flat=True))
    before = 0
    for pk in chosen:
        before += pull(pk, timezone.now(), lambda count, so_far=before: told(so_far + count))  # type: ignore[misc]
    return list(Source.objects.select_related("peer").filter(pk__in=chosen).order_by("pk"))
