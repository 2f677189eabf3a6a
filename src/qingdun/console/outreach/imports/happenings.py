"""Events, pledges, commendations and materials from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports.fields import Values
from qingdun.console.kernel.imports.kinds import Batch
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store
from qingdun.console.outreach import matrix, queries
from qingdun.console.outreach.codes import PartnerKind
from qingdun.console.outreach.imports.ledgers import Rows, ledger, settler
from qingdun.console.outreach.imports.matrix import PLACE
from qingdun.console.outreach.matrix_entering import MATRIX_FORMS
from qingdun.console.outreach.models import Commendation, Event, Material, MaterialVersion, Pledge


def _take_events(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    """The events with those who took part."""
    ties = {one.line: {name: one.row.pop(name) for name in matrix.MANY} for one in rows}
    store(Event(**one.row, by=batch.actor) for one in rows)
    told = [one for one in rows if any(ties[one.line].values())]
    ids = _ids(Event, ("region_path", "title", "on"), [one.row for one in told])
    for name in matrix.MANY:
        field: Any = Event._meta.get_field(name)
        through, other = field.remote_field.through, f"{field.m2m_reverse_field_name()}_id"
        store(
            through(event_id=ids[one.row["region_path"], one.row["title"], one.row["on"]], **{other: pk})
            for one in told
            for pk in dict.fromkeys(ties[one.line][name])
        )
    return {}


def _ids(model: Any, unique: tuple[str, ...], rows: list[Values]) -> dict[tuple[Any, ...], int]:
    """Ids of the rows by what tells them apart."""
    told = {f"{name}__in": {row[name] for row in rows} for name in unique}
    found = model.objects.filter(**told).order_by().values_list(*unique, "pk")
    return {tuple(one[:-1]): one[-1] for one in found}


def _pledge(batch: Batch) -> Callable[[Values], None]:
    """The place of a pledge is its enterprise's."""
    settle = settler(Pledge)(batch)
    enterprises = dict(
        queries.partners(batch.actor).filter(kind=PartnerKind.ENTERPRISE).values_list("pk", "region_path")
    )

    def settled(row: Values) -> None:
        settle(row)
        if row["partner_id"] not in enterprises:
            raise FieldFaults({"partner": gettext("Expected an enterprise of your region, by its name.")})
        row["region_path"] = enterprises[row["partner_id"]]

    return settled


def _take_materials(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    """The materials in their first version."""
    words = {one.line: one.row.pop("words") for one in rows}
    store(Material(**one.row, by=batch.actor) for one in rows)
    ids = _ids(Material, ("region_path", "title"), [one.row for one in rows])
    today = timezone.localdate()
    store(
        MaterialVersion(
            material_id=ids[one.row["region_path"], one.row["title"]], version=1, words=words[one.line],
            on=today, by=batch.actor,
        )
        for one in rows
    )  # fmt: skip
    return {}


EVENTS = ledger(
    code="events", word=_("Events"), model=Event, fields=MATRIX_FORMS["events"].fields,
    headings={
        "title": ("活动名称", "活动主题", "活动"), "kind": ("活动类型", "类别", "类型"),
        "on": ("活动日期", "日期"),
        "heads": ("参与人数", "到场人数", "人数"), "region": PLACE, "place": ("活动地点", "具体地点"),
        "venue": ("宣防阵地", "阵地"), "unit": ("主办单位", "单位"), "partners": ("参与学校企业", "学校企业"),
        "ambassadors": ("宣传员",),
    },
    unique=("region_path", "title", "on"), take=_take_events,
)  # fmt: skip
PLEDGES = ledger(
    code="pledges", word=_("Pledges"), model=Pledge, fields=MATRIX_FORMS["pledges"].fields,
    headings={
        "partner": ("企业名称", "企业"), "signed_on": ("签订日期", "签订时间"),
        "until": ("有效期至", "到期日期"),
        "document": ("责任书", "责任书编号", "文书"),
    },
    unique=("partner_id", "signed_on"), settle=_pledge,
)  # fmt: skip
COMMENDATIONS = ledger(
    code="commendations", word=_("Commendations"), model=Commendation,
    fields=MATRIX_FORMS["commendations"].fields,
    headings={
        "name": ("姓名", "受表彰人"), "partner": ("单位", "工作单位", "企业"), "region": PLACE,
        "on": ("表彰日期", "日期"), "deed": ("事迹", "表彰事迹"),
    },
    unique=("region_path", "name", "on"), personal=["name"],
)  # fmt: skip
MATERIALS = ledger(
    code="materials", word=_("Materials"), model=Material, fields=MATRIX_FORMS["materials"].fields,
    headings={
        "title": ("标题", "材料名称", "名称"), "kind": ("材料类型", "类别", "类型"),
        "scam_type": ("诈骗类型", "针对类型"), "region": PLACE, "words": ("内容", "正文", "文字"),
    },
    unique=("region_path", "title"), take=_take_materials,
)  # fmt: skip
