"""What the engine finds before the money moves, in simulated cities that nothing was ever tuned on, and of
scams whose scripts its weights were not fitted to.

A scam is found if its person was alerted, at any level, after its first contact and before its first payment
was requested. Recall is of scams seen from their beginning, by an engine that has run for days: how many
others there are, begun before the first row, says only how long a city was simulated. Intervals draw persons
anew: each counts as often as a Poisson of mean one says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ALERTS, SUBSCRIBERS, TRUTH, Alert, Truth
from qingdun.evaluate.measures import DAY_US, LEVELS, in_time, read_results, scam_behind
from qingdun.evaluate.resampling import REPLICATES, Estimate, Floats

TUNED_ON = (901, 902, 903, 904)
"""Seeds of cities of many attacks on which thresholds may be set and mistakes looked at."""
FITTED_ON = (
    911, 912, 913, 914, 915, 916, 921, 922, 923, 924, 931, 932, 933, 934, 935, 936, 937, 938, 939, 940,
)  # fmt: skip
"""Seeds of cities where attacks are as rare as by default, to which the worth of detectors is fitted."""
NEVER_TUNED_ON = (
    1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109, 1110, 1111, 1112, 1113, 1114, 1115, 1116,
)  # fmt: skip
"""Seeds of cities measured once weights are finished; whatever is moved after it needs others. (801 to 804,
811 and 812 were measured until 2026.5, 821 to 824 and 831 to
833 with 2026.7, 841 to 848 and 851 to 856 with a draft of 2026.8, 861 to 868 and 871 to 876 with 2026.8,
1001 to 1008 and 1011 to 1016, then 1041 to 1048 and 1051 to 1062 with 2026.9.)"""
RARELY_ATTACKED = (1121, 1122, 1123, 1124, 1125, 1126, 1127, 1128, 1129, 1130, 1131, 1132)
"""Such seeds too: larger cities where attacks are as rare as by default, to tell false alerts in."""
CARRIED_BY_CALLS = ("credit", "customer_service", "police")
"""Types whose victims are on the line while they pay."""
SETTLED_DAYS = 3
"""What comes so long after the first row is judged by an engine that knows the city; scams whose first
contact does are taken as seen from their beginning."""
_MINUTE_US = 60_000_000
_AGES = ((0, 25), (25, 45), (45, 60), (60, 200))
_HIGHER = ("urgent", "high")


@dataclass(frozen=True, slots=True)
class Judged:
    """Simulated cities with what the engine made of them; persons are told apart by their city's seed."""

    persons: dict[str, tuple[int, bool]]
    """Birth year, and whether of the floating population."""
    person_days: float
    truth: list[Truth]
    alerts: list[Alert]
    began: dict[str, int]
    """By seed, when the flows begin."""
    year: int

    @classmethod
    def read(cls, flows: Path, results: Path, seed: int) -> Judged:
        """One city. Errors: those of `FlowDirectory` and of `read_results`."""
        directory = FlowDirectory(flows)
        people = directory.reference(SUBSCRIBERS)
        columns = (people.column(c).to_pylist() for c in ("person_id", "birth_year", "floating"))
        first, last = directory.span()
        persons = {_named(seed, p): (born, floating) for p, born, floating in zip(*columns, strict=True)}
        truth = TRUTH.to_rows(directory.reference(TRUTH))
        alerts = read_results(ALERTS, results)
        return cls(
            persons,
            len(persons) * (last - first) / DAY_US,
            [row._replace(person_id=_named(seed, row.person_id)) for row in truth],
            [
                row._replace(
                    alert_id=_named(seed, row.alert_id),
                    episode_id=_named(seed, row.episode_id),
                    person_id=_named(seed, row.person_id),
                )
                for row in alerts
            ],
            {str(seed): first},
            1970 + int(last / DAY_US / 365.25),
        )

    @classmethod
    def together(cls, cities: Sequence[Judged]) -> Judged:
        """Several cities as one."""
        return cls(
            {person: about for city in cities for person, about in city.persons.items()},
            sum(city.person_days for city in cities),
            [row for city in cities for row in city.truth],
            [row for city in cities for row in city.alerts],
            {seed: first for city in cities for seed, first in city.began.items()},
            cities[0].year,
        )

    def paid(self) -> list[Truth]:
        """Scams that were paid."""
        return [t for t in self.truth if t.first_transfer_at is not None]

    def settled(self) -> Judged:
        """The same without the alerts, and the days, of an engine that did not know the city yet."""
        alerts = [a for a in self.alerts if a.raised_at >= self._settled(a.person_id)]
        days = self.person_days - SETTLED_DAYS * len(self.persons)
        return replace(self, person_days=days, alerts=alerts)

    def whole(self) -> list[Truth]:
        """Those of them that were seen from their beginning."""
        return [t for t in self.paid() if t.first_contact_at >= self._settled(t.person_id)]

    def of_types(self, types: Sequence[str]) -> list[Truth]:
        """Those of these that are of such types."""
        return [t for t in self.whole() if t.scam_type in types]

    def _settled(self, person_id: str) -> int:
        return self.began[person_id.partition("/")[0]] + SETTLED_DAYS * DAY_US

    def alerts_by_person(self) -> dict[str, list[Alert]]:
        """The alerts on each person, in order of time."""
        found: dict[str, list[Alert]] = {}
        for row in sorted(self.alerts, key=lambda a: a.raised_at):
            found.setdefault(row.person_id, []).append(row)
        return found

    def truth_by_person(self) -> dict[str, list[Truth]]:
        """The scams that reached each person."""
        found: dict[str, list[Truth]] = {}
        for row in self.truth:
            found.setdefault(row.person_id, []).append(row)
        return found


def _named(seed: int, name: str) -> str:
    return f"{seed}/{name}"


class Measured(NamedTuple):
    """An estimate and over how many rows it was taken."""

    estimate: Estimate
    rows: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Every measure of the engine on cities; those of recall by what they are broken down by."""

    recall: dict[str, dict[str, Measured]]
    false_alerts: dict[str, Measured]
    """Per 10,000 persons and day: of urgent and high ones, and of all, and by age and floating status."""
    precision: dict[str, Measured]
    lead_min: dict[str, Measured]
    calibration_error: Measured
    error_by_chance: float
    """What the same rows would give on average if every probability were exactly right."""
    ended_early: dict[str, Measured]
    """What is counted by the truth, as if no scam went on after its first contact and first payment."""


def prove(attacked: Judged, rarely: Judged) -> Proof:
    """The measures: what is found, and how early, in cities with many attacks; false alerts, precision and
    calibration where attacks are rare.
    """
    many, rare = _Proving(attacked), _Proving(rarely.settled())
    right, early = rare.right(), rare.right(ended_early=True)
    return Proof(
        recall=many.recalls() | {"rare": {"where attacks are rare": rare.recall(rarely.whole())}},
        false_alerts=rare.false(right),
        precision=rare.precision(right),
        lead_min={
            "where a call carries the scam": many.lead(attacked.of_types(CARRIED_BY_CALLS)),
            "all": many.lead(attacked.whole()),
        },
        calibration_error=rare.calibration(right),
        error_by_chance=rare.error_by_chance(),
        ended_early={
            "false urgent and high per 10,000 persons and day": rare.false(early)["urgent and high"],
            "expected calibration error": rare.calibration(early),
        },
    )


def recall_before(asked: Sequence[tuple[Judged, Sequence[Truth]]]) -> Measured:
    """Recall before the first payment over these paid scams, each asked of the cities beside it."""
    rows = [
        (row.person_id, float(_is_found(row, alerts.get(row.person_id, ()))), 1.0)
        for judged, truth in asked
        for alerts in (judged.alerts_by_person(),)
        for row in truth
    ]
    return _Draws(row[0] for row in rows).ratio(rows)


def _is_found(row: Truth, alerts: Iterable[Alert], level: str = "low", with_request: bool = False) -> bool:
    until = row.first_transfer_at or 0
    return any(with_request or a.raised_at < until for a in in_time(row, alerts, level))


class _Draws:
    """Persons drawn anew, so many times over: how often each was drawn, a Poisson of mean one."""

    def __init__(self, persons: Iterable[str]) -> None:
        drawn = sorted(set(persons))
        self._place = {person: i for i, person in enumerate(drawn)}
        self._times = np.random.default_rng(12).poisson(1.0, (REPLICATES, len(drawn))).astype(float)

    def of(self, persons: Iterable[str]) -> Floats:
        """By draw and row, how often the row's person was drawn."""
        return self._times[:, [self._place[person] for person in persons]]

    def ratio(self, rows: Sequence[tuple[str, float, float]]) -> Measured:
        """Part by whole over rows of person, part and whole."""
        part, whole = (np.array([row[i] for row in rows], float) for i in (1, 2))
        drawn = self.of(row[0] for row in rows)
        with np.errstate(all="ignore"):
            value = float(part.sum() / whole.sum()) if whole.sum() else math.nan
            return Measured(_estimate(value, (drawn @ part) / (drawn @ whole)), len(rows))


class _Proving:
    """What the measures of one pool have in common."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self.alerts_of, self.by_person = judged.alerts_by_person(), judged.truth_by_person()
        self.draws = _Draws(self.alerts_of.keys() | self.by_person.keys())

    def right(self, ended_early: bool = False) -> dict[str, bool]:
        """By alert row, whether a scam was near; `ended_early`: as if none went on after its first contact
        and first payment."""
        rows = self.by_person
        if ended_early:
            rows = {person: [row._replace(last_seen_at=None) for row in own] for person, own in rows.items()}
        return {a.alert_id: scam_behind(a, rows) is not None for a in self.judged.alerts}

    def recalls(self) -> dict[str, dict[str, Measured]]:
        paid = self.judged.whole()
        return {
            "all": {
                "all": self.recall(paid),
                "with the request at the latest": self.recall(paid, with_request=True),
                "at urgent or high": self.recall(paid, "high"),
                "with scams under way when the flows began": self.recall(self.judged.paid()),
            },
            "type": self._by(paid, lambda t: t.scam_type),
            "age": self._by(paid, lambda t: self._age(t.person_id)),
            "floating": self._by(paid, lambda t: self._floating(t.person_id)),
        }

    def precision(self, right: dict[str, bool]) -> dict[str, Measured]:
        rows = self.judged.alerts
        return {
            level: self.draws.ratio(
                [(a.person_id, float(right[a.alert_id]), 1.0) for a in rows if a.level == level]
            )
            for level in LEVELS
        }

    def recall(self, rows: Sequence[Truth], level: str = "low", with_request: bool = False) -> Measured:
        found = [_is_found(r, self.alerts_of.get(r.person_id, ()), level, with_request) for r in rows]
        return self.draws.ratio([(r.person_id, float(f), 1.0) for r, f in zip(rows, found, strict=True)])

    def _by(self, rows: Sequence[Truth], key: Callable[[Truth], str]) -> dict[str, Measured]:
        groups: dict[str, list[Truth]] = {}
        for row in rows:
            groups.setdefault(key(row), []).append(row)
        return {name: self.recall(group) for name, group in sorted(groups.items())}

    def false(self, right: dict[str, bool]) -> dict[str, Measured]:
        """Episodes on persons with no scam near, by the highest of their levels."""
        levels_of: dict[str, set[str]] = {}
        first: dict[str, Alert] = {}
        for alert in sorted(self.judged.alerts, key=lambda a: a.raised_at):
            first.setdefault(alert.episode_id, alert)
            levels_of.setdefault(alert.episode_id, set()).add(alert.level)
        wrong = {e: levels_of[e] for e, alert in first.items() if not right[alert.alert_id]}
        person_of = {episode: alert.person_id for episode, alert in first.items()}
        everybody = list(self.judged.persons)
        days = self.judged.person_days / max(1, len(everybody))

        def rate(episodes: Sequence[str], persons: int) -> Measured:
            per = persons * days / 10_000
            rows = [(person_of[e], 1.0) for e in episodes]
            drawn = self.draws.of([p for p, _ in rows]).sum(axis=1) / per if per else np.zeros(0)
            return Measured(_estimate(len(rows) / per if per else math.nan, drawn), len(rows))

        high = [e for e, levels in wrong.items() if levels.intersection(_HIGHER)]
        found = {"urgent and high": rate(high, len(everybody)), "all": rate(list(wrong), len(everybody))}
        for key in (self._age, self._floating):
            for name in sorted({key(person) for person in everybody}):
                own = [e for e in high if key(person_of[e]) == name]
                found[f"urgent and high, {name}"] = rate(own, sum(key(p) == name for p in everybody))
        return found

    def lead(self, rows: Sequence[Truth]) -> Measured:
        """The median of minutes from the first alert to the first payment; 0 for those not alerted before."""
        leads = []
        for row in rows:
            until = row.first_transfer_at or 0
            times = [a.raised_at for a in in_time(row, self.alerts_of.get(row.person_id, ()), "low")]
            leads.append((until - min(times, default=until)) / _MINUTE_US)
        order = np.argsort(leads, kind="stable")
        values = np.array(leads)[order]
        drawn = self.draws.of([row.person_id for row in rows])[:, order]
        medians = [_median(values, times) for times in drawn]
        return Measured(_estimate(_median(values, np.ones(len(values))), np.array(medians)), len(values))

    def calibration(self, right: dict[str, bool]) -> Measured:
        """The mean distance of probability and truth over ten bins of alert rows."""
        rows = self.judged.alerts
        said = np.array([a.probability for a in rows])
        gap = said - np.array([right[a.alert_id] for a in rows], float)
        drawn = self.draws.of(a.person_id for a in rows)
        errors = [_calibration_error(said, gap, times) for times in drawn if times.any()]
        once = _calibration_error(said, gap, np.ones(len(rows))) if rows else math.nan
        return Measured(_estimate(once, np.array(errors)), len(rows))

    def error_by_chance(self) -> float:
        said = np.array([a.probability for a in self.judged.alerts])
        if not len(said):
            return math.nan
        true = np.random.default_rng(13).random((REPLICATES, len(said))) < said
        return float(np.mean([_calibration_error(said, said - one, np.ones(len(said))) for one in true]))

    def _age(self, person: str) -> str:
        age = self.judged.year - self.judged.persons[person][0]
        low, high = next((a for a in _AGES if a[0] <= age < a[1]), _AGES[-1])
        return f"{low}–{high - 1}" if high < 200 else f"{low}+"

    def _floating(self, person: str) -> str:
        return "floating" if self.judged.persons[person][1] else "resident"


def _calibration_error(said: Floats, gap: Floats, times: Floats) -> float:
    bins = np.minimum((said * 10).astype(int), 9)
    return float(np.abs(np.bincount(bins, times * gap, 10)).sum() / times.sum())


def _median(ordered: Floats, times: Floats) -> float:
    if not times.sum():
        return math.nan
    return float(ordered[np.searchsorted(np.cumsum(times), times.sum() / 2)])


def _estimate(value: float, drawn: Floats) -> Estimate:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return Estimate(value, math.nan, math.nan)
    low, high = np.percentile(known, (2.5, 97.5))
    return Estimate(value, float(low), float(high))
