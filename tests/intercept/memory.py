"""Lists in memory: a source that needs no console."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from qingdun.contract.lists import (
    Decision,
    FeedLine,
    FeedSnapshot,
    HeldText,
    ListedEntry,
    PlaneState,
    Sightings,
)
from qingdun.errors import Unreachable

YEAR_US = 366 * 86_400 * 1_000_000


class MemoryLists:
    """Holds entries and their changes; `away` is as if whoever has the lists did not answer."""

    def __init__(self, entries: Iterable[ListedEntry] = ()) -> None:
        self.entries = {one.entry_id: one for one in entries}
        self.lines: list[FeedLine] = []
        self.told: dict[tuple[str, int, int], Sightings] = {}
        self.planes: dict[str, PlaneState] = {}
        self.texts: dict[int, HeldText] = {}
        self.decisions: list[Decision] = []
        self.away = False

    def put(self, entry: ListedEntry, what: str = "listed") -> None:
        """The entry is in force as it is here."""
        self.entries[entry.entry_id] = entry
        self._say(what, entry)

    def reverse(self, entry_id: int, why: str = "核实为误报") -> None:
        """The entry is off its list."""
        self._say("unlisted", self.entries.pop(entry_id), "analyst", why)

    def snapshot(self) -> FeedSnapshot:
        """As a source does."""
        self._reach()
        return FeedSnapshot(self.lines[-1].serial if self.lines else 0, list(self.entries.values()))

    def since(self, serial: int, most: int) -> Sequence[FeedLine]:
        """As a source does."""
        self._reach()
        first = self.lines[0].serial if self.lines else 0
        begin = max(serial + 1 - first, 0)
        return self.lines[begin : begin + most]

    def report(self, plane: str, found: Sequence[Sightings]) -> None:
        """As a source does."""
        self._reach()
        self.told |= {(plane, one.entry_id, one.hour_at): one for one in found}

    def state(self, found: PlaneState) -> None:
        """As a source does."""
        self._reach()
        self.planes[found.plane] = found

    def held(self, plane: str, found: Sequence[HeldText]) -> None:
        """As whoever reviews does."""
        self._reach()
        self.texts |= {one.text_id: one for one in found}
        heard = {key for one in found for key, _was_possible in one.heard}
        self.decisions = [one for one in self.decisions if one.key not in heard]

    def decided(self, quarantine: str) -> Sequence[Decision]:
        """As whoever reviews does."""
        self._reach()
        return self.decisions

    def _say(self, what: str, entry: ListedEntry, by: str = "", why: str = "") -> None:
        serial = self.lines[-1].serial + 1 if self.lines else 1
        self.lines.append(FeedLine(serial, what, time.time_ns() // 1000, entry, by, why))

    def _reach(self) -> None:
        if self.away:
            raise Unreachable("the lists are away")


def listed(
    entry_id: int,
    entity: str,
    *,
    enforced: bool = True,
    kind: str = "host",
    list_name: str = "black",
    since: int | None = None,
    until: int | None = None,
) -> ListedEntry:
    """An entry as an analyst would have approved it: for a year from now, if nothing else is said."""
    at = time.time_ns() // 1000 if since is None else since
    end = at + YEAR_US if until is None else until
    return ListedEntry(
        entry_id, list_name, kind, entity, "仿冒银行", "phishing", ("visit.lookalike_host",), "analyst",
        ("analyst", "colleague"), at, at, end, at if enforced else None,
    )  # fmt: skip
