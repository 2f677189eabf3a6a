"""Times, days and numbers that no real row holds: clocks gone wrong, infinities, chances above one.

Nearly every batch is clean: that is asked of whole columns by their least and greatest; rows are looked at
only if it is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import Column
from qingdun.contract.texts import Fault

_FIRST_YEAR, _FIRST_YEAR_OF_DAYS, _YEAR_AFTER = 2000, 1900, 2100
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = dt.date(1970, 1, 1)


def _days(year: int) -> int:
    return (dt.date(year, 1, 1) - _EPOCH).days


def time_bounds(unit: str) -> tuple[int, int]:
    """First and last moment that a timestamp may name, in that unit since 1970: 2000 to 2099, UTC.

    >>> time_bounds("s")
    (946684800, 4102444799)
    """
    day = 86_400 * _PER_SECOND[unit]
    return _days(_FIRST_YEAR) * day, _days(_YEAR_AFTER) * day - 1


def possible_times(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Those of the timestamps that lie within the bounds, nulls left out."""
    low, high = time_bounds(values.type.unit)
    numbers = values.cast(pa.int64())
    within = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
    return values.filter(pc.fill_null(within, False))


def range_faults(column: Column, values: pa.ChunkedArray) -> Iterator[Fault]:
    """Rows of `values` with a time or day out of bounds or a fraction that is not finite, nested ones too."""
    first = 0
    for chunk in values.chunks:
        for index, reason in _chunk_faults(column, column.name, chunk):
            yield first + index, reason
        first += len(chunk)


def late_evidence(rows: pa.Table) -> Iterator[Fault]:
    """Alerts that rest on something later than themselves."""
    evidence = rows.column("evidence").combine_chunks()
    evidence = evidence.combine_chunks() if isinstance(evidence, pa.ChunkedArray) else evidence
    parents = pc.list_parent_indices(evidence)
    raised = rows.column("raised_at").combine_chunks().take(parents)
    later = pc.greater(pc.struct_field(pc.list_flatten(evidence), "at"), raised)
    for index in pc.indices_nonzero(pc.fill_null(later, False)).to_pylist():
        yield parents[index].as_py(), "evidence.at: later than raised_at, expected nothing later"


def _chunk_faults(column: Column, name: str, chunk: pa.Array) -> Iterator[Fault]:
    kind = chunk.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if column.inner:
            parents = pc.list_parent_indices(chunk)
            for index, reason in _chunk_faults(column, name, pc.list_flatten(chunk)):
                yield parents[index].as_py(), reason
    elif pa.types.is_struct(kind):
        for part in column.inner:
            if kind.get_field_index(part.name) >= 0:
                yield from _chunk_faults(part, f"{name}.{part.name}", pc.struct_field(chunk, part.name))
    elif pa.types.is_timestamp(kind):
        low, high = time_bounds(kind.unit)
        words = f"{kind.unit} since 1970, expected a time from {_FIRST_YEAR} to {_YEAR_AFTER - 1}"
        yield from _outside(name, chunk.cast(pa.int64()), low, high, words)
    elif pa.types.is_date(kind):
        days = pa.types.is_date32(kind)
        unit = 1 if days else 86_400_000
        low, high = _days(_FIRST_YEAR_OF_DAYS) * unit, _days(_YEAR_AFTER) * unit - 1
        words = f"{'days' if days else 'ms'} since 1970, "
        words += f"expected a day from {_FIRST_YEAR_OF_DAYS} to {_YEAR_AFTER - 1}"
        yield from _outside(name, chunk.cast(pa.int32() if days else pa.int64()), low, high, words)
    elif pa.types.is_floating(kind):
        fits = pc.fill_null(pc.is_finite(chunk), True)
        if not pc.all(fits, min_count=0).as_py():
            for index in pc.indices_nonzero(pc.invert(fits)).to_pylist():
                yield index, f"{name}: found {chunk[index].as_py()}, expected a finite number"


def _outside(name: str, numbers: pa.Array, low: int, high: int, words: str) -> Iterator[Fault]:
    ends = pc.min_max(numbers)
    least, greatest = ends["min"].as_py(), ends["max"].as_py()
    if least is None or (least >= low and greatest <= high):
        return
    outside = pc.fill_null(pc.or_(pc.less(numbers, low), pc.greater(numbers, high)), False)
    for index in pc.indices_nonzero(outside).to_pylist():
        yield index, f"{name}: found {numbers[index].as_py()} {words}"
