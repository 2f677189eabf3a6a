"""Journeys (出差) of a campaign's teams from files; a new team is of as many officers as the row says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.crackdown import MOST_OFFICERS
from qingdun.console.cases.entering import TRIP_FIELDS
from qingdun.console.cases.imports.teams import campaigns_by_name, no_such_campaign
from qingdun.console.cases.models import Team, Trip
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]
_SAID = ("province", "city", "left_on", "back_on")


def _check(_batch: Batch, row: Values) -> None:
    if row["back_on"] and row["back_on"] < row["left_on"]:
        raise FieldFaults({"back_on": gettext("They cannot be back before they left.")})
    if row["officers"] > MOST_OFFICERS:
        raise FieldFaults({"officers": gettext("A team has at least one officer.")})


def _key(row: Values) -> str:
    return digest(row["campaign"], row["team"], *(row[name] for name in _SAID))


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    names = {one.row["campaign"] for one in rows}
    told = queries.trips(batch.actor).filter(team__campaign__name__in=names).order_by()
    return [digest(*said) for said in told.values_list("team__campaign__name", "team__name", *_SAID)]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    campaigns = campaigns_by_name(batch, rows)
    faults = {one.line: no_such_campaign(one.row) for one in rows if one.row["campaign"] not in campaigns}
    fit = [one.row for one in rows if one.line not in faults]
    teams = _teams(fit, campaigns)
    store([_trip(row, teams[campaigns[row["campaign"]], row["team"]]) for row in fit])
    return faults


def _teams(rows: Sequence[Values], campaigns: Mapping[str, int]) -> dict[tuple[int, str], int]:
    """The ids of the teams of these rows, by campaign and name, those that are new made."""
    wanted = {(campaigns[row["campaign"]], row["team"]): row["officers"] or 1 for row in reversed(rows)}
    Team.objects.bulk_create(
        (Team(campaign_id=of, name=name, officers=many) for (of, name), many in wanted.items()),
        ignore_conflicts=True,
    )
    found = Team.objects.filter(campaign__in=campaigns.values()).order_by()
    return {(of, name): pk for of, name, pk in found.values_list("campaign", "name", "pk")}


def _trip(row: Mapping[str, Any], team: int) -> Trip:
    return Trip(team_id=team, result=row["result"], **{name: row[name] for name in _SAID})


COLUMNS = columns(
    (
        Field("campaign", _("Campaign"), most=60),
        *TRIP_FIELDS,
        Field("officers", _("Officers"), "count", False, 6),
    ),
    {
        "campaign": ("行动名称", "专项名称", "行动"),
        "team": ("工作组", "小组", "组别"),
        "officers": ("人数", "民警人数"),
        "province": ("省份", "省"),
        "city": ("城市", "地市", "市"),
        "left_on": ("出发日期", "出发时间"),
        "back_on": ("返回日期", "返回时间"),
        "result": ("结果", "战果"),
    },
)
TRIPS: Kind[Values] = Kind(
    code="trips",
    word=_("Journeys"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
)
