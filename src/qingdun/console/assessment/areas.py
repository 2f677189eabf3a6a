"""Areas of a town (片区), ranked by the month of the towns by a scheme of the town's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from qingdun.console.assessment import reckoning
from qingdun.console.assessment.codes import Ranked, RulingKind, Span
from qingdun.console.assessment.models import Ranking, Scheme
from qingdun.ranking.rates import Counted, Rate, rates


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area in a month: its rate against its town's, and whether its residents are an estimate."""

    name: str
    rate: Rate
    estimated: bool


def scheme_of(path: str, ranking: Ranking) -> Scheme | None:
    """The scheme of the town that held in the ranking's period."""
    return Scheme.objects.filter(region_path=path, valid_from__lte=ranking.since).first()


def area_lines(scheme: Scheme, ranking: Ranking) -> list[AreaLine]:
    """The areas over the rows of a published month, the highest shrunk rate first; none where an area has no
    residents by the figures.
    """
    figures = reckoning.people(Ranked.VILLAGE, ranking.until)
    cut = reckoning.places(Ranked.VILLAGE)
    counts: dict[str, int] = {}
    kept = ranking.rows.filter(span=Span.NOW, region_path__startswith=scheme.region_path).order_by()
    for path, count in kept.values_list("region_path").annotate(Count("pk")):
        counts[cut[path]] = counts.get(cut[path], 0) + count
    counted, estimated = [], {}
    for name, codes in scheme.areas.items():
        paths = [f"{scheme.region_path}{code}/" for code in codes]
        known = [figures[path] for path in paths if path in figures]
        estimated[name] = any(one.estimated for one in known)
        cases = sum(counts.get(path, 0) for path in paths)
        counted.append(Counted(name, scheme.region_path, cases, sum(one.residents for one in known)))
    if any(one.residents == 0 for one in counted):
        return []
    found = sorted(rates(counted), key=lambda rate: (-rate.shrunk, rate.place))
    return [AreaLine(rate.place, rate, estimated[rate.place]) for rate in found]


def decided_by_scheme(ranking: Ranking) -> Iterator[tuple[str, RulingKind, str, str]]:
    """Path of the town, kind, reason and area of what each town's scheme leads to; nothing where residents of
    its areas are estimates.
    """
    towns = Scheme.objects.order_by("region_path").values_list("region_path", flat=True).distinct()
    for path in towns:
        scheme = scheme_of(path, ranking)
        found = area_lines(scheme, ranking) if scheme else []
        if len(found) < 2 or any(one.estimated for one in found):
            continue
        worst, best = found[0], found[-1]
        yield path, RulingKind.AWARD, "area_best", best.name
        if worst.rate.differs == "above":
            yield path, RulingKind.PENALTY, "area_worst", worst.name
