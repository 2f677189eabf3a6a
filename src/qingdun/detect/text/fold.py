"""The tables by which characters and spellings that mean the same become the same.

One table maps every code point below `SIZE` to what it folds to (compatibility forms, case, marks,
traditional and look-alike characters); another says what kind of character a folded one is; the rest hold
phrases that are rewritten.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

SIZE: Final = 0x20000
"""Code points from here on (rare ideographs, tags, private use) stand for themselves."""

URL, PHONE, NUMBER = "◎", "☏", "◇"
"""What a link, a telephone number and any other number become."""

DROPPED, WORD, LATIN, DIGIT, SPACE, JOINER, PLUS, STAR = range(8)
"""Kinds of character: JOINER is punctuation that may stand inside a link."""

_PLACEHOLDERS = {
    "CELLPHONE": PHONE, "HOTLINE": PHONE, "PHONE": PHONE, "DIGIT": "0 ", "URL": URL, "WECHAT": "微信",
    "PLACE": "", "NAME": "",
}  # fmt: skip
_TOP_LEVEL = (  # noqa: SIM905
    "com cn net org top xyz vip cc club info me io co tv shop site online icu link app ltd work fun live "
    "pro ren wang store tech cyou tk ml ga cf gq pw la hk tw mobi asia biz gov edu ru us uk jp kr sh ly "
    "gl im ws bid loan win men website space cool buzz life world today rest sbs cfd lol monster bond "
    "click quest skin beauty hair autos example invalid test"
).split()


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
    """Rows of length, code points…, and replacement from column 8, 0-terminated; longest first."""
    starts: npt.NDArray[np.uint8]
    """Whether some phrase starts with that code point."""
    top_level: npt.NDArray[np.int64]
    """Packed names of top-level domains."""


def pack(label: str) -> int:
    """The name of a top-level domain as one number, five bits a letter."""
    packed = 0
    for letter in label:
        packed = packed * 32 + ord(letter) - 96
    return packed


@cache
def tables() -> Tables:
    """The tables, built once from Unicode's data and `lookalikes.json`."""
    raw = json.loads(resources.files("qingdun.detect.text").joinpath("lookalikes.json").read_text("utf-8"))
    plain = {ord(pair[0]): pair[1] for pair in raw["simplified"].split()}
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
    phrases = sorted(raw["phrases"].items(), key=lambda pair: -len(pair[0]))
    starts = np.zeros(SIZE, np.uint8)
    starts[[ord(phrase[0]) for phrase, _ in phrases]] = 1
    return Tables(
        fold,
        _matrix([[*map(ord, row[:8]), 0] for row in rows], 9),
        kind,
        _matrix([_row(word, plain, 16) for word, plain in _PLACEHOLDERS.items()], 20),
        _matrix([_row(phrase, plain, 8) for phrase, plain in phrases], 16),
        starts,
        np.array(sorted(map(pack, _TOP_LEVEL)), np.int64),
    )


def _folded(code: int, plain: dict[int, str]) -> str:
    text = plain.get(code, chr(code))
    while True:
        opened = unicodedata.normalize("NFKD", text).casefold()
        again = "".join(
            plain.get(ord(c), c) for c in opened if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cs")
        )
        if again == text:
            return text
        text = again


def _kind(char: str) -> int:
    if char in (URL, PHONE, NUMBER):
        return WORD
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
