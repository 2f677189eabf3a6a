"""One spelling for every way of writing the same message.

Four steps over code points, all in one compiled pass a text: decode and fold (width, case, marks, invisible
and traditional characters); links, telephone numbers and other numbers become one character each, as do the
placeholders that published data sets use for them; punctuation goes; look-alike and split words are put
together again.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.text import fold
from qingdun.detect.text.links import bracketed_dot, ends_link, is_bracket, kind_of, link_at, spelt_dot

URL: Final = ord(fold.URL)
PHONE: Final = ord(fold.PHONE)
NUMBER: Final = ord(fold.NUMBER)
_WORD, _LATIN, _DIGIT, _SPACE, _JOINER, _PLUS, _STAR, _SPELT = (
    fold.WORD,
    fold.LATIN,
    fold.DIGIT,
    fold.SPACE,
    fold.JOINER,
    fold.PLUS,
    fold.STAR,
    fold.SPELT,
)
_SIZE, _PHRASE = fold.SIZE, fold.PHRASE
_GROWTH: Final = 4
"""No byte of input becomes more than four code points in any step."""

_CLAUSE: Final = re.compile(r".*?(?:[，。！？；：、…【】（）《》“”\n]|[,!?;](?![0-9A-Za-z])|\Z)+", re.DOTALL)
_LEAST_CLAUSE: Final = 3
"""Characters."""
_LONGEST_CLAUSE: Final = 1200
"""Bytes."""

_TAGS, _TAGS_END = 0xE0000, 0xE0200
"""Characters that nobody sees: tags, and selectors of variants."""
_ONE_TOKEN: Final = 7
"""From so many on, digits that are spelt out are one number."""
_ROUNDS: Final = 16
"""Rewriting one phrase may complete another; every rewriting leaves fewer spellings to rewrite."""

Codes = npt.NDArray[np.int32]


def normalise(text: str) -> str:
    """The text in its plain spelling; never raises, and a second time changes nothing.

    >>> normalise("加 薇~信：ａbc１２３，详情ｗｗｗ．abc ．top")
    '加微信abc◇详情◎'
    """
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    work, out = workspace(len(data))
    length = normalise_into(data, 0, len(data), fold.tables(), work, out)
    return out[:length].tobytes().decode("utf-32-le")


def clauses(text: str, plain: Codes) -> Codes:
    """Where clauses of the text end in the code points of its plain spelling, which has no punctuation. Those
    of fewer than three characters belong to the next; behind what was put together over an end no more are
    told.

    >>> text = "【某某行】您的账户，已异常！请登录"
    >>> clauses(text, np.array([*map(ord, normalise(text))], np.int32)).tolist()
    [3, 7, 10, 13]
    """
    pieces = _CLAUSE.findall(text)
    ends = np.array([*accumulate(len(piece.encode("utf-8", "replace")) for piece in pieces)], np.int64)
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    work, out = workspace(len(data))
    found: Codes = _clauses(data, ends, plain, fold.tables(), work, out)
    return found


@njit(cache=True, nogil=True)
def _clauses(data: Any, ends: Any, plain: Any, tables: Any, work: Codes, out: Codes) -> Any:
    found = np.empty(len(ends), np.int32)
    n, at, start = 0, 0, 0
    for end in ends:
        length = normalise_into(data, start, end, tables, work, out)
        same = length >= _LEAST_CLAUSE and at + length <= len(plain)
        for i in range(length):
            same = same and out[i] == plain[at + i]
        if same:
            at, start = at + length, end
            found[n] = at
            n += 1
        elif end - start > _LONGEST_CLAUSE:
            break
    return found[:n]


def workspace(longest: int) -> tuple[Codes, Codes]:
    """Two buffers that hold any text of up to `longest` bytes in every step."""
    size = _GROWTH * longest + 16
    return np.empty(size, np.int32), np.empty(size, np.int32)


@njit(cache=True, nogil=True)
def normalise_into(data: Any, start: int, end: int, tables: Any, work: Codes, out: Codes) -> int:
    """The number of code points written to `out`: the plain spelling of the UTF-8 bytes `data[start:end]`."""
    length = _fold(data, start, end, tables, work)
    if length < 0:
        length = _close_up(work, -length, tables.kind)
    length = _reduce(work, length, tables.kind, tables.top_level, tables.sure, out)
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
    """The number of code points; negative if a space or bracket is among them, which may stand in a word."""
    at, n, gaps = start, 0, False
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
        if _TAGS <= code < _TAGS_END:
            continue
        folded = tables.fold[code] if code < _SIZE else code
        if folded >= 0:
            out[n] = folded
            n += 1
            gaps = gaps or folded == 32 or folded == 40 or folded == 91 or folded == 123
        else:
            row = -1 - folded
            column = 0
            while tables.expansions[row, column]:
                gaps = gaps or tables.expansions[row, column] <= 91
                out[n] = tables.expansions[row, column]
                n, column = n + 1, column + 1
    return -n if gaps else n


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
def _close_up(text: Codes, n: int, kinds: Any) -> int:
    """What was put between the letters of a word or a link goes: h t t p : / /, a[.]com, a dot com."""
    i, m, run = 0, 0, 0
    while i < n:
        code = text[i]
        kind = kind_of(code, kinds)
        dot = bracketed_dot(text, i, n) if is_bracket(code) else 0
        if dot:
            text[m] = 46
            i, m, run = dot, m + 1, 0
            continue
        if kind == _SPACE and m:
            j = i
            while j < n and kind_of(text[j], kinds) == _SPACE:
                j += 1
            after = spelt_dot(text, j, n, kinds) if run else 0
            if after:
                text[m] = 46
                i, m, run = after, m + 1, 0
                continue
            if j < n and _is_gap(text, m, j, n, run, kinds):
                i = j
                run = 0 if run == 1 and kind_of(text[j], kinds) == _LATIN else run
                continue
            while i < j:  # looked through once, however many there are
                text[m] = text[i]
                i, m = i + 1, m + 1
            run = 0
            continue
        run = run + 1 if kind in (_LATIN, _DIGIT) else 0
        text[m] = code
        i, m = i + 1, m + 1
    return m


@njit(cache=True, nogil=True)
def _is_gap(text: Codes, m: int, j: int, n: int, run: int, kinds: Any) -> bool:
    """Whether the space between what ends before `m` and what begins at `j` is inside a word or a link."""
    before, after = text[m - 1], text[j]
    if run == 1 and kind_of(before, kinds) == _LATIN and kind_of(after, kinds) == _LATIN:
        return j + 1 >= n or kind_of(text[j + 1], kinds) not in (_LATIN, _DIGIT)
    if after == 47:
        return bool(before == 58 or before == 47)
    if after == 58 and run:
        k = j + 1
        while k < n and kind_of(text[k], kinds) == _SPACE:
            k += 1
        return k < n and text[k] == 47
    return bool(before == 47 and m > 1 and text[m - 2] == 47)


@njit(cache=True, nogil=True)
def _reduce(text: Codes, n: int, kinds: Any, top_level: Any, sure: Any, out: Codes) -> int:
    """Links and numbers become tokens, punctuation and space go."""
    i, m, checked, scanned, begins_word = 0, 0, 0, 0, False
    while i < n:
        kind = kinds[text[i]] if text[i] < _SIZE else _WORD
        if kind == _WORD:  # most are
            out[m] = text[i]
            i, m = i + 1, m + 1
            continue
        if kind in (_LATIN, _DIGIT) and i >= checked:
            checked, is_link = link_at(text, i, n, kinds, top_level, sure)
            if is_link:
                out[m] = URL
                i, m = checked, m + 1
                continue
        if kind in (_DIGIT, _SPELT):
            end, token = 0, NUMBER
            if i >= scanned:
                end, token, scanned, begins_word = _spelt_number(text, i, n, kinds)
            if not end and not begins_word:
                end = _number_with_o(text, i, n, kinds)
            if end:
                out[m] = token
                i, m = end, m + 1
                continue
        if kind == _DIGIT and _is_letter(text, i, n, kinds):
            out[m] = 111 if text[i] == 48 else 105
            i, m = i + 1, m + 1
            continue
        if kind == _DIGIT or (kind == _STAR and i + 1 < n and kind_of(text[i + 1], kinds) in (_DIGIT, _STAR)):
            i, token = _number(text, i, n, kinds)
            out[m] = token
            m += 1
            continue
        short = _short_for_wechat(text, i, n, kinds) if kind == _LATIN and text[i] in (118, 119) else 0
        if short:
            out[m], out[m + 1] = 0x5FAE, 0x4FE1  # 微信
            i, m = i + short, m + 2
            continue
        if kind in (_LATIN, _SPELT):
            out[m] = text[i]
            m += 1
        elif kind == _PLUS and _means_add(text, i, n) and not (m and out[m - 1] == 0x52A0):
            out[m] = 0x52A0  # 加
            m += 1
        i += 1
    return m


@njit(cache=True, nogil=True)
def _means_add(text: Codes, at: int, n: int) -> bool:
    """Whether the plus at `at` means 加, to add a contact: +v, +薇, +我v."""
    to = at + 2 if at + 2 < n and text[at + 1] == 0x6211 else at + 1  # 我
    return to < n and text[to] in (118, 119, 113, 0x5FAE, 0x8587, 0x5FBD, 0x5A01, 0x6263)  # v w q 微薇徽威扣


@njit(cache=True, nogil=True)
def _is_letter(text: Codes, at: int, n: int, kinds: Any) -> bool:
    """Whether a single 0 or 1 stands for o or i between letters: v1p."""
    if text[at] not in (48, 49) or at == 0 or at + 1 >= n:
        return False
    before, after = text[at - 1], text[at + 1]
    letters = kind_of(before, kinds) == _LATIN and kind_of(after, kinds) == _LATIN
    return letters and before != 120 and after != 120  # x masks numbers


@njit(cache=True, nogil=True)
def _spelt_number(text: Codes, start: int, n: int, kinds: Any) -> tuple[int, int, int, bool]:
    """Where a long number ends in which some digits are spelt out (一3八, and o for 0), and its token; 0:
    there is none. What will be dropped may stand between.

    Then up to where it was looked for, and whether an o that begins a word stands there: if there is none,
    there is none that begins anywhere before that either.
    """
    i, digits, spelt, end, sure = start, 0, 0, start, 0
    while i < n:
        code, kind = text[i], kind_of(text[i], kinds)
        if kind == _DIGIT or code == 111 or (code < _SIZE and kinds[code] == _SPELT):
            digits, spelt, end = digits + 1, spelt + (kind != _DIGIT), i + 1
            sure = digits if code != 111 else sure
        elif (
            kind in (_WORD, _LATIN)
            or (kind == _PLUS and _means_add(text, i, n))
            or (kind == _STAR and i + 1 < n and kind_of(text[i + 1], kinds) in (_DIGIT, _STAR))
        ):
            break
        i += 1
    begins_word = i < n and digits > sure and kind_of(text[i], kinds) == _LATIN
    if begins_word or digits < _ONE_TOKEN or not spelt:
        return 0, NUMBER, i, begins_word
    first = text[start]
    one = first in (49, 0x4E00, 0x58F9, 0x5E7A)  # 1 一 壹 幺
    phone = digits < 9 or (digits == 11 and one) or (10 <= digits <= 12 and not one)
    return end, PHONE if phone else NUMBER, i, False


@njit(cache=True, nogil=True)
def _number_with_o(text: Codes, start: int, n: int, kinds: Any) -> int:
    """Where a number ends that begins with a digit, holds o for 0 (5O00) and belongs to no word; else 0."""
    if kind_of(text[start], kinds) != _DIGIT or (start and kind_of(text[start - 1], kinds) == _LATIN):
        return 0
    i, spelt = start, False
    while i < n and (text[i] == 111 or kind_of(text[i], kinds) == _DIGIT):
        spelt = spelt or text[i] == 111
        i += 1
    return i if spelt and not (i < n and kind_of(text[i], kinds) in (_LATIN, _JOINER)) else 0


@njit(cache=True, nogil=True)
def _short_for_wechat(text: Codes, at: int, n: int, kinds: Any) -> int:
    """The length of `v:`, `vx` or `wx` standing alone at `at`, else 0."""
    if text[at] not in (118, 119) or (at > 0 and kind_of(text[at - 1], kinds) in (_LATIN, _DIGIT)):
        return 0
    length = 2 if at + 1 < n and text[at + 1] == 120 else 1
    ends = at + length >= n or kind_of(text[at + length], kinds) != _LATIN
    colon = length == 2 or (at + 1 < n and text[at] == 118 and text[at + 1] in (58, 0x2236))
    return length if ends and colon else 0


@njit(cache=True, nogil=True)
def _number(text: Codes, start: int, n: int, kinds: Any) -> tuple[int, int]:
    """Where a number ends, and whether it reads as a telephone number."""
    i, digits, exact = start, 0, True
    overseas = start > 0 and text[start - 1] == 43
    while i < n:
        kind = kind_of(text[i], kinds)
        if kind in (_DIGIT, _STAR):
            digits += 1
        else:
            joins = text[i] == 45 or text[i] == 46 or text[i] == 44 or text[i] == 32
            if not (joins and i + 1 < n and kind_of(text[i + 1], kinds) == _DIGIT):
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
        kind = kind_of(code, tables.kind)
        before_latin = i > 0 and kind_of(text[i - 1], tables.kind) == _LATIN
        if kind == _LATIN and not before_latin:
            end, masked = i, True
            while end < n and kind_of(text[end], tables.kind) == _LATIN:
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
            if end - i >= fold.SURE:
                spelt = _by_sound(text, i, end, tables.sounds, tables.first_sounds, out, m)
                if spelt:
                    i, m = end, spelt
                    continue
        is_dot = False
        if code == 0x70B9 and m and before_latin:  # 点com
            is_dot = ends_link(text, i + 1, n, tables.kind, tables.top_level)
        elif code == 0x70B9 and m and out[m - 1] == NUMBER:  # not 8点live
            is_dot = ends_link(text, i + 1, n, tables.kind, tables.sure)
        if is_dot:
            while m and (out[m - 1] in (NUMBER, 0x70B9) or kind_of(out[m - 1], tables.kind) == _LATIN):
                m -= 1
            code, i = URL, i + 1
            while i < n and kind_of(text[i], tables.kind) == _LATIN:
                i += 1
            i -= 1
        if code == 0x52A0 and _is_wechat(text, i + 1, n):  # 加微
            out[m], out[m + 1], out[m + 2] = 0x52A0, 0x5FAE, 0x4FE1
            i, m = i + 2, m + 3
            continue
        if i + 1 < n and tables.pairs[_pair(code, text[i + 1])]:
            row = _phrase(text, i, n, before_latin, tables.phrases, tables.starts, tables.kind)
            if row >= 0:
                i += tables.phrases[row, 0]
                column = _PHRASE
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
def _by_sound(text: Codes, at: int, end: int, sounds: Any, first: Any, out: Codes, m: int) -> int:
    """Where `out` goes on after the words of the field that the letters from `at` to `end` are by their
    sound; 0 if they are not nothing but such words, or too few to be sure.
    """
    known = 0
    while at < end:
        row = first[text[at]] - 1
        while 0 <= row < len(sounds) and sounds[row, 1] == text[at]:
            length = sounds[row, 0]
            same = at + length <= end
            for i in range(1, length if same else 0):
                same = same and text[at + i] == sounds[row, 1 + i]
            if same:
                break
            row += 1
        if row < 0 or row >= len(sounds) or sounds[row, 1] != text[at]:
            return 0
        column, at = _PHRASE, at + sounds[row, 0]
        while sounds[row, column]:
            out[m] = sounds[row, column]
            m, column = m + 1, column + 1
        known += sounds[row, 0] if column > _PHRASE + 1 else 0
    return m if known >= fold.SURE else 0


@njit(cache=True, nogil=True)
def _is_wechat(text: Codes, at: int, n: int) -> bool:
    """Whether 微 at `at`, after 加, is short for 微信, and begins no other word."""
    if at >= n or text[at] != 0x5FAE or (at > 1 and text[at - 2] in (0x589E, 0x66F4, 0x53C2)):  # 增更参
        return False
    if at + 1 >= n:
        return True
    return text[at + 1] not in (
        0x4FE1, 0x91CF, 0x6CE2, 0x535A, 0x5E97, 0x8F6F, 0x578B, 0x7C92, 0x5546, 0x7B11, 0x5C0F, 0x751F,
        0x8BFE, 0x7C89, 0x5149, 0x82AF, 0x5174, 0x2764, 120, 0x4EBB, 0x5999, 0x5F31, 0x8FA3, 0x751C, 0x7CD6,
        0x51B7, 0x70ED, 0x8C03, 0x8DDD, 0x706B, 0x5206, 0x7535, 0x521B, 0x89C2,
    )  # fmt: skip  # 信量波博店软型粒商笑小生课粉光芯兴❤x亻妙弱辣甜糖冷热调距火分电创观


_pair = njit(cache=True, nogil=True)(fold.pair)


@njit(cache=True, nogil=True)
def _phrase(text: Codes, at: int, n: int, before_latin: bool, phrases: Any, starts: Any, kinds: Any) -> int:
    first = starts[text[at]] if text[at] < _SIZE else 0
    for row in range(first - 1 if first else len(phrases), len(phrases)):
        length = phrases[row, 0]
        if text[at] != phrases[row, 1]:
            break
        if at + length > n:
            continue
        same = True
        for i in range(1, length):
            same = same and text[at + i] == phrases[row, 1 + i]
        last_latin = kind_of(text[at + length - 1], kinds) == _LATIN
        cut = last_latin and at + length < n and kind_of(text[at + length], kinds) == _LATIN
        if same and not cut and not (before_latin and kind_of(text[at], kinds) == _LATIN):
            return row
    return -1
