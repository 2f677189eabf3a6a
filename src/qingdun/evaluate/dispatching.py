"""Loss avoided under each policy, with intervals over seeds, and what hangs on each assumption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.dispatch.helping import Helping, shipped_helping
from qingdun.evaluate.desk import POLICIES, Day, Rates, Saved, run_day

Floats = npt.NDArray[np.float64]

VARIED: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("answered", (0.35, 0.55, 0.75)),
    ("persuaded_by_phone", (0.2, 0.4, 0.6)),
    ("persuaded_at_the_door", (0.6, 0.85, 0.95)),
    ("at_home", (0.6, 0.8, 0.95)),
    ("visit_min", (15.0, 30.0, 60.0)),
)
"""Assumptions and the values they are tried at, one at a time, the others as in `Rates`."""
_RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval:
        """The mean of the values; of a single one the interval is unknown and given as not a number."""
        sample: Floats = np.asarray(values, np.float64)
        if len(sample) < 2:
            return cls(float(sample.mean()), float("nan"), float("nan"))
        picks = np.random.default_rng(1).integers(0, len(sample), (_RESAMPLES, len(sample)))
        low, high = np.quantile(sample[picks].mean(axis=1), (0.025, 0.975))
        return cls(float(sample.mean()), float(low), float(high))

    def json(self) -> dict[str, float | None]:
        """Mean and both ends; null where unknown."""
        ends = (None if np.isnan(end) else round(end, 4) for end in (self.low, self.high))
        return {"mean": round(self.mean, 4), **dict(zip(("low", "high"), ends, strict=True))}

    def text(self) -> str:
        """As a person reads it."""
        if np.isnan(self.low):
            return f"{self.mean:6.1%}"
        return f"{self.mean:6.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True, slots=True)
class Line:
    """One number of officers under one policy."""

    officers: int
    policy: str
    share: Interval
    """Of the whole city's loss that day, alerted or not."""
    over_first_come: Interval
    """The difference to first come, first served, seed by seed."""
    by_seed: tuple[float, ...]
    calls: float
    visits: float
    untouched: float

    def json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return {
            "loss_avoided_share": self.share.json(),
            "over_first_come": self.over_first_come.json(),
            "by_seed": [round(share, 6) for share in self.by_seed],
            "calls_a_day": round(self.calls, 1),
            "visits_a_day": round(self.visits, 1),
            "tasks_untouched": round(self.untouched, 1),
        }


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """What `qingdun evaluate-dispatch` says."""

    seeds: tuple[int, ...]
    tasks_a_day: float
    loss_fen: float
    lines: tuple[Line, ...]
    sensitivity: tuple[dict[str, Any], ...]
    rates: Rates
    drawn_from: str

    def json(self) -> dict[str, Any]:
        """By number of officers and policy, then the assumptions and what hangs on them."""
        by_officers: dict[str, dict[str, Any]] = {}
        for line in self.lines:
            by_officers.setdefault(str(line.officers), {})[line.policy] = line.json()
        return {
            "seeds": list(self.seeds),
            "tasks_a_day": round(self.tasks_a_day, 1),
            "loss_yuan_a_day_without_us": round(self.loss_fen / 100),
            "officers": by_officers,
            "assumptions": self.rates.json(),
            "sensitivity": list(self.sensitivity),
            "chances_drawn_from": self.drawn_from,
        }

    def text(self) -> str:
        """A table for a person."""
        head = (
            f"{len(self.seeds)} simulated days, {self.tasks_a_day:,.0f} tasks and "
            f"¥{self.loss_fen / 100:,.0f} lost a day on average without us; share of that loss avoided:"
        )
        rows = [
            f"  {line.officers:3} officers  {line.policy:11} {line.share.text():26} "
            f"over first come {line.over_first_come.mean:+.1%}"
            for line in self.lines
        ]
        return "\n".join([head, *rows])


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting under which every day is played; `varied` is an assumption and its value, or nothing."""

    officers: int
    policy: str
    varied: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """One seed's day under every trial, in their order."""

    seed: int
    tasks: int
    loss_fen: int
    saved: tuple[Saved, ...]

    def share(self, place: int) -> float:
        """Of the city's loss that day, what the trial at that place avoided; 0 where nothing was lost."""
        return self.saved[place].avoided_fen / self.loss_fen if self.loss_fen else 0.0


def trials(officers: Sequence[int]) -> tuple[Trial, ...]:
    """Every number under every policy, then every assumption varied at the middle number."""
    middle = sorted(officers)[len(officers) // 2]
    plain = [Trial(count, policy) for count in officers for policy in POLICIES]
    varied = [
        Trial(middle, policy, (name, value))
        for name, values in VARIED
        for value in values
        for policy in POLICIES
    ]
    return (*plain, *varied)


def play(day: Day, seed: int, settings: Sequence[Trial], helping: Helping | None = None) -> Played:
    """The day under every trial."""
    table, usual = helping or shipped_helping(), Rates()
    saved = (
        run_day(
            day, trial.officers, trial.policy, table, seed,
            usual.with_(*trial.varied) if trial.varied else usual,
        )
        for trial in settings
    )  # fmt: skip
    return Played(seed, len(day.cases), day.loss_fen, tuple(saved))


def report(played: Sequence[Played], settings: Sequence[Trial], drawn_from: str) -> DispatchReport:
    """Shares with intervals over the seeds played, for the trials they were played under."""
    place = {trial: number for number, trial in enumerate(settings)}

    def shares(trial: Trial) -> list[float]:
        return [one.share(place[trial]) for one in played]

    def mean(trial: Trial, name: str) -> float:
        return float(np.mean([getattr(one.saved[place[trial]], name) for one in played]))

    lines, sensitivity = [], []
    for trial in settings:
        if trial.varied is not None:
            continue
        plain = shares(Trial(trial.officers, "first_come"))
        own = shares(trial)
        gains = [mine - theirs for mine, theirs in zip(own, plain, strict=True)]
        counts = (mean(trial, name) for name in ("calls", "visits", "untouched"))
        lines.append(
            Line(trial.officers, trial.policy, Interval.of(own), Interval.of(gains), tuple(own), *counts)
        )
    for officers, varied in dict.fromkeys((t.officers, t.varied) for t in settings if t.varied):
        found = {policy: Interval.of(shares(Trial(officers, policy, varied))).json() for policy in POLICIES}
        sensitivity.append({"officers": officers, "assumption": varied[0], "value": varied[1], **found})
    return DispatchReport(
        tuple(one.seed for one in played),
        float(np.mean([one.tasks for one in played])),
        float(np.mean([one.loss_fen for one in played])),
        tuple(lines),
        tuple(sensitivity),
        Rates(),
        drawn_from,
    )
