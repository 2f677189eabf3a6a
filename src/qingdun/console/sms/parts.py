"""How a text is cut for the air: UCS-2, 70 units alone, 67 among several (3GPP TS 23.040 §9.2.3.24)."""

from __future__ import annotations

SINGLE_UNITS = 70
"""UTF-16 units that fit in a message of one part: 140 octets."""
JOINED_UNITS = 67
"""Units that fit beside the six octets of a concatenation header."""
MOST_PARTS = 8
"""More parts than this is a letter, not a warning."""


def split(text: str) -> tuple[str, ...]:
    """The text in parts that the phone joins again to exactly this text; no character is cut in two.

    A character beyond the basic plane takes two units, which stay in one part.

    >>> [len(part) for part in split("警" * 71)]
    [67, 4]
    >>> split("警" * 66 + "🚨" + "。" * 9)[0] == "警" * 66
    True
    """
    if _units(text) <= SINGLE_UNITS:
        return (text,)
    parts: list[str] = []
    start = used = 0
    for index, letter in enumerate(text):
        size = _units(letter)
        if used + size > JOINED_UNITS:
            parts.append(text[start:index])
            start, used = index, 0
        used += size
    return (*parts, text[start:])


def octets(part: str) -> bytes:
    """The part as UCS-2 in network order, pairs of units for what lies beyond the basic plane."""
    return part.encode("utf-16-be")


def _units(text: str) -> int:
    return len(text.encode("utf-16-be")) // 2
