"""What is answered to whoever asks about a number, a host, a sender or a text: what to do, under which entry,
and how old the knowledge is. No reason, no evidence, no name of whoever listed it.
"""

from __future__ import annotations

from collections import defaultdict
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


class Answers:
    """Answers from memory, and counts what was met."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.knowledge = Knowledge()
        self._age = b"null}"
        self.met: defaultdict[Rule, int] = defaultdict(int)
        """What was met since somebody took this away."""
        self.passed = 0

    @property
    def age_s(self) -> int | None:
        """How many seconds ago the lists last answered; None: never."""
        return None if self._age == b"null}" else int(self._age[:-1])

    def told(self, knowledge: Knowledge, now: int) -> None:
        """From now on answers say how old this is; to be called every second."""
        self.knowledge = knowledge
        heard = knowledge.heard_at
        self._age = b"null}" if heard is None else b"%d}" % (max(now - heard, 0) // 1_000_000)

    def rule(self, kind: str, entity: str) -> Rule | None:
        """The rule there is of the entity, which is counted as met."""
        found = self.find(kind, entity)
        if found is None:
            self.passed += 1
        else:
            self.met[found] += 1
        return found

    def json(self, kind: str, entity: str) -> bytes:
        """The answer as an object of JSON."""
        found = self.rule(kind, entity)
        return (_PASS if found is None else _head(found)) + self._age


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
