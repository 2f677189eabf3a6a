"""A ranking again: from the rows it kept, to the digit; beside the ledger of today; beside its correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qingdun.console.assessment import reckoning
from qingdun.console.assessment.models import Line, Ranking
from qingdun.console.assessment.periods import Period
from qingdun.console.assessment.reckoning import COMPARED, Figure, Row, digest, told
from qingdun.console.assessment.rules import rule_named


class Mismatch(NamedTuple):
    """What came out otherwise: of which place, which value, as kept and as recomputed."""

    place: str
    value: str
    kept: str
    again: str


class Changed(NamedTuple):
    """An incident that two counts do not share, or count differently; None where it is in one alone."""

    span: str
    incident: int
    before: Row | None
    after: Row | None


class Moved(NamedTuple):
    """A place whose line two rankings have differently."""

    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a correction changed."""

    rows: list[Changed]
    lines: list[Moved]


def recompute(ranking: Ranking) -> list[Mismatch]:
    """What of the ranking does not come out again from the rows, residents and rules it kept; nothing, if all
    does, to the digit.
    """
    rule = rule_named(ranking.rules)
    kept = list(ranking.lines.all())
    rows = reckoning.kept_rows(ranking.rows.all())
    figures = {line.region_path: Figure(line.residents, line.estimated) for line in kept}
    before = {line.region_path: line.rank_before for line in kept if line.rank_before is not None}
    again = {one.region_path: one for one in reckoning.lines(ranking.level, rows, figures, rule, before)}
    found = [
        Mismatch(line.region_path, name, one, other)
        for line in kept
        for name, one, other in _values(line, again.get(line.region_path))
        if one != other
    ]
    sealed = digest(ranking, rows, list(again.values()), rule)
    if sealed != ranking.digest:
        found.append(Mismatch("", "digest", ranking.digest, sealed))
    return found


def drift(ranking: Ranking) -> list[Changed]:
    """In what the ledger of today differs from what the ranking counted."""
    today = reckoning.ledger_rows(ranking.level, Period(ranking.since, ranking.until))
    return _changes(reckoning.kept_rows(ranking.rows.all()), today)


def difference(ranking: Ranking) -> Difference:
    """What the ranking changed against the one it replaces; nothing if it replaces none."""
    old = ranking.replaces
    if old is None:
        return Difference([], [])
    rows = _changes(reckoning.kept_rows(old.rows.all()), reckoning.kept_rows(ranking.rows.all()))
    before = {line.region_path: line for line in old.lines.all()}
    after = {line.region_path: line for line in ranking.lines.all()}
    moved = [
        Moved(before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if _seen(before.get(path)) != _seen(after.get(path))
    ]
    return Difference(rows, moved)


def _values(line: Line, again: Line | None) -> list[tuple[str, str, str]]:
    there = told(again).split(" ") if again else ["–"] * len(COMPARED)
    return list(zip(COMPARED, told(line).split(" "), there, strict=True))


def _seen(line: Line | None) -> tuple[object, ...]:
    """What a page shows of a line."""
    if line is None:
        return ()
    return (line.rank, round(line.points, 2), line.residents, line.cases, line.loss_fen, line.major_500k)


def _changes(before: Sequence[Row], after: Sequence[Row]) -> list[Changed]:
    old, new = _by_incident(before), _by_incident(after)
    return [
        Changed(*key, old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _by_incident(rows: Sequence[Row]) -> Mapping[tuple[str, int], Row]:
    return {(row.span, row.incident): row for row in rows}
