"""A bulletin as Word and as PDF, laid out as official documents are (GB/T 9704): red head, title, text in
仿宋, headings in 黑体, page numbers between dashes on the outer side, the figures as an annex.
"""

from __future__ import annotations

import io
from contextlib import ExitStack
from importlib import resources
from typing import Any

from docx import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from qingdun.console.bulletin.composing import text_of
from qingdun.console.bulletin.wording import day
from qingdun.console.bulletin.writing import Sheet, lines
from qingdun.console.kernel.printing import BODY_FONT, TITLE_FONT, wrapped

HEADING_FONT, NUMBER_FONT = "黑体", "宋体"
RED = (0xC0, 0x00, 0x00)
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
"""Of the text block of GB/T 9704."""
LINE_PT = 28
WORDS = {
    "zh": {"head": "战报", "annex": "附：数据表", "signed": "签发：", "second": "复核：",
           "period": "统计期间："},
    "en": {"head": "Bulletin", "annex": "Annex: figures", "signed": "Signed: ", "second": "Second: ",
           "period": "Period: "},
}  # fmt: skip
ANNEX = (0, 1, 2, 3, 4, 5, 6, 7)
"""Columns of the table of figures that the annex prints; codes and links stay in the sheet."""
ANNEX_MM = (34, 21, 20, 20, 15, 20, 13, 13)
"""Their widths, as wide together as the text."""
LEFT, CENTER, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_SERIF, _SANS = "serif", "sans"
_FONTS = {_SERIF: "NotoSerifSC-Regular.otf", _SANS: "NotoSansSC-Regular.otf"}


def as_docx(sheet: Sheet) -> bytes:
    """The bulletin as Word. Every text is a text: nothing of it but the page number is a field or a link."""
    word, words = Word(), WORDS[sheet.language]
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM["top"]), Mm(MARGINS_MM["bottom"])
    section.left_margin, section.right_margin = Mm(MARGINS_MM["left"]), Mm(MARGINS_MM["right"])
    for mark in sheet.marks:
        _put(word.add_paragraph(), mark, BODY_FONT, 10.5, CENTER)
    _put(word.add_paragraph(), f"{sheet.place}{words['head']}", TITLE_FONT, 42, CENTER, RED)
    if sheet.number:
        _put(word.add_paragraph(), sheet.number, BODY_FONT, 16, CENTER)
    _ruled(_put(word.add_paragraph(), day(sheet.day, sheet.language == "zh"), BODY_FONT, 16, RIGHT))
    _put(word.add_paragraph(), sheet.title, TITLE_FONT, 22, CENTER)
    for one in sheet.paragraphs:
        line = word.add_paragraph()
        line.paragraph_format.first_line_indent = Pt(32)
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        line.paragraph_format.line_spacing = Pt(LINE_PT)
        line.paragraph_format.space_after = Pt(0)
        line.paragraph_format.keep_with_next = bool(one["heading"])
        _put(line, text_of(one).strip(), HEADING_FONT if one["heading"] else BODY_FONT, 16)
    for said in _signed(sheet):
        _put(word.add_paragraph(), said, BODY_FONT, 16, RIGHT)
    _annex(word, sheet)
    word.settings.odd_and_even_pages_header_footer = True
    _numbered(section.footer.paragraphs[0], RIGHT)
    _numbered(section.even_page_footer.paragraphs[0], LEFT)
    word.core_properties.title, word.core_properties.author = sheet.title, ""
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def as_pdf(sheet: Sheet) -> bytes:
    """The bulletin as PDF/A4; the same sheet gives the same bytes on the same day."""
    page, words = _Page(format="A4"), WORDS[sheet.language]
    page.set_margins(MARGINS_MM["left"], MARGINS_MM["top"], MARGINS_MM["right"])
    page.set_auto_page_break(True, MARGINS_MM["bottom"])
    with ExitStack() as files:
        for name, file in _FONTS.items():
            font = resources.files("pylopdf_fonts_zh_cn").joinpath(file)
            page.add_font(name, fname=str(files.enter_context(resources.as_file(font))))
        page.set_title(sheet.title)
        page.set_lang("zh-CN" if sheet.language == "zh" else "en")
        page.add_page()
        for mark in sheet.marks:
            _line(page, mark, 10.5, "C")
        page.set_text_color(*RED)
        _line(page, f"{sheet.place}{words['head']}", 36, "C", 18)
        page.set_text_color(0)
        if sheet.number:
            _line(page, sheet.number, 15, "C", 9)
        _line(page, day(sheet.day, sheet.language == "zh"), 15, "R", 9)
        page.set_draw_color(*RED)
        page.set_line_width(0.7)
        page.line(page.l_margin, page.get_y() + 1, page.w - page.r_margin, page.get_y() + 1)
        page.set_draw_color(0)
        page.set_line_width(0.2)
        page.ln(6)
        _line(page, sheet.title, 20, "C", 12)
        page.ln(2)
        for one in sheet.paragraphs:
            face = _SANS if one["heading"] else _SERIF
            _line(page, f"　　{text_of(one).strip()}", 16, height=LINE_PT * 0.353, font=face)
        page.ln(4)
        for said in _signed(sheet):
            _line(page, said, 14, "R", 8)
        page.add_page()
        _line(page, words["annex"], 16, height=10, font=_SANS)
        _table(page, sheet)
        return bytes(page.output())


class _Page(FPDF):
    """Numbered between dashes."""

    def footer(self) -> None:
        """The number, below the text, on the right of odd pages and on the left of even ones."""
        self.set_y(-28)
        self.set_font(_SERIF, size=14)
        number = f"— {self.page_no()} —"
        self.cell(
            0,
            8,
            f"{number}　" if self.page_no() % 2 else f"　{number}",
            align="R" if self.page_no() % 2 else "L",
        )


def _signed(sheet: Sheet) -> list[str]:
    words = WORDS[sheet.language]
    names = [f"{words[name]}{who}" for name, who in zip(("signed", "second"), sheet.signed, strict=False)]
    begins, ends = (day(one, sheet.language == "zh") for one in sheet.period)
    return [*names, f"{words['period']}{begins}—{ends}"]


def _annex(word: Any, sheet: Sheet) -> None:
    word.add_page_break()
    _put(word.add_paragraph(), WORDS[sheet.language]["annex"], HEADING_FONT, 16)
    table = word.add_table(rows=0, cols=len(ANNEX), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, ANNEX_MM, strict=True):
        column.width = Mm(width)
    for number, row in enumerate(lines(sheet)):
        made = table.add_row()
        _kept(made, "cantSplit", *(() if number else ("tblHeader",)))
        for place, (column, width) in enumerate(zip(ANNEX, ANNEX_MM, strict=True)):
            cell, font = made.cells[place], BODY_FONT if number else HEADING_FONT
            cell.width = Mm(width)
            _put(cell.paragraphs[0], _printed(row[column]), font, 8, RIGHT if place else LEFT)


def _kept(row: Any, *words: str) -> None:
    """The row is not broken over pages; a heading comes again on each."""
    for word in words:
        row._tr.get_or_add_trPr().append(OxmlElement(f"w:{word}"))


def _printed(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell.is_integer() else f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _put(
    line: Line, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH | None = None,
    colour: tuple[int, int, int] | None = None,
) -> Line:  # fmt: skip
    run = line.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = RGBColor(*colour)
    if align is not None:
        line.alignment = align
    return line


def _ruled(line: Line) -> None:
    """A red rule below the line, as under the head of an official document."""
    borders, below = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "4"), ("color", "C00000")):
        below.set(qn(f"w:{name}"), value)
    borders.append(below)
    line._p.get_or_add_pPr().append(borders)


def _numbered(line: Line, side: WD_ALIGN_PARAGRAPH) -> None:
    """The page number between dashes, a letter's width from the outer edge of the text."""
    line.alignment = side
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
    _put(line, "— ", NUMBER_FONT, 14)
    run = line.add_run()
    run.font.name, run.font.size = NUMBER_FONT, Pt(14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text or None
        run._r.append(part)
    _put(line, " —", NUMBER_FONT, 14)


def _line(
    page: FPDF, text: str, size: float, align: str = "L", height: float = 7, font: str = _SERIF
) -> None:
    page.set_font(font, size=size)
    told = wrapped(text, page.epw - 2 * page.c_margin, page.get_string_width)
    page.multi_cell(0, height, "\n".join(told), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(page: FPDF, sheet: Sheet) -> None:
    page.set_font(_SERIF, size=8)
    head = FontFace(fill_color=(232, 236, 240))
    aligned = ("LEFT", *["RIGHT"] * (len(ANNEX) - 1))
    with page.table(col_widths=ANNEX_MM, line_height=5, text_align=aligned, headings_style=head) as table:
        for row in lines(sheet):
            made = table.row()
            for column in ANNEX:
                made.cell(_printed(row[column]))
