"""Which scam a text is: one linear model a type, against all the others."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.detect.text.model import TYPE_BUCKETS


class TypeWeights(NamedTuple):
    """What a text model holds of scam types, and how well it names them on rows held out."""

    types: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    """`TYPE_BUCKETS` × types."""
    bias: npt.NDArray[np.float32]
    measure: dict[str, float]


def fit_types(
    x: Any, names: npt.NDArray[np.str_], weight: npt.NDArray[np.float64], fold: npt.NDArray[np.int64]
) -> TypeWeights:
    """Weights learnt from all rows of `x` (texts × buckets), measured on folds; types weigh alike."""
    from scipy import sparse

    entries = x.tocoo()
    folded = (entries.data, (entries.row, entries.col & (TYPE_BUCKETS - 1)))
    small = sparse.csr_matrix(folded, shape=(x.shape[0], TYPE_BUCKETS))
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
    recalls = [float(np.mean(guess[names == name] == name)) for name in types]
    measure = {
        "rows": float(len(names)),
        "accuracy": round(float(np.mean(guess == names)), 4),
        "mean_recall_of_types": round(float(np.mean(recalls)), 4),
    }
    return TypeWeights(types, weights, bias, measure)


def _one_against_rest(
    x: Any, names: npt.NDArray[np.str_], weight: npt.NDArray[np.float64], types: tuple[str, ...]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((TYPE_BUCKETS, len(types)), np.float32)
    bias = np.full(len(types), -10, np.float32)
    for column, name in enumerate(types):
        y = names == name
        if y.any() and not y.all():
            model = LogisticRegression(C=8.0, solver="liblinear", tol=1e-2, max_iter=100)
            model.fit(x, y, sample_weight=weight)
            weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]
    return weights, bias
