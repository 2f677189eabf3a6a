"""Units, ambassadors, venues, schools and enterprises from files."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports.fields import Values
from qingdun.console.kernel.imports.kinds import Batch
from qingdun.console.outreach.imports.ledgers import ledger, settler
from qingdun.console.outreach.matrix_entering import MATRIX_FORMS
from qingdun.console.outreach.models import Ambassador, Partner, Unit, Venue

PLACE = ("所属地区", "地区", "镇街", "所在镇街", "辖区", "地点")


def _unit(batch: Batch) -> Callable[[Values], None]:
    settle = settler(Unit)(batch)

    def settled(row: Values) -> None:
        settle(row)
        if not (row["joined_on"] or row["matrix_on"]):
            raise FieldFaults({"joined_on": gettext("Say since when it belongs to one of the two.")})

    return settled


UNITS = ledger(
    code="units", word=_("Member units"), model=Unit, fields=MATRIX_FORMS["units"].fields,
    headings={
        "name": ("单位名称", "成员单位", "单位"), "kind": ("单位类型", "类别", "类型"), "region": PLACE,
        "joined_on": ("加入日期", "加入领导小组日期"), "matrix_on": ("加入矩阵日期", "加入宣传矩阵日期"),
    },
    unique=("region_path", "name"), settle=_unit,
)  # fmt: skip
AMBASSADORS = ledger(
    code="ambassadors", word=_("Ambassadors"), model=Ambassador, fields=MATRIX_FORMS["ambassadors"].fields,
    headings={
        "name": ("姓名", "宣传员", "宣传员姓名"), "field": ("行业", "职业", "身份"),
        "unit": ("单位", "推荐单位"), "region": PLACE,
        "appointed_on": ("聘任日期", "聘请日期"),
    },
    unique=("region_path", "name", "field"), personal=["name"],
)  # fmt: skip
VENUES = ledger(
    code="venues", word=_("Venues"), model=Venue, fields=MATRIX_FORMS["venues"].fields,
    headings={
        "name": ("阵地名称", "阵地"), "kind": ("阵地类型", "类别", "类型"), "region": PLACE,
        "opened_on": ("启用日期", "建成日期"),
    },
    unique=("region_path", "name"),
)  # fmt: skip
PARTNERS = ledger(
    code="partners", word=_("Schools and enterprises"), model=Partner,
    fields=MATRIX_FORMS["partners"].fields,
    headings={
        "name": ("名称", "学校名称", "企业名称"), "kind": ("类别", "类型"), "region": PLACE,
        "people": ("人数", "师生人数", "员工人数"),
    },
    unique=("region_path", "name"),
)  # fmt: skip
