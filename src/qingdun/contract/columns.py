"""How a table is written down once: a typed row class, from which its Arrow schema follows.

A row class is a `NamedTuple` whose fields are annotated with their meaning and, where the Python
type does not say it, their Arrow type::

    class Visit(NamedTuple):
        at: Annotated[Timestamp, "When the host was asked for."]
        url: Annotated[str | None, "The whole address, where known."]
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, TypeAlias, get_args, get_origin

import pyarrow as pa

from qingdun.errors import WrongType

TIMESTAMP = pa.timestamp("us", tz="UTC")

Timestamp: TypeAlias = Annotated[int, TIMESTAMP]
"""UTC microseconds since 1970."""
Int16: TypeAlias = Annotated[int, pa.int16()]
Int32: TypeAlias = Annotated[int, pa.int32()]
Int64: TypeAlias = Annotated[int, pa.int64()]
Fen: TypeAlias = Annotated[int, pa.int64()]
"""Money in fen, a hundredth of a yuan."""


_EPOCH, _US = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


def moment(at: int) -> dt.datetime:
    """A `Timestamp` as an aware time.

    >>> moment(0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return _EPOCH + at * _US


def timestamp(at: dt.datetime) -> int:
    """An aware time as a `Timestamp`.

    >>> timestamp(moment(1_795_000_000_123_456))
    1795000000123456
    """
    return (at - _EPOCH) // _US


_PLAIN: dict[Any, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    dt.date: pa.date32(),
}


LONGEST = 255
"""Characters a string may have unless its rule says otherwise: what databases hold and find again."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must look like beyond its type: pattern and length for strings, bounds for numbers.

    With a rule or without, every string is text in UTF-8 without a NUL character: databases take no other.
    Every time lies in the years 2000 to 2099 (UTC), every day in 1900 to 2099, every fraction is finite.
    """

    expected: str = ""
    pattern: str | None = None
    least: int | None = None
    greatest: int | None = None
    most: int = LONGEST
    """Characters a string may have."""


NOT_EMPTY = Rule("something, not an empty string", pattern=r"\S")
SUBSCRIBER_NUMBER = Rule("a number in E.164 such as +8613800000000", pattern=r"^\+[1-9][0-9]{4,14}$")
DIALLED_NUMBER = Rule("a dialled number: digits, with + in front if E.164", pattern=r"^\+?[0-9*#]{2,24}$")
NOT_NEGATIVE = Rule("0 or more", least=0)
PROBABILITY = Rule("a probability from 0 to 1", least=0, greatest=1)
HOLDER = replace(NOT_EMPTY, most=64)
"""Id of a person who must be known."""
ACCOUNT_NUMBER = replace(NOT_EMPTY, most=40)
IDENTITY = Rule(most=64)
NUMBER = Rule(most=24)
CODE = Rule(most=32)
LETTER = Rule(most=1)
NAME = Rule(most=64)
ADDRESS = Rule(most=200)
RELATION = Rule(most=16)
URL = Rule(most=8_192)
TEXT = Rule(most=20_000)
"""A whole message: 255 segments hold some 17,000 characters."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type, whether it may be absent or null, codes, rule and meaning."""

    name: str
    type: pa.DataType
    optional: bool = False
    codes: tuple[str, ...] = ()
    rule: Rule | None = None
    doc: str = ""
    inner: tuple[Column, ...] = ()
    """The columns of the structs in a list of such."""

    @property
    def most(self) -> int:
        """Characters a string of the column may have."""
        return self.rule.most if self.rule is not None else LONGEST

    @property
    def field(self) -> pa.Field:
        """The column as an Arrow field."""
        return pa.field(self.name, self.type, nullable=self.optional)

    def accepts(self, found: pa.DataType) -> bool:
        """Whether a file may carry this column as `found`."""
        if pa.types.is_dictionary(found):
            return self.accepts(found.value_type) and pa.types.is_string(self.type)
        if pa.types.is_null(found):
            return self.optional
        if pa.types.is_string(self.type):
            return bool(
                pa.types.is_string(found) or pa.types.is_large_string(found) or found == pa.string_view()
            )
        if pa.types.is_timestamp(self.type):
            return bool(pa.types.is_timestamp(found) and found.tz is not None)
        if pa.types.is_date(self.type):
            return bool(pa.types.is_date(found))
        if pa.types.is_integer(self.type):
            return bool(pa.types.is_integer(found))
        if pa.types.is_list(self.type):
            listed = pa.types.is_list(found) or pa.types.is_large_list(found)
            return bool(
                listed
                and (
                    self._accepts_struct(found.value_type)
                    if self.inner
                    else Column(self.name, self.type.value_type, True).accepts(found.value_type)
                )
            )
        if pa.types.is_floating(self.type):
            return bool(pa.types.is_floating(found))
        return bool(self.type == found)

    def _accepts_struct(self, found: pa.DataType) -> bool:
        return bool(
            pa.types.is_struct(found)
            and [field.name for field in found] == [part.name for part in self.inner]
            and all(part.accepts(found.field(part.name).type) for part in self.inner)
        )

    def expected(self) -> str:
        """The type in words, for an error."""
        if pa.types.is_string(self.type):
            return "string, large_string or dictionary of strings"
        if pa.types.is_timestamp(self.type):
            return "a timestamp with a zone"
        return str(self.type)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract: its name, what a row is, and its columns in order."""

    name: str
    row: type[Any]
    columns: tuple[Column, ...]
    doc: str

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table as Qingdun writes it."""
        return pa.schema([column.field for column in self.columns])

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def from_rows(self, rows: typing.Iterable[Any]) -> pa.Table:
        """An Arrow table of this schema from row tuples."""
        columns = list(zip(*rows, strict=True)) or [()] * len(self.columns)
        arrays = [
            pa.array([_plain(v) for v in values], column.type)
            for column, values in zip(self.columns, columns, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def to_rows(self, table: pa.Table | pa.RecordBatch) -> list[Any]:
        """Row tuples of a checked table; timestamps come as UTC microseconds."""
        columns = [_python_values(table.column(column.name), column.type) for column in self.columns]
        return list(map(self.row._make, zip(*columns, strict=True)))


def table(name: str, row: type[Any]) -> Table:
    """The table whose rows are `row`, a NamedTuple with annotated fields.

    Errors: WrongType if a field's annotation has no Arrow type.
    """
    hints = typing.get_type_hints(row, include_extras=True)
    columns = tuple(_column(field, hints[field]) for field in row._fields)
    return Table(name, row, columns, " ".join((row.__doc__ or "").split()))


def _column(name: str, hint: Any) -> Column:
    notes: list[Any] = []
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
    optional = False
    if get_origin(hint) in (typing.Union, types.UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        optional, hint = True, inner[0]
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            notes = more + notes
    arrow = next((note for note in notes if isinstance(note, pa.DataType)), None) or _arrow_type(name, hint)
    codes = next((note for note in notes if isinstance(note, type) and issubclass(note, StrEnum)), None)
    rule = next((note for note in notes if isinstance(note, Rule)), None)
    doc = next((note for note in reversed(notes) if isinstance(note, str)), "")
    codes_of = tuple(code.value for code in codes) if codes else ()
    return Column(name, arrow, optional, codes_of, rule, doc, _columns_of_item(name, hint))


def _columns_of_item(name: str, hint: Any) -> tuple[Column, ...]:
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    return table(name, item).columns if isinstance(item, type) and issubclass(item, tuple) else ()


def _arrow_type(name: str, hint: Any) -> pa.DataType:
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        if isinstance(item, type) and issubclass(item, tuple):
            return pa.list_(pa.struct([c.field for c in table(name, item).columns]))
        return pa.list_(_arrow_type(name, item))
    raise WrongType(f"column {name}: no Arrow type for the annotation {hint!r}")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [
            item._asdict() if isinstance(item, tuple) and hasattr(item, "_asdict") else item for item in value
        ]
    return value


def _python_values(array: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> list[Any]:
    if pa.types.is_timestamp(kind):
        array = array.cast(pa.int64())
    return typing.cast("list[Any]", array.to_pylist())
