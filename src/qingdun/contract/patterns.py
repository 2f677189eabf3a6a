"""Which strings of a column do not fit its pattern.

Nearly every batch fits: for the patterns of large columns that is asked of whole buffers, and of a dictionary
only the entries are asked. Rows are looked at only if the glance was not enough.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import NOT_EMPTY, SUBSCRIBER_NUMBER

_PLUS, _NOUGHT = ord("+"), ord("0")
_BLANKS = np.zeros(256, np.bool_)
_BLANKS[[ord(c) for c in "\t\n\f\r "]] = True


def misfits(pattern: str, values: pa.ChunkedArray) -> Iterator[int]:
    """Positions of the strings that do not fit; nulls do."""
    first = 0
    for chunk in values.chunks:
        encoded = pa.types.is_dictionary(chunk.type)
        words = chunk.dictionary if encoded else chunk
        if not _fit_at_a_glance(pattern, words):
            bad = pc.invert(pc.fill_null(pc.match_substring_regex(words, pattern), True))
            if encoded:
                bad = pc.fill_null(bad.take(chunk.indices), False)
            for index in pc.indices_nonzero(bad).to_pylist():
                yield first + index
        first += len(chunk)


def _fit_at_a_glance(pattern: str, words: pa.Array) -> bool:
    """Whether all strings surely fit. Quick, and never wrong when it says yes."""
    if not len(words) or not pa.types.is_string(words.type) or words.null_count:
        return not len(words)
    _, offsets, data = words.buffers()
    if data is None:
        return False
    ends = np.frombuffer(offsets, np.int32)[words.offset : words.offset + len(words) + 1]
    letters = np.frombuffer(data, np.uint8)
    lengths = np.diff(ends)
    if pattern == NOT_EMPTY.pattern:
        return bool(lengths.min() > 0) and not _BLANKS[letters[ends[:-1]]].any()
    if pattern == SUBSCRIBER_NUMBER.pattern:
        return bool(lengths.min() >= 6 and lengths.max() <= 16) and _are_numbers(letters, ends)
    return False


def _are_numbers(letters: npt.NDArray[np.uint8], ends: npt.NDArray[np.int32]) -> bool:
    """Whether each string is a plus sign, a digit other than nought, and digits."""
    starts, own = ends[:-1], letters[ends[0] : ends[-1]]
    digits = np.count_nonzero(own - np.uint8(_NOUGHT) <= 9)
    return bool(
        digits + len(starts) == len(own)
        and (letters[starts] == _PLUS).all()
        and (letters[starts + 1] != _NOUGHT).all()
    )
