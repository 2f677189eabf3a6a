"""Registrations by day from files: other numbers for the same day replace what stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import WonAt
from qingdun.console.outreach.imports.ledgers import any_place, ledger_of
from qingdun.console.outreach.models import AppCount
from qingdun.console.outreach.registering import count_key
from qingdun.errors import InputError


@dataclass(frozen=True, slots=True)
class DayRow:
    """What a row says: what was new on a day at a place or in a grid."""

    day: dt.date
    place: str
    grid: str
    won_at: str
    installed: int
    real_name: int
    warning_on: int

    def __post_init__(self) -> None:
        if not (self.place or self.grid):
            raise Fault("place", "", _now("Name a place or a grid."))


def _grid(batch: Batch) -> Callable[[str], str]:
    """Reads the code of a grid of the actor's region."""
    known = set(queries.grids(batch.actor).values_list("code", flat=True))

    def read(found: str) -> str:
        if found not in known:
            raise InputError(_now("Expected a grid of your region, by its code."))
        return found

    return read


COLUMNS = (
    Column("day", _("Day"), cells.past_day, must=True, headings=("日期", "统计日期")),
    Column("place", _("Place, by name or code"), settle=any_place, headings=("地点", "镇街", "村居", "地区")),
    Column("grid", _("Code of the grid"), settle=_grid, headings=("网格", "网格编号")),
    Column(
        "won_at", _("Where won"), cells.choice(WonAt.choices), empty="other", headings=("注册场景", "场景")
    ),
    Column(
        "installed", _("Newly registered"), cells.count, must=True, headings=("注册数", "新增注册", "安装数")
    ),
    Column("real_name", _("Newly by real name"), cells.count, empty=0, headings=("实名数", "新增实名")),
    Column(
        "warning_on",
        _("Warnings newly switched on"),
        cells.count,
        empty=0,
        headings=("开启预警数", "预警开启"),
    ),
)


def _same(row: DayRow, key: str) -> str:
    return digest(key, row.installed, row.real_name, row.warning_on)


def _key_of(row: DayRow) -> str:
    """The day, place, grid and way of the row, as a file tells them."""
    where = f"grid {row.grid}" if row.grid else row.place
    return f"{row.day}:{where}:{row.won_at}"


def _rows_of(batch: Batch, rows: Sequence[Fresh[DayRow]]) -> dict[int, str]:
    """By line, the key of the ledger's row."""
    grids = {one.code: one for one in queries.grids(batch.actor)} if any(one.row.grid for one in rows) else {}
    return {
        one.line: count_key(one.row.day, one.row.place, grids.get(one.row.grid), one.row.won_at)
        for one in rows
    }


def _known(batch: Batch, rows: Sequence[Fresh[DayRow]]) -> Collection[str]:
    """Those that stand with the same numbers; other numbers for the same day replace what stands."""
    keys = _rows_of(batch, rows)
    stands = {
        one.key: (one.installed, one.real_name, one.warning_on)
        for one in queries.counts(batch.actor).filter(key__in=set(keys.values()))
    }
    return [
        one.key
        for one in rows
        if stands.get(keys[one.line]) == (one.row.installed, one.row.real_name, one.row.warning_on)
    ]


def _take(batch: Batch, rows: Sequence[Fresh[DayRow]]) -> Mapping[int, Fault]:
    keys = _rows_of(batch, rows)
    grids = {one.code: one for one in queries.grids(batch.actor)} if any(one.row.grid for one in rows) else {}
    latest = {keys[one.line]: one.row for one in rows}
    AppCount.objects.bulk_create(
        [
            AppCount(
                key=key, day=row.day, won_at=row.won_at, installed=row.installed, real_name=row.real_name,
                warning_on=row.warning_on, grid=grids.get(row.grid), by=batch.actor, at=batch.now,
                region_path=grids[row.grid].region_path if row.grid else row.place,
            )
            for key, row in latest.items()
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["installed", "real_name", "warning_on", "by", "at"],
    )  # fmt: skip
    return {}


APP_COUNTS: Kind[DayRow] = Kind(
    code="app_counts",
    word=_("Registrations by day"),
    permission=Permission.WORK_OUTREACH,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, DayRow),
    key=lambda row: _same(row, _key_of(row)),
    known=_known,
    take=_take,
    rows_at=ledger_of("counts"),
)
