"""What a text is worth as evidence of a scam: a linear model over hashed character n-grams and acts.

A text is spelt plainly (`normalise`), cut into all its runs of one to four characters, and each run is looked
up in a table of weights by its hash; to their sum over the square root of their number comes the weight of
each act that the text does (`acts`). A logistic curve fitted on texts held out from training makes a
probability of it. A second table of runs says which scam it reads like.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.compiled import njit
from qingdun.detect.text import fold
from qingdun.detect.text.acts import (
    ENOUGH,
    GOES_ON,
    LONGEST_WORDING,
    START,
    act_names,
    acts_worth,
    bucket_of,
    hashed,
    hint_of,
    mark_acts,
    may_end,
    wordings,
)
from qingdun.detect.text.normalise import NUMBER, PHONE, URL, clauses, normalise, normalise_into
from qingdun.detect.text.template import names
from qingdun.errors import ModelError

TYPE_BUCKETS: Final = 1 << 16
LONGEST: Final = 4
"""N-grams of one to four characters."""
WORTH_A_TYPE: Final = 0.02
"""Texts of a lower probability are not asked what scam they would be."""
TELLING: Final = 4
"""A text whose plain spelling has fewer characters, and neither link nor telephone number, is no evidence of
a scam [D]: what it speaks for by itself (想你, 取消) is what others said at greater length."""
LONGEST_BYTES: Final = 20_000
"""What follows in a longer text is not read."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TextScores:
    """Scores of a batch of texts, in its order."""

    model: TextModel
    distinct: pa.Array
    """The distinct texts."""
    rows: npt.NDArray[np.int64]
    """Which distinct text each row is; −1 where it is null."""
    probability: Floats
    """That the text is a scam, never NaN; the base rate where there is no text."""

    @cached_property
    def scam_type(self) -> list[str]:
        """The scam each text reads most like, were it one; `other` for what is hardly one, or no text."""
        worth = np.unique(self.rows[(self.rows >= 0) & (self.probability >= WORTH_A_TYPE)])
        types = dict(
            zip(worth.tolist(), self.model.types_of(self.distinct.take(pa.array(worth))), strict=True)
        )
        return [types.get(row, "other") for row in self.rows.tolist()]


@dataclass(frozen=True, eq=False)
class TextModel:
    """Weights and the scale by which their sum becomes a probability."""

    weights: npt.NDArray[np.float32]
    """One a bucket of hashed n-grams: `BUCKETS` long."""
    type_weights: npt.NDArray[np.float32]
    """`TYPE_BUCKETS` rows, then one an act, × the number of `types`."""
    type_bias: npt.NDArray[np.float32]
    types: tuple[str, ...]
    slope: float
    """Of the log-odds in the margin."""
    intercept: float
    base_rate: float
    """The share of scams the probability is calibrated for."""
    act_weights: npt.NDArray[np.float32]
    """One an act, in the order of `act_names()`."""
    pair_weights: npt.NDArray[np.float32]
    """Acts × acts: of each two that a text does, in the row of the later."""
    counted: bool = True
    """Whether a run counts as often as it stands in the text, or once."""
    card: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, name: str = "messages") -> TextModel:
        """The model that ships under that name (`messages`, `dialogues`), read once.

        Errors: ModelError if there is none or it cannot be read.
        """
        return _shipped(name)

    @classmethod
    def read(cls, path: Path) -> TextModel:
        """The model that `write` left at `path`. Errors: ModelError."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
                types = data["type_weights"].astype(np.float32) * data["type_scale"].astype(np.float32)
                plain = json.loads(str(data["plain"]))
                if plain.pop("acts") != list(act_names()):
                    raise ValueError("it knows other acts than acts.json")
                return cls(
                    data["weights"].astype(np.float32), types, data["type_bias"].astype(np.float32),
                    tuple(plain.pop("types")), act_weights=data["act_weights"],
                    pair_weights=data["pair_weights"].astype(np.float32), **plain,
                )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path}: not a text model ({error}); make one with: qingdun train messages"
            ) from error

    def write(self, path: Path) -> None:
        """The model is at `path`: weights as 16-bit floats, those of the types as 8-bit integers."""
        scale = np.maximum(np.abs(self.type_weights).max(axis=0), 1e-6) / 127
        plain = {
            "types": self.types, "slope": self.slope, "intercept": self.intercept,
            "base_rate": self.base_rate, "counted": self.counted, "acts": act_names(), "card": self.card,
        }  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            weights=self.weights.astype(np.float16),
            act_weights=self.act_weights.astype(np.float32),
            pair_weights=self.pair_weights.astype(np.float16),
            type_weights=np.rint(self.type_weights / scale).astype(np.int8),
            type_scale=scale.astype(np.float32),
            type_bias=self.type_bias.astype(np.float32),
            plain=np.array(json.dumps(plain, ensure_ascii=False)),
        )

    def score(self, texts: pa.Array | pa.ChunkedArray | Sequence[str | None]) -> TextScores:
        """Probability and scam type of every text, equal texts judged once; no text gets the base rate."""
        distinct, rows = _distinct(texts)
        known = np.zeros(0)
        if len(distinct):
            offsets, data = _buffers(distinct)
            known = self._known(self._margins(data, offsets))
        return TextScores(self, distinct, rows, np.append(known, self.base_rate)[rows])

    def probable(self, texts: Sequence[bytes], least: float) -> dict[int, float]:
        """Which of few texts in UTF-8, that must be judged at once, are a scam with at least that
        probability, between 0.5 and 1; what `score` says of them, by their place.
        """
        if not texts:
            return {}
        ends = np.array([0, *accumulate(map(len, texts))], np.int64)
        data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
        margins = self._margins(data, ends)
        # Most are below: the curve is asked for the others alone, and a hair more of them than are wanted.
        near = (math.log(least / (1 - least)) - self.intercept) / self.slope - 1e-6
        places = [place for place, margin in enumerate(margins.tolist()) if margin >= near]
        if not places:
            return {}
        found = self._known(margins[places]).tolist()
        return {
            place: probability
            for place, probability in zip(places, found, strict=True)
            if probability >= least
        }

    def _margins(self, data: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> Floats:
        tables, acts = fold.tables(), wordings()
        neutral = (math.log(self.base_rate / (1 - self.base_rate)) - self.intercept) / self.slope
        found: Floats = _margins(
            data, ends, tables, acts, self.weights, self.act_weights, self.pair_weights, self.counted, neutral
        )
        return found

    def _known(self, margins: Floats) -> Floats:
        odds = self.slope * margins + self.intercept
        return np.where(np.isnan(margins), self.base_rate, 1 / (1 + np.exp(-np.clip(odds, -40, 40))))

    def types_of(self, texts: pa.Array) -> list[str]:
        """The scam type each text reads most like."""
        if not len(texts):
            return []
        offsets, data = _buffers(texts)
        best = _best_types(data, offsets, fold.tables(), wordings(), self.type_weights, self.type_bias)
        return [self.types[row] if row >= 0 else "other" for row in best.tolist()]

    def phrases(self, text: str, most: int = 3) -> list[str]:
        """Up to `most` pieces of the plain spelling that spoke loudest for a scam, loudest first.

        Pieces have two to twelve characters, beside the signs of numbers among them, do not overlap, and go
        over no end of a clause, so that they can be said aloud. They are all of a text that may be stored,
        and name nobody who is addressed.
        """
        read = text.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore")
        plain = normalise(read)
        codes = np.frombuffer(plain.encode("utf-32-le"), np.int32)
        places = np.flatnonzero(codes != NUMBER)  # numbers were not looked at
        gains = _gains(codes[places], wordings(), self.weights, self.act_weights, self.pair_weights)
        for span in names(plain):
            start, end = np.searchsorted(places, span)
            gains[start:end] = 0
        cuts = places.searchsorted(clauses(read, codes))
        return [plain[places[start] : places[end - 1] + 1] for start, end in _loudest(gains, cuts, most)]


@cache
def _shipped(name: str) -> TextModel:
    file = resources.files("qingdun.detect.text").joinpath(f"{name}.npz")
    with resources.as_file(file) as path:
        return TextModel.read(path)


def feature_rows(texts: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """For each text the bucket of each of its n-grams; what training counts and scoring sums."""
    return features(texts)[0]


def features(texts: Sequence[str]) -> tuple[list[npt.NDArray[np.int64]], npt.NDArray[np.bool_]]:
    """The buckets of `feature_rows`, and texts × acts: whether the text does it."""
    distinct = pa.array(texts, pa.large_string())
    offsets, data = _buffers(distinct)
    found = np.zeros((len(texts), len(act_names())), np.bool_)
    buckets, ends = _all_buckets(data, offsets, fold.tables(), wordings(), found)
    return np.split(buckets, ends[:-1]), found


def _distinct(texts: Any) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts, pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array.cast(pa.large_string()))
    rows = array.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    words = array.dictionary.cast(pa.large_string())
    if words.null_count:
        rows = np.where((rows >= 0) & pc.is_valid(words).to_numpy(zero_copy_only=False)[rows], rows, -1)
        words = words.fill_null("")
    return words, rows


def _buffers(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    _, offsets, data = texts.cast(pa.large_string()).buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return ends, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)


@njit(cache=True, nogil=True)
def _without_numbers(text: Any, n: int) -> int:
    """Numbers carry nothing from one source to another: some data sets mask them, some drop them."""
    m = 0
    for i in range(n):
        if text[i] != NUMBER:
            text[m] = text[i]
            m += 1
    return m


@njit(cache=True, nogil=True)
def _longest(offsets: Any) -> int:
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return min(longest, LONGEST_BYTES)


@njit(cache=True, nogil=True)
def _plain(data: Any, offsets: Any, row: int, tables: Any, work: Any, out: Any) -> tuple[int, bool]:
    """How many characters are left in `out`, and whether they are enough to be evidence."""
    start, end = offsets[row], offsets[row + 1]
    if end - start > LONGEST_BYTES:
        end = start + LONGEST_BYTES
        while end > start and data[end] & 0xC0 == 0x80:  # never inside a character
            end -= 1
    n = normalise_into(data, start, end, tables, work, out)
    telling = n >= TELLING
    for i in range(min(n, TELLING)):
        telling = telling or out[i] == URL or out[i] == PHONE
    return _without_numbers(out, n), telling


@njit(cache=True, nogil=True)
def _margins(
    data: Any,
    offsets: Any,
    tables: Any,
    acts: Any,
    weights: Any,
    act_weights: Any,
    pair_weights: Any,
    counted: bool,
    neutral: float,
) -> Any:
    """Sum of weights over the root of their number, and those of acts, a text; NaN where nothing was left.
    Where too little was left it is at most `neutral`.
    """
    margins = np.empty(len(offsets) - 1)
    size = 4 * _longest(offsets) + 16
    work, out = np.empty(size, np.int32), np.empty(size, np.int32)
    seen = np.full(1 << 10, -1, np.int64)
    does = np.zeros(len(act_weights), np.bool_)
    for row in range(len(margins)):
        n, telling = _plain(data, offsets, row, tables, work, out)
        room = len(seen)
        while room < 2 * LONGEST * n:
            room *= 2
        if room > len(seen):
            seen = np.full(room, -1, np.int64)
        does[:] = False
        total, count = 0.0, 0
        for i in range(n):
            state = START
            for j in range(i, min(i + LONGEST_WORDING, n)):
                state = hashed(state, out[j])
                bucket = bucket_of(state)
                if j < i + LONGEST and (counted or _is_new(seen, (row << 18) + bucket)):
                    total += weights[bucket]
                    count += 1
                hint = hint_of(acts, state)
                if may_end(hint):
                    mark_acts(acts, state, hint, does)
                if j >= i + LONGEST - 1 and not hint & GOES_ON:
                    break
        worth = acts_worth(does, act_weights, pair_weights)
        margins[row] = total / np.sqrt(count) + worth if count else np.nan
        if count and not telling:
            margins[row] = min(margins[row], neutral)
    return margins


@njit(cache=True, nogil=True)
def _is_new(seen: Any, key: int) -> bool:
    """Whether the key, row and bucket, was not yet seen; now it is. At most half of `seen` is of one row."""
    last, row = len(seen) - 1, key >> 18
    at = key & last  # a bucket is as good as drawn
    while seen[at] >> 18 == row:  # else it is empty, or of a row before
        if seen[at] == key:
            return False
        at = (at + 1) & last
    seen[at] = key
    return True


@njit(cache=True, nogil=True)
def _best_types(data: Any, offsets: Any, tables: Any, acts: Any, weights: Any, bias: Any) -> Any:
    best = np.empty(len(offsets) - 1, np.int64)
    size = 4 * _longest(offsets) + 16
    work, out = np.empty(size, np.int32), np.empty(size, np.int32)
    total, worth = np.empty(len(bias)), np.empty(len(bias))
    does = np.zeros(len(weights) - TYPE_BUCKETS, np.bool_)
    for row in range(len(best)):
        n, _ = _plain(data, offsets, row, tables, work, out)
        total[:] = 0
        does[:] = False
        count = 0
        for i in range(n):
            state = START
            for j in range(i, min(i + LONGEST_WORDING, n)):
                state = hashed(state, out[j])
                if j < i + LONGEST:
                    bucket = bucket_of(state) & (TYPE_BUCKETS - 1)
                    for kind in range(len(bias)):
                        total[kind] += weights[bucket, kind]
                    count += 1
                hint = hint_of(acts, state)
                if may_end(hint):
                    mark_acts(acts, state, hint, does)
                if j >= i + LONGEST - 1 and not hint & GOES_ON:
                    break
        worth[:] = bias
        share = min(1.0, ENOUGH / max(1, does.sum()))
        for act in np.flatnonzero(does):
            worth += share * weights[TYPE_BUCKETS + act]
        best[row] = np.argmax(total / np.sqrt(max(count, 1)) + worth) if count else -1
    return best


@njit(cache=True, nogil=True)
def _all_buckets(data: Any, offsets: Any, tables: Any, acts: Any, does: Any) -> Any:
    size = 4 * _longest(offsets) + 16
    work, out = np.empty(size, np.int32), np.empty(size, np.int32)
    ends = np.empty(len(offsets) - 1, np.int64)
    buckets = np.empty(1024, np.int64)
    m = 0
    for row in range(len(ends)):
        n, _ = _plain(data, offsets, row, tables, work, out)
        if m + LONGEST * n > len(buckets):
            larger = np.empty(2 * len(buckets) + LONGEST * n, np.int64)
            larger[:m] = buckets[:m]
            buckets = larger
        for i in range(n):
            state = START
            for j in range(i, min(i + LONGEST_WORDING, n)):
                state = hashed(state, out[j])
                bucket = bucket_of(state)
                if j < i + LONGEST:
                    buckets[m] = bucket
                    m += 1
                hint = hint_of(acts, state)
                mark_acts(acts, state, hint, does[row])
                if j >= i + LONGEST - 1 and not hint & GOES_ON:
                    break
        ends[row] = m
    return buckets[:m].copy(), ends


@njit(cache=True, nogil=True)
def _worth_of_each(text: Any, acts: Any, act_weights: Any, pair_weights: Any) -> Any:
    n = len(text)
    does = np.zeros(len(act_weights), np.bool_)
    for i in range(n):
        state = START
        for j in range(i, min(i + LONGEST_WORDING, n)):
            state = hashed(state, text[j])
            hint = hint_of(acts, state)
            if may_end(hint):
                mark_acts(acts, state, hint, does)
            if not hint & GOES_ON:
                break
    worth = np.zeros(len(does))
    for act in range(len(does)):
        worth[act] = act_weights[act]
        for other in range(len(does)):
            if does[other]:
                worth[act] += pair_weights[max(act, other), min(act, other)] / 2
    share = min(1.0, ENOUGH / max(1, does.sum()))
    return worth * share


@njit(cache=True, nogil=True)
def _gains(text: Any, acts: Any, weights: Any, act_weights: Any, pair_weights: Any) -> Any:
    """What each character adds: every n-gram's weight shared by its characters, and so of acts' wordings,
    with half of what an act is worth beside each other one.
    """
    n = len(text)
    gains = np.zeros(n)
    does = np.zeros(len(act_weights), np.bool_)
    root = np.sqrt(LONGEST * n)
    worth = _worth_of_each(text, acts, act_weights, pair_weights)
    for i in range(n):
        state = START
        for j in range(i, min(i + LONGEST_WORDING, n)):
            state = hashed(state, text[j])
            bucket = bucket_of(state)
            share = weights[bucket] if j < i + LONGEST else 0.0
            hint = hint_of(acts, state)
            if may_end(hint):
                does[:] = False
                mark_acts(acts, state, hint, does)
                for act in range(len(does)):
                    if does[act]:
                        share += worth[act] * root
            share /= j - i + 1
            for k in range(i, j + 1):
                gains[k] += share
            if j >= i + LONGEST - 1 and not hint & GOES_ON:
                break
    return gains


def _loudest(gains: Floats, cuts: npt.NDArray[np.int64], most: int) -> list[tuple[int, int]]:
    spans = [(float(gains[start:end].sum()), start, end) for start, end in _spans(gains, cuts).tolist()]
    spans.sort(reverse=True)
    return [(start, end) for _, start, end in spans[:most]]


@njit(cache=True, nogil=True)
def _spans(gains: Any, cuts: Any) -> Any:
    """Begin and end of every run of two to twelve characters that all speak for a scam, over no cut."""
    spans = np.empty((len(gains), 2), np.int64)
    start, m, next_cut = 0, 0, 0
    for end in range(1, len(gains) + 1):
        while next_cut < len(cuts) and cuts[next_cut] < end:
            next_cut += 1
        cut = next_cut < len(cuts) and cuts[next_cut] == end
        if end == len(gains) or gains[end] <= 0 or cut or end - start == LONGEST_WORDING:
            if gains[start] > 0 and end - start > 1:
                spans[m, 0], spans[m, 1] = start, end
                m += 1
            start = end
        if start < len(gains) and end == start + 1 and gains[start] <= 0:
            start = end
    return spans[:m]
