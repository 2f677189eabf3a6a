"""Files of supervision: figures of staff, by which an enterprise becomes known, and visits with their
findings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Group, Kind, by_columns, digest
from qingdun.console.kernel.places import place_code
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.outreach import actions as outreach
from qingdun.console.supervision import queries
from qingdun.console.supervision.models import StaffFigure
from qingdun.console.supervision.views import tabs
from qingdun.console.supervision.visit_files import VISITS
from qingdun.errors import InputError


@dataclass(frozen=True, slots=True)
class StaffRow:
    """What a row says: so many work at an enterprise by the figures of a day."""

    enterprise: str
    place: str
    staff: int
    as_of: dt.date
    source: str

    def __post_init__(self) -> None:
        if self.staff < 1:
            raise Fault("staff", str(self.staff), _now("Expected a number above 0."))


def _place(batch: Batch) -> Callable[[str], str]:
    """Reads a place by code or by a name of its own, as its path."""
    by_code: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for place in regions(batch.actor):
        by_code[place.code] = place.path
        for name in {place.name, place.short_name}:
            by_name.setdefault(name, set()).add(place.path)

    def read(found: str) -> str:
        parts = found.split()
        paths = {by_code[found]} if found in by_code else by_name.get(parts[-1] if parts else "", set())
        if len(parts) > 1:
            above = by_name.get(parts[0], set())
            paths = {path for path in paths if any(path.startswith(one) for one in above)}
        if len(paths) != 1:
            raise InputError(_now("Expected a place of your region, by code or by a name of its own."))
        return next(iter(paths))

    return read


COLUMNS = (
    Column(
        "enterprise", _("Enterprise"), cells.text(60), must=True,
        headings=("企业名称", "单位名称", "企业"),
    ),
    Column(
        "place", _("Place, by name or code"), settle=_place, must=True,
        headings=("地点", "所在镇街", "镇街", "所属地区", "地区", "区划代码", "place"),
    ),
    Column(
        "staff", _("Staff"), cells.count, must=True,
        headings=("员工人数", "职工人数", "从业人数", "人数"),
    ),
    Column("as_of", _("Figure of the day"), cells.past_day, must=True, headings=("统计日期", "截止日期")),
    Column("source", _("Source of the figure"), cells.text(100), must=True, headings=("来源", "数据来源")),
)  # fmt: skip


def _key(row: StaffRow) -> str:
    return digest(row.enterprise, row.place, row.staff, row.as_of, row.source)


def _partners(batch: Batch, names: set[str]) -> dict[tuple[str, str], Any]:
    """Enterprises of these names by name and place."""
    found = queries.enterprises(batch.actor).filter(name__in=names)
    return {(one.name, one.region_path): one for one in found}


def _known(batch: Batch, rows: Sequence[Fresh[StaffRow]]) -> Collection[str]:
    """Those that are the last word on their enterprise and day already."""
    partners = _partners(batch, {one.row.enterprise for one in rows})
    last: dict[tuple[int, dt.date], tuple[int, str]] = {}
    for one in queries.staff(batch.actor).filter(partner__in=partners.values()).order_by("pk"):
        last[one.partner_id, one.as_of] = (one.staff, one.source)
    return [
        one.key
        for one in rows
        if (partner := partners.get((one.row.enterprise, one.row.place))) is not None
        and last.get((partner.pk, one.row.as_of)) == (one.row.staff, one.row.source)
    ]


def _take(batch: Batch, rows: Sequence[Fresh[StaffRow]]) -> Mapping[int, Fault]:
    partners = _partners(batch, {one.row.enterprise for one in rows})
    faults: dict[int, Fault] = {}
    made = []
    for one in rows:
        row, ident = one.row, (one.row.enterprise, one.row.place)
        if ident not in partners:
            try:
                code = place_code(row.place)
                partners[ident] = outreach.add_enterprise(batch.actor, row.enterprise, code)
            except FieldFaults as wrong:
                faults[one.line] = Fault("enterprise", row.enterprise, str(wrong))
                continue
        made.append(
            StaffFigure(
                partner=partners[ident], region_path=row.place, staff=row.staff, as_of=row.as_of,
                source=row.source, by=batch.actor, at=batch.now,
            )
        )  # fmt: skip
    StaffFigure.objects.bulk_create(made, batch_size=1000)
    return faults


STAFF: Kind[StaffRow] = Kind(
    code="staff",
    word=_("Figures of staff"),
    permission=Permission.WORK_SUPERVISION,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, StaffRow),
    key=_key,
    known=_known,
    take=_take,
)
FILES = Group(
    code="files",
    title=pgettext_lazy("of supervision", "Bring a file"),
    kinds=(STAFF, VISITS),
    empty=_("No file yet. Enterprises with their staff, and visits with findings, come as CSV or XLSX."),
    tabs="supervision/_tabs.html",
    around=lambda viewer: tabs(viewer, "files"),
)
