"""What leaves as CSV or XLSX: in UTF-8 with the mark a spreadsheet looks for, and no cell that it would
calculate.

Every CSV of the console is written here, so that the guard stands in one place.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula; a Chinese one, the wide signs as well."""
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(cell: Any) -> Any:
    """The cell; a text that would be taken for a formula stands behind an apostrophe.

    >>> harmless("=1+1"), harmless("+8613800000000"), harmless("清远"), harmless(-3)
    ("'=1+1", "'+8613800000000", '清远', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """The text behind the apostrophe of `harmless`: what left as a file comes back as it was.

    >>> unguarded(harmless("=1+1")), unguarded("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The mark, then each row as a line of CSV, one by one: a long export is never whole in memory."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def as_xlsx(lines: Iterable[Sequence[Any]]) -> IO[bytes]:
    """The lines as a workbook in a file that is gone when it is closed; no text becomes a formula or link."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for number, line in enumerate(lines):
        for column, cell in enumerate(line):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell, bold if number == 0 else None)
            else:
                sheet.write_number(number, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    file.seek(0)
    return file


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text."""
        return text
