"""What the rules propose after a ranking was published; a person decides.

Nothing is proposed of a place whose residents are an estimate, nor of any while estimates hold a good part of
the city's residents, and such a month breaks every row of months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Sum

from qingdun.console.assessment.areas import decided_by_scheme
from qingdun.console.assessment.codes import OF_AREAS, Ranked, RulingKind
from qingdun.console.assessment.models import Line, Ranking, Ruling
from qingdun.console.assessment.moves import RankingState, RulingState
from qingdun.console.assessment.periods import Period, before
from qingdun.console.assessment.rules import Rule, rule_named
from qingdun.ranking.cards import Card, Standing
from qingdun.ranking.cards import propose as proposal
from qingdun.ranking.rates import PER

MONTHS = 12
"""How far back months in a row are looked for."""
UNKNOWN = Standing(0.0, 0.0, 1.0, 10**6, True)
"""A month of which nothing was published."""
Found = tuple[str, RulingKind, tuple[str, ...], Ruling | None]
"""Path, kind, reasons, and the listing it is about."""


def propose(ranking: Ranking, now: dt.datetime) -> int:
    """Every ruling that follows from the ranking is proposed, what followed from the one it replaces and is
    undecided has lapsed; how many are new.
    """
    if ranking.replaces_id is not None:
        waiting = Ruling.objects.filter(ranking=ranking.replaces_id, state=RulingState.PROPOSED)
        waiting.update(state=RulingState.LAPSED)
    rule = rule_named(ranking.rules)
    found = _of_towns(ranking, rule) if ranking.level == Ranked.TOWN else _of_villages(ranking, rule)
    decided = set(
        Ruling.objects.filter(ranking__level=ranking.level, ranking__since=ranking.since)
        .filter(state__in=[RulingState.CONFIRMED, RulingState.ENDED, RulingState.WITHDRAWN])
        .values_list("region_path", "kind")
    )
    made = [
        Ruling(
            kind=kind, region_path=path, ranking=ranking, reasons=list(reasons), rules=rule.version,
            listing=listing, proposed_at=now,
        )
        for path, kind, reasons, listing in found
        if (path, kind.value) not in decided
    ]  # fmt: skip
    if ranking.level == Ranked.TOWN:
        made += [
            Ruling(
                kind=kind, region_path=path, ranking=ranking, reasons=[why], rules=rule.version, area=area,
                proposed_at=now,
            )
            for path, kind, why, area in decided_by_scheme(ranking) if (path, kind.value) not in decided
        ]  # fmt: skip
    Ruling.objects.bulk_create(made)
    return len(made)


def supported(ruling: Ruling) -> bool:
    """Whether the figures that hold now still say what the ruling rests on."""
    if ruling.ranking is None or ruling.ranking.state != RankingState.REPLACED:
        return True
    now = Ranking.objects.filter(
        level=ruling.ranking.level, since=ruling.ranking.since, state=RankingState.PUBLISHED
    ).first()
    if now is None:
        return False
    if ruling.kind in OF_AREAS:
        return any(
            (path, kind, area) == (ruling.region_path, ruling.kind, ruling.area)
            for path, kind, _why, area in decided_by_scheme(now)
        )
    rule = rule_named(now.rules)
    found = _of_towns(now, rule) if now.level == Ranked.TOWN else _of_villages(now, rule)
    return any(path == ruling.region_path and kind == ruling.kind for path, kind, _why, _listing in found)


def withheld(ranking: Ranking, rule: Rule) -> bool:
    """Whether so many of the city's residents are estimates that nothing is proposed of any place."""
    guessed = ranking.lines.filter(estimated=True).aggregate(sum=Sum("residents"))["sum"] or 0
    return 100 * guessed > rule.cards.estimated_percent * ranking.residents


def _of_towns(ranking: Ranking, rule: Rule) -> Iterator[Found]:
    months = _months(ranking)
    listed = {
        one.region_path: one
        for one in Ruling.objects.filter(kind=RulingKind.LISTING, state=RulingState.CONFIRMED)
    }
    waiting = set(
        Ruling.objects.filter(kind=RulingKind.LISTING, state=RulingState.PROPOSED)
        .exclude(ranking__since=ranking.since)
        .values_list("region_path", flat=True)
    )
    spoken = _interviewed(ranking, rule.cards.within_months)
    standings = [_standings(month, rule) if month else {} for month in months]
    for path in standings[-1]:
        history = [month.get(path, UNKNOWN) for month in standings]
        if history[-1].estimated:
            continue
        listing = listed.get(path)
        what = proposal(history, rule.cards, listing is not None)
        reasons = what.reasons
        if what.card is Card.YELLOW:
            yield path, RulingKind.YELLOW, ("rate",), None
        if what.card is Card.RED:
            yield path, RulingKind.RED, ("twice_yellow",), None
            if path not in spoken:
                yield path, RulingKind.INTERVIEW, ("carded",), None
        if what.listing and path not in waiting:
            why = tuple(one for one in reasons if one in ("twice_red", "top"))
            yield path, RulingKind.LISTING, why, None
        if listing is not None:
            yield from _of_listed(path, ranking, listing, what.delisting, rule)


def _interviewed(ranking: Ranking, months: int) -> set[str]:
    """Places that are called, or were, to an interview in so many months before the ranking's."""
    first = _row(ranking, months + 1)
    since = min((one.since for one in first if one), default=ranking.since)
    rows = Ruling.objects.filter(kind=RulingKind.INTERVIEW, ranking__level=ranking.level)
    rows = rows.filter(ranking__since__gte=since, ranking__since__lt=ranking.since)
    return set(rows.exclude(state=RulingState.REFUSED).values_list("region_path", flat=True))


def _of_listed(path: str, ranking: Ranking, listing: Ruling, calm: bool, rule: Rule) -> Iterator[Found]:
    if calm and listing.inspections.filter(passed=True).exists():
        yield path, RulingKind.DELISTING, ("below",), listing
        return
    extended = listing.about_it.filter(kind=RulingKind.EXTENSION, state=RulingState.CONFIRMED).count()
    over = listing.ends_on is not None and ranking.until >= listing.ends_on - dt.timedelta(days=31)
    most = rule.cards.listed_at_most // max(1, rule.cards.listed_months)
    if over and not calm and 1 + extended < most:
        yield path, RulingKind.EXTENSION, ("term_over",), listing


def _of_villages(ranking: Ranking, rule: Rule) -> Iterator[Found]:
    weeks = [one for one in _row(ranking, rule.village("weeks")) if one is not None]
    if len(weeks) < rule.village("weeks") or any(withheld(one, rule) for one in weeks):
        return
    worst: set[str] | None = None
    for week in weeks:
        bad = set(
            Line.objects.filter(ranking=week, estimated=False, cases__gt=0)
            .filter(rank__lte=rule.village("bottom"))
            .values_list("region_path", flat=True)
        )
        worst = bad if worst is None else worst & bad
    lately = ranking.since - dt.timedelta(weeks=rule.village("again_within_weeks"))
    named = set(
        Ruling.objects.filter(kind=RulingKind.NAMING, ranking__since__gte=lately)
        .filter(state__in=[RulingState.CONFIRMED, RulingState.ENDED])
        .exclude(ranking__since=ranking.since)
        .values_list("region_path", flat=True)
    )
    for path in sorted(worst or ()):
        if path in named:
            yield path, RulingKind.INTERVIEW, ("named_again",), None
        else:
            yield path, RulingKind.NAMING, ("bottom_weeks",), None


def _months(ranking: Ranking) -> list[Ranking | None]:
    return _row(ranking, MONTHS)


def _row(ranking: Ranking, count: int) -> list[Ranking | None]:
    """The published rankings of so many periods in a row, the oldest first, this one last; None for one that
    was not published.
    """
    periods = [Period(ranking.since, ranking.until)]
    while len(periods) < count:
        periods.append(before(ranking.level, periods[-1]))
    found = {
        one.since: one
        for one in Ranking.objects.filter(
            level=ranking.level, state=RankingState.PUBLISHED, since__in=[one.since for one in periods]
        )
    }
    return [found.get(one.since) for one in reversed(periods)]


def _standings(month: Ranking, rule: Rule) -> dict[str, Standing]:
    city = PER * month.cases / month.residents if month.residents else 0.0
    rate = "shrunk" if rule.counts_shrunk else "raw"
    rows = month.lines.values_list("region_path", rate, "p_more", "rank", "estimated")
    none = withheld(month, rule)
    return {path: Standing(value, city, p_more, rank, none or est) for path, value, p_more, rank, est in rows}
