"""The receipt as a PDF page: A4, official, in Chinese, English or both, with a font that a package brings.

No system font and no system library is needed (docs/decisions/0012): the page is the same on every machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from django.conf import settings
from django.utils import timezone
from fpdf import FPDF

from qingdun.console.visits.models import Receipt
from qingdun.console.visits.told import sentence, told
from qingdun.console.visits.words import Sentence
from qingdun.contract.codes import scam_types

MARGIN_MM, WIDTH_MM = 25.0, 160.0
FONT = "serif"
LABELS = {
    "number": Sentence("编号", "Number"),
    "person": Sentence("当事人", "Person"),
    "phone": Sentence("联系电话", "Phone"),
    "type": Sentence("涉诈类型", "Kind of fraud"),
    "task": Sentence("预警任务", "Warning"),
    "station": Sentence("告知单位", "Station"),
    "officer": Sentence("告知民警", "Officer"),
    "signed": Sentence("告知时间", "Time"),
    "told": Sentence("告知内容", "What was told"),
    "steps": Sentence("现场处置", "What was done"),
    "nothing": Sentence("无", "Nothing"),
    "signature": Sentence("当事人签名", "Signature"),
    "seal": Sentence("（单位盖章）", "(Seal)"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the page says, in both languages."""

    number: str
    languages: tuple[str, ...]
    facts: tuple[tuple[str, Sentence], ...]
    """Label and value, in the order of the page."""
    told: tuple[Sentence, ...]
    steps: tuple[Sentence, ...]
    strokes: list[list[tuple[int, int]]]
    refused: bool
    made_at: dt.datetime
    city: Sentence

    @classmethod
    def of(cls, receipt: Receipt, name: str, steps: Mapping[str, tuple[str, str]]) -> Sheet:
        """The sheet of a receipt. `steps` are the words of the checklist, Chinese and English, by code."""
        kind = scam_types().names[receipt.scam_type]
        station, signed_at = receipt.station, timezone.localtime(receipt.signed_at)
        officer = receipt.by.display_name or receipt.by.username
        languages = ("zh", "en") if receipt.language == Receipt.Language.BOTH else (receipt.language,)
        same = [
            ("person", name or "–"),
            ("phone", receipt.task.msisdn),
        ]
        facts = [(label, Sentence(value, value)) for label, value in same]
        facts += [
            ("type", Sentence(kind.zh, kind.en)),
            ("task", Sentence(f"#{receipt.task_id}", f"#{receipt.task_id}")),
            ("station", Sentence(station.name, station.name_en or station.name) if station else _NONE),
            ("officer", Sentence(officer, officer)),
            ("signed", Sentence(f"{signed_at:%Y年%m月%d日 %H:%M}", f"{signed_at:%d %B %Y, %H:%M}")),
        ]
        return cls(
            receipt.number, languages, tuple(facts),
            tuple(told()[code] for code in receipt.told if code in told()),
            tuple(Sentence(*steps[code]) for code in receipt.steps if code in steps),
            receipt.strokes, receipt.refused, receipt.at,
            Sentence(settings.CITY.name, settings.CITY.name_en),
        )  # fmt: skip


_NONE = Sentence("–", "–")


class _Page(FPDF):
    """An A4 page with number and page count at its foot."""

    def __init__(self, number: str) -> None:
        super().__init__(format="A4")
        self.number = number

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-14)
        self.set_font(FONT, size=9)
        self.cell(0, 6, f"{self.number} · {self.page_no()}/{{nb}}", align="C")


def printed(sheet: Sheet) -> bytes:
    """The PDF of the sheet; the same sheet gives the same bytes."""
    page = _Page(sheet.number)
    page.set_margins(MARGIN_MM, 20, MARGIN_MM)
    page.set_auto_page_break(True, 18)
    font = resources.files("pylopdf_fonts_zh_cn").joinpath("NotoSerifSC-Regular.otf")
    with resources.as_file(font) as path:
        page.add_font(FONT, fname=str(path))
        page.set_creation_date(sheet.made_at)
        page.set_title(f"{_words(sheet, sentence('title'), ' / ')} {sheet.number}")
        page.set_lang("zh-CN" if "zh" in sheet.languages else "en")
        page.add_page()
        _head(page, sheet)
        _facts(page, sheet)
        _listed(page, sheet, "told", sheet.told)
        _in_a_row(page, sheet, "steps", sheet.steps)
        _signature(page, sheet)
        return bytes(page.output())


def _words(sheet: Sheet, both: Sentence, between: str) -> str:
    return between.join(getattr(both, language) for language in sheet.languages)


def _label(sheet: Sheet, name: str) -> str:
    return _words(sheet, LABELS[name], " ")


def _line(
    page: FPDF,
    text: str,
    size: float,
    height: float,
    align: str = "L",
    indent: float = 0.0,
    width: float = 0.0,
) -> None:
    page.set_font(FONT, size=size)
    page.set_x(MARGIN_MM + indent)
    page.multi_cell(width or WIDTH_MM - indent, height, text, align=align, new_x="LMARGIN", new_y="NEXT")


def _head(page: FPDF, sheet: Sheet) -> None:
    number = sheet.number
    zh = f"劝回〔{number[:4]}〕{number[5:]} 号"
    _line(page, _words(sheet, sheet.city, " · "), 12, 7, "C")
    for language in sheet.languages:
        size = 22 if language == "zh" else 15 if len(sheet.languages) == 1 else 12
        _line(page, getattr(sentence("title"), language), size, size * 0.5, "C")
    said = zh if "zh" in sheet.languages else f"No. {number}"
    _line(page, f"{_label(sheet, 'number')}：{said}" if "zh" in sheet.languages else said, 11, 9, "R")
    page.set_line_width(0.5)
    page.line(MARGIN_MM, page.get_y(), MARGIN_MM + WIDTH_MM, page.get_y())
    page.ln(3)


def _facts(page: FPDF, sheet: Sheet) -> None:
    page.set_font(FONT, size=11)
    page.set_line_width(0.2)
    pairs = [sheet.facts[at : at + 2] for at in range(0, len(sheet.facts), 2)]
    with page.table(
        text_align="LEFT",
        col_widths=(28, 52, 28, 52),
        first_row_as_headings=False,
        line_height=6,
        padding=1.2,
        width=int(WIDTH_MM),
    ) as table:
        for pair in pairs:
            row = table.row()
            for name, value in pair:
                row.cell(_words(sheet, LABELS[name], "\n"))
                row.cell(_value(sheet, value), colspan=3 if len(pair) == 1 else 1)
    page.ln(3)


def _value(sheet: Sheet, value: Sentence) -> str:
    return value.zh if value.zh == value.en else _words(sheet, value, "\n")


def _listed(page: FPDF, sheet: Sheet, name: str, sentences: tuple[Sentence, ...]) -> None:
    _line(page, _label(sheet, name), 13, 8)
    both = len(sheet.languages) > 1
    for number, one in enumerate(sentences, 1):
        for language in sheet.languages:
            mark = f"{number}. " if language == sheet.languages[0] else ""
            small = both and language == "en"
            _line(page, f"{mark}{getattr(one, language)}", *_size(language, small), "L", 6)
    if not sentences:
        _line(page, _words(sheet, LABELS["nothing"], " "), 11, 6, "L", 6)
    page.ln(2)


def _size(language: str, small: bool) -> tuple[float, float]:
    """Size of type in points and height of a line in millimetres."""
    return (9, 4.6) if small else (11, 6) if language == "zh" else (10, 5.2)


def _in_a_row(page: FPDF, sheet: Sheet, name: str, sentences: tuple[Sentence, ...]) -> None:
    """Short ones one after the other, so that the page ends with its signature."""
    _line(page, _label(sheet, name), 13, 8)
    both = len(sheet.languages) > 1
    for language in sheet.languages:
        between, small = ("； ", False) if language == "zh" else ("; ", both)
        mark = "." if language == "zh" else ". "  # a blank would be where a Chinese line breaks
        numbered = [f"{number}{mark}{getattr(one, language)}" for number, one in enumerate(sentences, 1)]
        said = between.join(numbered) or getattr(LABELS["nothing"], language)
        _line(page, said, *_size(language, small), "L", 6)
    page.ln(2)


def _signature(page: FPDF, sheet: Sheet) -> None:
    if page.will_page_break(56):
        page.add_page()
    for language in sheet.languages:
        _line(page, getattr(sentence("statement"), language), 11 if language == "zh" else 10, 6)
    page.ln(3)
    top, width, height = page.get_y(), 80.0, 32.0
    _line(page, _label(sheet, "signature"), 11, 7)
    page.set_line_width(0.2)
    page.rect(MARGIN_MM, top + 7, width, height)
    if sheet.refused:
        page.set_y(top + 10)
        for language in sheet.languages:
            _line(page, getattr(sentence("refused"), language), 11, 6, "L", 3, width - 6)
    _draw(page, sheet.strokes, MARGIN_MM, top + 7, width / 1000)
    page.set_xy(MARGIN_MM + width + 10, top + 7)
    facts: dict[str, Any] = dict(sheet.facts)
    for name in ("station", "officer", "signed"):
        _line(page, _value(sheet, facts[name]), 11, 6, "R", width + 10, 70)
    page.set_x(MARGIN_MM + width + 10)
    page.cell(70, 8, _words(sheet, LABELS["seal"], " "), align="R")


def _draw(page: FPDF, strokes: list[list[tuple[int, int]]], left: float, top: float, scale: float) -> None:
    page.set_line_width(0.6)
    for stroke in strokes:
        points = [(left + x * scale, top + y * scale) for x, y in stroke]
        # A dot is a stroke too.
        page.polyline(points if len(points) > 1 else [*points, (points[0][0] + 0.2, points[0][1])])
