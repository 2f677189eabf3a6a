"""What may stand for a dot in the name of a host, and how far each way of writing one is to be trusted."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ODD_DOTS: Final = "。丶点點·•‧∙⋅・ㆍ●"
"""What is read as a dot, and is no full stop of letters."""
_LONGEST: Final = 8
"""No sign is longer."""
ENOUGH: Final = _LONGEST + 1
"""So many characters before a run tell what they are."""

PICTURES: Final = re.compile(
    "[\u2600-\u2619\u2620-\u27a0\u27a2-\u27bf\U0001f300-\U0001f445\U0001f44a-\U0001f516\U0001f518-\U0001faff]+"
)
"""What shows something, but no hand or arrow that points at what follows, and no chain."""
_CLOSED = re.compile(f" {{0,2}}[\\[({{【〔「] ?(?:[.{ODD_DOTS}]|d[o0]t) ?[\\])}}】〕」] {{0,2}}")
_APART = re.compile(r" {1,2}(?:\.|d[o0]t) {1,2}")
_HALF_APART = re.compile(r" {1,2}\.|\. {1,2}")
_SCHEME = re.compile(r" {0,2}: ?/ ?/ {0,2}")


SCHEME, PATH, AT, NONE, WEAK, APART, ODD, CLOSED, DOT, NOTHING = range(-3, 7)
"""What stands between two runs of letters; of those that may be a dot, the greater the more it is to be
trusted: a full stop with a space on one side, with one on each or as a word, a sign that is none, one in
brackets, which nobody writes who does not mean a dot. NOTHING are pictures: what is beside them is one label.
"""

_PLAIN: Final = dict.fromkeys(ODD_DOTS, ODD) | {
    ".": DOT,
    "@": AT,
    "://": SCHEME,
    "/": PATH,
    " ": NONE,
    "": NONE,
}


@lru_cache(maxsize=1 << 12)
def sign_of(between: str) -> int:
    """What it is, in a text whose width and case are plain.

    >>> [sign_of(between) for between in ("。", " . ", ". ", "[.]", " dot ", ",", "🔥", "。”")] == [
    ...     ODD, APART, WEAK, CLOSED, APART, NONE, NOTHING, NONE]
    True
    """
    if between in _PLAIN:
        return _PLAIN[between]
    if between[-1] == "@":
        return AT
    if len(between) > _LONGEST:
        return NONE
    bare = PICTURES.sub("", between)
    if bare != between:
        dot = DOT if between[-1] == "." else ODD
        return NOTHING if not bare else dot if bare == "." else NONE
    for written, sign in (
        (_CLOSED, CLOSED), (_APART, APART), (_HALF_APART, WEAK), (_SCHEME, SCHEME),
    ):  # fmt: skip
        if written.fullmatch(between):
            return sign
    return NONE
