"""What leaves as CSV: in UTF-8 with the mark a spreadsheet looks for, and no cell that it would calculate.

Every CSV of the console is written here, so that the guard stands in one place.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula."""
CSV = "text/csv; charset=utf-8"


def harmless(cell: Any) -> Any:
    """The cell; a text that would be taken for a formula stands behind an apostrophe.

    >>> harmless("=1+1"), harmless("+8613800000000"), harmless("清远"), harmless(-3)
    ("'=1+1", "'+8613800000000", '清远', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The mark, then each row as a line of CSV, one by one: a long export is never whole in memory."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text."""
        return text
