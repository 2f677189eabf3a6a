"""Figures counted in SQL: one grouped query for each table, for the period and the one before, every place
below the region and every day at once.

Nothing is added up twice: every task lies in one place and came in on one day.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Substr, TruncDate

from qingdun.console.kernel.models import Region
from qingdun.console.measures.definitions import FIGURES, WITH_MONEY, Ground
from qingdun.console.measures.periods import Period

JOINED: dict[str, Q] = {
    "tasks": Q(),
    "meetings": Q(clocks__name="meet"),
    "meets": Q(events__verb="meet", events__withdrawn_at=None),
    "alerts": Q(alerts__stage__in=WITH_MONEY),
}
"""The rows of each table that any of its figures looks at."""
AVOIDED = "avoided_fen"


@contextmanager
def room() -> Iterator[None]:
    """Within, PostgreSQL sorts in memory what would go to disk, and compiles no query: that took as long
    as the query itself.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        yield


@dataclass(slots=True)
class Counts:
    """Figures by code, and the sum of loss avoided in fen: of all, of the period before, by place, by day."""

    now: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    places: dict[str, Counter[str]] = field(default_factory=dict)
    days: dict[dt.date, Counter[str]] = field(default_factory=dict)


def count(found: QuerySet[Any], ground: Ground, period: Period, below: Iterable[Region]) -> Counts:
    """Every figure that is not told apart further, over tasks that came in from the period before on."""
    counts, children = Counts(), list(below)
    for row in _grouped(found, ground, max((len(one.path) for one in children), default=1)):
        day, path = row.pop("day"), row.pop("place")
        numbers = Counter({code: number or 0 for code, number in row.items()})
        if day < period.since:
            counts.before.update(numbers)
            continue
        counts.now.update(numbers)
        counts.days.setdefault(day, Counter()).update(numbers)
        child = next((one.code for one in children if path.startswith(one.path)), "")
        counts.places.setdefault(child, Counter()).update(numbers)
    return counts


def _grouped(found: QuerySet[Any], ground: Ground, depth: int) -> Iterable[dict[str, Any]]:
    for table, rows in JOINED.items():
        figures = [one for one in FIGURES.values() if one.table == table]
        counted: dict[str, Any] = {
            f"n_{one.code}": Count(one.rows, filter=one.where(ground) or None, distinct=table != "tasks")
            for one in figures
        }
        if table == "tasks":
            counted[f"n_{AVOIDED}"] = Sum("loss_avoided_fen", filter=FIGURES["avoided"].where(ground))
        by = found.filter(rows).annotate(place=Substr("region_path", 1, depth), day=TruncDate("received_at"))
        for row in by.order_by().values("place", "day").annotate(**counted):
            yield {name.removeprefix("n_"): value for name, value in row.items()}


def count_split(found: QuerySet[Any], ground: Ground, period: Period, codes: list[str]) -> list[Counter[Any]]:
    """Figures of one table that are told apart by more, in the period and in the one before: by
    (code, values in the order of the figure's `split`).
    """
    figures = [FIGURES[code] for code in codes]
    split = figures[0].split
    current = Case(When(received_at__gte=period.begins, then=Value(1)), default=Value(0))
    counted = {f"n_{one.code}": Count(one.rows, filter=one.where(ground)) for one in figures}
    joined = found.filter(**{f"{figures[0].rows.removesuffix('__pk')}__isnull": False})
    now: Counter[Any] = Counter()
    before: Counter[Any] = Counter()
    for row in joined.annotate(current=current).order_by().values("current", *split).annotate(**counted):
        for code in codes:
            (now if row["current"] else before)[(code, *(row[name] for name in split))] = row[f"n_{code}"]
    return [now, before]


def count_alone(found: QuerySet[Any], ground: Ground, codes: Iterable[str], **split: str) -> Counter[str]:
    """Those figures of the tasks found, and the sum of loss avoided if it is among them; the figures of a
    table told apart further only where the rows are so.
    """
    counts: Counter[str] = Counter()
    for table in dict.fromkeys(FIGURES[code].table for code in codes):
        figures = [FIGURES[code] for code in codes if FIGURES[code].table == table]
        counted: dict[str, Any] = {
            f"n_{one.code}": Count(one.rows, filter=one.where(ground) or None, distinct=table != "tasks")
            for one in figures
        }
        if "avoided" in codes and table == "tasks":
            counted[f"n_{AVOIDED}"] = Sum("loss_avoided_fen", filter=FIGURES["avoided"].where(ground))
        told_apart = {name: value for name, value in split.items() if name in figures[0].split}
        joined = found.filter(JOINED.get(table, Q()), **told_apart).order_by()
        for name, number in joined.aggregate(**counted).items():
            counts[name.removeprefix("n_")] = number or 0
    return counts


def median_lead(found: QuerySet[Any], known: int) -> dt.timedelta | None:
    """The middle of the times from a task's first alert to its first alert at which money could leave, of the
    `known` tasks that have one; None if there is none.
    """
    if not known:
        return None
    first = Min("alerts__raised_at")
    with_money = found.filter(JOINED["alerts"]).annotate(first=first)
    lead = ExpressionWrapper(F("first") - F("raised_at"), DurationField())
    ordered = with_money.annotate(lead=lead).order_by("lead").values_list("lead", flat=True)
    middle = list(ordered[(known - 1) // 2 : known // 2 + 1])
    return sum(middle, dt.timedelta()) / len(middle) if middle else None
