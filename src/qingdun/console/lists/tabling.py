"""Lists as files: CSV and XLSX that a spreadsheet opens as they are and `reading` takes back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.spreadsheets import csv_lines
from qingdun.console.lists.codes import scam_type_label
from qingdun.console.lists.models import Entry, RefusedRow
from qingdun.console.lists.reading import COLUMNS, HEADINGS, written_end


def entry_rows(entries: Iterable[Entry], name: Callable[[Entry], str]) -> Iterator[list[str]]:
    """A heading, and a row for each entry; `name` is how its entity is printed."""
    yield [
        *(HEADINGS[column] for column in COLUMNS),
        *(_("State"), _("In force since"), _("Owner"), _("Approved by"), _("Entry")),
    ]
    for one in entries:
        yield [
            str(one.get_entity_kind_display()),
            name(one),
            str(one.get_list_name_display()),
            one.reason,
            scam_type_label(one.scam_type),
            written_end(one.until) if one.until else "",
            str(one.get_state_display()),
            timezone.localtime(one.since).isoformat(timespec="seconds") if one.since else "",
            str(one.owner),
            str(one.approved_by or ""),
            str(one.pk),
        ]


def refused_rows(rows: Iterable[RefusedRow]) -> Iterator[list[str]]:
    """The rows as they were sent, each with its number and why it was refused."""
    yield [*(HEADINGS[column] for column in COLUMNS), _("Row"), _("Why refused")]
    for row in rows:
        yield [*(str(row.values.get(column, "")) for column in COLUMNS), str(row.number), row.reason]


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV as a spreadsheet opens it; half a surrogate pair becomes a question mark."""
    return "".join(csv_lines(rows)).encode("utf-8", "replace")


def as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """XLSX; every cell is a text, nothing a formula, a link or a rounded number."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 1, 28)
        sheet.set_column(3, 3, 40)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, None if number else bold)
    return out.getvalue()
