"""Somebody who is told how far a long work is."""

from __future__ import annotations


class Hearing:
    """What was told, in order."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.words: list[str] = []

    def __call__(self, share: float, words: str = "") -> None:
        """So far it is."""
        self.shares.append(share)
        self.words.append(words)

    def rises(self) -> bool:
        """Whether something was told, and never less than before nor more than all."""
        return bool(self.shares) and [0.0, *self.shares, 1.0] == sorted([0.0, *self.shares, 1.0])
