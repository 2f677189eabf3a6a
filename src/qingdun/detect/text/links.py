"""Links however they are written: with spaces, other signs or words for the dot, o as 0.

What is read here was folded by the tables of `fold` before.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.text import fold

_DROPPED, _WORD, _LATIN, _DIGIT = fold.DROPPED, fold.WORD, fold.LATIN, fold.DIGIT
_SPACE, _JOINER, _STAR, _SPELT = fold.SPACE, fold.JOINER, fold.STAR, fold.SPELT
_SIZE: Final = fold.SIZE

Codes = npt.NDArray[np.int32]


@njit(cache=True, nogil=True)
def kind_of(code: int, kinds: Any) -> int:
    """The kind of a folded code point, with a digit as a word taken for a word."""
    if code >= _SIZE:
        return _WORD
    kind = kinds[code]
    return _WORD if kind == _SPELT else kind


@njit(cache=True, nogil=True)
def link_at(text: Codes, start: int, n: int, kinds: Any, top_level: Any, sure: Any) -> tuple[int, bool]:
    """Where the run of characters that may be a link ends, and whether it is one."""
    i, in_host, dots, label, tld, digits_only, is_link = start, True, 0, 0, 0, True, False
    names, ended = top_level, 0
    while i < n:
        code = text[i]
        kind = kind_of(code, kinds)
        if kind == _SPACE:
            j = i
            while j < n and kind_of(text[j], kinds) == _SPACE:
                j += 1
            if j < n and (text[i - 1] == 46 or text[j] == 46) and not is_link and in_host:
                if text[i - 1] == 46 and kind_of(text[i - 2], kinds) != _SPACE:
                    names = sure  # or one sentence ends and another begins
                i = j
                continue
            break
        if kind in (_LATIN, _DIGIT):
            if in_host:
                label += 1
                digits_only = digits_only and kind == _DIGIT
                letter = code - 96 if kind == _LATIN else 15 if code == 48 else -1 << 20  # 0 for o: c0m
                tld = tld * 32 + letter if label < 12 else -1 << 40
        elif kind == _STAR and in_host and text[start] == 104 and i < start + 4:  # h**p://
            label += 1
        elif kind != _JOINER:
            width = _other_dot(text, i, n, kinds, sure) if in_host and label else 0
            if not width:
                break
            dots, label, tld, i = dots + 1, 0, 0, i + width - 1
        elif in_host:
            if code == 46 or code == 64:  # . @
                if label and not (i + 1 < n and kind_of(text[i + 1], kinds) in (_LATIN, _DIGIT)):
                    ended = i if _is_host(dots, label, tld, digits_only, names) else ended
                dots += label > 0
                label, tld = 0, 0
            elif code == 58 and i + 2 < n and text[i + 1] == 47 and text[i + 2] == 47:  # ://
                is_link, i = True, i + 2
            elif code != 45 and code != 95:  # not - _ : the host ends
                is_link = is_link or _is_host(dots, label, tld, digits_only, names)
                in_host = False
        i += 1
    if in_host and not is_link:
        is_link = _is_host(dots, label, tld, digits_only, names)
    if ended and not is_link:  # the full stop behind it is the sentence's
        return ended, True
    return i, is_link


@njit(cache=True, nogil=True)
def _other_dot(text: Codes, at: int, n: int, kinds: Any, sure: Any) -> int:
    """How many characters at `at` (。 or 【.】) stand for the dot before a sure domain; else 0."""
    width = 0
    if text[at] == 0x3002:  # 。
        width = 1
    elif at + 2 < n and text[at + 1] == 46 and kind_of(text[at + 2], kinds) == _DROPPED:
        width = 3
    i, letters, tld = at + width, 0, 0
    while width and i < n and kind_of(text[i], kinds) == _LATIN and letters < 12:
        tld, letters, i = tld * 32 + text[i] - 96, letters + 1, i + 1
    return width if letters and _is_host(1, letters, tld, False, sure) else 0


@njit(cache=True, nogil=True)
def _is_host(dots: int, label: int, tld: int, digits_only: bool, names: Any) -> bool:
    if dots == 0 or label == 0:
        return False
    if digits_only:
        return dots == 3
    at = int(np.searchsorted(names, tld))
    return bool(at < len(names) and names[at] == tld)


@njit(cache=True, nogil=True)
def ends_link(text: Codes, i: int, n: int, kinds: Any, top_level: Any) -> bool:
    """Whether nothing but a top-level domain of `top_level` stands at `i`."""
    packed, letters = 0, 0
    while i < n and kind_of(text[i], kinds) == _LATIN and letters < 12:
        packed, letters, i = packed * 32 + text[i] - 96, letters + 1, i + 1
    return letters > 0 and _is_host(1, letters, packed, False, top_level)


@njit(cache=True, nogil=True)
def is_bracket(code: int) -> bool:
    """Whether it is one of ( ) [ ] { }."""
    return code in (40, 41, 91, 93, 123, 125)


@njit(cache=True, nogil=True)
def bracketed_dot(text: Codes, at: int, n: int) -> int:
    """Where the text goes on after (.), (dot) or (点), whatever the brackets, at `at`; else 0."""
    if at + 2 < n and text[at + 1] in (46, 0x70B9) and is_bracket(text[at + 2]):  # . 点
        return at + 3
    spelt = at + 4 < n and text[at + 1] == 100 and text[at + 2] in (111, 48) and text[at + 3] == 116
    return at + 5 if spelt and is_bracket(text[at + 4]) else 0


@njit(cache=True, nogil=True)
def spelt_dot(text: Codes, at: int, n: int, kinds: Any) -> int:
    """Where the text goes on after a `dot` that stands alone at `at`, before a letter; else 0."""
    if at + 4 >= n or text[at] != 100 or text[at + 1] != 111 or text[at + 2] != 116:
        return 0
    j = at + 3
    while j < n and kind_of(text[j], kinds) == _SPACE:
        j += 1
    return j if at + 3 < j < n and kind_of(text[j], kinds) == _LATIN else 0
