"""A bulletin as a workbook: its figures, each with a link to its rows, and its text."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.conf import settings

from qingdun.console.bulletin.composing import text_of
from qingdun.console.bulletin.writing import Sheet, lines

SHEETS = {"zh": ("数据表", "正文"), "en": ("Figures", "Text")}
WIDTHS = (42, 14, 14, 14, 12, 12, 12, 12, 32, 60)
"""Of the columns of `lines`, in characters."""
TEXT_WIDTH = 96


def as_xlsx(sheet: Sheet) -> io.BytesIO:
    """Figures first, whose rows open with one click for whoever may see them; no text becomes a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    figures, text = (book.add_worksheet(name) for name in SHEETS[sheet.language])
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8ECF0"})
    _figures(figures, sheet, head, book.add_format({"num_format": "#,##0.####"}))
    title = book.add_format({"bold": True, "font_size": 16})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    text.set_column(0, 0, TEXT_WIDTH)
    said = [*((mark, wrapped) for mark in sheet.marks), (sheet.title, title)]
    said += [(text_of(one).strip(), head if one["heading"] else wrapped) for one in sheet.paragraphs]
    for number, (words, form) in enumerate(said):
        text.write_string(number, 0, words, form)
    book.close()
    out.seek(0)
    return out


def _figures(into: Any, sheet: Sheet, head: Any, number: Any) -> None:
    for column, width in enumerate(WIDTHS):
        into.set_column(column, column, width)
    into.freeze_panes(1, 1)
    for place, row in enumerate(lines(sheet)):
        for column, cell in enumerate(row):
            if place and column == len(row) - 1 and cell:
                into.write_url(place, column, f"{settings.ORIGINS[0]}{cell}", string=cell)
            elif isinstance(cell, str):
                into.write_string(place, column, cell, head if place == 0 else None)
            else:
                into.write_number(place, column, cell, number)
