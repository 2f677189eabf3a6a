"""Weights of evidence estimated anew from what became of the alerts: verdicts where there are any, else
the truth.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.progress import Steps, Told, unheard
from qingdun.contract.tables import ALERTS, OUTCOMES, TRUTH, Alert, Outcome
from qingdun.detect.odds import log_odds
from qingdun.detect.weights import Weights, load_weights, parse_weights
from qingdun.errors import InputError
from qingdun.evaluate.figures import Calibration
from qingdun.evaluate.lifting import Lift, lifts, table
from qingdun.evaluate.measures import read_results
from qingdun.evaluate.refuting import ReasonCount, count_reasons, disputed, speaks_of_the_person
from qingdun.evaluate.verdicts import by_outcome, by_truth

_LEAST_ALERTS = 20
_STIFFNESS = 8.0
"""How many alerts' worth of doubt a weight resists; keeps rare detectors where they were."""
_LEAST_SCALE, _MOST_SCALE = 0.25, 2.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DetectorRefit:
    """One detector before and after: alerts it had evidence in, how many of those were right, how many were
    false for a reason that speaks against it, factor on its bits.
    """

    code: str
    alerts: int
    confirmed: int
    refuted: int
    scale: float


@dataclass(frozen=True, slots=True)
class Refit:
    """What a refit found and how the probabilities stood before and after, on the same alerts."""

    alerts: int
    confirmed: int
    left_out: int
    """Alerts that were false because their evidence was about somebody else: they judge nothing."""
    by: str
    reasons: tuple[ReasonCount, ...]
    prior_before: float
    prior_after: float
    before: Calibration
    after: Calibration
    held: Calibration
    """As after, each alert by weights fitted to four fifths of the persons, without its own."""
    detectors: tuple[DetectorRefit, ...]
    lifts: tuple[Lift, ...]
    version: str

    def text(self) -> str:
        """The report for a person."""
        head = [
            f"{self.alerts:,} alerts judged by {self.by}, {self.confirmed:,} confirmed; "
            f"{self.left_out:,} more were about somebody else and judge nothing",
            *(
                f"false alarms, {r.reason}: {r.alarms:,}, of which {r.in_part:,} speak against a part alone"
                for r in self.reasons
            ),
            f"prior {self.prior_before:.2f} → {self.prior_after:.2f} bits",
            f"Brier {self.before.brier:.4f} → {self.after.brier:.4f}, "
            f"ECE {self.before.ece:.4f} → {self.after.ece:.4f} (on the alerts it was fitted to)",
            f"Brier {self.held.brier:.4f}, ECE {self.held.ece:.4f} on persons it was not fitted to",
            f"new version {self.version}",
            "",
            f"{'detector':30} {'alerts':>8} {'confirmed':>10} {'against':>8} {'bits ×':>8}",
        ]
        return "\n".join(
            [
                *head,
                *(
                    f"{d.code:30} {d.alerts:8,} {d.confirmed:10,} {d.refuted:8,} {d.scale:8.2f}"
                    for d in self.detectors
                ),
                "",
                "what each detector brings (needed: alerts that would be none without it)",
                table(self.lifts),
            ]
        )

    def json(self) -> dict[str, Any]:
        """All of it, ready for a file."""
        return {
            "version": self.version,
            "alerts": self.alerts,
            "confirmed": self.confirmed,
            "left_out": self.left_out,
            "by": self.by,
            "reasons": [asdict(one) for one in self.reasons],
            "prior_bits": [self.prior_before, self.prior_after],
            **{name: getattr(self, name).json() for name in ("before", "after", "held")},
            "detectors": [asdict(one) for one in self.detectors],
            "lifts": [one.json() for one in self.lifts],
        }


def refit(
    flows: Path, results: Path, out: Path, weights: Weights | None = None, told: Told = unheard
) -> Refit:
    """A new weights file is at `out`; what changed, before and after.

    Each detector's bits are scaled by one factor and the prior is moved, by logistic regression on the last
    alert of each episode, held near the old weights. Outcomes in `flows` decide; without any, its truth does.
    A false alarm is held against the evidence that its reason speaks against (`refuting`), and the rest of
    that alert counts with its old bits.
    Errors: InputError if fewer than 20 alerts have a known outcome; those of reading.
    """
    steps = Steps(3, told)
    steps.begin("reading alerts")
    weights = weights or load_weights()
    directory = FlowDirectory(flows)
    alerts: list[Alert] = read_results(ALERTS, results)
    last = list({a.episode_id: a for a in sorted(alerts, key=lambda a: a.raised_at)}.values())
    steps.begin("reading what became of them")
    outcomes: list[Outcome] = OUTCOMES.to_rows(directory.reference(OUTCOMES))
    verdicts = by_outcome(last, outcomes)
    by = "outcomes"
    if not verdicts:
        by, verdicts = "truth", by_truth(last, TRUTH.to_rows(directory.reference(TRUTH)))
    known = [a for a in last if a.alert_id in verdicts]
    judged = [a for a in known if speaks_of_the_person(verdicts[a.alert_id].reason)]
    if len(judged) < _LEAST_ALERTS:
        raise InputError(
            f"{results}: {len(judged)} alerts with a known outcome; a refit needs at least {_LEAST_ALERTS}"
        )
    steps.begin("fitting")
    right = np.array([verdicts[a.alert_id].right for a in judged], np.float64)
    reasons = [verdicts[a.alert_id].reason for a in judged]
    codes = sorted(weights.detectors)
    bits = _bits(judged, codes)
    at_stake = disputed(bits, reasons, codes, weights)
    beside = (bits * ~at_stake).sum(axis=1)
    before = weights.prior_bits + beside
    shift, scales = _fit(bits * at_stake, right, before)
    false = right == 0
    prior = round(weights.prior_bits + shift, 3)
    by_code = {code: round(float(scale), 3) for code, scale in zip(codes, scales, strict=True)}
    source = _scaled(weights.source, prior, by_code, len(judged))
    parse_weights(source)
    report = Refit(
        alerts=len(judged),
        confirmed=int(right.sum()),
        left_out=len(known) - len(judged),
        by=by,
        reasons=count_reasons([r for r, f in zip(reasons, false, strict=True) if f], at_stake[false])
        if by == "outcomes"
        else (),
        prior_before=weights.prior_bits,
        prior_after=prior,
        before=_calibration(weights.prior_bits + bits.sum(axis=1), right),
        after=_calibration(weights.prior_bits + shift + bits @ scales, right),
        held=_calibration(_held(judged, bits, at_stake, right, weights.prior_bits), right),
        detectors=tuple(
            DetectorRefit(
                code,
                int((column != 0).sum()),
                int(right[column != 0].sum()),
                int(((column != 0) & false & stake).sum()),
                by_code[code],
            )
            for code, column, stake in zip(codes, bits.T, at_stake.T, strict=True)
        ),
        lifts=tuple(lifts(bits, right, codes, weights.prior_bits, log_odds(weights.thresholds["low"]))),
        version=source["version"],
    )
    out.write_text(json.dumps(source, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return report


def _bits(alerts: Sequence[Alert], codes: Sequence[str]) -> Floats:
    """Bits by alert and detector."""
    place = {code: i for i, code in enumerate(codes)}
    bits = np.zeros((len(alerts), len(codes)))
    for row, alert in zip(bits, alerts, strict=True):
        for evidence in alert.evidence:
            found: Any = evidence  # read from a file, evidence comes as dictionaries
            row[place[found["detector"]]] += found["bits"]
    return bits


def _fit(bits: Floats, right: Floats, before: Floats) -> tuple[float, Floats]:
    """Shift of the prior and factor of each detector, by Newton's method on the penalised likelihood,
    with steps halved until they help. `before` is what each alert stood at without `bits`.
    """
    nats = np.log(2.0)
    x = np.hstack([np.ones((len(bits), 1)), bits]) * nats
    start = np.concatenate([[0.0], np.ones(bits.shape[1])])
    stiff = np.concatenate([[0.5], np.full(bits.shape[1], _STIFFNESS)])

    def misfit(theta: Floats) -> float:
        odds = np.clip(x @ theta + before * nats, -40, 40)
        gap = theta - start
        return float(np.logaddexp(0, odds).sum() - right @ odds + (stiff * gap) @ gap / 2)

    theta = start.copy()
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(x @ theta + before * nats, -40, 40)))
        slope = x.T @ (right - chance) - stiff * (theta - start)
        curve = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(stiff)
        step = np.linalg.solve(curve, slope)
        # Where nearly every alert is certain the curve is flat, and a full step would jump to and fro.
        while misfit(theta + step) > misfit(theta) and np.abs(step).max() > 1e-8:
            step = step / 2
        theta = theta + step
        if np.abs(step).max() < 1e-8:
            break
    return float(theta[0]), np.clip(theta[1:], _LEAST_SCALE, _MOST_SCALE)


def _held(
    judged: Sequence[Alert], bits: Floats, at_stake: npt.NDArray[np.bool_], right: Floats, prior: float
) -> Floats:
    """The odds of each alert by weights fitted to others: all persons of a fifth are left out."""
    fold = np.array([int(hashlib.sha256(a.person_id.encode()).hexdigest()[:8], 16) % 5 for a in judged])
    odds = np.zeros(len(bits))
    for number in range(5):
        out = fold == number
        fitted = ~out
        beside = (bits * ~at_stake).sum(axis=1)
        shift, scales = _fit((bits * at_stake)[fitted], right[fitted], (prior + beside)[fitted])
        odds[out] = prior + shift + bits[out] @ scales
    return odds


def _calibration(odds: Floats, right: Floats) -> Calibration:
    chance = 1 / (1 + np.exp2(-np.clip(odds, -60, 60)))
    return Calibration.of([(float(p), bool(r)) for p, r in zip(chance, right, strict=True)])


def _scaled(source: Any, prior: float, scale: Mapping[str, float], alerts: int) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(dict(source))
    changed["sum"]["prior_bits"] = prior
    for code, factor in scale.items():
        entry = changed["detectors"][code]
        entry["worth"] = round(entry.get("worth", 1.0) * factor, 3)
    content = json.dumps(changed, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()[:6]
    changed["version"] = f"{source['version']}+refit{alerts}.{digest}"
    return changed
