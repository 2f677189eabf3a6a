"""What the lists hold, as it is told to others; no viewer asks, because rules decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from qingdun.console.exchange.told import Met, Told
from qingdun.console.lists import unattended as lists


def head() -> int:
    """The latest serial of the lists' change feed."""
    return lists.head()


def changed(serial: int, most: int) -> list[tuple[int, int]]:
    """At most so many changes after that serial: serial and entry."""
    return lists.changed(serial, most)


def in_force(after: int, most: int) -> list[int]:
    """At most so many black entries in force, by their ids from that one on."""
    return lists.in_force(after, most)


def told(ids: Iterable[int]) -> Iterator[Told]:
    """The black entries among them that are or were in force."""
    for entry, changed_at, networked, held, taken, protected in lists.standing(ids):
        if entry.since is None or entry.until is None:
            continue
        yield Told(
            entry.pk, entry.entity_kind, entry.entity, entry.scam_type, entry.since, entry.until,
            entry.state == "active", entry.reversed_at, changed_at, entry.enforced_at is not None,
            networked, entry.second_by_id is not None, held, taken, protected,
        )  # fmt: skip


def to_look_at(ids: Iterable[int]) -> list[int]:
    """Those of the entries in force that a resident holds, or that are never blocked by now."""
    return lists.to_look_at(ids)


def met(ids: Iterable[int], since: dt.datetime) -> dict[int, Met]:
    """What networks met of the entries since then, by entry."""
    return {one.entry_id: Met(*one) for one in lists.met(ids, since)}


def open_entries(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The entry of the black list, in force or proposed, of each thing named by its kind that has one."""
    return {pair: entry.pk for pair, entry in lists.open_entries(named).items()}


def are_open(ids: Iterable[int]) -> set[int]:
    """Which of the entries are in force or wait to be."""
    return lists.are_open(ids)
