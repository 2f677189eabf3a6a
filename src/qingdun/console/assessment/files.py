"""Figures of residents from files: the page on which they are brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.assessment import queries
from qingdun.console.assessment.models import Residents
from qingdun.console.assessment.views import tabs
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Group, Kind, by_columns, digest
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.errors import InputError


@dataclass(frozen=True, slots=True)
class ResidentsRow:
    """What a row says: so many live at a place by the figures of a day."""

    place: str
    residents: int
    as_of: dt.date
    source: str

    def __post_init__(self) -> None:
        if self.residents < 1:
            raise Fault("residents", str(self.residents), _now("Expected a number above 0."))


def _place(batch: Batch) -> Callable[[str], str]:
    """Reads a town or village by code or by a name of its own, as its path."""
    by_code: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for place in regions(batch.actor).filter(level__in=[Region.Level.TOWN, Region.Level.VILLAGE]):
        by_code[place.code] = place.path
        by_name.setdefault(place.name, set()).add(place.path)

    def read(found: str) -> str:
        paths = {by_code[found]} if found in by_code else by_name.get(found, set())
        if len(paths) != 1:
            raise InputError(
                _now("Expected a town or village of your region, by code or by a name of its own.")
            )
        return next(iter(paths))

    return read


COLUMNS = (
    Column(
        "place", _("Place, by name or code"), settle=_place, must=True,
        headings=("地点", "镇街", "村居", "区划代码"),
    ),
    Column("residents", _("Residents"), cells.count, must=True, headings=("常住人口", "人口数", "人口")),
    Column("as_of", _("Figure of the day"), cells.past_day, must=True, headings=("统计日期", "截止日期")),
    Column("source", _("Source of the figure"), cells.text(100), must=True, headings=("来源", "数据来源")),
)  # fmt: skip


def _key(row: ResidentsRow) -> str:
    return digest(row.place, row.residents, row.as_of, row.source)


def _known(batch: Batch, rows: Sequence[Fresh[ResidentsRow]]) -> Collection[str]:
    """Those that are the last word on their place and day already."""
    last: dict[tuple[str, dt.date], ResidentsRow] = {}
    places = {one.row.place for one in rows}
    for one in queries.figures(batch.actor).filter(region_path__in=places).order_by("pk"):
        last[one.region_path, one.as_of] = ResidentsRow(one.region_path, one.residents, one.as_of, one.source)
    return [one.key for one in rows if last.get((one.row.place, one.row.as_of)) == one.row]


def _take(batch: Batch, rows: Sequence[Fresh[ResidentsRow]]) -> Mapping[int, Fault]:
    Residents.objects.bulk_create(
        [
            Residents(
                region_path=one.row.place, residents=one.row.residents, as_of=one.row.as_of,
                source=one.row.source, by=batch.actor, at=batch.now,
            )
            for one in rows
        ],
        batch_size=1000,
    )  # fmt: skip
    return {}


RESIDENTS: Kind[ResidentsRow] = Kind(
    code="residents",
    word=_("Figures of residents"),
    permission=Permission.WORK_ASSESSMENT,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, ResidentsRow),
    key=_key,
    known=_known,
    take=_take,
)
FILES = Group(
    code="files",
    title=pgettext_lazy("of assessment", "Bring figures of residents"),
    kinds=(RESIDENTS,),
    empty=_("No file yet. Residents of towns and villages can be brought as CSV or XLSX."),
    tabs="assessment/_tabs.html",
    around=lambda viewer: tabs(viewer, "files"),
)
