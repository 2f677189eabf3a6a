"""One process at a time works on a folder; the lock ends with whoever holds it, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingdun.errors import InputError


@contextmanager
def alone(folder: Path, name: str = "") -> Iterator[None]:
    """No other process that asks works on the folder, or on what has that name in it, meanwhile.

    Errors: InputError if one does.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected one to work on")
    with (folder / f".{name}.lock" if name else folder / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            what = f"{name} in {folder}" if name else f"{folder}"
            raise InputError(f"{what}: another process works on it; expected to be alone") from error
        yield
