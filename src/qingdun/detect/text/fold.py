"""The tables by which characters and spellings that mean the same become the same.

One table maps every code point below `SIZE` to what it folds to (compatibility forms, case, marks,
traditional and look-alike characters, signs that stand for a word); another says what kind of character a
folded one is; the rest hold phrases that are rewritten.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

SIZE: Final = 0x20000
"""Code points from here on (rare ideographs, tags, private use) stand for themselves."""

URL, PHONE, NUMBER = "◎", "☏", "◇"
"""What a link, a telephone number and any other number become."""
HEART: Final = "❤"
"""What every heart becomes: after 薇 it is read 信, elsewhere it is a sign of its own."""

DROPPED, WORD, LATIN, DIGIT, SPACE, JOINER, PLUS, STAR, SPELT = range(9)
"""Kinds of character: JOINER is punctuation that may stand inside a link, SPELT a digit as a word."""

_PLACEHOLDERS = {
    "CELLPHONE": PHONE, "HOTLINE": PHONE, "PHONE": PHONE, "DIGIT": "0 ", "URL": URL, "WECHAT": "微信",
    "PLACE": "", "NAME": "",
}  # fmt: skip
TOP_LEVEL = (  # noqa: SIM905
    "com cn net org top xyz vip cc club info me io co tv shop site online icu link app ltd work fun live "
    "pro ren wang store tech cyou tk ml ga cf gq pw la hk tw mobi asia biz gov edu ru us uk jp kr sh ly "
    "gl im ws bid loan win men website space cool buzz life world today rest sbs cfd lol monster bond "
    "click quest skin beauty hair autos example invalid test"
).split()
_SURE_TOP_LEVEL = ("com", "cn", "net", "org", "xyz", "cc", "example", "invalid", "test")


PHRASE: Final = 16
"""Column of a row of phrases where the replacement begins."""
PAIRS: Final = 1 << 14
_DIGITS = "零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺"
ENCLOSED: Final = {start + i: chr(97 + i) for start in (0x1F150, 0x1F170, 0x1F1E6) for i in range(26)}
"""White letters on black, and those of flags: Unicode says of neither that it is a letter."""
FILLERS: Final = "\u115f\u1160\u3164\uffa0"
"""Hangul that nobody sees: Unicode says of them that they are letters."""


SURE: Final = 6
"""From so many letters on words that are written in letters alone are no other word."""


class Tables(NamedTuple):
    """What the kernel of `normalise` reads; every array is read-only."""

    fold: npt.NDArray[np.int32]
    """Code point → folded code point, or −1 − the row of `expansions`."""
    expansions: npt.NDArray[np.int32]
    """Rows of `at most eight folded code points, 0-terminated."""
    kind: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.int32]
    """Placeholders of data sets: rows of length, bytes…, and replacement from column 16, 0-terminated."""
    phrases: npt.NDArray[np.int32]
    """Rows of length, code points…, and replacement from column `PHRASE`, 0-terminated; by their first code
    point, the longest first."""
    starts: npt.NDArray[np.int32]
    """The row of the first phrase that starts with that code point, plus one; 0: none does."""
    pairs: npt.NDArray[np.uint8]
    """By `pair` of its first two code points, whether some phrase may begin so."""
    top_level: npt.NDArray[np.int64]
    """Packed names of top-level domains."""
    sure: npt.NDArray[np.int64]
    """Those of them that are no word, and make a link whatever stands for the dot."""
    sounds: npt.NDArray[np.int32]
    """Rows as of `phrases`: words of the field in letters alone."""
    first_sounds: npt.NDArray[np.int32]
    """As `starts`, of `sounds`."""


def pair(first: int, second: int) -> int:
    """Where in `Tables.pairs` two code points stand."""
    return (first * 31 + second) & (PAIRS - 1)


def pack(label: str) -> int:
    """The name of a top-level domain as one number, five bits a letter."""
    packed = 0
    for letter in label:
        packed = packed * 32 + ord(letter) - 96
    return packed


@cache
def tables() -> Tables:
    """The tables, built once from Unicode's data and `lookalikes.json`."""
    folder = resources.files("qingdun.detect.text")
    raw = json.loads(folder.joinpath("lookalikes.json").read_text("utf-8"))
    lines = folder.joinpath("traditional.txt").read_text("utf-8").splitlines()
    pairs = [*raw["simplified"].split(), *(pair for one in lines if one[0] != "#" for pair in one.split())]
    plain = {ord(pair[0]): pair[1] for pair in pairs} | {
        ord(sign): word for sign, word in raw["signs"].items()
    }
    plain |= ENCLOSED
    fold = np.arange(SIZE, dtype=np.int32)
    kind = np.zeros(SIZE, np.uint8)
    rows: list[str] = []
    for code in range(SIZE):
        folded = _folded(code, plain)
        if len(folded) == 1:
            fold[code] = ord(folded)
        else:
            fold[code] = -1 - len(rows)
            rows.append(folded)
    for code in range(SIZE):
        kind[code] = _kind(chr(code))
    written = dict(_by_sound(raw["spelt"])) | dict(_by_parts(raw["left"], raw["right"])) | raw["phrases"]
    words = {**raw["sounds"], **raw["spelt"]}
    phrases, starts = _rows(written | dict(_kept(raw["guards"])))
    sounds, first_sounds = _rows({sound.replace(" ", ""): word for word, sound in words.items()})
    begun = np.zeros(PAIRS, np.uint8)
    begun[[pair(*map(int, row[1:3])) for row in phrases]] = 1
    return Tables(
        fold,
        _matrix([[*map(ord, row[:8]), 0] for row in rows], 9),
        kind,
        _matrix([_row(word, plain, 16) for word, plain in _PLACEHOLDERS.items()], 20),
        phrases,
        starts,
        begun,
        np.array(sorted(map(pack, TOP_LEVEL)), np.int64),
        np.array(sorted(map(pack, _SURE_TOP_LEVEL)), np.int64),
        sounds,
        first_sounds,
    )


def _rows(written: dict[str, str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The rows of spellings and their words, and by the first code point where they begin, plus one."""
    ordered = sorted(written.items(), key=lambda pair: (pair[0][0], -len(pair[0]), pair[0]))
    starts = np.zeros(SIZE, np.int32)
    for row in range(len(ordered) - 1, -1, -1):
        starts[ord(ordered[row][0][0])] = row + 1
    return _matrix([_row(spelt, plain, PHRASE) for spelt, plain in ordered], PHRASE + 8), starts


def _by_parts(left: dict[str, str], right: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each character that is written as its two parts, and the character."""
    for part, made in left.items():
        yield from ((part + pair[0], pair[1]) for pair in made.split())
    for part, made in right.items():
        yield from ((pair[0] + part, pair[1]) for pair in made.split())


def _kept(guards: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Each spelling beside a character that makes it ordinary; a longer row is found first."""
    for spelt, (before, after) in guards.items():
        yield from ((char + spelt, char + spelt) for char in before)
        yield from ((spelt + char, spelt + char) for char in after)


def _by_sound(words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each way of writing a word in which some character, but not every one, stands by its sound, and the
    word.
    """
    for word, sounds in words.items():
        parts = list(zip(word, sounds.split(), strict=True))
        for ways in product((0, 1), repeat=len(word)):
            if any(ways) and not all(ways):
                yield "".join(part[way] for part, way in zip(parts, ways, strict=True)), word


def _folded(code: int, plain: dict[int, str]) -> str:
    text = plain.get(code, chr(code))
    while True:
        opened = unicodedata.normalize("NFKD", text).casefold()
        again = "".join(
            plain.get(ord(c), str(unicodedata.digit(c, c)))
            for c in opened
            if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cs") and c not in FILLERS
        )
        if again == text:
            return text
        text = again


def _kind(char: str) -> int:
    if char in (URL, PHONE, NUMBER, HEART):
        return WORD
    if char in _DIGITS:
        return SPELT
    if "a" <= char <= "z":
        return LATIN
    if "0" <= char <= "9":
        return DIGIT
    if char.isspace():
        return SPACE
    if char in ".-_:/?=&%@~#":
        return JOINER
    if char in "+*":
        return PLUS if char == "+" else STAR
    return WORD if unicodedata.category(char)[0] in "LN" else DROPPED


def _row(word: str, replacement: str, at: int) -> list[int]:
    row = [len(word), *map(ord, word)]
    return [*row, *[0] * (at - len(row)), *map(ord, replacement), 0]


def _matrix(rows: list[list[int]], width: int) -> npt.NDArray[np.int32]:
    matrix = np.zeros((len(rows), width), np.int32)
    for into, row in zip(matrix, rows, strict=True):
        into[: len(row)] = row
    return matrix
