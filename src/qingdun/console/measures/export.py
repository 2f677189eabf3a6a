"""The table of measures as CSV or a workbook: every share with numerator and denominator, nobody named."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.measures.definitions import FIGURES
from qingdun.console.measures.queries import Ask, Line, Report, report

FORMATS = ("xlsx", "csv")


def export_measures(actor: User, ask: Ask, form: str) -> Report:
    """The report that is to be written; who asked for it is on record. Errors: NotPermitted."""
    made = report(actor, ask)
    code = made.region.code if made.region else ""
    after = {"since": made.period.since, "until": made.period.until, "as": form}
    with transaction.atomic():
        record(actor, "export_measures", ("measures", code), None, after)
    return made


def lines(made: Report) -> Iterator[list[Any]]:
    """Headings, then a line a place and share, then a line a part of the period and share, then figures."""
    heads = (
        _("Of"),
        pgettext("figure", "Measure"),
        _("Numerator"),
        _("Whole"),
        _("Share in hundredths"),
        _("Interval from"),
        _("Interval to"),
    )
    yield [str(head) for head in heads]
    whole = Line(made.region, None, made.counts.now)
    for line in (whole, *made.places, *([made.elsewhere] if made.elsewhere else []), *made.parts):
        for rate in line.rates:
            interval = rate.interval
            numbers = (rate.percent, interval.low if interval else None, interval.high if interval else None)
            shown = ["" if number is None else round(number, 2) for number in numbers]
            yield [_of(line, made), str(rate.share.word), rate.part, rate.whole, *shown]
    for code, figure in FIGURES.items():
        if not figure.split:
            yield [_of(whole, made), str(figure.word), made.counts.now[code], "", "", "", ""]
    yield [_of(whole, made), _("Loss avoided, yuan"), made.counts.now["avoided_fen"] / 100, "", "", "", ""]


def _of(line: Line, made: Report) -> str:
    if line.period is not None:
        days = line.period
        return f"{days.since}" if days.length == 1 else f"{days.since} – {days.until}"
    if line is made.elsewhere:
        return _("%(place)s, place not known in detail") % {"place": line.place}
    return str(line.place or "")


def as_xlsx(made: Report) -> bytes:
    """The lines as a workbook; no text becomes a formula or a link."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet()
    for number, line in enumerate(lines(made)):
        sheet.write_row(number, 0, line)
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()
