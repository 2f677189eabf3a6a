"""A quick look at texts: which of them may name a host. Most do not, and need no other look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.compiled import njit
from qingdun.detect.sites.hosts import UNSEEN
from qingdun.detect.sites.signs import ODD_DOTS, PICTURES
from qingdun.detect.text.fold import ENCLOSED

RUN: Final = re.compile("[a-z0-9_.\u00df-\u024f\u0370-\u058f\u10a0-\u10ff\u1e00-\u1fff-]+")
"""Letters of alphabets whose words are parted by spaces, digits and full stops: an address begins where such
a run does."""

_OTHER, _LETTER, _DIGIT, _DOT, _CLOSER = range(5)
_SIZE: Final = 0x20000
_CLOSERS: Final = "])}】〕」 "
_MOST_CLOSERS: Final = 3
_BLOCKS: Final = (
    (0, 0x3400), (0xA640, 0xA840), (0xAB30, 0xAB70), (0xF900, 0x10000), (0x10780, 0x107C0),
    (0x1D400, 0x1D800), (0x1E000, 0x1E100), (0x1F100, 0x1FC00),
)  # fmt: skip
"""Where all stands of which hosts are read but odd dots; between lie ideographs and scripts of others."""


def may_name(texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether each text holds what may be a dot right before a letter, a dot spelt out, or //."""
    _, offsets, data = pa.array(texts, pa.large_string()).buffers()
    letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    found: npt.NDArray[np.bool_] = _may_name(letters, np.frombuffer(offsets, np.int64), _kinds())
    return found


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """By code point, what may come of it where hosts are read."""
    kinds = np.zeros(_SIZE, np.uint8)
    kinds[[ord(dot) for dot in ODD_DOTS]] = _DOT
    for code in (code for begin, end in _BLOCKS for code in range(begin, end)):
        char = chr(code)
        plain = ENCLOSED.get(code) or unicodedata.normalize("NFKC", char).lower()
        if any(dot in plain for dot in f".{ODD_DOTS}"):
            kinds[code] = _DOT
        elif plain.isdecimal():
            kinds[code] = _DIGIT
        elif RUN.match(plain) or PICTURES.match(char) or UNSEEN.match(char) or unicodedata.combining(char):
            kinds[code] = _LETTER
        elif plain[:1] in _CLOSERS or plain.isspace():
            kinds[code] = _CLOSER
    return kinds


@njit(cache=True, nogil=True)
def _may_name(data: Any, offsets: Any, kinds: Any) -> Any:
    found = np.zeros(len(offsets) - 1, np.bool_)
    for row in range(len(found)):
        at, end = offsets[row], offsets[row + 1]
        before, code, closers = np.int64(0), np.int64(0), _MOST_CLOSERS + 1
        while at < end:
            before, code = code, np.int64(data[at])
            more = 0 if code < 0x80 else 1 if code < 0xE0 else 2 if code < 0xF0 else 3
            if more:
                code &= 0x3F >> more
            for _ in range(more):
                at += 1
                code = code << 6 | (data[at] & 63)
            at += 1
            kind = kinds[code] if code < _SIZE else _LETTER
            if kind == _DOT:
                closers = 0
            elif kind == _CLOSER:
                closers += 1
            elif (kind == _LETTER and closers <= _MOST_CLOSERS) or (
                code == before == 47 or (code | 32 == 116 and before | 32 == 111)  # // and ot
            ):
                found[row] = True
                break
            else:
                closers = _MOST_CLOSERS + 1
    return found
