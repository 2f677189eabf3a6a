"""The lists in memory, for whoever must answer at once: by kind and entity what a network blocks or observes.

It stands behind the copy: what a transaction brings counts here once the transaction stands on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from qingdun.contract.lists import ListedEntry
from qingdun.detect.sites.hosts import is_address, parents
from qingdun.intercept.copy import Copy, held
from qingdun.intercept.never import NeverBlock

KINDS = ("number", "sender", "host", "text")
"""What a network can meet."""


class Rule(NamedTuple):
    """An entry of the black list that holds, for whoever meets it. Moments are UTC microseconds."""

    entry_id: int
    enforced: bool
    """Whether it is blocked; otherwise it passes and is counted."""
    scam_type: str
    since: int
    until: int | None


class Known:
    """Entries that hold, found by kind and entity; what is never blocked is not among them. A plane of the
    feed: one thread writes, any may ask.
    """

    def __init__(self, copy: Copy, clock: Callable[[], int], kinds: Sequence[str] = KINDS) -> None:
        self._clock = clock
        self._rules: dict[str, dict[str, Rule]] = {kind: {} for kind in kinds}
        self._protected: dict[str, dict[str, Rule]] = {kind: {} for kind in kinds}
        self._own: dict[tuple[str, str], int] = {}
        self._never = NeverBlock()
        self._gone: list[ListedEntry] = []
        self._come: list[ListedEntry] = []
        with copy.reading() as db:
            self._own = {_entity(one): one.entry_id for one in held(db, "list_name = 'never_block'")}
            self._never = NeverBlock.of(self._own)
            self._put(held(db, "list_name = 'black' AND (until IS NULL OR until > ?)", (clock(),)))

    def find(self, kind: str, entity: str) -> Rule | None:
        """The rule that holds for the entity now; for a host the nearest at it or above it, one that blocks
        before one that observes.

        Errors: KeyError for a kind that is not kept.
        """
        rules = self._rules[kind]
        found = _of_host(rules, entity) if kind == "host" else rules.get(entity)
        if found is None or (found.until is not None and found.until <= self._clock()):
            return None
        return found

    def never(self, kind: str, entity: str) -> bool:
        """Whether the entity is never blocked, whatever is listed or suspected."""
        return bool(self._never.group(kind, entity))

    def size(self, kind: str) -> int:
        """How many entries of the kind are blocked or observed."""
        return len(self._rules[kind])

    def protected(self) -> int:
        """How many entries do not count because what they name is never blocked."""
        return sum(len(found) for found in self._protected.values())

    def begin(self, db: sqlite3.Connection) -> None:
        """A transaction begins; of one that failed nothing is left."""
        self._gone, self._come = [], []

    def take(
        self, db: sqlite3.Connection, gone: Sequence[ListedEntry], come: Sequence[ListedEntry], now: int
    ) -> None:
        """What is told, until the transaction is kept."""
        self._gone += gone
        self._come += come

    def end(self, db: sqlite3.Connection) -> bool:
        """Whether anything was told."""
        return bool(self._gone or self._come)

    def kept(self) -> None:
        """The transaction stands on disk: what it told counts from now on."""
        gone, come, self._gone, self._come = self._gone, self._come, [], []
        new = {_entity(one): one.entry_id for one in come if one.list_name == "never_block"}
        # As below: what was made again for the same entity may have come before the old one went.
        old = {_entity(one): one.entry_id for one in gone if one.list_name == "never_block"}
        own = {pair for pair, entry_id in old.items() if self._own.get(pair) == entry_id}
        if own or new:
            self._own = {pair: one for pair, one in self._own.items() if pair not in own} | new
            self._never = NeverBlock.of(self._own)
        # What only changes is replaced in one step: whoever asks meanwhile finds the old rule or the new one.
        stay = {(one.entry_id, _entity(one)) for one in come if one.list_name == "black"}
        self._drop(
            one for one in gone if one.list_name == "black" and (one.entry_id, _entity(one)) not in stay
        )
        self._put(one for one in come if one.list_name == "black")
        for kind, entity in own | new.keys():
            self._judge_again(kind, entity)

    def _put(self, entries: Iterable[ListedEntry]) -> None:
        for one in entries:
            if one.entity_kind in self._rules and not (one.entity_kind == "host" and is_address(one.entity)):
                rule = Rule(one.entry_id, one.enforced, one.scam_type, one.since, one.until)
                self._place(one.entity_kind, one.entity, rule)

    def _place(self, kind: str, entity: str, rule: Rule) -> None:
        into, other = self._rules[kind], self._protected[kind]
        if self._never.group(kind, entity):
            into, other = other, into
        other.pop(entity, None)
        into[entity] = rule

    def _drop(self, entries: Iterable[ListedEntry]) -> None:
        for one in entries:
            for side in (self._rules, self._protected):
                found = side.get(one.entity_kind, {})
                rule = found.get(one.entity)
                # An entry that was made again for the same entity may have come before the old one went.
                if rule is not None and rule.entry_id == one.entry_id:
                    del found[one.entity]

    def _judge_again(self, kind: str, entity: str) -> None:
        """Entries that a change of what is never blocked touches count, or do not, anew."""
        if kind not in self._rules:
            return
        for side in (self._rules[kind], self._protected[kind]):
            for name in list(_touched(side, kind, entity)):
                self._place(kind, name, side[name])


def _of_host(rules: dict[str, Rule], host: str) -> Rule | None:
    # Each is asked for once: the thread of the lists may take it away meanwhile.
    found = [rule for name in parents(host) if (rule := rules.get(name)) is not None]
    return next((rule for rule in found if rule.enforced), found[0] if found else None)


def _touched(rules: dict[str, Rule], kind: str, entity: str) -> Iterator[str]:
    if kind != "host":
        yield from (name for name in (entity,) if name in rules)
        return
    below = "." + entity
    above = set(parents(entity))
    yield from (name for name in rules if name in above or name.endswith(below))


def _entity(entry: ListedEntry) -> tuple[str, str]:
    return entry.entity_kind, entry.entity
