"""What a module declares of a file it takes in: its columns, how a row is read, what makes it known, what is
done with it. docs/imports.md shows an example.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import override

from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.masking import mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.wiring import IMPORTS
from qingdun.errors import InputError

R = TypeVar("R")
Words = str | Promise
Cells = Mapping[str, str]
"""The text of a row's cells by the names of the kind's columns; what the file has no column for is missing.
Under `WHOLE`, all of its cells with `CELL` between them.
"""
WHOLE, CELL = "", "\x1f"
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class Batch:
    """For whom rows are read and taken in, of which file, at what time."""

    file: Import
    actor: User
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a row may say."""

    name: str
    word: Words
    read: Callable[[str], Any] = str
    """The value of a text that is not empty. Errors: InputError saying what is expected. See `cells`."""
    must: bool = False
    """Whether a file without the column cannot be taken in; `by_columns` refuses rows without a value."""
    headings: tuple[str, ...] = ()
    """Other headings it goes by, the likeliest first; its word in each language is known."""
    empty: Any = ""
    """What stands for no text; called if it can be."""
    settle: Callable[[Batch], Callable[[str], Any]] | None = None
    """Instead of `read`, where what can be read depends on who brings the file."""
    mask: Callable[[str], str] = mask_text
    """How its cells are shown before they are taken in."""

    def names(self) -> list[str]:
        """Every heading it goes by, in small letters."""
        words = []
        for language in LANGUAGES:
            with override(language):
                words.append(str(self.word))
        return [one.strip().casefold() for one in (*self.headings, *words, self.name)]


@dataclass(frozen=True, slots=True)
class Meanings:
    """One column whose words mean different things with different senders: whoever brings the file says."""

    column: str
    word: Words
    choices: Sequence[tuple[str, Any]]
    blank: Words
    """What rows without a word are called."""
    default: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fresh(Generic[R]):
    """A row that was read: its line, what it is known by, what it says."""

    line: int
    key: str
    row: R


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[R]):
    """One kind of file."""

    code: str
    """Permanent: files and remembered columns are kept under it."""
    word: Words
    permission: Permission
    """Who brings such files; asked again before every batch."""
    offered: Callable[[User], bool] = lambda _viewer: True
    """Whether somebody with the permission is offered the kind: not every bank has what operators have."""
    columns: tuple[Column, ...]
    reader: Callable[[Batch], Callable[[Cells], R]]
    """How a row is read. Errors of the reader: Fault, with the name of the column."""
    key: Callable[[R], str]
    """What a row is known by, in all files of the kind."""
    known: Callable[[Batch, Sequence[Fresh[R]]], Collection[str]]
    """The keys among these that stand already."""
    take: Callable[[Batch, Sequence[Fresh[R]]], Mapping[int, Fault]]
    """Makes rows of the module's own of all of them, in the transaction of the caller, which writes the audit
    row; by line, why one is refused after all. None of their keys stands, and none comes twice.
    """
    repeats: Callable[[R], bool] | None = None
    """Whether a row whose key came earlier in its file is another thing, and not the same told twice."""
    show: Callable[[R], Mapping[str, str]] | None = None
    """How a row was understood, by column, masked; without it the preview shows the masked cells."""
    at_once: int = 2000
    """Rows of one transaction."""
    most_rows: int = 200_000
    most_bytes: int = 60_000_000
    origin: Words = ""
    """What the sender is called on the form; empty: nobody asks for the sender."""
    meanings: Meanings | None = None
    about: Callable[[User, int], str] | None = None
    """Region path of what the file is about, by id. Errors: NotPermitted."""
    about_name: str = ""
    """What such an id is called in the address of the form, as in `?incident=7`."""
    about_word: Words = ""
    rows_at: Callable[[Import], str] | None = None
    """Address of the rows of a file that were taken."""

    @property
    def names(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def needed(self) -> list[Column]:
        """Columns a file must have."""
        return [column for column in self.columns if column.must]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Kinds whose files are brought on one page of a module."""

    code: str
    """Name of the page's address in the module; the others begin with it (see `urls`)."""
    title: Words
    kinds: tuple[Kind[Any], ...]
    empty: Words
    """What would be here and how to bring it."""
    tabs: str = ""
    """Template of what stands above, if anything does."""
    around: Callable[[User], Mapping[str, Any]] = lambda _viewer: {}
    """Context of that template."""

    def kind(self, code: str) -> Kind[Any] | None:
        """The kind of that code."""
        return next((kind for kind in self.kinds if kind.code == code), None)


@cache
def known_kinds() -> dict[str, Kind[Any]]:
    """Every kind of `wiring.IMPORTS` by its code."""
    groups: list[Group] = [import_string(name) for name in IMPORTS]
    return {kind.code: kind for group in groups for kind in group.kinds}


def by_columns(columns: Sequence[Column], make: Callable[..., R]) -> Callable[[Batch], Callable[[Cells], R]]:
    """A reader that calls `make` with the value of every column by its name.

    What `make` finds wrong about the row as a whole it says itself (Fault).
    """

    def reader(batch: Batch) -> Callable[[Cells], R]:
        reads = [
            (one.name, _remembering(one, one.settle(batch) if one.settle else one.read)) for one in columns
        ]

        def read(cells: Cells) -> R:
            return make(**{name: value(cells.get(name, "")) for name, value in reads})

        return read

    return reader


def _remembering(column: Column, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """What reads the column's cells: days and words come again and again, and each is read once. What can
    be changed, as a list can, is made anew for each row.
    """
    known: dict[str, Any] = {}

    def value(text: str) -> Any:
        if text in known:
            return known[text]
        found = _value(column, read, text)
        if type(found).__hash__ is not None:
            known[text] = found
        return found

    return value


def _value(column: Column, read: Callable[[str], Any], text: str) -> Any:
    if not text:
        if column.must:
            raise Fault(column.name, "", str(column.word))
        return column.empty() if callable(column.empty) else column.empty
    try:
        return read(text)
    except InputError as wrong:
        raise Fault(column.name, text, str(wrong)) from wrong


def digest(*told: object) -> str:
    """A short key of whatever tells one row from every other.

    >>> digest("A", 1) == digest("A", 1) != digest("A1"), len(digest())
    (True, 32)
    """
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


def nth_key(key: str, turn: int) -> str:
    """The key of the row before which `turn` rows of its file have the same one, if such a row repeats."""
    return digest(key, turn) if turn else key
