"""A flow directory as a source: whole, or replayed at a multiple of real time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import TableFiles
from qingdun.contract.tables import FLOWS
from qingdun.detect.evidence import HOUR_US, MINUTE_US

Batch = dict[str, pa.Table]

FED_EVERY_US = 5 * MINUTE_US
"""Event time in a batch, where something is to be heard between batches."""
_ROWS = 50_000
"""Rows in a batch, where nothing is: enough that what a batch costs by itself does not count."""


class Pace(Protocol):
    """A clock to pace by; the real one is `RealTime`."""

    def now_s(self) -> float:
        """Seconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """That many seconds have passed."""
        ...


class RealTime:
    """The machine's own clock."""

    def now_s(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """That many seconds have passed."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Replay:
    """How a directory is played.

    `speed`: times real time, None for as fast as it goes; `shift_us`: added to every timestamp;
    `catch_up_until`: rows before that moment (UTC microseconds, after the shift) come as fast as they go,
    then `speed` holds;
    `start`, `until`: only rows with start <= at < until (after the shift).
    """

    speed: float | None = None
    shift_us: int = 0
    catch_up_until: int | None = None
    start: int | None = None
    until: int | None = None


def read_batches(
    directory: FlowDirectory,
    replay: Replay = Replay(),
    *,
    window_us: int | None = FED_EVERY_US,
    pace: Pace | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Batch]:
    """Every row of the directory once, in the order of time, as batches for `Engine.push`.

    A batch holds `window_us` of event time; None for as much as holds some ten thousands of rows.

    A replayed directory comes in steps of at most half a second of real time, each when its time has come.
    """
    pace = pace or RealTime()
    began: tuple[float, int] | None = None
    if replay.catch_up_until is not None:
        # What passes while the source catches up is caught up with too: from then on it keeps the time.
        began = (pace.now_s(), replay.catch_up_until)
    for window in directory.windows(roomy_window(directory) if window_us is None else window_us):
        batch = cut(_shift(window.flows, replay.shift_us), replay.start, replay.until)
        if stopped():
            return
        end = window.end + replay.shift_us
        if replay.speed is None or (replay.catch_up_until is not None and end <= replay.catch_up_until):
            if any(table.num_rows for table in batch.values()):
                yield batch
            continue
        step = max(1, round(replay.speed * 500_000))
        at = window.start + replay.shift_us
        while at < end:
            until = min(at + step, end)
            live = replay.catch_up_until is None or until > replay.catch_up_until
            if began is None and live:
                began = (pace.now_s(), at)
            if began is not None:
                due = began[0] + (until - began[1]) / 1_000_000 / replay.speed
                pace.sleep(max(0.0, due - pace.now_s()))
            if stopped():
                return
            # An empty step too: the engine's counts go to the sinks, and its listeners see that it lives.
            yield cut(batch, at, until)
            at = until


def read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches; a thread reads the next one while somebody works on the last.

    Most of reading is Arrow's, which another thread does not wait for. Errors come where they would.
    """
    with ThreadPoolExecutor(1, "reader") as reader:
        following = reader.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = reader.submit(next, batches, None)
            yield batch


def roomy_window(directory: FlowDirectory) -> int:
    """Event time in which some ten thousands of rows of the directory come."""
    first, last = directory.span()
    return roomy(last - first, sum(directory.rows(flow) for flow in FLOWS))


def window_of(files: Sequence[TableFiles]) -> int:
    """The same of the rows of some files."""
    pieces = [piece for one in files for piece in one.pieces() if piece.latest]
    if not pieces:
        return roomy(0, 0)
    span = max(piece.latest for piece in pieces) - min(piece.earliest for piece in pieces)
    return roomy(span, sum(piece.rows for piece in pieces))


def roomy(span_us: int, rows: int) -> int:
    """Event time in which some ten thousands of so many rows come, that are spread over the span."""
    return min(max(FED_EVERY_US, span_us * _ROWS // max(rows, 1)), 6 * HOUR_US)


def _shift(flows: Batch, shift_us: int) -> Batch:
    if not shift_us:
        return flows
    return {name: _with_at(table, shift_us) for name, table in flows.items()}


def _with_at(table: pa.Table, shift_us: int) -> pa.Table:
    moved = pc.add(table.column("at").cast(pa.int64()), shift_us).cast(pa.int64()).cast(TIMESTAMP)
    return table.set_column(table.column_names.index("at"), "at", moved)


def cut(flows: Batch, start: int | None, until: int | None) -> Batch:
    """Rows with start <= at < until; tables are sorted by `at`."""
    if start is None and until is None:
        return flows
    cut: Batch = {}
    for name, table in flows.items():
        at = table.column("at").cast(pa.int64()).to_numpy()
        low = 0 if start is None else int(at.searchsorted(start))
        high = len(at) if until is None else int(at.searchsorted(until))
        cut[name] = table.slice(low, max(0, high - low))
    return cut
