"""A ranking out of the rows of the ledger: the same for whoever asks, and again from the rows it kept.

An incident with a loss is one case of the place where the person lives, in the period in which it was
reported.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from qingdun.console.assessment.codes import Ranked, Span
from qingdun.console.assessment.models import CountedRow, Line, Ranking, Residents
from qingdun.console.assessment.moves import RankingState
from qingdun.console.assessment.periods import DAY, Period, before, spans
from qingdun.console.assessment.rules import Rule
from qingdun.console.cases import unattended as cases
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region
from qingdun.ranking.composite import Month, ranking

DEPTH = {Ranked.TOWN: 3, Ranked.VILLAGE: 4}
"""How many codes of a path name a place of the level."""


class Row(NamedTuple):
    """One incident with a loss as it is counted."""

    span: str
    incident: int
    region_path: str
    on: dt.date
    scam_type: str
    loss_fen: int


class Figure(NamedTuple):
    """How many live at a place, and whether that is an estimate."""

    residents: int
    estimated: bool


@dataclass(slots=True)
class _Sum:
    cases: int = 0
    loss_fen: int = 0
    major_500k: int = 0
    major_1m: int = 0


def ledger_rows(level: str, period: Period) -> list[Row]:
    """Every incident with a loss of the period, the one before and that of a year before, as the ledger is
    now; in the order of their numbers.
    """
    found: list[Row] = []
    zone = timezone.get_current_timezone()
    fields = ("pk", "region_path", "reported_at", "scam_type", "loss_fen")
    for span, one in spans(level, period).items():
        within = cases.losses().filter(
            reported_at__gte=midnight(one.since), reported_at__lt=midnight(one.until + DAY)
        )
        rows = within.order_by("pk").values_list(*fields).iterator(chunk_size=5000)
        found += [
            Row(span.value, pk, path, at.astimezone(zone).date(), kind, loss)
            for pk, path, at, kind, loss in rows
        ]
    return found


def kept_rows(kept: QuerySet[CountedRow]) -> list[Row]:
    """The rows a ranking has counted, in the order of their numbers."""
    return sorted(
        (Row(*row) for row in kept.order_by().values_list(*Row._fields).iterator(chunk_size=5000)),
        key=lambda row: (list(Span).index(Span(row.span)), row.incident),
    )


def people(level: str, until: dt.date) -> dict[str, Figure]:
    """Residents by path of every place of the level: by the latest figure as of that day, else as the
    register of regions has them.
    """
    found = {
        path: Figure(count, estimated)
        for path, count, estimated in Region.objects.filter(level=level).values_list(
            "path", "population", "population_estimated"
        )
    }
    figures = Residents.objects.filter(as_of__lte=until).order_by("as_of", "pk")
    for path, count in figures.values_list("region_path", "residents"):
        if path in found:
            found[path] = Figure(count, False)
    return found


def places(level: str) -> dict[str, str]:
    """How a path is cut to the place of the level it lies in: filled as it is asked."""
    return _Cut(DEPTH[Ranked(level)])


class _Cut(dict[str, str]):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.depth = depth

    def __missing__(self, path: str) -> str:
        codes = path.split("/")[: self.depth]
        self[path] = cut = "".join(f"{code}/" for code in codes if code)
        return cut


def lines(
    level: str,
    rows: Iterable[Row],
    figures: Mapping[str, Figure],
    rule: Rule,
    ranks_before: Mapping[str, int],
) -> list[Line]:
    """The lines of a ranking over these rows, unsaved, in the order of ranks.

    Places where nobody lives by the figures have none.
    """
    inhabited = {path: one for path, one in figures.items() if one.residents}
    sums = _sums(level, rows, rule)
    empty = _Sum()
    now = sums[Span.NOW]
    counted = [
        Month(
            path, _county(path), one.residents, *_told(now.get(path, empty)),
        )
        for path, one in sorted(inhabited.items())
    ]  # fmt: skip
    made = []
    for one in ranking(counted, rule.weights):
        path, rate = one.town, one.rate
        then, year = sums[Span.BEFORE].get(path, empty), sums[Span.YEAR].get(path, empty)
        here = now.get(path, empty)
        made.append(
            Line(
                region_path=path, rank=one.rank, rank_before=ranks_before.get(path), points=one.points,
                residents=rate.residents, estimated=inhabited[path].estimated, cases=here.cases,
                cases_before=then.cases, cases_year=year.cases, loss_fen=here.loss_fen,
                loss_before_fen=then.loss_fen, loss_year_fen=year.loss_fen, major_500k=here.major_500k,
                major_1m=here.major_1m, raw=rate.raw, low=rate.low, high=rate.high, shrunk=rate.shrunk,
                shrunk_low=rate.shrunk_low, shrunk_high=rate.shrunk_high, expected=rate.expected,
                p_more=rate.p_more, differs=rate.differs, cases_points=one.cases.points,
                loss_used=one.mean_loss.used, loss_points=one.mean_loss.points,
                major_used=one.major.used, major_points=one.major.points,
            )
        )  # fmt: skip
    return made


def ranks_before(level: str, period: Period) -> dict[str, int]:
    """Ranks in the ranking published for the period before."""
    found = Line.objects.filter(
        ranking__level=level, ranking__since=before(level, period).since,
        ranking__state=RankingState.PUBLISHED,
    )  # fmt: skip
    return dict(found.values_list("region_path", "rank"))


def population_digest(figures: Mapping[str, Figure]) -> str:
    """A short name of these figures: the same ones have the same."""
    told = "\n".join(f"{path} {one.residents} {one.estimated:d}" for path, one in sorted(figures.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def digest(about: Ranking, rows: Sequence[Row], made: Sequence[Line], rule: Rule) -> str:
    """SHA-256, in hex, over what was counted, by which rules, and what came of it."""
    sha = hashlib.sha256()
    sha.update(f"{about.level} {about.since} {about.until} {rule.version} {about.population}\n".encode())
    sha.update(f"{rule.weights}\n".encode())
    for row in rows:
        sha.update(
            f"{row.span} {row.incident} {row.region_path} {row.on} {row.scam_type} {row.loss_fen}\n".encode()
        )
    for line in sorted(made, key=lambda one: one.region_path):
        sha.update(f"{line.region_path} {line.residents} {line.estimated:d} {told(line)}\n".encode())
    return sha.hexdigest()


COMPARED = (
    "rank", "points", "cases", "cases_before", "cases_year", "loss_fen", "loss_before_fen", "loss_year_fen",
    "major_500k", "major_1m", "raw", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "expected",
    "p_more", "differs", "cases_points", "loss_used", "loss_points", "major_used", "major_points",
)  # fmt: skip
"""What of a line must come out again."""


def told(line: Line) -> str:
    """The line's values as they are compared: floats to nine digits, more than any page shows and fewer than
    two machines may differ in.
    """
    values = (getattr(line, name) for name in COMPARED)
    return " ".join(f"{value:.9g}" if isinstance(value, float) else f"{value}" for value in values)


def _sums(level: str, rows: Iterable[Row], rule: Rule) -> dict[str, dict[str, _Sum]]:
    cut = places(level)
    major, huge = rule.major_fen
    sums: dict[str, dict[str, _Sum]] = {span.value: {} for span in Span}
    for row in rows:
        here = sums[row.span].setdefault(cut[row.region_path], _Sum())
        here.cases += 1
        here.loss_fen += row.loss_fen
        here.major_500k += row.loss_fen >= major
        here.major_1m += row.loss_fen >= huge
    return sums


def _told(one: _Sum) -> tuple[int, int, int, int]:
    return one.cases, one.loss_fen, one.major_500k, one.major_1m


def _county(path: str) -> str:
    return "".join(f"{code}/" for code in path.split("/")[:2])
