"""Gangs (团伙) from files, by their names within a place; members are named on the gang's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.codes import GangKind
from qingdun.console.cases.models import Gang
from qingdun.console.cases.moves import GangState
from qingdun.console.cases.places import past
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(batch: Batch, row: Values) -> None:
    past(row, "found_on", "broken_up_on")
    if row["broken_up_on"] and row["broken_up_on"] < row["found_on"]:
        raise FieldFaults({"broken_up_on": str(_("It cannot end before it begins."))})
    row["region"] = row["region"] or batch.actor.region_path


def _key(row: Values) -> str:
    return digest(row["region"], row["name"])


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.gangs(batch.actor).filter(name__in={one.row["name"] for one in rows})
    return [digest(path, name) for path, name in told.values_list("region_path", "name")]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    store(
        [
            Gang(
                name=row["name"], kind=row["kind"], region_path=row["region"], found_on=row["found_on"],
                broken_up_on=row["broken_up_on"], cluster_id=row["cluster_id"], by=batch.actor,
                state=GangState.BROKEN_UP if row["broken_up_on"] else GangState.WATCHED,
            )
            for row in (one.row for one in rows)
        ]
    )  # fmt: skip
    return {}


COLUMNS = columns(
    (
        Field("name", _("Gang"), most=60),
        Field("kind", _("Kind"), "choice", choices=GangKind.choices),
        Field("found_on", _("Found on"), "date", most=40),
        Field("broken_up_on", _("Broken up on"), "date", False, 40),
        Field("region", _("Place"), "region", False),
        Field("cluster_id", _("Cluster of the engine"), required=False, most=64),
    ),
    {
        "name": ("团伙名称", "团伙"),
        "kind": ("团伙类型", "类型"),
        "found_on": ("发现日期", "立案日期"),
        "broken_up_on": ("打掉日期", "打掉时间"),
        "region": ("所属镇街", "地点", "辖区"),
    },
    places=True,
)
GANGS: Kind[Values] = Kind(
    code="gangs",
    word=_("Gangs"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
)
