"""Rows of a file as what they say: columns guessed or recalled, cells by column, faults by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from qingdun.console.kernel.imports.kinds import CELL, WHOLE, Batch, Cells, Fresh, Kind, R, nth_key
from qingdun.console.kernel.imports.models import Import, ImportFault, Row
from qingdun.console.kernel.masking import mask_text
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.spreadsheets import unguarded


def guessed(kind: Kind[Any], headings: Sequence[str]) -> dict[str, str]:
    """Which heading is which column, as far as headings suggest it; none is used twice."""
    columns: dict[str, str] = {}
    plain: dict[str, list[str]] = {}
    for heading in headings:
        plain.setdefault(heading.strip().casefold(), []).append(heading)
    for column in kind.columns:
        free = [one for name in column.names() for one in plain.get(name, ()) if one not in columns.values()]
        if free:
            columns[column.name] = free[0]
    return columns


def names_of(kind: Kind[Any]) -> set[str]:
    """Every heading by which a column of the kind goes, in small letters."""
    return {name for column in kind.columns for name in column.names()}


def recalled(columns: Mapping[str, int], headings: Sequence[str]) -> dict[str, str]:
    """The columns remembered for such headings, by their names in this file, which may differ in capitals."""
    return {column: headings[place] for column, place in columns.items() if place < len(headings)}


def places(columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, int]:
    """What is remembered of columns: where they stand. Headings may be a row with somebody's name in it."""
    return {column: headings.index(name) for column, name in columns.items() if name in headings}


def legible_words(meanings: Mapping[str, str]) -> dict[str, str]:
    """Words and what they mean, without those that hold somebody's number: no column of words was chosen."""
    return {word: meant for word, meant in meanings.items() if mask_text(word) == word}


def cells_of(file: Import) -> Callable[[Sequence[str]], Cells]:
    """A function of a row's cells that gives them by column.

    Errors of it: Fault (more cells than headings).
    """
    headings = list(file.headings)
    places = [(column, headings.index(name)) for column, name in file.columns.items()]
    width = len(headings)

    def cells(row: Sequence[str]) -> Cells:
        if len(row) > width:
            raise Fault("", str(len(row)), _("%(count)d cells") % {"count": width})
        found = {column: unguarded(row[place]) for column, place in places}
        found[WHOLE] = CELL.join(row)
        return found

    return cells


def read_rows(
    kind: Kind[R], batch: Batch, rows: Iterable[Row], before: Counter[str] | None = None
) -> tuple[list[Fresh[R]], dict[int, Fault], list[str]]:
    """The rows that can be read, by line why the others cannot, and the plain keys of those that may repeat.

    Of these, `before` holds how often each key came earlier in the file: the second row with a key is known
    by another one, and by the same other one whenever the file comes again.
    """
    cells, read = cells_of(batch.file), kind.reader(batch)
    seen = Counter[str]() if before is None else before
    fresh: list[Fresh[R]] = []
    faults: dict[int, Fault] = {}
    plain: list[str] = []
    for line, row in rows:
        try:
            said = read(cells(row))
        except Fault as fault:
            faults[line] = fault
            continue
        key = kind.key(said)
        if kind.repeats is not None and kind.repeats(said):
            plain.append(key)
            turn, seen[key] = seen[key], seen[key] + 1
            key = nth_key(key, turn)
        fresh.append(Fresh(line, key, said))
    return fresh, faults, plain


def stored_fault(file: Import, line: int, fault: Fault) -> ImportFault:
    """The fault as it is kept: the heading of the file for the name of the column, what was found masked."""
    return ImportFault(
        file=file, line=line, column=file.columns.get(fault.column, fault.column)[:60],
        found=mask_text(fault.found)[:120], expected=fault.expected[:200],
    )  # fmt: skip
