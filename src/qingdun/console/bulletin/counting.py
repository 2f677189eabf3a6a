"""Figures counted, each with the period before and the year before, and where its rows are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from qingdun.console.bulletin.periods import Period
from qingdun.console.bulletin.sources import RATES, is_money, source_of
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.tables import Ask, Column
from qingdun.console.measures import queries as measures
from qingdun.ranking import poisson

PER = 10_000
MOST_NAMES = 12
LEAST_WHOLE = 10
"""A share of fewer is left to whoever reads the rows."""
PER_RESIDENTS = "|rate"
"""Behind a code: the figure for 10,000 residents."""


@dataclass(frozen=True, slots=True)
class Told:
    """One figure of a bulletin. A share has its two counts and interval in hundredths; money is in fen."""

    code: str
    word: str
    value: int | None = None
    before: int | None = None
    year: int | None = None
    money: bool = False
    part: int | None = None
    whole: int | None = None
    low: float | None = None
    high: float | None = None
    url: str = ""

    @property
    def is_nought(self) -> bool:
        """Whether there is nothing to tell: a share of very few tells nothing either."""
        return not self.value if self.whole is None else self.whole < LEAST_WHOLE


class Shift(NamedTuple):
    """What a part of the rows has to do with a change: how many more there are than in the period before."""

    word: str
    value: int
    more: int


class Reader:
    """Counts figures for the viewer in a place and period, each once."""

    def __init__(self, viewer: User, region: Region, period: Period) -> None:
        self.viewer, self.region, self.period = viewer, region, period
        self._told: dict[str, Told] = {}

    def told(self, code: str) -> Told:
        """The figure; with `|rate` behind it, the one for 10,000 residents.

        Errors: InputError (no such figure), NotPermitted.
        """
        if code not in self._told:
            if code.endswith(PER_RESIDENTS):
                made = self._per_residents(code)
            elif code.startswith(f"{RATES}."):
                made = self._rate(code)
            else:
                made = self._count(code)
            self._told[code] = made
        return self._told[code]

    @property
    def figures(self) -> list[Told]:
        """Every figure that was asked for, in that order."""
        return list(self._told.values())

    def rows(self, code: str, sort: str = "") -> QuerySet[Any]:
        """The rows the figure counts."""
        source = source_of(code)
        if source.figure.most and not sort:
            sort = f"-{source.figure.most}"
        return source.ledger.rows(self.viewer, source.figure.code, self._ask(code, self.period), sort)

    def cells(self, code: str, column: str) -> list[str]:
        """What stands in the column of the figure's rows, by the field it sorts by, each thing once."""
        write = self._column(code, column).write
        seen = dict.fromkeys(str(write(row)) for row in self.rows(code, column).iterator(chunk_size=500))
        return [one for one in seen if one][:MOST_NAMES]

    def cell(self, code: str, column: str) -> str:
        """What stands in the column of the figure's first row."""
        row = self.rows(code).first()
        return "" if row is None else str(self._column(code, column).write(row))

    def day(self, code: str, field: str) -> dt.date | None:
        """The day in that field of the figure's first row."""
        at = getattr(self.rows(code).first(), field, None)
        return timezone.localtime(at).date() if isinstance(at, dt.datetime) else at

    def shifts(self, code: str, by: str) -> list[Shift]:
        """By the values of a field of the figure's rows, or by the places below the region: how many there
        are and how many more than in the period before; the greatest change in the figure's direction first.
        """
        parts = self._by_place(code) if by == "place" else self._by_field(code, by)
        rose = sum(one.more for one in parts) >= 0
        return sorted(parts, key=lambda one: (-one.more if rose else one.more, -one.value, one.word))

    def _per_residents(self, code: str) -> Told:
        """With its exact Poisson interval."""
        count, people = self.told(code.removesuffix(PER_RESIDENTS)), self.region.population
        low, high = poisson.interval(count.value or 0)
        scale = PER / people if people else 0.0
        word = gettext("%(figure)s for 10,000 residents") % {"figure": count.word}
        return Told(
            code, word, part=count.value, whole=people, low=low * scale, high=high * scale, url=count.url
        )

    def _count(self, code: str) -> Told:
        ledger, figure, _upto = source_of(code)
        value, before, year = (
            ledger.value(self.viewer, figure.code, self._ask(code, period))
            for period in (self.period, self.period.before, self.period.year_before)
        )
        url = ledger.address(figure.code, self._ask(code, self.period))
        return Told(code, str(figure.word), value, before, year, is_money(figure), url=url)

    def _rate(self, code: str) -> Told:
        name = code.removeprefix(f"{RATES}.")
        found = next(one.now for one in self._measured.shares if one.now.share.code == name)
        sure = found.interval
        asked = f"region={self.region.code}&since={self.period.since}&until={self.period.until}"
        return Told(
            code, str(found.share.word), part=found.part, whole=found.whole,
            low=sure.low if sure else None, high=sure.high if sure else None,
            url=f"{reverse('measures:page')}?{asked}",
        )  # fmt: skip

    @cached_property
    def _measured(self) -> measures.Report:
        return measures.report(self.viewer, measures.Ask(self.region.code, measures.Period(*self.period)))

    def _ask(self, code: str, period: Period) -> Ask:
        return Ask(self.region.code, None if source_of(code).upto else period.since, period.until)

    def _column(self, code: str, name: str) -> Column:
        source = source_of(code)
        columns = source.ledger.tables[source.figure.table].columns
        return next(one for one in columns if one.sort == name)

    def _by_field(self, code: str, field: str) -> list[Shift]:
        ledger, figure, _upto = source_of(code)
        counts = [
            dict(
                ledger.rows(self.viewer, figure.code, self._ask(code, period))
                .order_by().values_list(field).annotate(n=Count("pk"))
            )
            for period in (self.period, self.period.before)
        ]  # fmt: skip
        write = self._column(code, field).write
        rows = {getattr(row, field): row for row in self._samples(code, field)}
        return [
            Shift(str(write(rows[value])), now, now - counts[1].get(value, 0))
            for value, now in counts[0].items()
            if value in rows
        ]

    def _samples(self, code: str, field: str) -> Iterator[Any]:
        """A row for each value of the field."""
        rows = self.rows(code)
        for value in rows.order_by().values_list(field, flat=True).distinct():
            yield rows.filter(**{field: value}).first()

    def _by_place(self, code: str) -> list[Shift]:
        ledger, figure, _upto = source_of(code)
        below = self.region.children.exclude(level=Region.Level.VILLAGE).order_by("path")
        found = []
        for place in below:
            now, before = (
                ledger.value(self.viewer, figure.code, replace(self._ask(code, period), region=place.code))
                for period in (self.period, self.period.before)
            )
            found.append(Shift(str(place), now, now - before))
        return found
