"""What the engine's process polls: changes of the black list, as the engine's watchlist takes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from qingdun.console.lists import changes
from qingdun.console.lists.codes import ListName, What
from qingdun.contract.codes import EntityKind
from qingdun.contract.lists import FeedLine, ListChange, ListedEntry
from qingdun.contract.tables import WatchlistEntry

_EVERY_S = 0.25
_SOURCE = "console"
_KNOWN = frozenset(kind.value for kind in EntityKind)
"""What the engine looks for; texts are for those who see them pass."""


class ListFeed:
    """Called between batches; asks the database at most every quarter of a second, for what came after the
    serial it has.

    The first call gives everything in force. `own_time`: flows carry the time of today, so that an entry
    holds from when it was listed; otherwise, in a replay of another day, from when the engine hears of it.
    """

    def __init__(
        self,
        own_time: bool = False,
        every_s: float = _EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own_time = own_time
        self._every_s = every_s
        self._clock = clock
        self._serial: int | None = None
        self._asked_at = 0.0
        self._held: dict[int, WatchlistEntry] = {}

    def __call__(self) -> Sequence[ListChange]:
        """What has changed since the last call, in order."""
        now = self._clock()
        if self._serial is not None and now - self._asked_at < self._every_s:
            return ()
        self._asked_at = now
        if self._serial is None:
            return list(self._begin())
        return list(self._go_on(self._serial))

    def _begin(self) -> Iterator[ListChange]:
        """Everything in force; what was held and no longer is comes off."""
        found = changes.snapshot(ListName.BLACK)
        gone, self._serial = self._held, found.serial
        self._held = {}
        for entry in found.entries:
            yield from self._put(entry, gone.pop(entry.entry_id, None))
        yield from (ListChange(False, entry) for entry in gone.values())

    def _go_on(self, serial: int) -> Iterator[ListChange]:
        # The change it has is asked for too: were it gone, this would be another database than it came from.
        lines = changes.since(max(serial - 1, 0))
        if serial and (not lines or lines[0].serial != serial):
            yield from self._begin()
            return
        while lines:
            for line in lines:
                if line.serial > serial:
                    yield from self._follow(line)
            serial = self._serial = lines[-1].serial
            lines = changes.since(serial) if len(lines) == changes.AT_ONCE else []

    def _follow(self, line: FeedLine) -> Iterator[ListChange]:
        if line.entry.list_name != ListName.BLACK:
            return
        before = self._held.pop(line.entry.entry_id, None)
        if line.what != What.UNLISTED:
            yield from self._put(line.entry, before)
        elif before is not None:
            yield ListChange(False, before)

    def _put(self, listed: ListedEntry, before: WatchlistEntry | None) -> Iterator[ListChange]:
        if listed.entity_kind not in _KNOWN:
            return
        entry = WatchlistEntry(
            listed.entity_kind,
            listed.entity,
            listed.reason,
            f"{_SOURCE}:{listed.entry_id}",
            listed.since if self._own_time else 0,
            # The clock that ends an entry is the console's; the engine hears of it as a change.
            None,
        )
        self._held[listed.entry_id] = entry
        if before is None:
            yield ListChange(True, entry)
        elif before != entry:
            yield ListChange(False, before)
            yield ListChange(True, entry)
