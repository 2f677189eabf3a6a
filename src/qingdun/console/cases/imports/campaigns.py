"""Campaigns (专项行动) from files, by place and name; teams and journeys are entered on their page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.models import Campaign
from qingdun.console.cases.moves import CampaignState
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(batch: Batch, row: Values) -> None:
    if row["ends_on"] and row["ends_on"] < row["begins_on"]:
        raise FieldFaults({"ends_on": gettext("It cannot end before it begins.")})
    row["region"] = row["region"] or batch.actor.region_path


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.campaigns(batch.actor).filter(name__in={one.row["name"] for one in rows})
    return [digest(path, name) for path, name in told.values_list("region_path", "name")]


def _state(row: Values) -> CampaignState:
    """Where it stands by its days."""
    today = timezone.localdate()
    if row["ends_on"] and row["ends_on"] < today:
        return CampaignState.ENDED
    return CampaignState.RUNNING if row["begins_on"] <= today else CampaignState.PLANNED


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    store(
        [
            Campaign(
                name=row["name"], region_path=row["region"], begins_on=row["begins_on"], goal=row["goal"],
                ends_on=row["ends_on"], state=_state(row), by=batch.actor,
            )
            for row in (one.row for one in rows)
        ]
    )  # fmt: skip
    return {}


COLUMNS = columns(
    (
        Field("name", _("Campaign"), most=60),
        Field("begins_on", _("Begins"), "date", most=40),
        Field("ends_on", _("Ends"), "date", False, 40),
        Field("goal", _("Goal"), required=False, most=200),
        Field("region", _("Place"), "region", False),
    ),
    {
        "name": ("行动名称", "专项名称", "行动"),
        "begins_on": ("开始日期", "开始时间"),
        "ends_on": ("结束日期", "结束时间"),
        "goal": ("目标", "行动目标"),
        "region": ("所属镇街", "地点", "辖区"),
    },
    places=True,
)
CAMPAIGNS: Kind[Values] = Kind(
    code="campaigns",
    word=_("Campaigns"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=lambda row: digest(row["region"], row["name"]),
    known=_known,
    take=_take,
)
