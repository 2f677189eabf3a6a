"""One spelling for every way of writing the same message.

Four steps over code points, all in one compiled pass a text: decode and fold (width, case, marks, invisible
and traditional characters); links, telephone numbers and other numbers become one character each, as do the
placeholders that published data sets use for them; punctuation goes; look-alike and split words are put
together again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from qingdun.detect.text import fold

URL: Final = ord(fold.URL)
PHONE: Final = ord(fold.PHONE)
NUMBER: Final = ord(fold.NUMBER)
_WORD, _LATIN, _DIGIT, _SPACE, _JOINER, _PLUS, _STAR = (
    fold.WORD,
    fold.LATIN,
    fold.DIGIT,
    fold.SPACE,
    fold.JOINER,
    fold.PLUS,
    fold.STAR,
)
_SIZE = fold.SIZE
_GROWTH: Final = 4
"""No byte of input becomes more than four code points in any step."""

_ROUNDS: Final = 16
"""Rewriting one phrase may complete another; every rewriting leaves fewer spellings to rewrite."""

Codes = npt.NDArray[np.int32]


def normalise(text: str) -> str:
    """The text in its plain spelling; never raises, and a second time changes nothing.

    >>> normalise("加 薇~信：ａbc１２３，详情ｗｗｗ． abc ．top")
    '加微信abc◇详情◎'
    """
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    work, out = workspace(len(data))
    length = normalise_into(data, 0, len(data), fold.tables(), work, out)
    return "".join(map(chr, out[:length].tolist()))


def workspace(longest: int) -> tuple[Codes, Codes]:
    """Two buffers that hold any text of up to `longest` bytes in every step."""
    size = _GROWTH * longest + 16
    return np.empty(size, np.int32), np.empty(size, np.int32)


@njit(cache=True, nogil=True)
def normalise_into(data: Any, start: int, end: int, tables: Any, work: Codes, out: Codes) -> int:
    """The number of code points written to `out`: the plain spelling of the UTF-8 bytes `data[start:end]`."""
    length = _fold(data, start, end, tables, work)
    length = _reduce(work, length, tables, out)
    for _ in range(_ROUNDS):
        tidied = _tidy(out, length, tables, work)
        same = tidied == length
        for i in range(tidied):
            same = same and out[i] == work[i]
            out[i] = work[i]
        length = tidied
        if same:
            break
    return length


@njit(cache=True, nogil=True)
def _fold(data: Any, start: int, end: int, tables: Any, out: Codes) -> int:
    at, n = start, 0
    while at < end:
        byte = data[at]
        if 65 <= byte <= 90:
            mark = _placeholder(data, at, end, tables.marks)
            if mark >= 0:
                at += tables.marks[mark, 0]
                column = 16
                while tables.marks[mark, column]:
                    out[n] = tables.marks[mark, column]
                    n, column = n + 1, column + 1
                continue
        code, step = np.int32(byte), 1
        if byte >= 0xF0 and at + 3 < end:
            code = np.int32(
                (byte & 7) << 18 | (data[at + 1] & 63) << 12 | (data[at + 2] & 63) << 6 | (data[at + 3] & 63)
            )
            step = 4
        elif 0xE0 <= byte < 0xF0 and at + 2 < end:
            code, step = np.int32((byte & 15) << 12 | (data[at + 1] & 63) << 6 | (data[at + 2] & 63)), 3
        elif 0xC0 <= byte < 0xE0 and at + 1 < end:
            code, step = np.int32((byte & 31) << 6 | (data[at + 1] & 63)), 2
        at += step
        folded = tables.fold[code] if code < _SIZE else code
        if folded >= 0:
            out[n] = folded
            n += 1
        else:
            row = -1 - folded
            column = 0
            while tables.expansions[row, column]:
                out[n] = tables.expansions[row, column]
                n, column = n + 1, column + 1
    return n


@njit(cache=True, nogil=True)
def _placeholder(data: Any, at: int, end: int, marks: Any) -> int:
    for row in range(len(marks)):
        length = marks[row, 0]
        if at + length <= end:
            same = True
            for i in range(length):
                same = same and data[at + i] == marks[row, 1 + i]
            if same:
                return row
    return -1


@njit(cache=True, nogil=True)
def _kind(code: int, tables: Any) -> int:
    return tables.kind[code] if code < _SIZE else _WORD


@njit(cache=True, nogil=True)
def _reduce(text: Codes, n: int, tables: Any, out: Codes) -> int:
    """Links and numbers become tokens, punctuation and space go."""
    i, m, checked = 0, 0, 0
    while i < n:
        kind = _kind(text[i], tables)
        if kind in (_LATIN, _DIGIT) and i >= checked:
            checked, is_link = _link(text, i, n, tables)
            if is_link:
                out[m] = URL
                i, m = checked, m + 1
                continue
        if kind == _DIGIT or (kind == _STAR and i + 1 < n and _kind(text[i + 1], tables) in (_DIGIT, _STAR)):
            i, token = _number(text, i, n, tables)
            out[m] = token
            m += 1
            continue
        short = _short_for_wechat(text, i, n, tables) if kind == _LATIN else 0
        if short:
            out[m], out[m + 1] = 0x5FAE, 0x4FE1  # 微信
            i, m = i + short, m + 2
            continue
        if kind in (_WORD, _LATIN):
            out[m] = text[i]
            m += 1
        elif kind == _PLUS and i + 1 < n and _means_add(text[i + 1]) and not (m and out[m - 1] == 0x52A0):
            out[m] = 0x52A0  # 加
            m += 1
        i += 1
    return m


@njit(cache=True, nogil=True)
def _means_add(code: int) -> bool:
    """Whether a plus before that character means 加, to add a contact."""
    return code in (118, 119, 113, 0x5FAE, 0x8587, 0x5FBD)  # v w q 微 薇 徽


@njit(cache=True, nogil=True)
def _short_for_wechat(text: Codes, at: int, n: int, tables: Any) -> int:
    """The length of `v:`, `vx` or `wx` standing alone at `at`, else 0."""
    if text[at] not in (118, 119) or (at > 0 and _kind(text[at - 1], tables) in (_LATIN, _DIGIT)):
        return 0
    length = 2 if at + 1 < n and text[at + 1] == 120 else 1
    ends = at + length >= n or _kind(text[at + length], tables) != _LATIN
    colon = length == 2 or (at + 1 < n and text[at] == 118 and text[at + 1] in (58, 0x2236))
    return length if ends and colon else 0


@njit(cache=True, nogil=True)
def _link(text: Codes, start: int, n: int, tables: Any) -> tuple[int, bool]:
    """Where the run of characters that may be a link ends, and whether it is one."""
    i, in_host, dots, label, tld, digits_only, is_link = start, True, 0, 0, 0, True, False
    while i < n:
        code = text[i]
        kind = _kind(code, tables)
        if kind == _SPACE:
            j = i
            while j < n and _kind(text[j], tables) == _SPACE:
                j += 1
            if j < n and (text[i - 1] == 46 or text[j] == 46) and not is_link and in_host:
                i = j
                continue
            break
        if kind in (_LATIN, _DIGIT):
            if in_host:
                label += 1
                digits_only = digits_only and kind == _DIGIT
                tld = tld * 32 + code - 96 if kind == _LATIN and label < 12 else -1 << 40
        elif kind != _JOINER:
            break
        elif in_host:
            if code == 46 or code == 64:  # . @
                dots += label > 0
                label, tld = 0, 0
            elif code == 58 and i + 2 < n and text[i + 1] == 47 and text[i + 2] == 47:  # ://
                is_link, i = True, i + 2
            elif code != 45 and code != 95:  # not - _ : the host ends
                is_link = is_link or _is_host(dots, label, tld, digits_only, tables)
                in_host = False
        i += 1
    if in_host and not is_link:
        is_link = _is_host(dots, label, tld, digits_only, tables)
    return i, is_link


@njit(cache=True, nogil=True)
def _is_host(dots: int, label: int, tld: int, digits_only: bool, tables: Any) -> bool:
    if dots == 0 or label == 0:
        return False
    if digits_only:
        return dots == 3
    at = int(np.searchsorted(tables.top_level, tld))
    return bool(at < len(tables.top_level) and tables.top_level[at] == tld)


@njit(cache=True, nogil=True)
def _number(text: Codes, start: int, n: int, tables: Any) -> tuple[int, int]:
    """Where a number ends, and whether it reads as a telephone number."""
    i, digits, exact = start, 0, True
    overseas = start > 0 and text[start - 1] == 43
    while i < n:
        kind = _kind(text[i], tables)
        if kind in (_DIGIT, _STAR):
            digits += 1
        else:
            joins = text[i] == 45 or text[i] == 46 or text[i] == 44 or text[i] == 32
            if not (joins and i + 1 < n and _kind(text[i + 1], tables) == _DIGIT):
                break
            exact = exact and text[i] != 46 and text[i] != 44
        i += 1
    first = text[start]
    money = i < n and text[i] in (0x5143, 0x4E07, 0x5206, 0x79EF)  # 元 万 分 积
    phone = exact and not money and (
        (digits == 11 and first == 49) or (10 <= digits <= 12 and first in (48, 52, 56))
        or (overseas and digits > 7) or (digits == 13 and first == 56) or (7 <= digits <= 8 and first != 50)
    )  # fmt: skip
    return i, PHONE if phone else NUMBER


@njit(cache=True, nogil=True)
def _tidy(text: Codes, n: int, tables: Any, out: Codes) -> int:
    """Look-alike phrases are rewritten, tokens that repeat become one, what hangs on a link goes with it."""
    i, m = 0, 0
    while i < n:
        code = text[i]
        kind = _kind(code, tables)
        before_latin = i > 0 and _kind(text[i - 1], tables) == _LATIN
        if kind == _LATIN and not before_latin:
            end, masked = i, True
            while end < n and _kind(text[end], tables) == _LATIN:
                masked = masked and text[end] == 120  # x
                end += 1
            if m and out[m - 1] == URL:
                i = end
                continue
            if masked and end - i > 1:
                if not (m and out[m - 1] == NUMBER):
                    out[m] = NUMBER
                    m += 1
                i = end
                continue
        if (
            code == 0x70B9
            and m
            and (before_latin or out[m - 1] == NUMBER)
            and _spelt_link(text, i + 1, n, tables)
        ):  # 点com
            while m and (out[m - 1] == NUMBER or _kind(out[m - 1], tables) == _LATIN):
                m -= 1
            code, i = URL, i + 1
            while i < n and _kind(text[i], tables) == _LATIN:
                i += 1
            i -= 1
        if code < _SIZE and tables.starts[code]:
            row = _phrase(text, i, n, before_latin, tables)
            if row >= 0:
                i += tables.phrases[row, 0]
                column = 8
                while tables.phrases[row, column]:
                    out[m] = tables.phrases[row, column]
                    m, column = m + 1, column + 1
                continue
        if not (m and code == out[m - 1] and code in (URL, PHONE, NUMBER)):
            out[m] = code
            m += 1
        i += 1
    return m


@njit(cache=True, nogil=True)
def _spelt_link(text: Codes, i: int, n: int, tables: Any) -> bool:
    packed, letters = 0, 0
    while i < n and _kind(text[i], tables) == _LATIN and letters < 12:
        packed, letters, i = packed * 32 + text[i] - 96, letters + 1, i + 1
    return letters > 0 and _is_host(1, letters, packed, False, tables)


@njit(cache=True, nogil=True)
def _phrase(text: Codes, at: int, n: int, before_latin: bool, tables: Any) -> int:
    for row in range(len(tables.phrases)):
        length = tables.phrases[row, 0]
        if text[at] != tables.phrases[row, 1] or at + length > n:
            continue
        same = True
        for i in range(1, length):
            same = same and text[at + i] == tables.phrases[row, 1 + i]
        last_latin = _kind(text[at + length - 1], tables) == _LATIN
        cut = last_latin and at + length < n and _kind(text[at + length], tables) == _LATIN
        if same and not cut and not (before_latin and _kind(text[at], tables) == _LATIN):
            return row
    return -1
