"""Tables as others send them, CSV in UTF-8 or GB18030 or XLSX, as headings and cells of text."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from qingdun.errors import EmptyFile, InputError, UnreadableFile

XLSX = "xlsx"
ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order: hardly any Chinese text in GB18030 is valid UTF-8 by chance."""
MOST_UNPACKED = 300_000_000
MOST_TEXT = 50_000_000
"""Letters of all cells together: in a workbook millions of cells may name one long text."""
MOST_COLUMNS = 100
MOST_LETTERS = 2000
TITLES = 5
"""Lines of titles that may stand over the headings."""
TOLD_EACH = 1000
"""Rows after which whoever watches is told again."""
_VALUE = re.compile(
    r"\d(?:[ _./:,·()*-]?\d){4}"  # a number, a card, a day with its year
    r"|^[+¥￥-]?\d+(?:[.,:]\d+)*%?$"  # a sum or a time alone
    r"|\d{1,2}[:：]\d\d|\d{4}年"
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_LONGEST_TAG = 4096
"""More than any tag of a sheet; what is longer is none."""
_PIECE = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, InvalidFileException,
    ParseError, LookupError, ValueError, TypeError, AttributeError, OSError,
)  # fmt: skip
"""What the readers of zip and XML raise on files that are broken, locked or packed in unknown ways."""


class Fault(Exception):
    """Why a row is refused: the heading of the column, what was found there and what was expected."""

    def __init__(self, column: str, found: str, expected: str) -> None:
        super().__init__(column, found, expected)
        self.column, self.found, self.expected = column, found, expected


class Sheet(NamedTuple):
    """A file as read: how it was written, its headings, and (line of the file, cells) for every row."""

    encoding: str
    headings: list[str]
    rows: list[tuple[int, list[str]]]

    @property
    def fingerprint(self) -> str:
        """The same for files with the same headings in the same order."""
        return hashlib.sha256("\x1f".join(self.headings).casefold().encode()).hexdigest()


Watch = Callable[[int, int], None]
"""Told how many rows have been read, and of how many, which a workbook may say wrongly or not at all (0)."""


def read(
    data: bytes, most_rows: int, names: Collection[str] | None = None, watch: Watch | None = None
) -> Sheet:
    """Every row of the file that is not blank. A row with more cells than headings keeps them all.

    Who tells by which `names`, in small letters, headings go has a first row without any of them, but with
    numbers, sums or times, taken for a row like the others; the columns are called by their numbers then.
    Errors: EmptyFile, UnreadableFile, InputError (more than `most_rows` rows).
    """
    if not data.strip():
        raise EmptyFile(_("The file is empty."))
    if is_workbook(data):
        (expected, lines), encoding = _xlsx(data), XLSX
    else:
        encoding, text = _decoded(data)
        expected, lines = 0, _csv(text)
    filled = ((line, cells) for line, cells in lines if any(cells))
    head = list(itertools.islice(filled, TITLES + 1))
    if not head:
        raise EmptyFile(_("The file holds no row."))
    # A title over the table fills one cell; whoever has one column only has no wider row below it.
    first = next((number for number, (_line, cells) in enumerate(head) if sum(map(bool, cells)) > 1), 0)
    if names is not None and _is_a_row(head[first][1], names):
        headings, first = _headings([""] * len(head[first][1])), first - 1
    else:
        headings = _headings(head[first][1])
    rows: list[tuple[int, list[str]]] = []
    letters = 0
    for line, cells in itertools.chain(head[first + 1 :], filled):
        if watch is not None and len(rows) % TOLD_EACH == 0:
            watch(len(rows), expected)
        letters += sum(map(len, cells))
        if len(rows) == most_rows:
            raise InputError(_("The file has more than %(most)d rows: split it.") % {"most": most_rows})
        if letters > MOST_TEXT:
            raise InputError(_("The file holds more than %(most)d letters: split it.") % {"most": MOST_TEXT})
        rows.append((line, cells + [""] * (len(headings) - len(cells))))
    return Sheet(encoding, headings, rows)


def is_workbook(data: bytes) -> bool:
    """Whether it is packed as workbooks are, whatever its name says."""
    return data.startswith(b"PK")


def check_workbook(data: bytes) -> None:
    """It can be unpacked, to no more than can be read; its cells are not looked at.

    Errors: UnreadableFile.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise UnreadableFile(_("The workbook is too large when unpacked: split it."))
    except _DAMAGED as error:
        raise UnreadableFile(_("The workbook is damaged, or not XLSX: save it anew.")) from error


def _is_a_row(cells: Iterable[str], names: Collection[str]) -> bool:
    """Whether what stands for headings holds what headings never do, and none that is known."""
    told = [cell.casefold() for cell in cells]
    return not any(cell in names for cell in told) and any(_VALUE.search(cell) for cell in told)


def _decoded(data: bytes) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return "utf-16", data.decode("utf-16")
        except UnicodeDecodeError:
            pass
    for encoding in ENCODINGS:
        try:
            return encoding.removesuffix("-sig"), data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("The file is neither UTF-8 nor GB18030 text nor XLSX: save it as one of these."))


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            yield begins, _trimmed(cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(_("line %(line)d: %(error)s") % {"line": begins, "error": error}) from error


def _xlsx(data: bytes) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    """How many lines the workbook says it has, and its lines."""
    check_workbook(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and drawings, which do not matter here
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            expected = int(book.worksheets[0].max_row or 0)
        return expected, _lines(data, book)
    except _DAMAGED as error:
        raise UnreadableFile(_("The workbook is damaged, or not XLSX: save it anew.")) from error


def _lines(data: bytes, book: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        below = _merged_downwards(data, sheet._worksheet_path)
        rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
        for line, cells in enumerate(rows, start=1):
            yield line, _trimmed(below.filled(line, [_text(cell) for cell in cells]))
        book.close()
    except _DAMAGED as error:
        raise UnreadableFile(_("The workbook is damaged, or not XLSX: save it anew.")) from error


class _Merged:
    """Cells merged over several rows: every row has what stands in the first of them."""

    def __init__(self) -> None:
        self._ends: dict[tuple[int, int], int] = {}
        """By first row and column, the last row."""
        self._going: dict[int, tuple[int, str]] = {}
        """By column, up to which row what is repeated."""

    def add(self, column: int, first: int, last: int) -> None:
        if last > first:
            self._ends[first, column] = last

    def filled(self, line: int, cells: list[str]) -> list[str]:
        """The row's cells, with what reaches down into it; rows come in their order."""
        for column, cell in enumerate(cells):
            end = self._ends.pop((line, column), 0)
            if end:
                self._going[column] = (end, cell)
        for column, (end, text) in list(self._going.items()):
            if end < line:
                del self._going[column]
            elif any(cells):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = cells[column] or text
        return cells


def _merged_downwards(data: bytes, path: str) -> _Merged:
    """What is merged in the sheet, which a reader that streams it does not say."""
    found, rest = _Merged(), b""
    with zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open(path) as sheet:
        while piece := sheet.read(_PIECE):
            rest += piece
            for column, first, last in _MERGED.findall(rest):
                found.add(column_index_from_string(column.decode()) - 1, int(first), int(last))
            rest = rest[max(rest.rfind(b"<"), len(rest) - _LONGEST_TAG, 0) :]
    return found


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a phone number typed into a cell of numbers
    return str(cell)


def _trimmed(cells: Iterable[str]) -> list[str]:
    """Cells without blanks around them, without signs no database holds, without empty ones at the end; of a
    row wider than any table one cell too many tells that it is.
    """
    some = itertools.islice(cells, MOST_COLUMNS + 1)
    clean = [cell.replace("\x00", "\ufffd").strip()[:MOST_LETTERS] for cell in some]
    while clean and not clean[-1]:
        clean.pop()
    return clean


def _headings(cells: list[str]) -> list[str]:
    """Headings, each of its own: a blank one gets a number, and so does one that comes twice."""
    headings: list[str] = []
    for number, cell in enumerate(cells[:MOST_COLUMNS], start=1):
        name = cell[:60] or f"#{number}"
        headings.append(name if name not in headings else f"{name[:54]} #{number}")
    return headings
