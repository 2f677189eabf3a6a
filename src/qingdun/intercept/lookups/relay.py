"""Passes on what the lists change to the processes that answer: a plane of the feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from qingdun.contract.lists import ListedEntry
from qingdun.intercept.lookups.channel import Changes

MOST_PASSED: Final = 20_000
"""Entries that a transaction may change and be passed on; for more the processes are begun anew."""


AT_ONCE: Final = 25
"""Entries that are told, and change, before questions have their turn again."""


def pieces(changes: Changes) -> Iterator[Changes]:
    """The changes, so many at once. What has come is there before what is gone goes: an entry that is only
    changed never misses.
    """
    stay = {(one.entry_id, one.entity) for one in changes.come}
    gone = [one for one in changes.gone if (one.entry_id, one.entity) not in stay]
    for cut in range(0, len(changes.come), AT_ONCE):
        yield Changes([], changes.come[cut : cut + AT_ONCE])
    for cut in range(0, len(gone), AT_ONCE):
        yield Changes(gone[cut : cut + AT_ONCE], [])


class Relay:
    """Keeps what a transaction changes, and gives it away once it stands on disk."""

    def __init__(self, give: Callable[[Changes | None], None]) -> None:
        """`give`: called in the thread that writes; None: too much has changed to be passed on."""
        self._give = give
        self._gone: list[ListedEntry] = []
        self._come: list[ListedEntry] = []
        self._many = False

    def begin(self, db: sqlite3.Connection) -> None:
        """A transaction begins; of one that failed nothing is left."""
        self._gone, self._come, self._many = [], [], False

    def take(
        self, db: sqlite3.Connection, gone: Sequence[ListedEntry], come: Sequence[ListedEntry], now: int
    ) -> None:
        """What is told, until the transaction is kept."""
        self._gone += gone
        self._come += come
        if len(self._gone) + len(self._come) > MOST_PASSED:
            self._gone, self._come, self._many = [], [], True

    def end(self, db: sqlite3.Connection) -> bool:
        """Whether anything was told."""
        return self._many or bool(self._gone or self._come)

    def kept(self) -> None:
        """The transaction stands on disk."""
        if self._many:
            self._give(None)
        elif self._gone or self._come:
            self._give(Changes(self._gone, self._come))
        self._gone, self._come, self._many = [], [], False
