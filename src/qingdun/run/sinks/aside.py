"""What is larger than the brokers take, whole in a folder that the engine's user alone reads.

What it is about stands in its value and nowhere else: names, reasons and logs say the id of an alert, or the
kind of a suspect or member and a digest of its key. After `KEPT_DAYS` it is deleted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from qingdun.contract.storage import write_octets

KEPT_DAYS: Final = 30
"""So long somebody may still send it."""

_log = logging.getLogger("qingdun.run")


class Aside:
    """The folder, and how many messages this process has put there."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """What was put there too long ago is gone; `clock` tells seconds since 1970, UTC."""
        self.folder, self.count, self._clock = folder, 0, clock
        self.prune()

    def put(self, name: str, what: str, key: str, value: bytes, expected: str) -> None:
        """A message stands there whole, beside its reason; `name` is its file's, `what` what it is called,
        neither of them its key. Errors: OSError that names no key either."""
        size = len(value) + len(key.encode())
        why = f"{what}: found {size:,} octets for Kafka, expected {expected}"
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self.folder.chmod(0o700)  # as it must be also where somebody else made it
            write_octets(f"{why}\n".encode(), self.folder / f"{name}.why")
            if value:  # a tombstone has none, and takes no place of what it stands for
                write_octets(value, self.folder / f"{name}.json")
        except OSError as error:
            raise OSError(f"{why}; it cannot be kept in {self.folder}: {error.strerror}") from error
        _log.error("%s; it is kept in %s for %d days, and the rest goes on", why, self.folder, KEPT_DAYS)
        self.count += 1
        self.prune()

    def prune(self) -> None:
        """What was put there more than `KEPT_DAYS` ago is gone, but for what cannot be deleted."""
        oldest = self._clock() - KEPT_DAYS * 86_400
        for path in [*self.folder.glob("*.json"), *self.folder.glob("*.why")]:
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def name_of(topic: str, key: str) -> str:
    """What a suspect or member is called where its key must not stand.

    >>> name_of("suspects", "number +8613800138000")
    'suspects-125d8db708990442c20fbdf74a1ef34c'
    """
    return f"{topic}-{sha256(key.encode()).hexdigest()[:32]}"
