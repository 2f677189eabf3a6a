"""Counts what a name server rewrote or would have, by the log it writes of it (BIND's category `rpz`,
Unbound's `rpz-log`). Where we are in the file and what was counted up to there are one transaction.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import IO

from qingdun.detect.sites.hosts import parents
from qingdun.intercept import counts
from qingdun.intercept.copy import Copy, fact, keep
from qingdun.intercept.sites.rules import packed
from qingdun.intercept.sites.zone import Zone, kind_of, shared

AT_ONCE = 1 << 20
"""Octets of the log that are read before they are counted."""
_BIND = re.compile(r"rpz QNAME \S+ rewrite \S+/A/IN via (\S+)")
"""Of the questions one visit asks (A, AAAA, HTTPS) the first alone is counted."""
_UNBOUND = re.compile(r"rpz: applied (?:\[\S*\] )?(\S+) rpz-(passthru|local-data) \S+ \S+ A IN")


_RULE = "SELECT entry_id FROM rules WHERE zone = ? AND name = ?"


class Log:
    """Reads on in the file, also when it was turned over for a new one."""

    def __init__(self, copy: Copy, path: Path, names: dict[int, str], parts: int = 1) -> None:
        """`names`: what the zones are called, with the final dot."""
        self._copy, self._path, self._parts = copy, path, parts
        self._zones = {f".{name.rstrip('.').lower()}": kind_of(zone) for zone, name in names.items()}
        self._file: IO[bytes] | None = None
        self._inode = 0

    def step(self, now: int) -> int:
        """What the file has more than before is counted; how many lines counted."""
        file = self._file or self._opened()
        if file is None:
            return 0
        text = file.read(AT_ONCE)
        whole = text[: text.rfind(b"\n") + 1]
        file.seek(len(whole) - len(text), os.SEEK_CUR)
        if not whole:
            if not text or len(text) < AT_ONCE:
                self._turn(file)
            return 0
        with self._copy.writing() as db:
            found = self._counted(db, whole.decode("utf-8", "replace"))
            counts.add(db, found, now)
            keep(db, "log_inode", self._inode)
            keep(db, "log_at", file.tell())
        return sum(found.values())

    def close(self) -> None:
        """The file is let go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _counted(self, db: sqlite3.Connection, text: str) -> Counter[tuple[int, bool]]:
        found: Counter[tuple[int, bool]] = Counter()
        for line in text.splitlines():
            rule = self._rule(line)
            if rule is None:
                continue
            kind, host = rule
            # BIND names what was asked for, Unbound the rule: the nearest rule at it or above it is the one.
            for name in parents(host):
                wire = packed(name)
                row = wire and db.execute(_RULE, (shared(kind, wire, self._parts), wire)).fetchone()
                if row:
                    found[row[0], kind == Zone.BLOCK] += 1
                    break
        return found

    def _rule(self, line: str) -> tuple[Zone, str] | None:
        """The zone that the line tells of, and the host of the rule or one below it."""
        if bind := _BIND.search(line):
            name = bind[1].lower().rstrip(".")
            for suffix, zone in self._zones.items():
                if name.endswith(suffix):
                    return zone, name.removesuffix(suffix).removeprefix("*.")
            return None
        if unbound := _UNBOUND.search(line):
            zone = Zone.OBSERVE if unbound[2] == "passthru" else Zone.BLOCK
            return zone, unbound[1].lower().rstrip(".").removeprefix("*.")
        return None

    def _opened(self) -> IO[bytes] | None:
        """The file, where it was left if it is the same one; None while it is not there."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return None
        about = os.fstat(file.fileno())
        with self._copy.reading() as db:
            same = fact(db, "log_inode") == about.st_ino
            at = fact(db, "log_at") or 0
        if same and at <= about.st_size:
            file.seek(at)
        self._file, self._inode = file, about.st_ino
        return file

    def _turn(self, file: IO[bytes]) -> None:
        """A file that is no longer the one of that name, or was cut, is read to its end and let go."""
        try:
            about = self._path.stat()
        except FileNotFoundError:
            return
        if about.st_ino != self._inode or about.st_size < file.tell():
            self.close()
            if about.st_ino == self._inode:
                with self._copy.writing() as db:
                    keep(db, "log_at", 0)
