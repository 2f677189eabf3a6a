"""Which scam a text is: one linear model a type, against all the others."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.detect.text.acts import BUCKETS, act_names
from qingdun.detect.text.model import TYPE_BUCKETS
from qingdun.evaluate.training_groups import folds
from qingdun.evaluate.training_pool import FOLDS, Pool

ACTS = 0.15
"""What an act counts in learning beside the n-grams of a text."""
REGULARISATION = 128.0


class TypeWeights(NamedTuple):
    """What a text model holds of scam types, and how well it names them on rows held out."""

    types: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    """`TYPE_BUCKETS` rows, then one an act, × types."""
    bias: npt.NDArray[np.float32]
    measure: dict[str, float]


def fit_types(pool: Pool, asked: int) -> TypeWeights:
    """Weights learnt from all rows of the pool that have a type, each type of one weight.

    The measure is by folds of near-duplicates, over the rows of the first `asked` sources.
    """
    known = pool.types != ""
    names, weight = pool.types[known].astype(str), pool.weight[known]
    fold, wanted = folds(pool.groups[known], FOLDS), pool.source[known] < asked
    small = _columns(pool, known)
    types = tuple(sorted({str(name) for name in names}))
    balanced = weight.copy()
    for name in types:
        balanced[names == name] *= 100 / balanced[names == name].sum()
    guess = np.full(len(names), "", object)
    for number in sorted(set(fold.tolist())):
        learn = fold != number
        if learn.any() and not learn.all():
            weights, bias = _one_against_rest(small[learn], names[learn], balanced[learn], types)
            guess[~learn] = np.array(types)[np.argmax(small[~learn] @ weights + bias, axis=1)]
    weights, bias = _one_against_rest(small, names, balanced, types)
    right = guess == names
    recalls = [
        float(np.mean(right[wanted & (names == name)])) for name in types if (wanted & (names == name)).any()
    ]
    measure = {
        "rows": float(wanted.sum()),
        "accuracy": round(float(np.mean(right[wanted])), 4),
        "mean_recall_of_types": round(float(np.mean(recalls)), 4),
    }
    weights[TYPE_BUCKETS:] *= ACTS
    return TypeWeights(types, weights, bias, measure)


def _columns(pool: Pool, rows: npt.NDArray[np.bool_]) -> Any:
    """Texts × (`TYPE_BUCKETS` and acts): every n-gram as often as it stands there, and what the text does."""
    from scipy import sparse

    entries = pool.bag[rows].tocoo()
    folded = (entries.data, (entries.row, entries.col & (TYPE_BUCKETS - 1)))
    grams = sparse.csr_matrix(folded, shape=(int(rows.sum()), TYPE_BUCKETS))
    acts = pool.x[rows][:, BUCKETS : BUCKETS + len(act_names())]
    return sparse.hstack([grams, acts * ACTS]).tocsr()


def _one_against_rest(
    x: Any, names: npt.NDArray[np.str_], weight: npt.NDArray[np.float64], types: tuple[str, ...]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((x.shape[1], len(types)), np.float32)
    bias = np.full(len(types), -10, np.float32)
    for column, name in enumerate(types):
        y = names == name
        if y.any() and not y.all():
            model = LogisticRegression(C=REGULARISATION, solver="liblinear", tol=1e-2, max_iter=100)
            model.fit(x, y, sample_weight=weight)
            weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]
    return weights, bias
