"""What is answered to whoever asks about a number, a host, a sender or a text: what to do, under which entry,
and how old the knowledge is. No reason, no evidence, no name of whoever listed it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from qingdun.contract.columns import moment
from qingdun.intercept.known import Rule

Find = Callable[[str, str], Rule | None]
"""Kind and entity to the rule there is of them."""
HEARD_EVERY_S: Final = 1.0
_PASS: Final = b'{"verdict":"pass","entry":null,"scam_type":null,"since":null,"until":null,"age_s":'


class Knowledge(NamedTuple):
    """Of when what is known is. Moments are UTC microseconds."""

    serial: int | None = None
    heard_at: int | None = None
    """When the lists last answered."""
    entries: int = 0


class Tally:
    """What one thread met, for another to take away: nobody waits for anybody."""

    __slots__ = ("_before", "met", "passed")

    def __init__(self) -> None:
        self.met: dict[Rule, int] = {}
        self.passed = 0
        self._before: dict[Rule, int] = {}

    def count(self, rule: Rule | None) -> None:
        """It was met; None: what is not listed was."""
        if rule is None:
            self.passed += 1
        else:
            met = self.met
            met[rule] = met.get(rule, 0) + 1

    def taken(self) -> dict[Rule, int]:
        """What was met up to the last time this was asked: whoever was at it just then has ended since.

        >>> tally, rule = Tally(), Rule(1, True, "phishing", 0, None)
        >>> tally.count(rule)
        >>> [sum(tally.taken().values()) for _ in range(3)]
        [0, 1, 0]
        """
        before, self._before, self.met = self._before, self.met, {}
        return before


class Answers:
    """Answers from memory, and counts what was met."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.knowledge = Knowledge()
        self.told(self.knowledge, 0)
        self.tally = Tally()
        """Of the loop's thread."""

    @property
    def age_s(self) -> int | None:
        """How many seconds ago the lists last answered; None: never."""
        return None if self._age == b"null}" else int(self._age[:-1])

    def told(self, knowledge: Knowledge, now: int) -> None:
        """From now on answers say how old this is; to be called every second."""
        self.knowledge = knowledge
        heard = knowledge.heard_at
        self._age = b"null}" if heard is None else b"%d}" % (max(now - heard, 0) // 1_000_000)
        self._passes = _PASS + self._age

    def rule(self, kind: str, entity: str) -> Rule | None:
        """The rule there is of the entity, which is counted as met."""
        found = self.find(kind, entity)
        self.tally.count(found)
        return found

    def json(self, kind: str, entity: str, tally: Tally | None = None) -> bytes:
        """The answer as an object of JSON; `tally`: that of another thread, if one asks."""
        found = self.find(kind, entity)
        (tally or self.tally).count(found)
        return self._passes if found is None else _head(found) + self._age


def entry(rule: Rule) -> str:
    """Under which number to ask or appeal."""
    return f"QD-{rule.entry_id}"


def verdict(rule: Rule) -> str:
    """What to do: `block`, or let pass and `observe`."""
    return "block" if rule.enforced else "observe"


@lru_cache(1 << 16)
def _head(rule: Rule) -> bytes:
    until = "null" if rule.until is None else f'"{_written(rule.until)}"'
    return (
        f'{{"verdict":"{verdict(rule)}","entry":"{entry(rule)}","scam_type":"{rule.scam_type}",'
        f'"since":"{_written(rule.since)}","until":{until},"age_s":'
    ).encode()


def _written(at: int) -> str:
    return f"{moment(at):%Y-%m-%dT%H:%M:%SZ}"
