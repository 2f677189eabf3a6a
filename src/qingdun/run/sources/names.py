"""By what files that have landed are known again: their flow, and their name with the checksum of them."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_LONGEST = 190
"""Octets of a provider's name that are kept: flow, checksum and suffix stand beside it in 255."""


def name_of(path: Path) -> str:
    """The file's name with its checksum: another content under the same name is another file.

    Errors: OSError.
    """
    return f"{plain(path)}~{checksum(path)}{path.suffix}"


def checksum(path: Path) -> str:
    """By what another content is told apart. Errors: OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def plain(path: Path) -> str:
    """The file's name without its suffix, as a line of text: providers write names in any encoding.

    >>> plain(Path("calls\\n7.parquet"))
    'calls_7'
    """
    name = os.fsencode(path.stem).decode("utf-8", "replace")
    line = "".join(letter if letter.isprintable() else "_" for letter in name)
    return line.encode()[:_LONGEST].decode("utf-8", "ignore")


def known(taken: Path) -> set[tuple[str, str]]:
    """Flow and name of every file that was taken there, kept or forgotten."""
    found = set(kept(taken))
    names = taken / "names"
    if names.exists():
        for line in names.read_text("utf-8", "replace").splitlines():
            flow, _, name = line.partition("/")
            found.add((flow, name))
    return found


def kept(taken: Path, flow: str = "*", begin: str = "") -> Iterator[tuple[str, str]]:
    """Flow and name of the files that are kept there, of one flow, with names that begin so. A group that
    somebody else forgets meanwhile is no fault here, as it would be to pathlib."""
    pattern = f"*/{flow}/{glob.escape(begin)}*"
    for found in glob.glob(pattern, root_dir=taken, include_hidden=True):
        path = Path(found)
        yield path.parent.name, path.name


def keep(taken: Path, names: Iterable[tuple[str, str]]) -> None:
    """The names stay known, each on a line of its own, even after one that a full disk has cut.

    Errors: OSError.
    """
    with (taken / "names").open("ab+") as out:
        out.seek(max(0, out.seek(0, os.SEEK_END) - 1))
        begin = "\n" if out.read() not in (b"", b"\n") else ""
        out.write((begin + "".join(f"{flow}/{name}\n" for flow, name in names)).encode())
        out.flush()
        os.fsync(out.fileno())
