"""What browsers should hear of: rows written with the act itself, pushed by the event process once it is
committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import LiveEvent

CHANNEL = "qingdun_events"
"""Where PostgreSQL tells the event process that events were committed."""


def publish(topic: str, region_path: str, payload: Mapping[str, Any]) -> LiveEvent:
    """An event stands in the caller's transaction; after commit it reaches everyone who listens to its
    topic and whose region covers it.

    The payload is a hint to fetch (ids, states), not the data: it holds no personal data.
    Errors: TransactionManagementError outside a transaction.
    """
    # Ids must rise in the order of commits, or a reader that has seen 7 would never ask for a late 6.
    locked_head()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")  # sent when the transaction commits, once however often asked
    return LiveEvent.objects.create(
        at=timezone.now(), topic=topic, region_path=region_path, payload=dict(payload)
    )


def forget_before(at: datetime) -> int:
    """Events older than `at` are gone; readers who ask for them are told to load the page again."""
    deleted, _ = LiveEvent.objects.filter(at__lt=at).delete()
    return deleted
