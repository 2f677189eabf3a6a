"""Who holds which number and account, and what is listed: the slow-changing facts detectors may ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ACCOUNTS, SUBSCRIBERS, WATCHLIST, WatchlistEntry

_EPOCH = dt.date(1970, 1, 1)


class Line(NamedTuple):
    """A number of the city: holder, first and last day of use as days since 1970, and whether resold."""

    person_id: str
    activated_day: int
    last_active_day: int | None
    virtual_operator: bool


class Holding(NamedTuple):
    """An account: holder where known, kind, day of opening as days since 1970, balance in fen."""

    person_id: str | None
    kind: str
    opened_day: int | None
    balance_fen: int | None


class Reference:
    """Numbers, accounts and the watchlist, for look-up.

    Age, sex, origin and the floating population are left out on purpose: they are never features.
    """

    def __init__(
        self,
        lines: dict[str, Line],
        holdings: dict[str, Holding],
        listed: Iterable[WatchlistEntry] = (),
        subscribers: int | None = None,
    ) -> None:
        """`subscribers`: how many the city has, where that is more than `lines`."""
        self.lines = lines
        self.subscribers = len(lines) if subscribers is None else subscribers
        self.holdings = holdings
        self.watchlist = Watchlist(listed)
        self._numbers: dict[str, tuple[str, ...]] = {}
        for msisdn, line in lines.items():
            self._numbers[line.person_id] = (*self._numbers.get(line.person_id, ()), msisdn)

    @classmethod
    def of(cls, directory: FlowDirectory) -> Reference:
        """The reference tables of a flow directory."""
        subscribers = directory.reference(SUBSCRIBERS)
        lines = {
            msisdn: Line(person, _day(activated) or 0, _day(last), virtual)
            for msisdn, person, activated, last, virtual in zip(
                *(
                    subscribers.column(c).to_pylist()
                    for c in ("msisdn", "person_id", "activated_on", "last_active_on", "virtual_operator")
                ),
                strict=True,
            )
        }
        accounts = directory.reference(ACCOUNTS)
        holdings = {
            account: Holding(person, kind, _day(opened), balance)
            for account, person, kind, opened, balance in zip(
                *(
                    accounts.column(c).to_pylist()
                    for c in ("account", "person_id", "kind", "opened_on", "balance_fen")
                ),
                strict=True,
            )
        }
        return cls(lines, holdings, WATCHLIST.to_rows(directory.reference(WATCHLIST)))

    def number_of(self, person_id: str) -> str:
        """A number to reach the person at; empty if none is known."""
        return next(iter(self.numbers_of(person_id)), "")

    def numbers_of(self, person_id: str) -> tuple[str, ...]:
        """The person's numbers."""
        return self._numbers.get(person_id, ())


class Watchlist:
    """What is listed, asked for as of a moment; a listed host covers the hosts below it."""

    def __init__(self, entries: Iterable[WatchlistEntry] = ()) -> None:
        self._entries: dict[tuple[str, str], list[WatchlistEntry]] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: WatchlistEntry) -> None:
        """From now on the entry is asked for too."""
        key = (entry.entity_kind, _plain(entry.entity_kind, entry.entity))
        self._entries.setdefault(key, []).append(entry)

    def remove(self, entry: WatchlistEntry) -> None:
        """The entity's entries of the same source are no longer asked for; those of other sources stay."""
        key = (entry.entity_kind, _plain(entry.entity_kind, entry.entity))
        kept = [other for other in self._entries.pop(key, ()) if other.source != entry.source]
        if kept:
            self._entries[key] = kept

    def entities(self) -> Iterable[tuple[str, str]]:
        """Kind and name of all that was ever listed."""
        return self._entries

    def find(self, kind: str, entity: str, at: int) -> WatchlistEntry | None:
        """The entry in force at `at` (UTC microseconds) for the entity, or for a parent domain of a host."""
        if not self._entries:
            return None
        if kind != "host":  # nearly always nothing, and asked several times a row
            return _in_force(self._entries.get((kind, entity.strip()), ()), at)
        for name in self.names(kind, entity):
            entry = _in_force(self._entries.get((kind, name), ()), at)
            if entry is not None:
                return entry
        return None

    def ever(self, kind: str, entity: str) -> bool:
        """Whether the entity is or was or will be listed; what a screen asks."""
        return bool(self._entries) and any((kind, name) in self._entries for name in self.names(kind, entity))

    @staticmethod
    def names(kind: str, entity: str) -> Iterable[str]:
        """The entity itself and, for a host, its parent domains.

        >>> list(Watchlist.names("host", "a.b.cn"))
        ['a.b.cn', 'b.cn']
        """
        name = _plain(kind, entity)
        yield name
        if kind == "host":
            while name.count(".") > 1:
                name = name.partition(".")[2]
                yield name


def _in_force(entries: Iterable[WatchlistEntry], at: int) -> WatchlistEntry | None:
    for entry in entries:
        if entry.since <= at and (entry.until is None or at < entry.until):
            return entry
    return None


def _plain(kind: str, entity: str) -> str:
    return entity.strip().rstrip(".").lower() if kind == "host" else entity.strip()


def _day(day: dt.date | None) -> int | None:
    return None if day is None else (day - _EPOCH).days
