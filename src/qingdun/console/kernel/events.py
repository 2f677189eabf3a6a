"""What browsers should hear of: rows written with the act itself, pushed by the event process once it is
committed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import LedgerHead, LiveEvent
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.storing import store

CHANNEL = "qingdun_events"
"""Where PostgreSQL tells the event process that events were committed."""


class Topic(NamedTuple):
    """Who may hear of a topic's events: whoever has one of the permissions."""

    permissions: frozenset[Permission]
    held: bool = True
    """Whether each event belongs to somebody: in a station, only those hear it to whom it is addressed."""
    everywhere: bool = False
    """Whether region does not matter, because the events say nothing of any place."""
    by_name: frozenset[Permission] = frozenset()
    """Who hears no more than what names them: what they hold, and what their permission marks."""


class Notice(NamedTuple):
    """What `publish` is told of one event."""

    topic: str
    region_path: str
    payload: Mapping[str, Any]
    stations: Collection[int] = ()
    users: Collection[int] = ()


TOPICS: dict[str, Topic] = {
    "alerts": Topic(
        frozenset({Permission.SEE_ALERTS, Permission.SEE_WALL}),
        by_name=frozenset({Permission.CALL_HOTLINE, Permission.VISIT_ENTRUSTED}),
    ),
    "care": Topic(frozenset({Permission.SEE_ALERTS})),
    "funds": Topic(frozenset({Permission.SEE_ALERTS})),
    "feed": Topic(frozenset({Permission.SEE_ALERTS, Permission.SEE_WALL}), held=False, everywhere=True),
    "offers": Topic(frozenset({Permission.WORK_ALERTS})),
    "industry": Topic(frozenset({Permission.SEE_INDUSTRY}), held=False),
    "lists": Topic(frozenset({Permission.SEE_PERSONS}), held=False, everywhere=True),
}
"""Every topic there is. A module adds its line here; what has none is not published."""


def publish(
    topic: str,
    region_path: str,
    payload: Mapping[str, Any],
    *,
    stations: Collection[int] = (),
    users: Collection[int] = (),
) -> LiveEvent:
    """An event stands in the caller's transaction; after commit it reaches everyone who listens to its
    topic, has one of its permissions and whose region covers it; of those who work in a station only the
    ones at `stations` (ids of organisations) and the `users` named, unless the topic is nobody's. Who hears
    the topic by name alone is one of the `users`, or has a permission that the payload lists in `open_to`.

    The payload is a hint to fetch (ids, states), not the data: it holds no personal data.
    Errors: KeyError for a topic that is not in the table; TransactionManagementError outside a transaction.
    """
    (event,) = publish_all([Notice(topic, region_path, payload, stations, users)])
    return event


def publish_all(notices: Sequence[Notice], *, head: LedgerHead | None = None) -> list[LiveEvent]:
    """The same for many, in their order: one statement, and the listeners are woken once. `head` is the
    ledger's, if the caller's transaction holds it already.
    """
    for notice in notices:
        if notice.topic not in TOPICS:
            raise KeyError(f"topic {notice.topic!r}: not in the table of topics")
    if not notices:
        return []
    if head is None:
        # Ids must rise in the order of commits, or a reader that has seen 7 would never ask for a late 6.
        locked_head()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")  # sent when the transaction commits, once however often asked
    now = timezone.now()
    made = [
        LiveEvent(
            at=now,
            topic=notice.topic,
            region_path=notice.region_path,
            payload=dict(notice.payload),
            stations=sorted(notice.stations),
            users=sorted(notice.users),
        )
        for notice in notices
    ]
    store(made, numbered=True)
    return made


def forget_before(at: datetime) -> int:
    """Events older than `at` are gone; readers who ask for them are told to load the page again."""
    deleted, _ = LiveEvent.objects.filter(at__lt=at).delete()
    return deleted


def newest_id() -> int:
    """Id of the newest event; 0 if there is none."""
    return LiveEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
