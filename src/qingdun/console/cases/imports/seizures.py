"""Seizures (扣押) of cases from files. A ledger with a line for each thing holds equal lines: each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.casework import Seized, SeizureForm, counted
from qingdun.console.cases.entering import SEIZURE_FIELDS
from qingdun.console.cases.imports.persons import cases_by_number, no_such_case
from qingdun.console.cases.models import Seizure
from qingdun.console.cases.places import past
from qingdun.console.kernel.forms import Field
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, nth_key
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(_batch: Batch, row: Values) -> None:
    past(row, "on")
    row["count"], row["amount_fen"] = counted(
        SeizureForm(row["kind"], row["on"], row["count"], row["amount_fen"], row["serials"], row["place"])
    )


_SAID = ("kind", "on", "count", "amount_fen", "place", "serials")


def _said(row: Values) -> dict[str, Any]:
    return {name: row[name] for name in _SAID}


def _key(row: Values) -> str:
    return Seized(**_said(row)).key(row["case"])


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    plain = {_key(one.row) for one in rows}
    found = queries.seizures(batch.actor).filter(key__in=plain).order_by()
    standing = Counter(found.values_list("key", flat=True))
    return [nth_key(key, turn) for key, often in standing.items() for turn in range(often)]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    cases = cases_by_number(batch.actor, {one.row["case"] for one in rows})
    faults = {one.line: no_such_case(one.row) for one in rows if one.row["case"] not in cases}
    store(
        Seizure(case_id=cases[row["case"]], key=_key(row), by_id=batch.actor.pk, **_said(row))
        for row in (one.row for one in rows if one.line not in faults)
    )
    return faults


COLUMNS = columns(
    (Field("case", _("Case number"), most=40), *SEIZURE_FIELDS),
    {
        "case": ("案件编号", "立案编号", "案号"),
        "kind": ("物品种类", "种类", "类别"),
        "count": ("数量",),
        "amount_fen": ("现金金额", "金额"),
        "on": ("扣押日期", "缴获日期", "日期"),
        "place": ("扣押地点", "缴获地点", "地点"),
        "serials": ("号码", "编号", "卡号"),
    },
)
SEIZURES: Kind[Values] = Kind(
    code="seizures",
    word=_("Seizures"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
    repeats=lambda _row: True,
)
