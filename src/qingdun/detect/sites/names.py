"""Names that compiled code looks up: domains with what they are known as, words, syllables, and what a label
must hold to be like anybody's.

Everything is built once from the data that ships; the loops of `anatomy` read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.sites.brands import index, known_domains
from qingdun.detect.sites.spelling import pinyin, skeleton
from qingdun.detect.sites.suffixes import PLATFORMS, platforms, rules, shorteners

SUFFIX: Final = 1
PROVIDER: Final = 2
"""Of a suffix: it is a provider's."""
BELOW: Final = 4
"""Every name right below is a suffix."""
BELOW_PROVIDER: Final = 8
EXCEPTION: Final = 16
"""No suffix, although right below one of those."""
KNOWN: Final = 32
SHORTENER: Final = 64
TOP_LEVEL: Final = 128
ORDINARY: Final = 256
PLATFORM: Final = 512
"""Times the number of the platform's kind."""

DOT, HYPHEN, COLON, ZERO, NINE, A, Z = (ord(letter) for letter in ".-:09az")
BEYOND_ASCII: Final = 128

SEED: Final = 0x811C9DC5
NEAR: Final = 1 << 20
"""Bits for spellings that lie one slip from a name."""
MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
ANYWHERE: Final = 1
WHOLE: Final = 2
"""Of a node of the trie: a name ends there that tells wherever it stands, or as a whole label only."""

_TOP_LEVELS = "com cn net org co jp gov edu top vip hk uk us ne or"
_ORDINARY_WORDS = (
    "www m mobile wap h5 api app img image images pic static cdn res assets js css mail smtp mx news bbs "
    "blog shop store i a s t v video live music download dl log logs stat ad ads search map cloud oss docs "
    "help wiki forum open dev user my edu oa crm erp en zh jp de fr ftp ns1 ns2 webmail"
)


class Names(NamedTuple):
    """Arrays that compiled loops read."""

    slots: npt.NDArray[np.int32]
    """An open table by digest: the number of a name and one, 0 where none stands."""
    starts: npt.NDArray[np.int32]
    """Where each name begins in `letters`, and the end of the last."""
    letters: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.int32]
    pinyin: npt.NDArray[np.int16]
    """State × letter → state; see `spelling.pinyin`."""
    spelt: npt.NDArray[np.uint8]
    """Byte → letter of its skeleton from 1, 0 for what stands in no name."""
    trie: npt.NDArray[np.int16]
    """Node × letter → node, 0 for none; skeletons of names from node 0."""
    ends: npt.NDArray[np.uint8]
    near: npt.NDArray[np.uint8]
    """A bit by digest of a skeleton: it is that of a name, perhaps with a letter left out."""
    longest: npt.NDArray[np.int64]
    """One number: of letters that a word near a name may have."""


@njit(cache=True, nogil=True)
def step(state: Any, letter: Any) -> Any:
    """The digest with one letter more, before those it has."""
    return ((state ^ np.int64(letter)) * 0x9E3779B1) & 0xFFFFFFFF


@njit(cache=True, nogil=True)
def marks_of(state: Any, data: Any, start: Any, end: Any, names: Any) -> Any:
    """What the letters from start to end are known as, of which that is the digest; 0 if nothing."""
    mask = len(names.slots) - 1
    at = (state ^ (state >> 15)) & mask
    while names.slots[at]:
        number = names.slots[at] - 1
        first, length = names.starts[number], end - start
        if names.starts[number + 1] - first == length:
            i = 0
            while i < length and names.letters[first + i] == data[start + i]:
                i += 1
            if i == length:
                return np.int64(names.marks[number])
        at = (at + 1) & mask
    return np.int64(0)


@njit(cache=True, nogil=True)
def near_bit(state: Any) -> Any:
    """Where the bit for a spelling of that digest lies."""
    return np.int64((state ^ (state >> np.uint64(29))) & np.uint64(NEAR - 1))


@njit(cache=True, nogil=True)
def _filled(slots: Any, starts: Any, letters: Any) -> None:
    mask = len(slots) - 1
    for number in range(len(starts) - 1):
        state = np.int64(SEED)
        for i in range(starts[number + 1] - 1, starts[number] - 1, -1):
            state = step(state, letters[i])
        at = (state ^ (state >> 15)) & mask
        while slots[at]:
            at = (at + 1) & mask
        slots[at] = number + 1


@cache
def names() -> Names:
    """What ships, as arrays."""
    marks = _marks()
    raw = [name.encode() for name in marks]
    starts = np.append(0, np.cumsum([len(name) for name in raw])).astype(np.int32)
    letters = np.frombuffer(b"".join(raw), np.uint8)
    slots = np.zeros(1 << (4 * len(raw)).bit_length(), np.int32)
    _filled(slots, starts, letters)
    trie, ends = _trie(_worth_finding())
    near = index().near
    return Names(
        slots,
        starts,
        letters,
        np.array(list(marks.values()), np.int32),
        pinyin(),
        _spelt(),
        trie,
        ends,
        _near(near),
        np.array([max(map(len, near)) + 1]),
    )


def _marks() -> dict[str, int]:
    known = rules()
    kinds = {name: PLATFORM * PLATFORMS[kind] for name, kind in platforms().items()}
    found: dict[str, int] = {}
    for names_, mark in (
        (known.names, SUFFIX),
        ((name for name, provider in known.names.items() if provider), PROVIDER),
        (known.below, BELOW),
        ((name for name, provider in known.below.items() if provider), BELOW_PROVIDER),
        (known.exceptions, EXCEPTION),
        (known_domains(), KNOWN),
        (shorteners(), SHORTENER),
        (_TOP_LEVELS.split(), TOP_LEVEL),
        (_ORDINARY_WORDS.split(), ORDINARY),
    ):
        for name in names_:
            found[name] = found.get(name, 0) | mark
    for name, mark in kinds.items():
        found[name] |= mark
    return found


def _worth_finding() -> dict[str, int]:
    """Skeletons of the names, and of the labels with which a protected domain may stand before another's."""
    known = index()
    found = {
        skeleton(domain.partition(".")[0].replace("-", "")): WHOLE
        for domain in known.owned
        if domain.isascii()
    }
    for name, token in known.tokens.items():
        if token.brand is not None:
            found[skeleton(name)] = ANYWHERE | found.get(skeleton(name), 0)
    return found


def _spelt() -> npt.NDArray[np.uint8]:
    plain = "abcdefghijklmnopqrstuvwxyz0123456789"
    found = np.zeros(256, np.uint8)
    found[list(plain.encode())] = [ord(letter) - ord("a") + 1 for letter in skeleton(plain)]
    return found


def _trie(words: Mapping[str, int]) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8]]:
    below: list[list[int]] = [[0] * 27]
    ends = [0]
    for word, mark in words.items():
        node = 0
        for letter in word:
            code = ord(letter) - ord("a") + 1
            if not below[node][code]:
                below[node][code] = len(below)
                below.append([0] * 27)
                ends.append(0)
            node = below[node][code]
        ends[node] |= mark
    return np.array(below, np.int16), np.array(ends, np.uint8)


def _near(spellings: Iterable[str]) -> npt.NDArray[np.uint8]:
    bits = np.zeros(NEAR // 8, np.uint8)
    for spelling in spellings:
        at = near_bit(np.uint64(polynomial(_codes(spelling))))
        bits[at >> 3] |= 1 << (at & 7)
    return bits


def _codes(word: str) -> npt.NDArray[np.uint8]:
    return np.array([ord(letter) - ord("a") + 1 for letter in word], np.uint8)


@njit(cache=True, nogil=True)
def polynomial(codes: Any) -> Any:
    """A digest of letters from which that of a part can be told."""
    state = np.uint64(0)
    for code in codes:
        state = state * MULTIPLIER + np.uint64(code)
    return state
