"""Boosted decision trees as plain arrays, so that a trained model can be asked without its library."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.errors import ModelError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees laid end to end; children are counted from the first node of all."""

    features: tuple[str, ...]
    """Names of the columns, in order."""
    feature: npt.NDArray[np.int32]
    """The column a node asks for; −1 at a leaf."""
    threshold: Floats
    """At most this goes left; at a leaf, what it adds to the log-odds."""
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    missing_left: npt.NDArray[np.bool_]
    roots: npt.NDArray[np.int32]
    baseline: float
    slope: float
    intercept: float

    @classmethod
    def load(cls, name: str) -> Trees:
        """The model that ships under that name (`callers`, `accounts`), read once. Errors: ModelError."""
        return _shipped(name)

    @classmethod
    def read(cls, path: Path) -> Trees:
        """The model that `write` left at `path`. Errors: ModelError."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
                plain = json.loads(str(data["plain"]))
                plain["features"] = tuple(plain["features"])
                return cls(**{name: data[name] for name in data.files if name != "plain"}, **plain)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path}: not a model of trees ({error}); make one with: qingdun train"
            ) from error

    def write(self, path: Path) -> None:
        """The model is at `path`."""
        plain = {
            "features": self.features,
            "baseline": self.baseline,
            "slope": self.slope,
            "intercept": self.intercept,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path, feature=self.feature, threshold=self.threshold, left=self.left, right=self.right,
            missing_left=self.missing_left, roots=self.roots, plain=np.array(json.dumps(plain)),
        )  # fmt: skip

    def score(self, x: Floats) -> Floats:
        """Probability of each row of `x`, whose columns are `features`; NaN where a value is not known."""
        odds = _sums(np.ascontiguousarray(x, np.float64), self.feature, self.threshold, self.left, self.right,
                     self.missing_left, self.roots) + self.baseline  # fmt: skip
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * odds + self.intercept, -40, 40))))


@cache
def _shipped(name: str) -> Trees:
    with resources.as_file(resources.files("qingdun.evaluate").joinpath(f"models/{name}.npz")) as path:
        return Trees.read(path)


@njit(cache=True, nogil=True)
def _sums(x: Any, feature: Any, threshold: Any, left: Any, right: Any, missing_left: Any, roots: Any) -> Any:
    sums = np.zeros(len(x))
    for row in range(len(x)):
        for root in roots:
            node = root
            while feature[node] >= 0:
                value = x[row, feature[node]]
                goes_left = missing_left[node] if np.isnan(value) else value <= threshold[node]
                node = left[node] if goes_left else right[node]
            sums[row] += threshold[node]
    return sums
