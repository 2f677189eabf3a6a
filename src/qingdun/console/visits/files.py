"""The folder of photos: outside of everything that is served, each file under a name nobody can guess."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

GRACE = dt.timedelta(hours=1)
"""How old a file without a row must be to be swept: a row comes after its file."""


def write(data: bytes) -> str:
    """The data are in a new file that only the console's own user may read; its name."""
    folder: Path = settings.PHOTOS
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{secrets.token_hex(16)}.jpg"
    partial = folder / f".{name}"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / name)
    return name


def read(name: str) -> bytes | None:
    """What the file holds; None if it is gone."""
    try:
        return (settings.PHOTOS / name).read_bytes()
    except FileNotFoundError:
        return None


def delete(names: Iterable[str]) -> None:
    """The files are gone."""
    for name in names:
        (settings.PHOTOS / name).unlink(missing_ok=True)


def strays(known: set[str], now: dt.datetime) -> list[str]:
    """Names of files that no row names: what a process left that was killed between file and row."""
    folder: Path = settings.PHOTOS
    if not folder.exists():
        return []
    old = (now - GRACE).timestamp()
    return [path.name for path in folder.iterdir() if path.name not in known and path.stat().st_mtime < old]
