"""Filed cases (立案) from files, by their numbers; one that stands already is left as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.casework import NUMBER, unusable_number
from qingdun.console.cases.entering import CASE_FIELDS
from qingdun.console.cases.models import Case
from qingdun.console.cases.moves import CaseState
from qingdun.console.cases.places import past
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(_batch: Batch, row: Values) -> None:
    past(row, "filed_on", "solved_on")
    if row["solved_on"] and row["solved_on"] < row["filed_on"]:
        raise FieldFaults({"solved_on": gettext("It cannot be solved before it is filed.")})
    if not NUMBER.fullmatch(row["number"]):
        raise FieldFaults({"number": unusable_number()})


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.cases(batch.actor).filter(number__in=[one.key for one in rows])
    return list(told.values_list("number", flat=True))


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    # Of a number that is another county's nothing is said but that it cannot be used.
    elsewhere = set(
        Case.objects.filter(number__in=[one.key for one in rows]).values_list("number", flat=True)
    )
    campaigns = dict(queries.campaigns(batch.actor).values_list("name", "pk"))
    faults: dict[int, Fault] = {}
    made = []
    for one in rows:
        campaign = one.row["campaign"]
        if one.key in elsewhere:
            faults[one.line] = Fault("number", one.key, unusable_number())
            continue
        if campaign and campaign not in campaigns:
            faults[one.line] = Fault("campaign", campaign, gettext("Expected a campaign you see, by name."))
            continue
        own = {name: value for name, value in one.row.items() if name not in ("region", "campaign")}
        made.append(
            Case(
                **own, region_path=one.row["region"] or batch.actor.region_path, by=batch.actor,
                campaign_id=campaigns.get(campaign), entered_at=batch.now,
                state=CaseState.SOLVED if own["solved_on"] else CaseState.FILED,
            )
        )  # fmt: skip
    store(made)
    return faults


COLUMNS = columns(
    [
        *(one for one in CASE_FIELDS if one.name not in ("campaign", "note")),
        Field("solved_on", _("Solved on"), "date", False, 40),
        Field("campaign", _("Campaign"), required=False, most=60),
    ],
    {
        "solved_on": ("破案日期", "破案时间"),
        "campaign": ("专项行动", "行动名称", "所属行动"),
        "number": ("案件编号", "立案编号", "案号"),
        "name": ("案件名称", "案由", "案名"),
        "scam_type": ("诈骗类型", "案件类型", "类型"),
        "two_cards": ("两卡", "是否两卡"),
        "filed_on": ("立案日期", "立案时间", "立案"),
        "region": ("所属镇街", "办案地", "地点"),
    },
    places=True,
)
CASES: Kind[Values] = Kind(
    code="cases",
    word=_("Filed cases"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=lambda row: str(row["number"]),
    known=_known,
    take=_take,
)
