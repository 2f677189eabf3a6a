"""A folder that providers put files into, as a source: what has landed together is one group, which is read
in the order of time; groups are read in the order of their numbers, and are there again after a restart.

::

    LANDING/calls/NAME.parquet      put there by a provider, best under another name first and then renamed
    LANDING/taken/000000000012/…    a group: whole files, ours from now on, judged or being judged, and the
                                    moment when it was taken
    LANDING/refused/…               what is no table, with a file that says why

A file is known again by its flow, name, size and checksum: what is sent twice is judged once.

A row that is far ahead of the moment when its group was taken is not judged: its provider's clock is wrong,
and everything that came after it would be too late.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from qingdun.contract.checking import ROW, check_schema
from qingdun.contract.columns import Table
from qingdun.contract.storage import SUFFIXES, TableFiles, find_files, sync
from qingdun.contract.tables import FLOWS, Reject
from qingdun.contract.windows import DICTIONARIES, windows
from qingdun.errors import EmptyFile, InputError, UnreadableFile
from qingdun.run.snapshots import Place
from qingdun.run.sources.files import Batch, cut, window_of
from qingdun.run.sources.names import keep, known, name_of, plain

PATIENCE_S = 600.0
"""How long a file that is not whole is waited for after it last grew."""
MOST_AHEAD_S = 600.0
"""How far the clock of a provider may be ahead of this machine's."""
_MOMENT = ".moment"
"""How the name of an empty file of a group ends that says when it was taken, in microseconds UTC."""

_log = logging.getLogger("qingdun.run")


class Read(NamedTuple):
    """A batch, how far the source is read with it, and the rows that could not be used."""

    batch: Batch
    place: Place
    rejects: list[Reject]
    files: Mapping[str, Sequence[tuple[int, str]]]
    """Of each flow the files of the group, with the number of their first row."""

    def named(self, reject: Reject) -> Reject:
        """The same with its place in its file, which the reason names."""
        files = self.files[reject.flow]
        first, name = files[bisect_right(files, reject.row, key=lambda one: one[0]) - 1]
        return Reject(reject.flow, reject.row - first, f"{name}: {reject.reason}")


class Landing:
    """The folder; one process at a time takes from it."""

    def __init__(
        self, folder: Path, clock: Callable[[], float] = time.time, most_ahead_s: float = MOST_AHEAD_S
    ) -> None:
        """Errors: InputError if the folder is not there."""
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; expected one that files land in")
        self.folder, self._clock, self._most_ahead_s = folder, clock, most_ahead_s
        self._taken, self._refused = folder / "taken", folder / "refused"
        for flow in FLOWS:
            (folder / flow.name).mkdir(exist_ok=True)
        self._taken.mkdir(exist_ok=True)
        self._known = known(self._taken)
        self._broken: dict[Path, tuple[tuple[int, int], Exception]] = {}
        """Files that cannot be read, as they were when that was tried."""
        self._read_to: Place | None = None
        """A place with nothing behind it in its group."""

    def take(self) -> bool:
        """Whole files that have landed are a new group; whether there are any."""
        for path in [one for one in self._broken if not one.exists()]:
            del self._broken[path]
        found = [one for flow in FLOWS for one in self._landed(flow)]
        # Whoever was killed here had begun this group: what landed together stays together, or the rest of it
        # would come too late.
        group = self._taken / f".{self._last() + 1:012}"
        for path, seen in found:
            flow = path.parent.name
            try:
                name = name_of(path)
                if _seen(path) != seen:  # somebody writes over it: it is looked at again
                    continue
                if (flow, name) in self._known:
                    _log.warning(
                        "%s: sent again; it was taken before and is not judged twice", _legible(path)
                    )
                    path.unlink()
                    continue
                (group / flow).mkdir(parents=True, exist_ok=True)
                path.rename(group / flow / name)
            except FileNotFoundError:  # whoever put it there has taken it away again
                continue
            self._known.add((flow, name))
        if not group.is_dir():
            return False
        self._close(group)
        return True

    def batches(self, after: Place | None) -> Iterator[Read]:
        """Everything that was taken after that place, in order.

        Errors: InputError if a part of it is gone.
        """
        begin, done = (after["group"], after["window"]) if after else (1, 0)
        groups = self._groups()
        if (begin not in groups and after) or (groups and not after and min(groups) > 1):
            raise InputError(
                f"{self._taken}: group {begin} is gone, which comes next; found "
                f"{f'{min(groups)} to {max(groups)}' if groups else 'none'}"
            )
        for group in (one for one in groups if one >= begin):
            if group == begin and after is not None and after == self._read_to:
                continue
            yield from self._windows(group, done if group == begin else 0)

    def forget(self, before: int) -> None:
        """Files of groups before that one are gone; their names stay known."""
        for group in self._groups():
            if group >= before:
                continue
            folder = self._taken / f"{group:012}"
            names = [(path.parent.name, path.name) for path in folder.glob("*/*")]
            keep(self._taken, names)
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            folder.rmdir()

    def waiting(self) -> int:
        """Bytes that have landed and are not taken."""
        return sum(path.stat().st_size for flow in FLOWS for path in self._files(flow))

    def _windows(self, group: int, done: int) -> Iterator[Read]:
        folder = self._taken / f"{group:012}"
        files = [
            TableFiles(flow, paths, DICTIONARIES.get(flow.name, ()))
            for flow in FLOWS
            if (paths := find_files(folder, flow.name))
        ]
        named = {one.table.name: _first_rows(one) for one in files}
        rejects: list[Reject] = []
        number, moment = 0, _moment(folder)
        for number, window in enumerate(windows(files, window_of(files), rejects), start=1):
            told, rejects[:] = list(rejects), []
            if number > done:
                flows = window.flows
                if moment is not None:
                    flows, ahead = self._in_time(flows, moment)
                    told += ahead
                yield Read(flows, {"group": group, "window": number}, told, named)
        if rejects and number >= done:
            # Rows at the end, none of which can be used, are of no window.
            number += 1
            yield Read({}, {"group": group, "window": number}, rejects, named)
        self._read_to = {"group": group, "window": max(number, done)}

    def _in_time(self, flows: Batch, moment: int) -> tuple[Batch, list[Reject]]:
        """The rows that are not too far ahead of the moment, and why the others are not judged."""
        rejects: list[Reject] = []
        end = moment + round(self._most_ahead_s * 1e6) + 1
        for name, rows in cut(flows, end, None).items():
            positions = rows.column(ROW).to_pylist()
            for position, at in zip(positions, rows.column("at").cast(pa.int64()).to_pylist(), strict=True):
                reason = (
                    f"at: {(at - moment) // 1_000_000} s ahead of this machine's clock, "
                    f"expected at most {self._most_ahead_s:g}"
                )
                rejects.append(Reject(name, position, reason))
        return cut(flows, None, end), rejects

    def _landed(self, flow: Table) -> Iterator[tuple[Path, tuple[int, int]]]:
        """Whole files, and as what they were seen before they were read."""
        for path in self._files(flow):
            try:
                seen = _seen(path)
                before, fault = self._broken.get(path, (None, None))
                if before != seen:
                    self._broken.pop(path, None)
                    _check(flow, path)
                    yield path, seen
                elif fault is not None and self._is_old(seen):
                    self._refuse(path, fault)
            except (UnreadableFile, EmptyFile) as error:
                # Half-written, most likely: its provider is given time.
                self._broken[path] = seen, error
                if self._is_old(seen):
                    self._refuse(path, error)
            except FileNotFoundError:
                continue
            except InputError as error:
                self._refuse(path, error)

    def _is_old(self, seen: tuple[int, int]) -> bool:
        return self._clock() - seen[0] / 1e9 > PATIENCE_S

    def _files(self, flow: Table) -> list[Path]:
        found = (self.folder / flow.name).iterdir()
        wanted = (p for p in found if p.suffix in SUFFIXES and not p.name.startswith("."))
        return sorted(p for p in wanted if p.is_file() and not p.is_symlink())

    def _refuse(self, path: Path, error: Exception) -> None:
        _log.error("%s; it is moved to %s", _legible(error), self._refused)
        self._refused.mkdir(exist_ok=True)
        try:
            name = name_of(path)
        except PermissionError:  # whoever may rename it need not be allowed to read it
            name = f"{plain(path)}{path.suffix}"
        kept = self._refused / f"{path.parent.name}-{name}"
        kept.with_name(f"{kept.name}.why").write_text(f"{error}\n", "utf-8", "backslashreplace")
        path.rename(kept)
        self._broken.pop(path, None)

    def _close(self, group: Path) -> None:
        """The group is whole: whoever is killed now finds all of it."""
        (group / f"{round(self._clock() * 1e6)}{_MOMENT}").touch()  # empty: on a full disk there is room
        for folder in (*(one for one in group.iterdir() if one.is_dir()), group):
            sync(folder)
        group.rename(group.with_name(group.name.removeprefix(".")))
        sync(self._taken)

    def _groups(self) -> list[int]:
        return sorted(int(path.name) for path in self._taken.iterdir() if path.name.isdecimal())

    def _last(self) -> int:
        return max(self._groups(), default=0)


def _moment(group: Path) -> int | None:
    """When the group was taken, microseconds UTC; None of one that an earlier version took.

    Whoever was killed while closing it left an earlier moment too.
    """
    return max((int(path.stem) for path in group.glob(f"*{_MOMENT}")), default=None)


def _seen(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size


def _legible(about: object) -> str:
    """The words, in which a provider's name for a file that is no UTF-8 can be written too."""
    return str(about).encode("utf-8", "backslashreplace").decode("utf-8")


def _first_rows(files: TableFiles) -> list[tuple[int, str]]:
    found: dict[int, int] = {}
    for piece in files.pieces():
        found.setdefault(piece.file, piece.first_row)
    return [(first, files.paths[file].name) for file, first in found.items()]


def _check(flow: Table, path: Path) -> None:
    """The file can be read to its end: what is found out later would stop whoever judges, again and again.

    Errors: UnreadableFile, InputError, FileNotFoundError.
    """
    files = TableFiles(flow, [path], mapped=False)
    check_schema(flow, files.schemas[0], str(path))
    for _piece, _rows in files.read_all():
        pass
