"""A bulletin as it leaves: what every form of it says, as text, as a page, and as lines of a sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.bulletin.composing import Composed, Paragraph, text_of
from qingdun.console.bulletin.counting import Told
from qingdun.console.bulletin.models import Bulletin, BulletinFigure
from qingdun.console.bulletin.moves import BulletinState
from qingdun.console.bulletin.numbers import number_of
from qingdun.console.bulletin.periods import Period
from qingdun.console.kernel.models import Region

FEN = 100
DEMO = {"zh": "演示数据，非正式战报", "en": "Demonstration: synthetic data, no official bulletin"}
UNSIGNED = {"zh": "草稿，未签发", "en": "Draft, not issued"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a bulletin says, whichever form it takes."""

    title: str
    place: str
    number: str
    period: Period
    language: str
    paragraphs: list[Paragraph]
    figures: list[Told] | list[BulletinFigure]
    day: dt.date
    signed: tuple[str, ...]
    marks: tuple[str, ...]
    """What stands above everything: that it is a demonstration, or a draft."""


def sheet_of(about: Bulletin) -> Sheet:
    """A bulletin that is kept."""
    issued = about.state == BulletinState.ISSUED
    place = Region.objects.get(path=about.region_path)
    at = about.second_at or about.counted_at
    signed = tuple(str(one) for one in (about.first_by, about.second_by) if one is not None)
    return Sheet(
        about.title, _name(place, about.language), number_of(about), about.period, about.language,
        about.paragraphs, list(about.figures.all()), timezone.localdate(at), signed,
        _marks(about.language, issued),
    )  # fmt: skip


def sheet_of_composed(made: Composed, place: Region, period: Period, language: str) -> Sheet:
    """One that nobody keeps."""
    return Sheet(
        made.title, _name(place, language), "", period, language, made.paragraphs, made.figures,
        timezone.localdate(), (), _marks(language, False),
    )  # fmt: skip


def as_text(made: Composed | Sheet) -> str:
    """Title and paragraphs, a blank line between them."""
    return "\n\n".join([made.title, *(text_of(one).strip() for one in made.paragraphs)])


def as_html(sheet: Sheet) -> str:
    """A page that needs nothing else: every figure marked, a table of figures below."""
    body = "\n".join(
        f"<h2>{_inner(one)}</h2>" if one["heading"] else f"<p>{_inner(one)}</p>" for one in sheet.paragraphs
    )
    marks = "".join(f"<p><em>{escape(one)}</em></p>" for one in sheet.marks)
    head, *rows = lines(sheet)
    table = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    heads = "".join(f"<th>{escape(str(cell))}</th>" for cell in head)
    return (
        f'<!doctype html><html lang="{"zh-CN" if sheet.language == "zh" else "en"}"><meta charset="utf-8">'
        f"<title>{escape(sheet.title)}</title>{marks}<h1>{escape(sheet.title)}</h1>\n{body}\n"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{table}</tbody></table></html>"
    )


def lines(sheet: Sheet) -> Iterator[list[Any]]:
    """The table of figures: headings, then a line a figure; money in yuan, bounds as they are printed."""
    yield [
        _("Figure"), _("Value"), _("Period before"), _("Year before"), _("Numerator"), _("Denominator"),
        _("95 %, from"), _("95 %, to"), _("Code"), _("Rows"),
    ]  # fmt: skip
    for one in sheet.figures:
        yield [one.word, *(_cell(number, one.money) for number in (one.value, one.before, one.year)),
               *(_cell(number, False) for number in (one.part, one.whole)),
               *("" if bound is None else round(bound, 4) for bound in (one.low, one.high)),
               one.code, one.url]  # fmt: skip


def _cell(number: int | None, money: bool) -> Any:
    if number is None:
        return ""
    return number / FEN if money else number


def _inner(paragraph: Paragraph) -> str:
    return "".join(
        escape(part)
        if isinstance(part, str)
        else f'<b data-figure="{escape(part["code"])}">{escape(part["text"])}</b>'
        for part in paragraph["parts"]
    )


def _name(place: Region, language: str) -> str:
    return place.name if language == "zh" else place.name_en or place.name


def _marks(language: str, issued: bool) -> tuple[str, ...]:
    return (*([DEMO[language]] if settings.DEMO else []), *([] if issued else [UNSIGNED[language]]))
