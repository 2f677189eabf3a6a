"""Many write at once: the chain stays whole, and ids of events rise in the order in which they can be
seen.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from qingdun.console.kernel import audit, stream
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.models import AuditRow, LiveEvent

WRITERS, ROUNDS = 4, 10


def write(writer: int) -> None:
    try:
        for number in range(ROUNDS):
            with transaction.atomic():
                if number % 2:
                    publish("alerts", "441800/", {"n": number})
                    audit.record(None, "touch", ("thing", f"{writer}-{number}"))
                else:
                    audit.record(None, "touch", ("thing", f"{writer}-{number}"))
                    publish("alerts", "441800/", {"n": number})
    finally:
        connection.close()


def read() -> tuple[list[int], list[int]]:
    """Ids in the order in which a tailer sees them, and in the order in which they are."""
    seen: list[int] = []
    try:
        while len(seen) < WRITERS * ROUNDS:
            seen += [event.id for event in stream.after(seen[-1] if seen else 0, 100)]
        return seen, list(LiveEvent.objects.order_by("id").values_list("id", flat=True))
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_keep_the_chain_whole_and_hide_no_event() -> None:
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(read)
        for done in [pool.submit(write, writer) for writer in range(WRITERS)]:
            done.result()
        seen, there = reading.result()
    assert seen == there
    assert AuditRow.objects.count() == WRITERS * ROUNDS
    assert audit.verify_chain().intact
