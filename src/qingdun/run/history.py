"""What went before: an engine that begins knows nobody, and would take every caller for a stranger. From a
flow directory of the last weeks it is told who has spoken with whom, what callers did in the last seven days,
who has paid whom, what accounts received and paid, and which sites are known, and judges none of it.

Of an hour or a day ago more than that matters (live calls, calls back, evidence): let the flows that are
judged begin that much earlier.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.contract.checking import check_rows
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.progress import Told, unheard
from qingdun.contract.storage import Piece, TableFiles
from qingdun.contract.tables import CALLS, TRANSFERS, VISITS, Reject
from qingdun.contract.windows import windows
from qingdun.detect.tiles.speaking import pairs_of
from qingdun.detect.tiles.tallying import MEASURED
from qingdun.detect.tiles.windows import LONGEST_US, Windows, columns_of_calls
from qingdun.errors import MissingFile
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import roomy

Ints = npt.NDArray[np.int64]

THREADS = 2
"""How many read calls; one more remembers."""
_FLOWS = (CALLS, TRANSFERS, VISITS)
_WANTED = ("at", "phase", "caller", "callee", "duration_s")
_NARROW = replace(CALLS, columns=tuple(CALLS.column(name) for name in _WANTED))


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was read of a history."""

    rows: int
    unusable: int
    seconds: float

    def text(self) -> str:
        """One line for a person."""
        speed = self.rows / self.seconds if self.seconds else 0.0
        unusable = f", {self.unusable:,} of them unusable" if self.unusable else ""
        return f"{self.rows:,} rows of history in {self.seconds:.1f} s ({speed:,.0f}/s){unusable}"


def recall(directory: FlowDirectory, engine: Engine, told: Told = unheard) -> Recalled:
    """The engine, which has seen nothing yet, knows what calls, transfers and visits of the directory tell;
    each may be absent.

    Errors: MissingFile if all are absent; UnreadableFile.
    """
    began = time.monotonic()
    rows = unusable = 0
    spans: list[tuple[int, int]] = []
    flows = [(files, _pieces(files)) for files in map(directory.files, _FLOWS) if files is not None]
    if not flows:
        names = ", ".join(table.name for table in _FLOWS)
        raise MissingFile(f"{directory.path}: the folder has no history; expected one or more of {names}")
    whole = max(1, sum(piece.rows for _, pieces in flows for piece in pieces))
    for files, pieces in [(files, pieces) for files, pieces in flows if pieces]:
        spans.append((min(piece.earliest for piece in pieces), max(piece.latest for piece in pieces)))
        parts = _calls(files, pieces, engine) if files.table is CALLS else _others(files, pieces, engine)
        for read, bad in parts:
            rows, unusable = rows + read, unusable + bad
            told(rows / whole, files.table.name)
    if spans:
        engine.recalled(min(first for first, _ in spans), max(last for _, last in spans))
    return Recalled(rows, unusable, time.monotonic() - began)


class _Ended(NamedTuple):
    """Of so many rows those that are of no use, and of calls that ended who spoke, and when."""

    rows: int
    unusable: int
    pairs: Ints
    at: Ints

    def in_order(self) -> _Ended:
        """The same by time."""
        if bool(np.all(self.at[1:] >= self.at[:-1])):
            return self
        order = np.argsort(self.at, kind="stable")
        return self._replace(pairs=self.pairs[order], at=self.at[order])


def _pieces(files: TableFiles) -> list[Piece]:
    """Those with rows that may be used, in order of time."""
    return sorted((one for one in files.pieces() if one.latest), key=lambda one: one.earliest)


def _calls(files: TableFiles, pieces: list[Piece], engine: Engine) -> Iterator[tuple[int, int]]:
    """The engine remembers calls; how many rows were read, and of no use. Pieces that overlap, in files of no
    order, are held whole."""
    last = max(piece.latest for piece in pieces)
    callers, counting = Windows(), Lock()

    def read(piece: Piece) -> _Ended:
        found = files.read(piece.file, piece.index, list(_WANTED))
        good = check_rows(_NARROW, found, piece.first_row, str(files.paths[piece.file])).table
        columns = columns_of_calls(good)
        if piece.latest > last - LONGEST_US:
            with counting:  # one counts while the other reads: windows of each would cost a merge
                callers.count(*columns, last)
        one, other, at, what, _ = columns
        ended = what & MEASURED != 0
        pairs = pairs_of(one[ended], other[ended])
        return _Ended(piece.rows, piece.rows - good.num_rows, pairs, at[ended]).in_order()

    parts = _ahead(read, pieces)
    if any(before.latest > after.earliest for before, after in pairwise(pieces)):
        rows, unusable, pairs, at = zip(*parts, strict=True)
        parts = iter([_Ended(sum(rows), sum(unusable), np.concatenate(pairs), np.concatenate(at)).in_order()])
    for part in parts:
        engine.recall_calls(part.pairs, part.at)
        yield part.rows, part.unusable
    engine.recall_callers(callers, last)


def _ahead(read: Callable[[Piece], _Ended], pieces: list[Piece]) -> Iterator[_Ended]:
    """What is read of the pieces, in their order, by threads that are a few pieces ahead."""
    waiting: deque[Future[_Ended]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for piece in pieces:
            waiting.append(pool.submit(read, piece))
            if len(waiting) > 2 * THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _others(files: TableFiles, pieces: list[Piece], engine: Engine) -> Iterator[tuple[int, int]]:
    """The engine remembers transfers or visits."""
    last = max(one.latest for one in pieces)
    span = last - pieces[0].earliest
    rejects: list[Reject] = []
    for window in windows([files], roomy(span, sum(one.rows for one in pieces)), rejects):
        rows = window.flows[files.table.name]
        if files.table is VISITS:
            engine.pass_on(rows)
        else:
            engine.recall_transfers(rows, last)
        yield rows.num_rows + len(rejects), len(rejects)
        rejects.clear()
