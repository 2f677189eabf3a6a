"""The engine's alerts and suspects against the truth of a simulated city."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qingdun.contract.checking import check_rows, check_schema
from qingdun.contract.codes import Level
from qingdun.contract.columns import Table
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.progress import Steps, Told, unheard
from qingdun.contract.storage import TableFiles, find_files
from qingdun.contract.tables import (
    ALERTS,
    CALLS,
    CLUSTERS,
    MESSAGES,
    SUBSCRIBERS,
    SUSPECTS,
    TRUTH,
    Alert,
    ClusterMember,
    Suspect,
    Truth,
)
from qingdun.errors import InputError, MissingFile
from qingdun.evaluate.figures import Calibration, Quartiles, Share
from qingdun.evaluate.grouping import Grouping, grouping

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
EPISODE_US = 72 * HOUR_US
LEVELS = [level.value for level in Level]
_KINDS = {
    "number": "scam_numbers",
    "sender": "scam_numbers",
    "host": "scam_hosts",
    "account": "scam_accounts",
}
_AGES = ((0, 18), (18, 30), (30, 45), (45, 60), (60, 200))


@dataclass(frozen=True, slots=True)
class Recall:
    """Of scams that were paid: alerted before the first transfer was requested, and at the latest with it."""

    before: Share
    at_or_before: Share

    def json(self) -> dict[str, Any]:
        """Both shares."""
        return {"before": self.before.json(), "at_or_before": self.at_or_before.json()}


@dataclass(frozen=True, slots=True)
class KindOfSuspect:
    """Suspects of one kind: how many are of scams, and how many of the scams' were found."""

    precision: Share
    recall: Share

    def json(self) -> dict[str, Any]:
        """Both shares."""
        return {"precision": self.precision.json(), "recall": self.recall.json()}


@dataclass(frozen=True, slots=True)
class Measures:
    """What `qingdun evaluate` says; every share with its denominator."""

    population: int
    days: float
    scams: int
    recall: Recall
    recall_by_level: dict[str, Recall]
    recall_by_type: dict[str, Recall]
    recall_by_age: dict[str, Recall]
    recall_by_floating: dict[str, Recall]
    type_named: Share
    lead_hours: Quartiles
    false_episodes: int
    false_per_10k_days: float | None
    false_by_age: dict[str, Share]
    false_by_floating: dict[str, Share]
    precision: Share
    precision_by_level: dict[str, Share]
    suspects: dict[str, KindOfSuspect]
    clusters: Grouping
    calibration: Calibration

    def json(self) -> dict[str, Any]:
        """Everything, ready for a file."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}

    def text(self) -> str:
        """Everything, for a person."""
        lines = [
            f"{self.population:,} persons, {self.days:.2f} days, {self.scams:,} persons reached by scams",
            f"recall before the first transfer   {self.recall.before.text()}",
            f"recall with the first transfer     {self.recall.at_or_before.text()}",
        ]
        lead = self.lead_hours
        if lead.median is not None:
            lines.append(
                f"lead time of those, hours          median {lead.median:.2f}, "
                f"quartiles {lead.low:.2f} to {lead.high:.2f} ({lead.count})"
            )
        rate = "–" if self.false_per_10k_days is None else f"{self.false_per_10k_days:.2f}"
        lines += [
            f"false alerts per 10,000 persons and day  {rate} "
            f"({self.false_episodes:,} episodes, "
            f"{self.population * self.days / 10_000:,.1f} × 10,000 person-days)",
            f"precision over episodes            {self.precision.text()}",
            f"scam type named rightly            {self.type_named.text()}",
        ]
        for title, found in (
            ("level reached at least", self.recall_by_level),
            ("scam type", self.recall_by_type),
            ("age", self.recall_by_age),
            ("floating", self.recall_by_floating),
        ):
            lines += ["", f"recall before the first transfer by {title}"]
            lines += [f"  {name:18} {recall.before.text()}" for name, recall in found.items()]
        for title, shares in (
            ("precision of alert rows by level", self.precision_by_level),
            ("false episodes among persons, by age", self.false_by_age),
            ("false episodes among persons, by floating", self.false_by_floating),
        ):
            lines += ["", title, *(f"  {name:18} {share.text()}" for name, share in shares.items())]
        lines += ["", f"{'suspects':20} {'precision':>26} {'recall':>26}"]
        lines += [
            f"  {name:18} {kind.precision.text():>26} {kind.recall.text():>26}"
            for name, kind in self.suspects.items()
        ]
        lines += ["", self.clusters.text(), "", self._calibration_text()]
        return "\n".join(lines)

    def _calibration_text(self) -> str:
        found = self.calibration
        if found.brier is None:
            return "calibration over alert rows: no alerts"
        rows = [
            f"  {low:.1f}–{high:.1f}  {count:6,}  said {said:.2f}  was {was:.2f}"
            for low, high, count, said, was in found.rows
        ]
        head = f"calibration over {found.count:,} alert rows: Brier {found.brier:.3f}, ECE {found.ece:.3f}"
        return "\n".join([head, *rows])


def evaluate(flows: Path, results: Path, told: Told = unheard) -> Measures:
    """The measures of the results in a folder against the truth in a flow directory.

    Errors: MissingFile if there is no truth, or no alerts or suspects; InputError if alerts are about persons
    who are none of the flows'; those of `FlowDirectory`.
    """
    steps = Steps(6, told)
    steps.begin("reading the truth")
    directory = FlowDirectory(flows)
    truth: list[Truth] = TRUTH.to_rows(directory.reference(TRUTH))
    steps.begin("reading the results")
    alerts: list[Alert] = read_results(ALERTS, results)
    suspects: list[Suspect] = read_results(SUSPECTS, results)
    grouped = find_files(results, CLUSTERS.name)
    members: list[ClusterMember] = read_results(CLUSTERS, results) if grouped else []
    steps.begin("reading persons")
    people = directory.reference(SUBSCRIBERS)
    columns = (people.column(c).to_pylist() for c in ("person_id", "birth_year", "floating"))
    persons = {person: (born, floating) for person, born, floating in zip(*columns, strict=True)}
    lines = set(zip(people.column("person_id").to_pylist(), people.column("msisdn").to_pylist(), strict=True))
    strangers = {alert.person_id for alert in alerts if (alert.person_id, alert.msisdn) not in lines}
    if strangers:
        raise InputError(
            f"{results}: {len(strangers):,} alerted persons, such as {min(strangers)}, have no such line in "
            f"{flows}; these are the results of other flows"
        )
    first, last = directory.span()
    steps.begin("reading callers")
    callers = directory.values(CALLS, "caller", steps.within)
    steps.begin("reading senders")
    seen = {"number": callers, "sender": directory.values(MESSAGES, "sender", steps.within)}
    steps.begin("comparing")
    return measure(truth, alerts, suspects, persons, first, last, seen, members)


def read_results(table: Table, folder: Path) -> list[Any]:
    """The rows of a table that the engine wrote; evidence as plain dictionaries.

    Errors: MissingFile, what a damaged file gives, and InputError if a row is none that an engine writes.
    """
    paths = find_files(folder, table.name)
    if not paths:
        raise MissingFile(
            f"{folder}: {table.name}.parquet is missing; expected the results of qingdun detect"
        )
    files = TableFiles(table, paths)
    rows: list[Any] = []
    for path, schema in zip(files.paths, files.schemas, strict=True):
        check_schema(table, schema, str(path))
    for piece, part in files.read_all():
        place = str(files.paths[piece.file])
        checked = check_rows(table, part, piece.first_row, place)
        if checked.rejects:
            first = checked.rejects[0]
            raise InputError(
                f"{place}: row {first.row}: {first.reason}; {len(checked.rejects):,} such rows: "
                "these are no results of qingdun detect"
            )
        rows += table.to_rows(checked.table)
    return rows


def measure(
    truth: Sequence[Truth],
    alerts: Sequence[Alert],
    suspects: Sequence[Suspect],
    persons: dict[str, tuple[int, bool]],
    first: int,
    last: int,
    seen: Mapping[str, frozenset[str]] | None = None,
    members: Sequence[ClusterMember] = (),
) -> Measures:
    """The measures of rows in hand; `persons` gives birth year and floating, `first` and `last` the span.

    `seen` holds, by kind of entity, what the flows show in that part: who called and who wrote. The truth has
    one list of both; without `seen` all of it counts for either kind.
    """
    by_person: dict[str, list[Truth]] = {}
    for row in truth:
        by_person.setdefault(row.person_id, []).append(row)
    alerts_of: dict[str, list[Alert]] = {}
    for alert in alerts:
        alerts_of.setdefault(alert.person_id, []).append(alert)
    episodes: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda a: a.raised_at):
        episodes.setdefault(alert.episode_id, alert)
    wrong = [e for e in episodes.values() if scam_behind(e, by_person) is None]
    paid = [t for t in truth if t.first_transfer_at is not None]
    year = 1970 + int(last / DAY_US / 365.25)
    days = (last - first) / DAY_US
    exposure = len(persons) * days / 10_000
    named = [(a, t) for a in episodes.values() if (t := scam_behind(a, by_person)) is not None]

    def recall(rows: Iterable[Truth], level: str = "low") -> Recall:
        return _recall(list(rows), alerts_of, level)

    def age(person_id: str) -> str:
        born = persons.get(person_id, (year - 40, False))[0]
        low, high = next((a for a in _AGES if a[0] <= year - born < a[1]), _AGES[-1])
        return f"{low}–{high - 1}" if high < 200 else f"{low}+"

    def floating(person_id: str) -> str:
        return "floating" if persons.get(person_id, (0, False))[1] else "resident"

    return Measures(
        population=len(persons),
        days=days,
        scams=len(truth),
        recall=recall(paid),
        recall_by_level={level: recall(paid, level) for level in LEVELS},
        recall_by_type=_by(paid, lambda t: t.scam_type, recall),
        recall_by_age=_by(paid, lambda t: age(t.person_id), recall),
        recall_by_floating=_by(paid, lambda t: floating(t.person_id), recall),
        type_named=Share(sum(a.scam_type == t.scam_type for a, t in named), len(named)),
        lead_hours=Quartiles.of(_leads(paid, alerts_of)),
        false_episodes=len(wrong),
        false_per_10k_days=len(wrong) / exposure if exposure else None,
        false_by_age=_shares(persons, age, {e.person_id for e in wrong}),
        false_by_floating=_shares(persons, floating, {e.person_id for e in wrong}),
        precision=Share(len(episodes) - len(wrong), len(episodes)),
        precision_by_level={
            level: Share(
                sum(a.level == level and scam_behind(a, by_person) is not None for a in alerts),
                sum(a.level == level for a in alerts),
            )
            for level in LEVELS
        },
        suspects=_kinds(truth, suspects, seen or {}),
        clusters=grouping(truth, suspects, members),
        calibration=Calibration.of([(a.probability, scam_behind(a, by_person) is not None) for a in alerts]),
    )


def scam_behind(alert: Alert, by_person: dict[str, list[Truth]]) -> Truth | None:
    """The scam that reached the person within 72 h before or after the alert, or was still going on."""
    rows = by_person.get(alert.person_id, ())
    return next((row for row in rows if was_near(row, alert.raised_at)), None)


def was_near(row: Truth, at: int) -> bool:
    """Whether that scam reached its person within 72 h before or after the moment, or was still going on.

    It goes on until `last_seen_at`; where nobody wrote that down, until the first contact or payment.
    """
    until = max(row.first_contact_at, row.first_transfer_at or 0, row.last_seen_at or 0) + EPISODE_US
    return row.first_contact_at - EPISODE_US <= at <= until


def in_time(row: Truth, alerts: Iterable[Alert], level: str) -> list[Alert]:
    """Alerts of at least that level that belong to this scam and came no later than its first transfer."""
    ranks = LEVELS[: LEVELS.index(level) + 1]
    until = row.first_transfer_at or 0
    return [a for a in alerts if a.level in ranks and row.first_contact_at <= a.raised_at <= until]


def _recall(rows: Sequence[Truth], alerts_of: dict[str, list[Alert]], level: str) -> Recall:
    found = [(t, in_time(t, alerts_of.get(t.person_id, ()), level)) for t in rows]
    before = sum(any(a.raised_at < (t.first_transfer_at or 0) for a in alerts) for t, alerts in found)
    return Recall(Share(before, len(rows)), Share(sum(bool(alerts) for _, alerts in found), len(rows)))


def _leads(rows: Iterable[Truth], alerts_of: dict[str, list[Alert]]) -> list[float]:
    """Hours from the first alert to the first transfer, of scams alerted before it."""
    leads: list[float] = []
    for row in rows:
        until = row.first_transfer_at or 0
        times = [a.raised_at for a in in_time(row, alerts_of.get(row.person_id, ()), "low")]
        if times and min(times) < until:
            leads.append((until - min(times)) / HOUR_US)
    return leads


def _by(
    rows: Iterable[Truth], key: Callable[[Truth], str], recall: Callable[[Iterable[Truth]], Recall]
) -> dict[str, Recall]:
    groups: dict[str, list[Truth]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: recall(group) for name, group in sorted(groups.items())}


def _shares(persons: Iterable[str], key: Callable[[str], str], chosen: set[str]) -> dict[str, Share]:
    counts: dict[str, list[int]] = {}
    for person in persons:
        found = counts.setdefault(key(person), [0, 0])
        found[0] += person in chosen
        found[1] += 1
    return {name: Share(*found) for name, found in sorted(counts.items())}


def _kinds(
    truth: Iterable[Truth], suspects: Iterable[Suspect], seen: Mapping[str, frozenset[str]]
) -> dict[str, KindOfSuspect]:
    """By kind: a suspected number that the scam only writes from is right all the same, but whoever calls is
    to be found as a number and whoever writes as a sender.
    """
    rows, found = list(truth), list(suspects)
    kinds: dict[str, KindOfSuspect] = {}
    for kind, column in _KINDS.items():
        real = {entity for row in rows for entity in getattr(row, column) or ()}
        own = [s.entity for s in found if s.entity_kind == kind]
        wanted = real & seen[kind] if kind in seen else real
        kinds[kind] = KindOfSuspect(
            Share(sum(entity in real for entity in own), len(own)),
            Share(len(wanted.intersection(own)), len(wanted)),
        )
    return kinds


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items()}
    return value.json() if hasattr(value, "json") else value
