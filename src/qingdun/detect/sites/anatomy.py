"""Hosts taken apart in one compiled pass: whose each is, what it looks like, whether it may be like anybody.

A host is a run of bytes of UTF-8, lower case. What lists say of a name is asked from its end, a label at a
time, of the table in `names`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qingdun.compiled import njit
from qingdun.detect.sites.names import (
    BELOW,
    BELOW_PROVIDER,
    BEYOND_ASCII,
    COLON,
    DOT,
    EXCEPTION,
    HYPHEN,
    KNOWN,
    NINE,
    ORDINARY,
    PLATFORM,
    PROVIDER,
    SEED,
    SHORTENER,
    SUFFIX,
    TOP_LEVEL,
    ZERO,
    A,
    Z,
    marks_of,
    step,
)
from qingdun.detect.sites.resemblance import may_be_like

MOST_LABELS: Final = 6
"""No suffix has as many; strangers ask about names of a hundred labels."""
DOMAIN, LABELS, OF_SUFFIX, OF_DOMAIN, IS_KNOWN, IS_ADDRESS, MAY_BE_LIKE = range(7)
"""Of a host taken apart: where its registered domain begins, where its own labels end, what its suffix is
known as, what its domain is, whether everybody uses it, whether it is an IP address, whether it may be like
somebody."""
PARTS: Final = 7
IS_PROVIDER: Final = 1 << 20
"""Beside the marks of a suffix: names below it are given by somebody who is no registry."""
SUFFIXES: Final = 160
"""Suffixes share this many slots by hash."""
_OTHER: Final = 96
COUNT: Final = _OTHER + SUFFIXES
"""Of traits of a host."""
LIKE_NOBODY: Final = 33
"""The trait of a host that is like nobody."""
OF_LIKENESS: Final = 5
"""So many places of traits, the first ones, are left to likeness."""
_MOST_TRAITS: Final = 30


@njit(cache=True, nogil=True)
def _tails(data: Any, start: int, end: int, names: Any, tails: Any, marks: Any) -> int:
    """Where the last labels of the host begin, the shortest part first, and what each part is known as."""
    state, count = np.int64(SEED), 0
    for i in range(end - 1, start - 2, -1):
        if i < start or data[i] == DOT:
            tails[count], marks[count] = i + 1, marks_of(state, data, i + 1, end, names)
            count += 1
            if count == len(tails):
                break
        if i >= start:
            state = step(state, data[i])
    return count


@njit(cache=True, nogil=True)
def _suffix(tails: Any, marks: Any, count: int, end: int) -> Any:
    """The number of the part that is the longest suffix, and whether it is a provider's."""
    at = min(count, MOST_LABELS) - 1
    while True:
        last = at == 0 or tails[at - 1] == end
        if marks[at] & EXCEPTION:
            return at - 1, False
        if marks[at] & SUFFIX:
            return at, marks[at] & PROVIDER != 0
        if not last and marks[at - 1] & BELOW:
            return at, marks[at - 1] & BELOW_PROVIDER != 0
        if last:
            return at, False
        at -= 1


@njit(cache=True, nogil=True)
def _is_address(data: Any, start: int, end: int) -> bool:
    """Whether the host is a bare IP address."""
    groups, digits, plain = 1, 0, True
    for i in range(start, end):
        if data[i] == COLON:
            return True
        if data[i] == DOT:
            plain &= digits > 0
            groups, digits = groups + 1, 0
        else:
            digits += 1
            plain &= ZERO <= data[i] <= NINE and digits <= 3
    return bool(plain and groups == 4 and digits > 0)


@njit(cache=True, nogil=True)
def cut(data: Any, start: int, end: int, names: Any, parts: Any) -> int:
    """`parts` says whose the host is; returned is where its public suffix begins."""
    tails, marks = np.empty(MOST_LABELS + 1, np.int64), np.empty(MOST_LABELS + 1, np.int64)
    count = _tails(data, start, end, names, tails, marks)
    at, provider = _suffix(tails, marks, count, end)
    parts[IS_ADDRESS] = _is_address(data, start, end)
    own = at
    if tails[at] > start:
        own = -1 if parts[IS_ADDRESS] else at + 1
    parts[DOMAIN] = start if own < 0 else tails[own]
    parts[OF_DOMAIN] = 0 if own < 0 else marks[own]
    parts[OF_SUFFIX] = marks[at] | (IS_PROVIDER if provider else 0)
    parts[LABELS] = parts[DOMAIN]
    while parts[LABELS] < end and data[parts[LABELS]] != DOT:
        parts[LABELS] += 1
    parts[IS_KNOWN] = parts[OF_DOMAIN] & KNOWN or _is_under_known(marks, count)
    return int(tails[at])


@njit(cache=True, nogil=True)
def _is_under_known(marks: Any, count: int) -> bool:
    """Whether a parent is a domain that everybody uses, and none is below which anybody may have a name."""
    found = False
    for at in range(1, count):
        if marks[at] & KNOWN:
            found = True
        elif not marks[at] & EXCEPTION and (marks[at] & SUFFIX or marks[at - 1] & BELOW):
            return False
    return found


@njit(cache=True, nogil=True)
def _is_pinyin(data: Any, start: int, end: int, table: Any) -> bool:
    state = np.int64(1)
    for i in range(start, end):
        state = np.int64(table[state, data[i] - A + 1]) if A <= data[i] <= Z else np.int64(0)
    return bool(table[state, 0])


@njit(cache=True, nogil=True)
def _crc32(data: Any, start: int, end: int) -> Any:
    state = np.int64(0xFFFFFFFF)
    for i in range(start, end):
        state ^= data[i]
        for _ in range(8):
            state = (state >> 1) ^ (0xEDB88320 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


@njit(cache=True, nogil=True)
def _entropy_bin(counts: Any, length: int) -> int:
    """Twice the bits a letter tells, by how often each stands there."""
    told = 0.0
    for n in counts:
        if n > 1:
            told += n * np.log2(n)
    # What is a whole number of bits must not fall short of it by rounding.
    return int(2 * (np.log2(length) - told / length) + 1e-9)


@njit(cache=True, nogil=True)
def _kind(length: int, letters: int, digits: int, trailing: int, hyphens: int, speakable: bool) -> int:
    """What sort of name a label is: a number, mixed, words of Chinese, speakable, hardly, hyphenated."""
    if not letters:
        return 0
    if hyphens:
        return 6 if digits else 5
    if digits:
        return 1 if trailing == digits and letters + digits == length else 2
    return 4 if speakable else 7


@njit(cache=True, nogil=True)
def _label(data: Any, start: int, end: int, names: Any, found: Any, n: int) -> int:
    """Traits of the label that was registered; how many there are now."""
    counts = np.zeros(256, np.int64)
    letters = vowels = digits = trailing = hyphens = run = longest = 0
    for i in range(start, end):
        letter = data[i]
        counts[letter] += 1
        is_letter, is_digit = A <= letter <= Z or letter >= BEYOND_ASCII, ZERO <= letter <= NINE
        is_vowel = letter == 97 or letter == 101 or letter == 105 or letter == 111 or letter == 117
        letters, vowels, digits = letters + is_letter, vowels + is_vowel, digits + is_digit
        hyphens += letter == HYPHEN
        trailing = trailing + 1 if is_digit else 0
        run = run + 1 if is_letter and not is_vowel else 0
        longest = max(longest, run)
    length = end - start
    kind = _kind(length, letters, digits, trailing, hyphens, longest <= 3 and vowels * 5 >= letters)
    if letters == length > 0 and _is_pinyin(data, start, end, names.pinyin):
        kind = 3
    entropy = _entropy_bin(counts, length) if length else 0
    found[n], found[n + 1], found[n + 2] = min(length // 3, 7), 18 + min(digits, 5), 24 + min(entropy, 8)
    found[n + 3], found[n + 4] = 37 + min(longest, 6), 44 + min(4 * vowels // max(letters, 1), 3)
    found[n + 5] = 60 + kind
    n += 6
    if letters and digits:
        found[n], n = 51, n + 1
    if not letters:
        found[n], n = 52, n + 1
    return n


@njit(cache=True, nogil=True)
def _below(data: Any, start: int, end: int, names: Any, found: Any, n: int) -> int:
    """Traits of the labels before the registered domain; how many there are now."""
    label = word = np.int64(SEED)
    label_end = word_end = end
    longest = hyphens = most = labels = 0
    digit = top_word = top_label = False
    ordinary = True
    for i in range(end - 1, start - 2, -1):
        if i >= start and data[i] != DOT and data[i] != HYPHEN:
            digit |= ZERO <= data[i] <= NINE
            label, word = step(label, data[i]), step(word, data[i])
            continue
        top_word |= marks_of(word, data, i + 1, word_end, names) & TOP_LEVEL != 0
        word, word_end = np.int64(SEED), i
        if i >= start and data[i] == HYPHEN:
            hyphens += 1
            label = step(label, data[i])
            continue
        known = marks_of(label, data, i + 1, label_end, names)
        ordinary &= known & ORDINARY != 0
        top_label |= known & TOP_LEVEL != 0 and i >= start
        longest, most = max(longest, label_end - i - 1), max(most, hyphens)
        label, label_end, hyphens = np.int64(SEED), i, 0
        labels += 1
    found[n], found[n + 1], found[n + 2] = 13 + min(labels, 4), 70 + min(longest // 4, 7), 81 + min(most, 4)
    n += 3
    for number, holds in ((78, top_word), (79, ordinary), (80, digit), (86, top_label)):
        if holds:
            found[n], n = number, n + 1
    return n


@njit(cache=True, nogil=True)
def _traits(data: Any, start: int, end: int, suffix: int, parts: Any, names: Any, found: Any) -> None:
    """`found` begins with the traits of the host but for those of likeness."""
    domain, of_suffix = parts[DOMAIN], parts[OF_SUFFIX]
    hyphens, punycode = 0, False
    for i in range(start, end):
        hyphens += data[i] == HYPHEN
        if data[i] == 120 and i + 3 < end and data[i + 1] == 110:
            punycode |= data[i + 2] == HYPHEN and data[i + 3] == HYPHEN
    found[0], found[1] = 8 + min(hyphens, 4), 54 + of_suffix % IS_PROVIDER // PLATFORM
    found[2] = _OTHER + _crc32(data, suffix, end) % SUFFIXES
    n = _label(data, domain, parts[LABELS], names, found, 3)
    if domain > start:
        n = _below(data, start, domain - 1, names, found, n)
    else:
        found[n], n = 13, n + 1
    for number, holds in (
        (48, parts[IS_ADDRESS] != 0),
        (49, punycode),
        (50, of_suffix & IS_PROVIDER != 0),
        (59, parts[OF_DOMAIN] & SHORTENER != 0),
    ):
        if holds:
            found[n], n = number, n + 1


@njit(cache=True, nogil=True)
def take_apart(data: Any, ends: Any, names: Any) -> Any:
    """Traits of each host, `COUNT` for none, but for those of likeness; and its parts.

    A host stands in `data` between two `ends`; of an empty one there is nothing.
    """
    count = len(ends) - 1
    found = np.full((count, _MOST_TRAITS), COUNT, np.int16)
    parts = np.zeros((count, PARTS), np.int64)
    room = np.empty(ends[-1] - ends[0] + 1, np.uint8)
    for row in range(count):
        start, end = ends[row], ends[row + 1]
        if start == end:
            continue
        of = parts[row]
        suffix = cut(data, start, end, names, of)
        found[row, 0] = LIKE_NOBODY
        _traits(data, start, end, suffix, of, names, found[row, OF_LIKENESS:])
        if not of[OF_DOMAIN] & KNOWN and not of[IS_ADDRESS]:
            of[MAY_BE_LIKE] = may_be_like(data, start, of[LABELS], names, room)
    return found, parts
