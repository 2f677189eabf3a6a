"""What an engine knew and how far it had read, on disk: written whole or not at all, the newest that can be
read is gone on from.

A file is a line of JSON (form, number, place in the source, length and SHA-256 of what follows) and the
engine's own snapshot. Such a file is trusted: it is unpickled, so its folder belongs to the engine's user
alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from qingdun.contract.storage import sync
from qingdun.errors import InputError

FORM = 1
KEPT = 3
"""How many are kept: the newest, and older ones for when it cannot be read."""
_SUFFIX = ".snapshot"
_MOST_HEAD = 1 << 16

_log = logging.getLogger("qingdun.run")

Place = Mapping[str, int]
"""How far a source was read, in its own terms."""


class Snapshot(NamedTuple):
    """What stands in a file."""

    number: int
    """1 for the first, and one more for each."""
    place: Place
    state: bytes


class Snapshots:
    """The snapshots of one engine in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Errors: InputError if the folder cannot be made."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise InputError(f"{folder}: no folder for snapshots can be made: {error.strerror}") from error
        for left in folder.glob(f".*{_SUFFIX}"):
            left.unlink()

    def newest(self, restore: Callable[[bytes], None]) -> Snapshot | None:
        """The newest snapshot that `restore` takes, now taken; None if there never was one.

        What cannot be used is said and passed over for the one before it. Errors: InputError if there are
        snapshots and none of them can be used.
        """
        faults = []
        for path in reversed(self._standing()):
            try:
                found = _read(path)
                restore(found.state)
            except InputError as error:
                faults.append(str(error))
                _log.error("%s; the snapshot before it is tried", error)
                continue
            return found
        if faults:
            raise InputError(
                f"{self.folder}: no snapshot can be used, the newest because: {faults[0]}; bring back the "
                "version that wrote them, or move them away and begin anew"
            )
        return None

    def restore(self, number: int, place: Place | None, restore: Callable[[bytes], None]) -> bool:
        """Whether the snapshot of that number and place could be gone on from, which it is now; later ones
        are of a time that comes again, and are gone.
        """
        for later in self._standing():
            if int(later.stem) > number:
                later.unlink()
        try:
            found = _read(self.folder / f"{number:012}{_SUFFIX}")
            if found.place != place:
                return False
            restore(found.state)
        except InputError as error:
            _log.warning("%s; it begins anew", error)
            return False
        return True

    def keep(self, found: Snapshot) -> None:
        """The snapshot stands on disk. Errors: OSError, as on a full disk; older ones still stand."""
        path = self.folder / f"{found.number:012}{_SUFFIX}"
        partial = path.with_name(f".{path.name}")
        head = {
            "form": FORM, "number": found.number, "place": dict(found.place), "bytes": len(found.state),
            "sha256": hashlib.sha256(found.state).hexdigest(),
        }  # fmt: skip
        try:
            with partial.open("wb", buffering=0) as out:
                os.fchmod(out.fileno(), 0o600)
                _write(out.fileno(), json.dumps(head).encode() + b"\n")
                _write(out.fileno(), found.state)
                os.fsync(out.fileno())
            partial.replace(path)
            sync(self.folder)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            error.filename = error.filename or str(path)  # whoever is told of a full disk asks which
            raise
        for old in self._standing()[:-KEPT]:
            old.unlink()

    def places(self) -> Iterator[Place]:
        """How far the source was read in each snapshot whose head can be read, the oldest first."""
        for path in self._standing():
            with suppress(InputError, OSError), path.open("rb") as file:
                yield _head(path, file.read(_MOST_HEAD)).found.place

    def _standing(self) -> list[Path]:
        """The oldest first; a copy that somebody made under another name is none of them."""
        return sorted(path for path in self.folder.glob(f"*{_SUFFIX}") if path.stem.isdecimal())


def _read(path: Path) -> Snapshot:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the snapshot cannot be read: {error.strerror}") from error
    found, length, digest, begin = _head(path, raw)
    state = raw[begin:]
    if len(state) != length:
        raise InputError(f"{path}: the snapshot has {len(state):,} bytes of state, expected {length:,}")
    if hashlib.sha256(state).hexdigest() != digest:
        raise InputError(f"{path}: the snapshot is damaged: its SHA-256 is not the one written with it")
    return found._replace(state=state)


class _Head(NamedTuple):
    found: Snapshot
    length: int
    digest: str
    begin: int


def _head(path: Path, raw: bytes) -> _Head:
    line, end, _rest = raw[:_MOST_HEAD].partition(b"\n")
    try:
        head = json.loads(line) if end else {}
        if head.get("form") != FORM:
            raise InputError(f"{path}: found form {head.get('form')!r} of a snapshot, expected {FORM}")
        place = {str(name): int(at) for name, at in head["place"].items()}
        found = Snapshot(int(head["number"]), place, b"")
        return _Head(found, int(head["bytes"]), str(head["sha256"]), len(line) + 1)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: no snapshot: its first line cannot be read ({error})") from error


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
