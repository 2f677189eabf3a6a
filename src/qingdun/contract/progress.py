"""How far a long work is, told in one form everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Share = Callable[[float], None]
"""Is told the share that is done, 0 to 1."""


class Told(Protocol):
    """Is told the share that is done, 0 to 1, and what is being done."""

    def __call__(self, share: float, words: str = "") -> None:
        """So far it is."""


def unheard(share: float, words: str = "") -> None:
    """Nobody listens."""


class Steps:
    """A work of at most so many steps of about one length; whoever is `told` hears each of them begin.

    >>> steps = Steps(2, lambda share, words="": print(share, words))
    >>> steps.begin("reading"); steps.within(0.5); steps.begin("counting")
    0.0 reading
    0.25 reading
    0.5 counting
    """

    def __init__(self, most: int, told: Told) -> None:
        self._most, self._told = most, told
        self._begun, self._words = 0, ""

    def begin(self, words: str) -> None:
        """The step before is done, and the next one, `words`, begins."""
        self._words = words
        self.within(1.0 if self._begun else 0.0)
        self._begun += 1

    def within(self, share: float) -> None:
        """Of the step that has begun this share is done."""
        before = max(0, self._begun - 1)
        self._told(min(1.0, (before + share) / self._most), self._words)
