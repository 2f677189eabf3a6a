"""The one lock that orders audit rows and events."""

from __future__ import annotations

from django.db import connection, transaction

from qingdun.console.kernel.models import LedgerHead

START = "0" * 64
"""What the first audit row names as its predecessor."""


def locked_head() -> LedgerHead:
    """The head of the ledger, locked until the transaction ends: from here on nobody else appends.

    SQLite's transactions hold the write lock from their start; PostgreSQL locks the row. Take the locks of
    the rows you change before this one, so that two actions never wait for each other.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the ledger is appended to inside a transaction only")
    head, _ = LedgerHead.objects.select_for_update().get_or_create(id=1, defaults={"seq": 0, "hash": START})
    return head
