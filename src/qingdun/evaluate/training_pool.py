"""All sources of labelled texts together as one matrix, and a linear model learnt from any part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.detect.text.acts import BUCKETS, act_columns, act_names, pairs_of
from qingdun.detect.text.model import features
from qingdun.evaluate.resampling import Floats
from qingdun.evaluate.speakers import without_speakers
from qingdun.evaluate.training_examples import ADVERT, Examples
from qingdun.evaluate.training_groups import folds, near_duplicates

BASE_RATE = 0.1
"""The share of scams among texts that probabilities are calibrated for [D]."""
FOLDS = 3

Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Method:
    """How a model of texts is learnt; `docs/decisions` says why so."""

    counted: bool
    """Whether an n-gram counts as often as it stands in a text, or once."""
    groups: int
    """N-grams that fewer groups of near-duplicates hold have no weight."""
    rarity: float
    """The power of the inverse document frequency by which a rare n-gram learns faster."""
    acts: float
    """What an act counts in learning beside the n-grams, whose squares come to one; 0: acts are not used."""
    pairs: float
    """The same of two acts in one text."""
    regularisation: float = 16.0
    sources: int = 1
    """N-grams that fewer sources hold have no weight, where so many are learnt from."""

    def words(self) -> str:
        """For a card."""
        repeats = "as often as they stand there" if self.counted else "once a text"
        acts = f", and {len(act_names())} acts (scale {self.acts:g})" if self.acts else ""
        acts += f" with their pairs (scale {self.pairs:g})" if self.pairs else ""
        shared = f" and {self.sources} sources" if self.sources > 1 else ""
        return (
            f"Hashed character n-grams of 1 to 4 ({BUCKETS:,} buckets, {repeats}) of the plain spelling"
            f"{acts}; those in at least {self.groups} groups of near-duplicates (MinHash){shared}, scaled by "
            f"inverse document frequency to the power of {self.rarity:g}; logistic regression "
            f"(C = {self.regularisation:g})"
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """All sources together, equal texts once."""

    method: Method
    x: Any
    """Texts × buckets: n-grams over the root of their number; then the columns of acts and their pairs."""
    bag: Any
    """Texts × buckets, every n-gram as often as it stands there: what types are learnt from."""
    fraud: npt.NDArray[np.int64]
    types: npt.NDArray[Any]
    advert: Rows
    weight: Floats
    source: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of n-grams and acts, and how their sum becomes a probability."""

    weights: npt.NDArray[np.float32]
    act_weights: npt.NDArray[np.float32]
    pair_weights: npt.NDArray[np.float32]
    slope: float
    intercept: float

    def margin(self, x: Any) -> Floats:
        """The sum for each row of a pool's matrix."""
        pairs = self.pair_weights[pairs_of(len(self.act_weights))]
        return np.asarray(x @ np.concatenate([self.weights, self.act_weights, pairs]), np.float64)

    def probability(self, margin: Floats) -> Floats:
        """What the margin says, for the base rate."""
        odds = np.where(
            np.isnan(margin), np.log(BASE_RATE / (1 - BASE_RATE)), self.slope * margin + self.intercept
        )
        return np.asarray(1 / (1 + np.exp(-odds)))


def pool_of(sources: Sequence[Examples], method: Method) -> Pool:
    """The sources as one pool; sides of a source weigh alike, near-duplicates the root of their number."""
    from scipy import sparse

    texts = without_speakers(pa.array([text for examples in sources for text in examples.texts])).to_pylist()
    source = np.repeat(np.arange(len(sources)), [len(s.texts) for s in sources])
    found, acts = features(texts)
    keys = [row.tobytes() for row in found]
    keep = np.array(sorted({key: number for number, key in reversed(list(enumerate(keys)))}.values()))
    given = np.concatenate([s.weight for s in sources])
    keep = keep[[len(found[row]) > 0 and given[row] > 0 for row in keep]]
    found, source = [found[row] for row in keep], source[keep]
    fraud = np.concatenate([s.fraud for s in sources])[keep]
    kinds = np.array([kind for s in sources for kind in (s.kinds or [""] * len(s.texts))], object)[keep]
    groups = near_duplicates(found)
    bag = _grams(found)
    grams = bag if method.counted else _grams([np.unique(row) for row in found])
    x = sparse.hstack([grams, sparse.csr_matrix(act_columns(acts[keep]))]).tocsr()
    types = np.array([kind for s in sources for kind in s.types], object)[keep]
    weight = _weights(sources, source, fraud, given[keep], groups)
    return Pool(method, x, bag, fraud, types, kinds == ADVERT, weight, source, groups)


def _grams(rows: Sequence[npt.NDArray[np.int64]]) -> Any:
    from scipy import sparse

    lengths = np.array([len(row) for row in rows])
    values = np.repeat((1 / np.sqrt(lengths)).astype(np.float32), lengths)
    ends = np.append(0, np.cumsum(lengths))
    x = sparse.csr_matrix((values, np.concatenate(rows), ends), shape=(len(rows), BUCKETS))
    x.sum_duplicates()
    return x


def _weights(
    sources: Sequence[Examples],
    source: npt.NDArray[np.int64],
    fraud: npt.NDArray[np.int64],
    given: Floats,
    groups: npt.NDArray[np.int64],
) -> Floats:
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weight = given / np.sqrt(sizes[inverse])
    for number, examples in enumerate(sources):
        for side in (0, 1):
            rows = (source == number) & (fraud == side)
            weight[rows] *= 1000 * examples.weight.max() / max(weight[rows].sum(), 1e-9)
    return np.asarray(weight)


def learn(pool: Pool, rows: Rows) -> tuple[Linear, Floats]:
    """The model of these rows, and the margin of each by a model of the other folds of them.

    Folds keep near-duplicates together; rows that were not learnt have no margin.
    """
    held = np.full(len(pool.fraud), np.nan)
    fold = np.full(len(pool.fraud), -1)
    fold[rows] = folds(pool.groups[rows], FOLDS)
    for number in range(FOLDS):
        part = rows & (fold != number)
        if len(set(pool.fraud[part])) == 2:
            asked = fold == number
            held[asked] = pool.x[asked] @ _coefficients(pool, part)
    slope, intercept = _scale(held, pool.fraud, pool.weight)
    coefficients = _coefficients(pool, rows).astype(np.float32)
    count = len(act_names())
    pairs = np.zeros((count, count), np.float32)
    pairs[pairs_of(count)] = coefficients[BUCKETS + count :]
    acts = coefficients[BUCKETS : BUCKETS + count]
    return Linear(coefficients[:BUCKETS], acts, pairs, slope, intercept), held


def _coefficients(pool: Pool, rows: Rows) -> Floats:
    """A weight a column of `x`, by logistic regression with both sides of one weight."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    x, y = pool.x[rows], pool.fraud[rows]
    _, group = np.unique(pool.groups[rows], return_inverse=True)
    member = sparse.csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))))
    frequency = np.asarray(((member @ x) > 0).sum(axis=0)).ravel()
    scale = (np.log(len(y) / np.maximum(frequency, 1)) / 4).clip(0) ** pool.method.rarity
    scale[BUCKETS:] = pool.method.pairs
    scale[BUCKETS : BUCKETS + len(act_names())] = pool.method.acts
    used = np.flatnonzero((frequency >= pool.method.groups) & (scale > 0) & _shared(pool, rows))
    weights = np.zeros(pool.x.shape[1])
    if not len(used) or len(set(y)) < 2:  # so few texts, or all of one side, teach nothing
        return weights
    weight = pool.weight[rows].copy()
    for side in (0, 1):
        weight[y == side] *= len(y) / 2 / weight[y == side].sum()
    model = LogisticRegression(C=pool.method.regularisation, solver="liblinear", tol=1e-2, max_iter=200)
    model.fit(x[:, used] @ sparse.diags(scale[used].astype(np.float32)), y, sample_weight=weight)
    weights[used] = model.coef_[0] * scale[used]
    return weights


def _shared(pool: Pool, rows: Rows) -> Rows:
    """The columns that enough sources of these rows hold; acts are nobody's habit."""
    names = np.unique(pool.source[rows])
    held = [
        np.bincount(pool.x[rows & (pool.source == name)].indices, minlength=pool.x.shape[1]) > 0
        for name in names
    ]
    found: Rows = np.sum(held, axis=0) >= min(pool.method.sources, len(names))
    found[BUCKETS:] = True
    return found


def _scale(margin: Floats, fraud: npt.NDArray[np.int64], weight: Floats) -> tuple[float, float]:
    """Slope and intercept of the log-odds in the margin, for the base rate."""
    from sklearn.linear_model import LogisticRegression

    known = ~np.isnan(margin)
    if len(set(fraud[known])) < 2:
        return 1.0, float(np.log(BASE_RATE / (1 - BASE_RATE)))
    balanced = weight[known].copy()
    for side, share in ((0, 1 - BASE_RATE), (1, BASE_RATE)):
        balanced[fraud[known] == side] *= share * known.sum() / balanced[fraud[known] == side].sum()
    fit = LogisticRegression(C=1e3).fit(margin[known, None], fraud[known], sample_weight=balanced)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])
