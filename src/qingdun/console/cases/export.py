"""A table leaves as a file: masked, streamed, on record."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from qingdun.console.cases import tables
from qingdun.console.cases.tables import Ask
from qingdun.console.kernel.actions import record_export
from qingdun.console.kernel.models import User

CHUNK = 2000


def export_table(actor: User, code: str, ask: Ask, query: str) -> Iterator[list[Any]]:
    """Headings, then the cells of every row asked for; how many they are is on record.

    Errors: InputError (no such table, a filter of no such choice).
    """
    found = tables.rows(actor, code, ask)
    record_export(actor, f"cases.{code}", query, found.count())
    lines = (tables.cells(code, row) for row in found.iterator(chunk_size=CHUNK))
    return chain([tables.headings(code)], lines)
