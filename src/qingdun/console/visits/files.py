"""The folder of photos: outside of everything that is served, each file under a name nobody can guess."""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

GRACE = dt.timedelta(days=7)
"""How old a file without a row must be to be swept. A row comes after its file; and a database brought back
from a copy must not cost the photos that came after the copy before anybody has noticed.
"""
_OWNER = ".ledger"
"""Names the database whose photos lie here: another one finds no row for any of them and must not sweep."""
_log = logging.getLogger("qingdun.console")


def write(data: bytes, owner: str) -> str:
    """The data are in a new file that only the console's own user may read; its name. The folder is the
    database's that begins with the audit row `owner`, if it is nobody's yet.
    """
    folder: Path = settings.PHOTOS
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / _OWNER).exists():
        (folder / _OWNER).write_text(owner)
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


def strays(known: set[str], owner: str, now: dt.datetime) -> list[str]:
    """Names of files that no row names: what a process left that was killed between file and row. None in a
    folder that is not known to be the database's own.
    """
    folder: Path = settings.PHOTOS
    if not folder.exists():
        return []
    try:
        found = (folder / _OWNER).read_text()
    except FileNotFoundError:
        return []
    if found != owner:
        _log.error("photos in %s belong to another database than this one; none is swept", folder)
        return []
    old = (now - GRACE).timestamp()
    kept = known | {_OWNER}
    return [path.name for path in folder.iterdir() if path.name not in kept and path.stat().st_mtime < old]
