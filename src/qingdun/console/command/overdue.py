"""Everything overdue, or falling due soon, in one list over all modules.

The list is one UNION of what each source waits for, so it is counted, ordered and paged by the database; the
rows of a page are then read by their own modules' queries.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.command import queries
from qingdun.console.command.models import Tenure
from qingdun.console.command.sources import BY_CODE, SOURCES, Source
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require

SPANS: dict[str, tuple[str | Promise, dt.timedelta]] = {
    "late": (pgettext_lazy("of rows", "Overdue"), dt.timedelta(0)),
    "day": (_("Within a day"), dt.timedelta(days=1)),
    "week": (_("Within a week"), dt.timedelta(days=7)),
}
"""Until when something falls due, from now on: the word and the span by the code of the filter."""
ORDERS = ("due", "place", "kind")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of a region by code, of one source or all, overdue or due within a span, in which order."""

    region: str = ""
    source: str = ""
    span: str = "late"
    order: str = "due"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits."""

    source: Source
    row: Any
    due_at: dt.datetime
    path: str
    now: dt.datetime
    answers: Tenure | None
    """Who answers for its place."""

    @property
    def url(self) -> str:
        """Where it is opened."""
        return self.source.opens(self.row)

    @property
    def told(self) -> str:
        """What it is about."""
        return self.source.tell(self.row)

    @property
    def late(self) -> bool:
        """Whether its time is over; a day is over when it ends."""
        return self.due_at < (midnight(timezone.localdate(self.now)) if self.source.day else self.now)

    @property
    def due_on(self) -> dt.date:
        """The day, of what falls due at the end of one."""
        return self.due_at.astimezone(dt.UTC).date()


def counts(viewer: User, wanted: Wanted) -> dict[str, int]:
    """How many rows of each source the viewer may read fall due within the span, by its code."""
    require(viewer, Permission.SEE_COMMAND)
    now = timezone.now()
    return {one.code: _due(viewer, one, wanted, now).count() for one in _readable(viewer)}


def keys(viewer: User, wanted: Wanted) -> QuerySet[Any, Any]:
    """Source, moment, id and place of every row asked for, the one that is due longest first."""
    require(viewer, Permission.SEE_COMMAND)
    now = timezone.now()
    chosen = [one for one in _readable(viewer) if wanted.source in ("", one.code)]
    if not chosen:
        return Tenure.objects.none().values_list("pk")
    parts = [_keyed(_due(viewer, one, wanted, now), one) for one in chosen]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    order = {"place": ("row_path", "falls_due"), "kind": ("row_source", "falls_due")}
    return found.order_by(*order.get(wanted.order, ("falls_due",)), "row_id")


def items(viewer: User, listed: Sequence[tuple[str, dt.datetime, int, str]]) -> list[Item]:
    """The rows of those keys that the viewer may still read, each with who answers for its place now."""
    require(viewer, Permission.SEE_COMMAND)
    now = timezone.now()
    wanted: dict[str, list[int]] = defaultdict(list)
    for code, _due_at, ident, _path in listed:
        wanted[code].append(ident)
    rows = {
        (one.code, row.pk): row
        for one in _readable(viewer) if one.code in wanted
        for row in one.read(viewer, "").filter(pk__in=wanted[one.code])
    }  # fmt: skip
    chain = queries.answering(viewer, {path for *_rest, path in listed}, now)
    return [
        Item(BY_CODE[code], rows[code, ident], due_at, path, now, next(iter(chain.get(path, [])), None))
        for code, due_at, ident, path in listed
        if (code, ident) in rows
    ]


def _readable(viewer: User) -> list[Source]:
    return [one for one in SOURCES if may(viewer, one.permission)]


def _due(viewer: User, source: Source, wanted: Wanted, now: dt.datetime) -> QuerySet[Any]:
    """Its rows that fall due until then; a day is over when it ends."""
    until = now + SPANS.get(wanted.span, SPANS["late"])[1]
    found = source.read(viewer, wanted.region).order_by()
    name = source.due
    if not isinstance(name, str):
        found, name = found.annotate(falls_due=name), "falls_due"
    return found.filter(**{f"{name}__lt": timezone.localdate(until) if source.day else until})


def _keyed(found: QuerySet[Any], source: Source) -> QuerySet[Any, Any]:
    if isinstance(source.due, str):
        found = found.annotate(falls_due=Cast(source.due, DateTimeField()))
    keyed: QuerySet[Any, Any] = found.annotate(
        row_source=Value(source.code, output_field=CharField()), row_id=F("pk"), row_path=F("region_path")
    ).values_list("row_source", "falls_due", "row_id", "row_path")
    return keyed
