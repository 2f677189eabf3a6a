"""The fields of a form as the columns of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qingdun.console.kernel.forms import Field, FieldFaults, empty_of, reader_of
from qingdun.console.kernel.imports.cells import place
from qingdun.console.kernel.imports.kinds import Batch, Cells, Column, by_columns
from qingdun.console.kernel.masking import mask_account, mask_name, mask_number, mask_text
from qingdun.console.kernel.sheets import Fault

Values = dict[str, Any]
MASKS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name, "identity": mask_account, "number": mask_number,
}  # fmt: skip
"""How columns that name people are shown before they are taken in."""
BROUGHT = "import-"
"""How the key of a row begins that came from a file, where rows entered by hand have keys of their forms."""


def columns(
    fields: Sequence[Field],
    headings: Mapping[str, Sequence[str]],
    personal: Sequence[str] = (),
    places: bool = False,
) -> tuple[Column, ...]:
    """The fields as columns with the headings they go by; those `personal` are masked by what they hold. With
    `places`, the name of a place is read as its path.
    """
    return tuple(
        Column(
            one.name, one.word, must=one.required, headings=tuple(headings.get(one.name, ())),
            mask=MASKS[one.name] if one.name in personal else mask_text, empty=empty_of(one),
            settle=place if places and one.kind == "region" else _settled(one),
        )
        for one in fields
    )  # fmt: skip


def _settled(field: Field) -> Callable[[Batch], Callable[[str], Any]]:
    return lambda _batch: reader_of(field)  # its choices are looked up once for a great many rows


def values(
    named: Sequence[Column], check: Callable[[Batch, Values], None]
) -> Callable[[Batch], Callable[[Cells], Values]]:
    """A reader of rows as values by name, each checked as a whole. Errors of `check`: FieldFaults."""

    def reader(batch: Batch) -> Callable[[Cells], Values]:
        make: Callable[..., Values] = dict
        read = by_columns(named, make)(batch)

        def row(cells: Cells) -> Values:
            found = read(cells)
            try:
                check(batch, found)
            except FieldFaults as wrong:
                raise fault_of(wrong, cells) from wrong
            return found

        return row

    return reader


def fault_of(wrong: FieldFaults, cells: Mapping[str, Any]) -> Fault:
    """The first of what is wrong, as files say it."""
    name, why = next(iter(wrong.faults.items()))
    return Fault(name, str(cells.get(name, "")), why)


def key_of(row: Values) -> str:
    """A key of everything that the row says."""
    told = json.dumps({name: str(value) for name, value in row.items()}, sort_keys=True)
    return f"{BROUGHT}{hashlib.sha256(told.encode()).hexdigest()[:40]}"
