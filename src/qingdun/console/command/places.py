"""What lies above the places of paths."""

from __future__ import annotations

from collections.abc import Iterable


def with_above(paths: Iterable[str]) -> set[str]:
    """The paths, and those of every place above them.

    >>> sorted(with_above(["441800/441881/"]))
    ['441800/', '441800/441881/']
    """
    found = set()
    for path in paths:
        codes = path.rstrip("/").split("/")
        found |= {"/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)}
    return found
