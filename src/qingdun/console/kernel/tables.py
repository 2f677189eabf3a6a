"""Ledgers as tables: what a line is, how it is filtered, sorted and written.

The same table makes the page, the file that leaves, and the rows behind every figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext

from qingdun.console.kernel.actions import record_export
from qingdun.console.kernel.entry import calendar_day
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.errors import InputError

CHUNK = 2000
WORDS = "words"
"""The name under which words to search for are asked."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Which rows are wanted: of a region by code, from one day to another (both included), by filters."""

    region: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    picks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what stands in it, by which field it sorts ('' for not at all)."""

    heading: str | Promise
    write: Callable[[Any], Any]
    sort: str = ""
    kind: str = ""
    """num, money or nothing: how the cell is set."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the table."""

    name: str
    word: str | Promise
    choices: Choices | Callable[[], Choices]
    lookup: str = ""
    ids: bool = False
    """Whether the id of a row will do as well."""
    among: Callable[[User], Choices] | None = None
    """What can be chosen among the rows that the viewer sees, by id, if it is not the same for everybody."""

    def offered(self, viewer: User) -> Choices:
        """What the page offers to the viewer."""
        return self.among(viewer) if self.among else self.options()

    def options(self) -> Choices:
        """What can be chosen, now."""
        return self.choices() if callable(self.choices) else self.choices


@dataclass(frozen=True, slots=True)
class Table:
    """One ledger."""

    code: str
    word: str | Promise
    read: Callable[[User, Ask], QuerySet[Any]]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    day: str = ""
    """The field a period is about; '' if the read itself minds the period."""
    moment: bool = False
    """Whether that field is a time and no day."""
    address: str = ""
    """Name of the page of one row, by its id."""
    search: tuple[str, ...] = ()
    """Fields in one of which the words typed above the table must stand."""

    def rows(self, viewer: User, ask: Ask, sort: str = "") -> QuerySet[Any]:
        """The rows asked for, sorted by a column's field ('-' before it: downwards), else the latest first.

        Errors: InputError (a filter of no such choice).
        """
        found = self.read(viewer, ask)
        if self.day:
            found = found.filter(within_period(self.day, self.moment, ask))
        for one in self.filters:
            pick = ask.picks.get(one.name, "")
            ident = one.ids and pick.isdecimal()
            if pick and not ident and pick not in {str(value) for value, _word in one.options()}:
                raise InputError(
                    gettext("%(filter)s: found no choice %(found)s.")
                    % {"filter": one.word, "found": pick[:40]}
                )
            if pick and one.lookup:
                found = found.filter(**{one.lookup: pick})
        words = ask.picks.get(WORDS, "") if self.search else ""
        if words:
            found = found.filter(reduce(or_, (Q(**{f"{name}__icontains": words}) for name in self.search)))
        if sort.removeprefix("-") in {column.sort for column in self.columns if column.sort}:
            found = found.order_by(sort, "pk")
        return found

    def ask(self, asked: QueryDict) -> Ask:
        """What the query string of a page asks for."""
        names = [one.name for one in self.filters] + [WORDS] * bool(self.search)
        picks = {name: asked.get(name, "")[:40] for name in names if asked.get(name)}
        return Ask(
            asked.get("region", "")[:12],
            calendar_day(asked.get("since", "")),
            calendar_day(asked.get("until", "")),
            picks,
        )

    def headings(self) -> list[str]:
        """The headings in the language that is active."""
        return [str(column.heading) for column in self.columns]

    def cells(self, row: Any) -> list[Any]:
        """The cells of a row, masked, as text or numbers."""
        return [column.write(row) for column in self.columns]

    def shown(self) -> list[tuple[str, str | Promise, str]]:
        """Sorting field, heading and kind of each column, for the page."""
        return [(column.sort, column.heading, column.kind) for column in self.columns]

    def line(self, row: Any, url: str) -> dict[str, Any]:
        """A row as the page prints it: each cell with how it is set, money with its sign."""
        cells = [
            (f"¥{cell:,.2f}" if column.kind == "money" else cell, _setting(cell, column))
            for cell, column in zip(self.cells(row), self.columns, strict=True)
        ]
        return {"url": url, "cells": cells}


def _setting(cell: Any, column: Column) -> str:
    """The classes of a cell: what is to be compared stands in line, a number or a moment is not broken."""
    if column.kind:
        return "num figure"
    text = str(cell)
    return "figure" if text.isascii() and len(text) <= len("2026-06-17 15:29") else "wrap"


def within_period(name: str, moment: bool, ask: Ask) -> Q:
    """The condition that the field `name`, a day or a moment, lies in the period asked for."""
    wanted = Q()
    if ask.since:
        first: Any = midnight(ask.since) if moment else ask.since
        wanted &= Q(**{f"{name}__gte": first})
    if ask.until:
        after = ask.until + dt.timedelta(days=1)
        end: Any = midnight(after) if moment else after
        wanted &= Q(**{f"{name}__lt": end})
    return wanted


def export_rows(actor: User, table: Table, kind: str, ask: Ask, query: str) -> Iterator[list[Any]]:
    """Headings, then the cells of every row asked for, masked; how many they are is on record as `kind`.

    Errors: InputError (a filter of no such choice).
    """
    found = table.rows(actor, ask)
    record_export(actor, kind, query, found.count())
    lines = (table.cells(row) for row in found.iterator(chunk_size=CHUNK))
    return chain([table.headings()], lines)
