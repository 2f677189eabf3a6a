"""Persons of cases from files, with their parts and measures: of a refused row nobody is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.casework import PUNISHED_YEARS, years_on
from qingdun.console.cases.codes import MeasureKind, PartRole
from qingdun.console.cases.entering import PERSON_FIELDS
from qingdun.console.cases.models import CasePerson, Measure, Part
from qingdun.console.cases.places import past
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def cases_by_number(actor: User, numbers: Collection[str]) -> dict[str, int]:
    """The ids of those of the cases that the actor sees."""
    found = queries.cases(actor).filter(number__in=numbers).order_by()
    return dict(found.values_list("number", "pk"))


def no_such_case(row: Values) -> Fault:
    """What is said of the number of a case that the actor does not see, be there one or not."""
    return Fault("case", row["case"], gettext("Expected the number of a case you see."))


def _check(_batch: Batch, row: Values) -> None:
    past(row, "on", "measure_on")
    if (row["role"] == PartRole.INSIDER) != bool(row["industry"]):
        raise FieldFaults({"industry": gettext("An insider has an industry, and nobody else has.")})
    check_punishment(row)
    row["identity"] = row["identity"].replace(" ", "").upper()


def check_punishment(row: Values) -> None:
    """A punishment has its years and its rule. Errors: FieldFaults."""
    punished = row["measure"] == MeasureKind.PUNISHED
    if punished and (row["years"] not in PUNISHED_YEARS or not row["rule"]):
        raise FieldFaults({"years": gettext("Say for how many years, and by which rule.")})


def _key(row: Values) -> str:
    return digest(row["case"], row["identity"], *_measure(row))


def _measure(row: Values) -> tuple[Any, ...]:
    return (row["measure"], row["measure_on"] or row["on"]) if row["measure"] else ()


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    """Whose part in the case stands, with the measure if the row has one."""
    who = list(_standing({one.row["identity"] for one in rows}).values())
    if not who:
        return []
    names, told = (
        ("case__number", "person__identity"),
        {"case__number__in": {one.row["case"] for one in rows}},
    )
    parts = set(queries.parts(batch.actor).filter(**told, person__in=who).order_by().values_list(*names))
    stood = queries.measures(batch.actor).filter(**told, person__in=who).order_by()
    measures = set(stood.values_list(*names, "kind", "on"))

    def stands(row: Values) -> bool:
        pair, measure = (row["case"], row["identity"]), _measure(row)
        return pair in parts and (not measure or (*pair, *measure) in measures)

    return [one.key for one in rows if stands(one.row)]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    cases = cases_by_number(batch.actor, {one.row["case"] for one in rows})
    faults = {one.line: no_such_case(one.row) for one in rows if one.row["case"] not in cases}
    fit = [one.row for one in rows if one.line not in faults]
    stood = _standing({row["identity"] for row in fit})
    people = stood | _entered(row for row in fit if row["identity"] not in stood)
    parts = _parts(cases.values(), stood.values())
    made: list[Part] = []
    known: list[Part] = []
    measures: list[Measure] = []
    for row in fit:
        case, person = cases[row["case"]], people[row["identity"]]
        part = parts.get((case, person))
        if part is None:
            own = {name: row[name] for name in ("role", "industry", "on")}
            part = Part(case_id=case, person_id=person, by_id=batch.actor.pk, **own)
            made.append(part)
            parts[case, person] = part
        elif part.pk and set(row["numbers"]) - set(part.numbers):
            known.append(part)
        part.numbers = list(dict.fromkeys([*part.numbers, *row["numbers"]]))
        if measure := _measure(row):
            measures.append(taken(batch, row, case, person, *measure))
    store(made)
    Part.objects.bulk_update(known, ["numbers"], batch_size=500)
    store(measures)
    return faults


def taken(batch: Batch, row: Values, case: int, person: int, kind: str, on: dt.date) -> Measure:
    """The measure of a row, of that case and person, not stored yet."""
    punished = kind == MeasureKind.PUNISHED
    return Measure(
        case_id=case, person_id=person, kind=kind, on=on, document=row["document"], by_id=batch.actor.pk,
        until=years_on(on, row["years"]) if punished else None, rule=row["rule"] if punished else "",
    )  # fmt: skip


def _standing(identities: Collection[str]) -> dict[str, int]:
    """The ids of those of the persons who were entered before, by their documents; they keep their names."""
    found = CasePerson.objects.filter(identity__in=identities).order_by()
    return dict(found.values_list("identity", "pk"))


def _entered(rows: Iterable[Values]) -> dict[str, int]:
    """The same of the persons of these rows, entered now. Errors: IntegrityError if somebody else enters one
    of them at the same moment; tried again, the part finds them.
    """
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row["identity"], row["name"])
    made = [CasePerson(identity=identity, name=name) for identity, name in sorted(names.items())]
    store(made, numbered=True)
    return {one.identity: one.pk for one in made}


def _parts(cases: Collection[int], people: Collection[int]) -> dict[tuple[int, int], Part]:
    """The parts that these persons have in these cases, locked, by case and person."""
    if not people:
        return {}
    found = Part.objects.select_for_update().filter(case__in=cases, person__in=people)
    return {(one.case_id, one.person_id): one for one in found.order_by("pk")}


MEASURE_FIELDS = (
    Field("measure", _("Measure"), "choice", False, choices=MeasureKind.choices),
    Field("measure_on", _("Day of the measure"), "date", False, 40),
    Field("document", _("Document"), required=False, most=60),
    Field("years", _("Years of a punishment"), "count", False, 12),
    Field("rule", _("Rule a punishment rests on, with its version"), required=False, most=60),
)
HEADINGS = {
    "case": ("案件编号", "立案编号", "案号"),
    "identity": ("证件号码", "身份证号", "身份证号码", "证件"),
    "name": ("姓名", "嫌疑人姓名"),
    "role": ("涉案角色", "角色", "作用"),
    "on": ("发现日期", "日期"),
    "numbers": ("使用号码", "手机号码"),
    "measure": ("强制措施", "措施"),
    "measure_on": ("措施日期",),
    "document": ("文书", "法律文书", "文书号"),
    "years": ("惩戒年限", "惩戒期限"),
    "rule": ("惩戒依据", "依据"),
}
COLUMNS = columns(
    (
        Field("case", _("Case number"), most=40),
        *(replace(field, hint="") for field in PERSON_FIELDS),
        *MEASURE_FIELDS,
    ),
    HEADINGS,
    personal=["identity", "name"],
)
PERSONS: Kind[Values] = Kind(
    code="persons",
    word=_("Persons in cases"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
)
