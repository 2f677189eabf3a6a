"""A legal document or an official letter as Word and as PDF, with the fonts such documents are set in."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from django.utils import timezone
from docx import Document as Word
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from fpdf import FPDF

TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
"""Named as the standard for official documents (GB/T 9704) has them; a machine without them takes others."""
DEMO = "演示数据，非法律文书"
MARGIN_MM = 26.0
LABEL_MM = 34.0
COLUMNS_CM = (3.6, 12.2)
"""Of the table of facts, as wide together as the text."""
_SERIF = "serif"
_PARTS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,:/@+-]{0,30}(?<=[A-Za-z0-9])|.")
"""What is not broken: a word, a number, a sum; else a sign alone."""
_CLOSING, _OPENING = "，。、；：！？）》」』】〕％,.;:!?)%", "（《「『【〔("


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything a document says."""

    title: str
    number: str
    addressee: str
    body: str
    facts: tuple[tuple[str, str], ...]
    laws: tuple[str, ...]
    reason: str
    signed: str
    at: dt.datetime
    demo: bool
    reason_word: str = "理由"
    """What stands before the reason."""


def as_docx(paper: Paper) -> bytes:
    """The document as Word. Every text is a text: nothing of it is a field or a link."""
    word = Word()
    # Whatever font stands in for the official ones sets the signs between words as Chinese does.
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    if paper.demo:
        _put(word.add_paragraph(), DEMO, BODY_FONT, 10, WD_ALIGN_PARAGRAPH.CENTER)
    _put(word.add_paragraph(), paper.title, TITLE_FONT, 22, WD_ALIGN_PARAGRAPH.CENTER)
    _put(word.add_paragraph(), paper.number, BODY_FONT, 12, WD_ALIGN_PARAGRAPH.RIGHT)
    _put(word.add_paragraph(), f"{paper.addressee}：", BODY_FONT, 16)
    body = word.add_paragraph()
    body.paragraph_format.first_line_indent = Pt(32)
    _put(body, paper.body, BODY_FONT, 16)
    table = word.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, COLUMNS_CM, strict=True):
        column.width = Cm(width)
    for label, value in paper.facts:
        for cell, text, width in zip(table.add_row().cells, (label, value), COLUMNS_CM, strict=True):
            cell.width = Cm(width)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            _spaced(cell.paragraphs[0], 3, 3)
            _put(cell.paragraphs[0], text, BODY_FONT, 14)
    for number, line in enumerate(_foot(paper)):
        paragraph = word.add_paragraph()
        _spaced(paragraph, 0 if number else 10, 2)
        _put(paragraph, line, BODY_FONT, 12)
    signed = word.add_paragraph()
    _spaced(signed, 18, 2)
    _put(signed, paper.signed, BODY_FONT, 14, WD_ALIGN_PARAGRAPH.RIGHT)
    _put(word.add_paragraph(), _day(paper), BODY_FONT, 14, WD_ALIGN_PARAGRAPH.RIGHT)
    word.core_properties.title = f"{paper.title} {paper.number}"
    word.core_properties.author = ""
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def as_pdf(paper: Paper) -> bytes:
    """The document as PDF/A4; the same paper gives the same bytes."""
    page = FPDF(format="A4")
    page.set_margins(MARGIN_MM, 24, MARGIN_MM)
    page.set_auto_page_break(True, 20)
    font = resources.files("pylopdf_fonts_zh_cn").joinpath("NotoSerifSC-Regular.otf")
    with resources.as_file(font) as path:
        page.add_font(_SERIF, fname=str(path))
        page.set_creation_date(paper.at)
        page.set_title(f"{paper.title} {paper.number}")
        page.set_lang("zh-CN")
        page.add_page()
        if paper.demo:
            _line(page, DEMO, 10, "C")
        _line(page, paper.title, 22, "C", 14)
        _line(page, paper.number, 12, "R", 9)
        _line(page, f"{paper.addressee}：", 15, height=9)
        _line(page, f"　　{paper.body}", 15, height=9)
        page.ln(3)
        for label, value in paper.facts:
            page.set_font(_SERIF, size=13)
            lines = wrapped(value, page.epw - LABEL_MM - 2 * page.c_margin, page.get_string_width)
            page.cell(LABEL_MM, 9 * len(lines), label, border=1)
            page.multi_cell(0, 9, "\n".join(lines), border=1, align="L", new_x="LMARGIN", new_y="NEXT")
        page.ln(3)
        for line in _foot(paper):
            _line(page, line, 12, height=8)
        page.ln(6)
        _line(page, paper.signed, 13, "R", 8)
        _line(page, _day(paper), 13, "R", 8)
        return bytes(page.output())


def _foot(paper: Paper) -> list[str]:
    first, *more = [f"　{line}" for line in paper.reason.split("\n")]
    reason = [f"{paper.reason_word}：", first, *more] if more else [f"{paper.reason_word}：{paper.reason}"]
    return [
        *(reason if paper.reason else []),
        "法律依据：",
        *(f"　{number}. {law}" for number, law in enumerate(paper.laws, start=1)),
    ]


def written_day(day: dt.date) -> str:
    """The day as official documents write it.

    >>> written_day(dt.date(2021, 6, 1))
    '2021年6月1日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def written_moment(at: dt.datetime) -> str:
    """The moment here as official documents write it."""
    local = timezone.localtime(at)
    return f"{written_day(local.date())} {local:%H}时{local:%M}分"


def _day(paper: Paper) -> str:
    return written_day(timezone.localtime(paper.at).date())


def _spaced(paragraph: Paragraph, before: float, after: float) -> None:
    """So many points are free above and below it, and its lines are as high as their letters need."""
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.0


def _put(
    paragraph: Paragraph, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH | None = None
) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    marks = run._element.get_or_add_rPr()
    marks.get_or_add_rFonts().set(qn("w:eastAsia"), font)
    # A machine without these fonts takes others: those of the mainland's signs, not of Taiwan's.
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia"), "zh-CN")
    marks.append(language)
    if align is not None:
        paragraph.alignment = align


def _line(page: FPDF, text: str, size: float, align: str = "L", height: float = 7) -> None:
    page.set_font(_SERIF, size=size)
    lines = wrapped(text, page.epw - 2 * page.c_margin, page.get_string_width)
    page.multi_cell(0, height, "\n".join(lines), align=align, new_x="LMARGIN", new_y="NEXT")


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The lines of a Chinese text no wider than that: broken between any two signs but within a number or a
    word, no line beginning with what closes, none ending with what opens.

    >>> wrapped("共返还 33,500.01 元（三名被害人）。", 9, len)
    ['共返还 ', '33,500.01', ' 元（三名被害', '人）。']
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line: list[str] = []
        for part in _PARTS.findall(paragraph):
            if line and measure("".join([*line, part])) > width:
                carried: list[str] = []
                while len(line) > 1 and ((carried or [part])[0] in _CLOSING or line[-1] in _OPENING):
                    carried.insert(0, line.pop())
                lines.append("".join(line))
                line = carried
            line.append(part)
        lines.append("".join(line))
    return lines
