"""What a bit of each detector is worth beside all others: fitted to every weighing of persons of simulated
cities, alerted or not, where attacks are as rare as by default.

A person counts once for every whole bit of log2 odds that the sum rises past, since that is when alerts are
raised; below `_FLOOR` only the first weighing counts. What is fitted changes when that is, so it is fitted
again a few times.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from qingdun.contract.tables import Truth
from qingdun.detect.weights import Weights
from qingdun.evaluate.cities_page import Cities
from qingdun.evaluate.measures import EPISODE_US, was_near
from qingdun.evaluate.training_card import require_training

_FLOOR = -5.0
_TIMES = 4
_STIFFNESS = 1.0
"""How many examples' worth of doubt a worth of 1 resists."""
_LEAST, _MOST = 0.1, 2.0
_LISTED = {"transfer.suspect_payee": 0.4, "visit.listed_host": 0.4, "call.suspect_contact": 0.4}
"""Least worth of what rests on lists: those of simulated cities are worse than a bureau's own may be."""

Floats = npt.NDArray[np.float64]

_CARD = """# Card: weights of evidence

Written by `qingdun fit-weights`. Bits within a detector are set by hand after likelihood ratios in simulated
cities. What a bit of each detector is worth beside all others, and the prior, are fitted by logistic
regression to simulated cities ({cities}).

{examples:,} examples, {right:,} of persons whom a scam was near; a person counts once for every whole bit of
log2 odds that the sum rises past. Prior {prior:.2f} bits. A worth is held near 1, from {least} to {most}, of
what rests on lists from {listed} on, since those of simulated cities are worse than a bureau's own may be. A
detector without examples keeps a worth of 1.

Limits: no outcome of a real city is in them; `qingdun refit` learns from those. Scripts, innocents and lists
are the simulator's. The probability is that of a scam being near, not of a payment.

| detector | worth | examples it speaks in | of these right |
|---|---:|---:|---:|
{rows}
"""


class Counted(Protocol):
    """A signal and what it counts, in thousandths of a bit, before its worth."""

    @property
    def signal(self) -> Any:
        """The signal, with its `detector`."""
        ...

    @property
    def millibits(self) -> int:
        """What it counts."""
        ...


@dataclass(frozen=True, slots=True)
class Examples:
    """Weighings of the persons of a city, person by person, each in order of time."""

    person: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    bits: Floats
    """By weighing and detector, in the order of the codes."""
    right: npt.NDArray[np.bool_]
    """Whether a scam was near."""


class Weighings:
    """Hears an engine weigh the persons of one city."""

    def __init__(self, weights: Weights) -> None:
        self._codes = {code: place for place, code in enumerate(sorted(weights.detectors))}
        self._persons: list[str] = []
        self._at: list[int] = []
        self._bits: list[npt.NDArray[np.int32]] = []

    def heard(self, person_id: str, at: int, found: Sequence[Counted]) -> None:
        """One weighing."""
        bits = np.zeros(len(self._codes), np.int32)
        for one in found:
            bits[self._codes[one.signal.detector]] += one.millibits
        self._persons.append(person_id)
        self._at.append(at)
        self._bits.append(bits)

    def examples(self, truth: Iterable[Truth], since: int = 0) -> Examples:
        """All of them from that time on, with what the truth says."""
        by_person: dict[str, list[Truth]] = {}
        for row in truth:
            by_person.setdefault(row.person_id, []).append(row)
        person = np.unique(np.array(self._persons, np.str_), return_inverse=True)[1]
        order = np.argsort(person, kind="stable")
        order = order[np.array(self._at, np.int64)[order] >= since]
        near = [
            any(was_near(row, at) for row in by_person.get(name, ()))
            for name, at in zip(self._persons, self._at, strict=True)
        ]
        bits = np.array(self._bits, np.float64).reshape(-1, len(self._codes)) / 1000
        at = np.array(self._at, np.int64)
        return Examples(person[order], at[order], bits[order], np.array(near, np.bool_)[order])


@dataclass(frozen=True, slots=True)
class Fit:
    """The prior in bits and the worth of every detector."""

    prior_bits: float
    worth: Mapping[str, float]
    examples: int
    right: int
    heard: Mapping[str, tuple[int, int]]
    """Of every detector, in how many examples it spoke for a scam, and how many of them were right."""

    def source(self, weights: Weights) -> dict[str, Any]:
        """A weights file that differs in these alone; its version names the digest of what it holds."""
        changed: dict[str, Any] = copy.deepcopy(dict(weights.source))
        changed["sum"]["prior_bits"] = self.prior_bits
        for code, worth in self.worth.items():
            changed["detectors"][code]["worth"] = worth
        content = json.dumps(changed, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(content.encode()).hexdigest()[:6]
        changed["version"] = f"{weights.version.partition('+')[0]}+fit.{digest}"
        return changed


def fit(cities: Sequence[Examples], weights: Weights) -> Fit:
    """Prior and worth by logistic regression, held near a worth of 1 and within bounds.

    Errors: MissingExtra without the extra `train`.
    """
    require_training()
    codes = sorted(weights.detectors)
    least = np.array([_LISTED.get(code, _LEAST) for code in codes])
    prior, worth = weights.prior_bits, np.ones(len(codes))
    for _ in range(_TIMES):
        chosen = [_rises(city, prior, worth) for city in cities]
        bits = np.vstack([city.bits[rows] for city, rows in zip(cities, chosen, strict=True)])
        right = np.concatenate([city.right[rows] for city, rows in zip(cities, chosen, strict=True)])
        prior, worth = _fitted(bits, right, prior, worth, least)
    rounded = {code: round(float(one), 2) for code, one in zip(codes, worth, strict=True)}
    spoke = bits > 0
    counts = zip(spoke.sum(axis=0).tolist(), spoke[right].sum(axis=0).tolist(), strict=True)
    return Fit(round(prior, 2), rounded, len(right), int(right.sum()), dict(zip(codes, counts, strict=True)))


def card_of(found: Fit, cities: Cities) -> str:
    """What the weights were fitted to, and how: a page."""
    rows = [
        f"| `{code}` | {found.worth[code]:.2f} | {spoke:,} | {right:,} |"
        for code, (spoke, right) in sorted(found.heard.items(), key=lambda item: -item[1][0])
    ]
    return _CARD.format(
        cities=cities.text(), examples=found.examples, right=found.right, prior=found.prior_bits,
        least=_LEAST, most=_MOST, listed=min(_LISTED.values()), rows="\n".join(rows),
    )  # fmt: skip


def _rises(city: Examples, prior: float, worth: Floats) -> npt.NDArray[np.int64]:
    """The weighings at which a person's sum first rose past a whole bit, of each 72 h anew."""
    steps = np.floor(np.maximum(prior + city.bits @ worth, _FLOOR - 1)).tolist()
    found: list[int] = []
    before, began, best = -1, 0, 0.0
    for row, (person, at, step) in enumerate(zip(city.person.tolist(), city.at.tolist(), steps, strict=True)):
        if person != before or at - began > EPISODE_US:
            before, began, best = person, at, -np.inf
        if step > best:
            best = step
            found.append(row)
    return np.array(found, np.int64)


def _fitted(
    bits: Floats, right: npt.NDArray[np.bool_], prior: float, worth: Floats, least: Floats
) -> tuple[float, Floats]:
    from scipy.optimize import minimize

    nats, wanted = np.log(2.0), right.astype(np.float64)

    def misfit(theta: Floats) -> tuple[float, Floats]:
        odds = np.clip((theta[0] + bits @ theta[1:]) * nats, -40, 40)
        gap = theta[1:] - 1
        slope = (1 / (1 + np.exp(-odds)) - wanted) * nats
        value = float((np.logaddexp(0, odds) - wanted * odds).sum() + _STIFFNESS * (gap @ gap) / 2)
        return value, np.concatenate([[slope.sum()], bits.T @ slope + _STIFFNESS * gap])

    bounds = [(-12.0, -4.0), *((float(low), _MOST) for low in least)]
    start = np.concatenate([[prior], np.clip(worth, least, _MOST)])
    found = minimize(misfit, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(found[0]), found[1:]
