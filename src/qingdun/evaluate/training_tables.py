"""How the models of callers and of accounts are trained: boosted trees, exported as plain arrays."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.contract.progress import Steps, Told, unheard
from qingdun.evaluate.tabular import (
    CALLER_COLUMNS,
    CALLER_FEATURES,
    caller_matrix,
    numbers,
    with_ratios,
)
from qingdun.evaluate.training_card import (
    Floats,
    ModelCard,
    Source,
    measure,
    read_rows,
    require_training,
)
from qingdun.evaluate.trees import Trees

Truth = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a training has to learn from, and what it says of rows it has not learnt from."""

    x: Floats
    y: Truth
    asked: dict[str, tuple[npt.NDArray[np.int64], Floats]]
    """By split: the places of the rows, and the probability of each."""
    slope: float
    intercept: float

    def measures(self) -> dict[str, dict[str, float]]:
        """Of each split."""
        return {split: measure(self.y[rows], p) for split, (rows, p) in self.asked.items()}


BASE_RATE = 0.1
"""The share of fraud numbers and mule accounts that probabilities are calibrated for [D]."""
FOLDS = 5
CALLER_STEPS = FOLDS + 3


def train_callers(data: Path, out: Path, told: Told = unheard) -> ModelCard:
    """`callers.npz` and its card are in `out`: fraud numbers by what their calls and messages add up to.

    `data` is a folder with `callers_sichuan.csv.gz`. Errors: MissingFile and its kin, MissingExtra.
    """
    require_training()
    steps = Steps(CALLER_STEPS + 1, told)
    learnt = learn_callers(data, steps)
    steps.begin("all numbers")
    model = fit(learnt.x, learnt.y, with_ratios)
    export(model, CALLER_FEATURES, learnt.slope, learnt.intercept).write(out / "callers.npz")
    card = ModelCard(
        "callers", "The probability that a number is used for fraud, from its calls and messages.", _METHOD,
        [Source("xxhu94/GAT-COBO, Sichuan 2020", "Apache-2.0", len(learnt.y))], learnt.measures(),
        ["One province, one year, numbers chosen by a competition: rates elsewhere differ.",
         "App traffic and revenue columns are not used: a flow of calls cannot give them."],
    )  # fmt: skip
    card.write(out)
    return card


def learn_callers(data: Path, steps: Steps) -> Learnt:
    """The numbers of `callers_sichuan.csv.gz`, each asked of models that have not learnt from it.

    Errors: MissingFile and its kin.
    """
    steps.begin("reading")
    table = read_rows(data / "callers_sichuan.csv.gz", [*CALLER_COLUMNS, "label"])
    y = numbers(table["label"]).astype(np.int64)
    x = caller_matrix(table)
    fold = np.random.default_rng(3).permutation(len(y)) % FOLDS
    held = held_out(x, y, fold, steps, with_ratios)
    slope, intercept = scale(held, y)
    steps.begin("a fifth that chose nothing")
    kept = _kept_apart(x)
    apart = fit(x[~kept], y[~kept], with_ratios).decision_function(with_ratios(x[kept]))
    steps.begin("from calls alone")
    few = x.copy()
    few[:, CALLER_COLUMNS.index("sms_count") :] = np.nan
    partly = np.full(len(y), np.nan)
    for number in range(FOLDS):
        steps.within(number / FOLDS)
        model = fit(x[fold != number], y[fold != number], with_ratios)
        partly[fold == number] = model.decision_function(with_ratios(few[fold == number]))
    rows = np.arange(len(y))
    asked = {
        f"all call and message columns, {FOLDS} folds": (rows, curve(held, slope, intercept)),
        "the same, a fifth by which nothing was chosen": (rows[kept], curve(apart, slope, intercept)),
        f"call columns only given, {FOLDS} folds": (rows, curve(partly, slope, intercept)),
    }
    return Learnt(x, y, asked, slope, intercept)


_METHOD = (
    "Histogram gradient boosting, exported as plain arrays; values withheld at random while learning, so "
    "that any subset of columns can be scored; Platt scaling on held-out folds. "
    f"Base rate {BASE_RATE:.0%}."
)


def _kept_apart(x: Floats) -> npt.NDArray[np.bool_]:
    """A fifth of the numbers, whatever their order, by which neither columns nor settings were chosen."""
    _, place = np.unique(np.nan_to_num(x, nan=-9), axis=0, return_inverse=True)
    return np.array([zlib.crc32(b"final-%d" % one) % 5 == 0 for one in place.ravel().tolist()])


def _as_is(x: Floats) -> Floats:
    return x


def fit(x: Floats, y: Truth, widen: Callable[[Floats], Floats] = _as_is) -> Any:
    """Trees learnt from the rows as they are and once more with columns withheld, then widened."""

    draw = np.random.default_rng(11)
    gaps = x.copy()
    gaps[draw.random(x.shape) < draw.choice([0.2, 0.5, 0.8], (len(x), 1))] = np.nan
    weight = weights(y)
    return grow(widen(np.concatenate([x, gaps])), np.concatenate([y, y]),
                np.concatenate([weight, 0.5 * weight]), 250, 0.05, 15, 15)  # fmt: skip


def weights(y: Truth) -> Floats:
    """Of each row: fraud weighs up to ten times as much as what is ordinary, to be a quarter of all."""
    return np.where(y == 1, min(len(y) / max(y.sum(), 1) / 4, 10), 1.0)


def grow(x: Floats, y: Truth, weight: Floats, trees: int, rate: float, leaves: int, least: int) -> Any:
    """So many trees of so many leaves, each of at least so many rows, that were learnt at that rate."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=trees, learning_rate=rate, max_leaf_nodes=leaves, min_samples_leaf=least,
        l2_regularization=5, max_features=0.2, early_stopping=False, random_state=5,
    )  # fmt: skip
    with threadpool_limits(1, user_api="openmp"):  # more of them mostly wait for each other
        return model.fit(x, y, sample_weight=weight)


def held_out(
    x: Floats,
    y: Truth,
    fold: npt.NDArray[np.int64],
    steps: Steps,
    widen: Callable[[Floats], Floats] = _as_is,
) -> Floats:
    """Of each row the log-odds by a model that learnt from the other folds."""
    held = np.full(len(y), np.nan)
    for number in range(FOLDS):
        steps.begin(f"fold {number + 1} of {FOLDS}")
        model = fit(x[fold != number], y[fold != number], widen)
        held[fold == number] = model.decision_function(widen(x[fold == number]))
    return held


def scale(margin: Floats, y: Truth) -> tuple[float, float]:
    """Slope and intercept by which log-odds become those of a set of which `BASE_RATE` is fraud."""
    from sklearn.linear_model import LogisticRegression

    weight = np.where(y == 1, BASE_RATE / max(y.mean(), 1e-9), (1 - BASE_RATE) / max(1 - y.mean(), 1e-9))
    fit = LogisticRegression(C=1e3).fit(margin[:, None], y, sample_weight=weight)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def curve(margin: Floats, slope: float, intercept: float) -> Floats:
    """The probability of log-odds so scaled."""
    return np.asarray(1 / (1 + np.exp(-(slope * margin + intercept))))


def export(model: Any, features: Sequence[str], slope: float, intercept: float) -> Trees:
    """The trees of a fitted scikit-learn model as arrays."""
    nodes, roots, start = [], [], 0
    for (tree,) in model._predictors:
        roots.append(start)
        found = tree.nodes.copy()
        found["left"] += start
        found["right"] += start
        start += len(found)
        nodes.append(found)
    all_ = np.concatenate(nodes)
    leaf = all_["is_leaf"].astype(bool)
    return Trees(
        tuple(features),
        np.where(leaf, -1, all_["feature_idx"]).astype(np.int32),
        np.where(leaf, all_["value"], all_["num_threshold"]).astype(np.float64),
        all_["left"].astype(np.int32),
        all_["right"].astype(np.int32),
        all_["missing_go_to_left"].astype(bool),
        np.array(roots, np.int32),
        float(model._baseline_prediction.ravel()[0]),
        slope,
        intercept,
    )
