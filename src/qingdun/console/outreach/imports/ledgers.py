"""What the ledgers that come from files have in common: the fields of their forms are the columns, places and
names are looked up once for a great many rows, and what stands is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Model
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext

from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, fault_of
from qingdun.console.kernel.imports.kinds import Batch, Cells, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store
from qingdun.console.outreach import matrix
from qingdun.console.outreach.places import nearest, printed_names
from qingdun.errors import InputError

Rows = Sequence[Fresh[Values]]
Settle = Callable[[Batch], Callable[[Values], None]]
"""Makes of what a row's cells say what its model keeps. Errors of what it gives: FieldFaults."""
Take = Callable[[Batch, Rows], Mapping[int, Fault]]


def ledger(
    *,
    code: str,
    word: str | Promise,
    model: type[Model],
    fields: Sequence[Field],
    headings: Mapping[str, Sequence[str]],
    unique: tuple[str, ...],
    settle: Settle | None = None,
    take: Take | None = None,
    personal: Sequence[str] = (),
) -> Kind[Values]:
    """The kind of file whose rows are those of the ledger `code`, told apart by the model's `unique` fields.
    A row that stands already is left as it is.
    """
    named = columns_of(fields, headings, personal)

    def stored(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
        store(model(**one.row, by=batch.actor) for one in rows)
        return {}

    return Kind(
        code=f"outreach_{code}",
        word=word,
        permission=Permission.WORK_OUTREACH,
        columns=named,
        reader=reader(named, settle or settler(model)),
        key=lambda row: digest(*(row[name] for name in unique)),
        known=lambda _batch, rows: standing(model, unique, rows),
        take=take or stored,
        rows_at=ledger_of(code),
    )


def columns_of(
    fields: Sequence[Field], headings: Mapping[str, Sequence[str]], personal: Sequence[str] = ()
) -> tuple[Column, ...]:
    """The fields as columns; a place is one down to the village."""
    return tuple(
        replace(column, settle=any_place) if field.kind == "region" else column
        for field, column in zip(fields, columns(fields, headings, personal), strict=True)
    )


def reader(named: Sequence[Column], settle: Settle) -> Callable[[Batch], Callable[[Cells], Values]]:
    """Reads a row by its columns, then settles it."""

    def read_for(batch: Batch) -> Callable[[Cells], Values]:
        make: Callable[..., Values] = dict
        read, settled = by_columns(named, make)(batch), settle(batch)

        def row(cells: Cells) -> Values:
            found = read(cells)
            try:
                settled(found)
            except FieldFaults as wrong:
                raise fault_of(wrong, cells) from wrong
            return found

        return row

    return read_for


def standing(model: type[Model], unique: tuple[str, ...], rows: Rows) -> Collection[str]:
    """The keys of those that stand, whoever entered them: their place is the actor's."""
    told = {f"{name}__in": {one.row[name] for one in rows} for name in unique}
    return [digest(*found) for found in model._default_manager.filter(**told).values_list(*unique)]


def settler(model: type[Model]) -> Settle:
    """Settles a row as the form of the model would: its place, whom it names, no day to come."""
    day = matrix.BEGINS.get(model.__name__, "")

    def settle(batch: Batch) -> Callable[[Values], None]:
        today, ids = timezone.localdate(), {name: named_ids(batch, kind) for name, kind in NAMES.items()}

        def settled(row: Values) -> None:
            path = row["region_path"] = row.pop("region", "") or batch.actor.region_path
            if day and row[day] and row[day] > today:
                raise FieldFaults({day: gettext("This day lies in the future.")})
            for name in matrix.ONE:
                if name in row:
                    text = row.pop(name)
                    row[f"{name}_id"] = ids[name](text, path, name) if text else None
            for name in matrix.MANY:
                if name in row:
                    row[name] = [ids[name](text, path, name) for text in row[name]]

        return settled

    return settle


NAMES: dict[str, type[Model]] = matrix.ONE | matrix.MANY


def named_ids(batch: Batch, model: type[Model]) -> Callable[[str, str, str], int]:
    """Gives the id of the row that a text names, of several the one near the path, for the field of that
    name; asks for all of them when the first is named. Errors of it: FieldFaults.
    """
    known: dict[str, list[tuple[int, str]]] = {}

    def ident(text: str, path: str, field: str) -> int:
        if not known:
            read: Any = matrix.NAMED[model.__name__]
            for pk, name, its in read(batch.actor).order_by().values_list("pk", "name", "region_path"):
                known.setdefault(name, []).append((pk, its))
        found = nearest(known.get(text, []), path)
        if found is None:
            words = gettext("Nothing of this name is known: %(name)s.")
            raise FieldFaults({field: words % {"name": text[:60]}})
        return found

    return ident


def any_place(batch: Batch) -> Callable[[str], str]:
    """Reads a place down to the village as its path: by code, own name, or as ledgers print it."""
    by_code: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for place in regions(batch.actor):
        by_code[place.code] = place.path
        # A county and a town are known by their short names too; of villages there are too many alike.
        names = {place.name} if place.level == Region.Level.VILLAGE else {place.name, place.short_name}
        for name in {*names, *printed_names(place.path)}:
            by_name.setdefault(name, set()).add(place.path)

    def read(found: str) -> str:
        paths = {by_code[found]} if found in by_code else by_name.get(found, set())
        if len(paths) != 1:
            raise InputError(gettext("Expected a place of your region, by code or by a name of its own."))
        return next(iter(paths))

    return read


def ledger_of(code: str) -> Callable[[Import], str]:
    """Address of the ledger in which the rows of a file stand."""
    address = reverse_lazy("outreach:table", args=[code])
    return lambda _file: str(address)
