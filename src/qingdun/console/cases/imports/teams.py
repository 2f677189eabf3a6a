"""Teams (工作组) of campaigns from files, by campaign and name; one that stands is left as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.crackdown import MOST_OFFICERS
from qingdun.console.cases.models import Team
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(_batch: Batch, row: Values) -> None:
    if not 1 <= row["officers"] <= MOST_OFFICERS:
        raise FieldFaults({"officers": gettext("A team has at least one officer.")})


def _key(row: Values) -> str:
    return digest(row["campaign"], row["team"])


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.teams(batch.actor).filter(campaign__name__in={one.row["campaign"] for one in rows})
    return [digest(*said) for said in told.order_by().values_list("campaign__name", "name")]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    campaigns = campaigns_by_name(batch, rows)
    faults = {one.line: no_such_campaign(one.row) for one in rows if one.row["campaign"] not in campaigns}
    store(
        Team(campaign_id=campaigns[row["campaign"]], name=row["team"], officers=row["officers"])
        for row in (one.row for one in rows if one.line not in faults)
    )
    return faults


def campaigns_by_name(batch: Batch, rows: Rows) -> dict[str, int]:
    """The ids of those of the campaigns that the actor sees; of a name that places share, the latest."""
    seen = queries.campaigns(batch.actor).filter(name__in={one.row["campaign"] for one in rows})
    return dict(seen.reverse().values_list("name", "pk"))


def no_such_campaign(row: Values) -> Fault:
    """What is said of the name of a campaign that the actor does not see, be there one or not."""
    return Fault("campaign", row["campaign"], gettext("Expected a campaign you see, by name."))


COLUMNS = columns(
    (
        Field("campaign", _("Campaign"), most=60),
        Field("team", _("Team"), most=40),
        Field("officers", _("Officers"), "count", most=6),
    ),
    {
        "campaign": ("行动名称", "专项名称", "行动"),
        "team": ("工作组", "小组", "组别", "工作组名称"),
        "officers": ("人数", "民警人数"),
    },
)
TEAMS: Kind[Values] = Kind(
    code="teams",
    word=_("Teams"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
)
