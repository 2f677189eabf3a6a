"""Rows of several files in the order of time, window by window, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.checking import ROW, check_rows
from qingdun.contract.columns import Table
from qingdun.contract.storage import Piece, TableFiles
from qingdun.contract.tables import CALLS, Reject

DICTIONARIES = {"visits": ("host",)}
"""Columns read as dictionaries, because look-ups are done on their distinct values."""


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of every flow with `start` <= at < `end` (UTC microseconds), each sorted by (at, id)."""

    start: int
    end: int
    flows: dict[str, pa.Table]

    @property
    def rows(self) -> int:
        """How many rows of all flows are in the window."""
        return sum(table.num_rows for table in self.flows.values())


def windows(files: Sequence[TableFiles], length_us: int, rejects: list[Reject]) -> Iterator[Window]:
    """Every row of the files, those of a flow each, once, in windows of `length_us`; windows without rows are
    left out. Rows that may not be used are added to `rejects`.
    """
    readers = [_FlowReader(one, rejects) for one in files]
    while True:
        pending = [reader.earliest for reader in readers if reader.earliest is not None]
        if not pending:
            return
        start = min(pending) - min(pending) % length_us
        end = start + length_us
        window = Window(start, end, {r.table.name: r.until(end) for r in readers})
        if window.rows:
            yield window


@dataclass(slots=True)
class _Part:
    """Rows of one row group in order of `at`, and how many of them have been given out."""

    rows: pa.Table
    at: np.ndarray
    given: int = 0

    def until(self, end: int) -> pa.Table:
        """The rows before `end` that were not given out yet."""
        first, self.given = self.given, int(self.at.searchsorted(end))
        return self.rows.slice(first, self.given - first)


class _FlowReader:
    """Rows of one flow in order of time; each row group is read and sorted once, what is not due waits."""

    def __init__(self, files: TableFiles, rejects: list[Reject]) -> None:
        self.table = files.table
        self._files = files
        self._rejects = rejects
        self._waiting = sorted(files.pieces(), key=lambda piece: piece.earliest, reverse=True)
        self._parts: list[_Part] = []
        calls = [begins_and_ends(files, piece) for piece in self._waiting] if files.table is CALLS else []
        self._ended_early = ended_before_answered(calls)

    @property
    def earliest(self) -> int | None:
        """A bound below the next row's `at`, or None if no row is left."""
        begun = [int(part.at[part.given]) for part in self._parts]
        return min(begun + [piece.earliest for piece in self._waiting[-1:]], default=None)

    def until(self, end: int) -> pa.Table:
        while self._waiting and self._waiting[-1].earliest < end:
            rows = self._read(self._waiting.pop())
            if rows.num_rows:
                self._parts.append(_sorted(rows))
        due = [part.until(end) for part in self._parts]
        self._parts = [part for part in self._parts if part.given < len(part.at)]
        due = [rows for rows in due if rows.num_rows]
        rows = pa.concat_tables(due) if due else self._read_none()
        return in_order(self.table, rows, len(due) > 1)

    def _read(self, piece: Piece) -> pa.Table:
        good, rejects = read_piece(self._files, piece, self._ended_early)
        self._rejects += rejects
        return good

    def _read_none(self) -> pa.Table:
        nothing = self.table.from_rows([]).append_column(ROW, pa.array([], pa.int64()))
        return _with_dictionaries(self.table, nothing)


def read_piece(files: TableFiles, piece: Piece, ended_early: pa.Array) -> tuple[pa.Table, list[Reject]]:
    """The good rows of a piece, in its order, with their position in column `row`, and the others.

    `ended_early` holds the ids of calls that `ended_before_answered`. Errors: UnreadableFile.
    """
    table = files.table
    rows = files.read(piece.file, piece.index)
    checked = check_rows(table, rows, piece.first_row, str(files.paths[piece.file]))
    good, rejects = checked.table, list(checked.rejects)
    if table is CALLS and len(ended_early):
        early = pc.and_(
            pc.equal(good.column("phase"), "ended"), pc.is_in(good.column("call_id"), value_set=ended_early)
        )
        reason = "at: the call ends before it was answered, expected an end after the answer"
        rejects += [Reject(table.name, row, reason) for row in good.filter(early).column(ROW).to_pylist()]
        good = good.filter(pc.invert(early))
    return _with_dictionaries(table, good), rejects


def _with_dictionaries(table: Table, rows: pa.Table) -> pa.Table:
    kind = pa.dictionary(pa.int32(), pa.string())
    for index, field in enumerate(rows.schema):
        wanted = kind if field.name in DICTIONARIES.get(table.name, ()) else None
        if wanted is not None and field.type != wanted:
            rows = rows.set_column(index, field.name, rows.column(index).dictionary_encode().cast(wanted))
        elif wanted is None and pa.types.is_dictionary(field.type):
            rows = rows.set_column(index, field.name, rows.column(index).cast(pa.string()))
    return rows


def begins_and_ends(files: TableFiles, piece: Piece) -> pa.Table:
    """Id, time and phase of every row of a piece of calls, checked or not."""
    rows = files.read(piece.file, piece.index, ["call_id", "at", "phase"])
    return pa.table(
        {
            "call_id": rows.column("call_id").cast(pa.string()),
            "at": rows.column("at"),
            "phase": rows.column("phase").cast(pa.string()),
        }
    )


def ended_before_answered(parts: Sequence[pa.Table]) -> pa.Array:
    """Ids of calls whose `ended` stands before their `answered`; `parts` are `begins_and_ends`, those of one
    call all among them."""
    if not parts:
        return pa.array([], pa.string())
    calls = pa.concat_tables(parts, promote_options="permissive")
    ends = calls.filter(pc.equal(calls["phase"], "ended")).group_by("call_id").aggregate([("at", "min")])
    answers = (
        calls.filter(pc.equal(calls["phase"], "answered")).group_by("call_id").aggregate([("at", "max")])
    )
    both = ends.join(answers, "call_id", join_type="inner")
    return both.filter(pc.less(both["at_min"], both["at_max"]))["call_id"].combine_chunks()


def _sorted(rows: pa.Table) -> _Part:
    at: np.ndarray = rows.column("at").cast(pa.int64()).to_numpy()
    if not bool(np.all(at[1:] >= at[:-1])):
        order = np.argsort(at, kind="stable")
        rows, at = rows.take(pa.array(order)), at[order]
    return _Part(rows, at)


def _is_in_order(rows: pa.Table) -> bool:
    """Whether no two rows are of the same time, and all in its order."""
    at: np.ndarray = rows.column("at").cast(pa.int64()).to_numpy()
    return bool(np.all(at[1:] > at[:-1]))


def in_order(table: Table, rows: pa.Table, mixed: bool = True) -> pa.Table:
    """Rows in the order (at, id, row), dictionaries made one; unless they are `mixed`, they are in order of
    `at` and row already."""
    identity = table.columns[0].name if table.columns[0].name.endswith("_id") else None
    if identity is not None and not _is_in_order(rows):
        keys = [("at", "ascending"), (identity, "ascending"), (ROW, "ascending")]
        rows = rows.take(pc.sort_indices(rows, sort_keys=keys))
    elif identity is None and mixed:
        rows = rows.take(pc.sort_indices(rows, sort_keys=[("at", "ascending"), (ROW, "ascending")]))
    return rows.unify_dictionaries()
