"""A file's columns brought to the contract's, and its bad rows set apart one by one with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import Column, Table
from qingdun.contract.patterns import misfits
from qingdun.contract.ranges import late_evidence, range_faults
from qingdun.contract.tables import ALERTS, Reject
from qingdun.contract.texts import Fault, has_bad_entry, shown, text_faults
from qingdun.errors import InputError, MissingColumn, WrongType

ROW = "row"
"""Name of the added column that holds a row's position in its table's files, from 0."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows that may be used, with their position in column `row`, and those that may not."""

    table: pa.Table
    rejects: list[Reject]


def check_schema(table: Table, found: pa.Schema, place: str) -> None:
    """Every column of the contract is in `found` once with a type it may have, or may be absent.

    Errors: MissingColumn, WrongType and, for a column that stands twice, InputError name the file, the
    column, what was expected and found.
    """
    names = set(found.names)
    for column in table.columns:
        if column.name not in names:
            if not column.optional:
                raise MissingColumn(
                    f"{place}: column {column.name} is missing; expected {column.expected()}; "
                    f"found columns {', '.join(found.names) or 'none'}"
                )
        elif (times := found.names.count(column.name)) > 1:
            raise InputError(f"{place}: column {column.name}: expected once, found {times} times")
        elif not column.accepts(found.field(column.name).type):
            raise WrongType(
                f"{place}: column {column.name}: expected {column.expected()}, "
                f"found {found.field(column.name).type}"
            )


def check_rows(table: Table, batch: pa.Table, first_row: int, place: str) -> Checked:
    """The rows of `batch` in the contract's types, good and bad apart.

    `first_row` is the position of the batch's first row in its table. The first thing wrong with a row
    is its reason. Columns that the contract does not name are ignored; absent optional ones are filled
    with nulls.
    """
    check_schema(table, batch.schema, place)
    count = batch.num_rows
    arrays: list[pa.ChunkedArray] = []
    bad: dict[int, str] = {}
    spoilt: list[str] = []
    for column in table.columns:
        if column.name not in batch.schema.names:
            arrays.append(pa.chunked_array([pa.nulls(count, column.type)]))
            continue
        values = _plain_strings(batch.column(column.name), column)
        for index, reason in _faults(column, values):
            bad.setdefault(index, reason)
        if has_bad_entry(column, values):
            spoilt.append(column.name)
        arrays.append(_cast(column, values))
    fields = [pa.field(c.name, array.type) for c, array in zip(table.columns, arrays, strict=True)]
    good = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    if table is ALERTS:
        for index, reason in late_evidence(good):
            bad.setdefault(index, reason)
    good = good.append_column(ROW, pa.array(np.arange(first_row, first_row + count)))
    if bad:
        keep = pa.array([index not in bad for index in range(count)])
        good = good.filter(keep)
    for name in spoilt:
        # What no row holds any more must not be met in the dictionary either.
        index = good.schema.get_field_index(name)
        good = good.set_column(index, name, good.column(name).cast(pa.string()).dictionary_encode())
    rejects = [Reject(table.name, first_row + index, reason) for index, reason in sorted(bad.items())]
    return Checked(good, rejects)


def _plain_strings(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Strings as plain strings, dictionaries as dictionaries of plain strings."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        if any(chunk.dictionary.null_count for chunk in values.chunks):
            # A null may hide among the values, where no count of nulls finds it.
            return values.cast(pa.string()).dictionary_encode()
        if kind.value_type != pa.string() or kind.index_type != pa.int32():
            return values.cast(pa.dictionary(pa.int32(), pa.string()))
        return values
    return values.cast(pa.string()) if pa.types.is_string(column.type) else values


def _faults(column: Column, values: pa.ChunkedArray) -> list[Fault]:
    faults: list[Fault] = []
    if not column.optional and values.null_count:
        faults += [
            (i, f"{column.name}: null, expected {column.expected()}") for i in _where(pc.is_null(values))
        ]
    faults += text_faults(column, values)
    faults += range_faults(column, values)
    if column.codes:
        known = pc.is_in(values, value_set=pa.array(column.codes))
        expected = f"one of {', '.join(column.codes)}"
        wrong = pc.and_(pc.invert(known), pc.is_valid(values))
        faults += _wrong(column, values, _where(wrong), expected)
    rule = column.rule
    if rule is not None and rule.pattern is not None:
        faults += _wrong(column, values, misfits(rule.pattern, values), rule.expected)
    elif rule is not None and rule.least is not None:
        fits = pc.greater_equal(values, rule.least)
        if rule.greatest is not None:
            fits = pc.and_(fits, pc.less_equal(values, rule.greatest))
        faults += _wrong(column, values, _where(pc.invert(pc.fill_null(fits, True))), rule.expected)
    if pa.types.is_integer(column.type) and values.type != column.type:
        limit = (1 << (column.type.bit_width - 1)) - 1
        outside = pc.or_(pc.greater(values, limit), pc.less(values, -limit - 1 if _signed(values) else 0))
        faults += _wrong(column, values, _where(pc.fill_null(outside, False)), f"at most {limit}")
    return faults


def _signed(values: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_signed_integer(values.type))


def _wrong(column: Column, values: pa.ChunkedArray, rows: Iterable[int], expected: str) -> list[Fault]:
    return [(i, f"{column.name}: found {shown(values[i])}, expected {expected}") for i in rows]


def _where(mask: pa.ChunkedArray) -> list[int]:
    return list(pc.indices_nonzero(mask).to_pylist())


def _cast(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        return values
    # Nanoseconds lose their last three digits: the contract counts in microseconds. What does not fit belongs
    # to rows that are out already.
    exact = pa.types.is_string(column.type) or pa.types.is_boolean(column.type)
    return values.cast(column.type, safe=exact)
