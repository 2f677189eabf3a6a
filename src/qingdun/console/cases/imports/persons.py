"""Persons of cases from files, with their parts and measures: of a refused row nobody is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.codes import MeasureKind, PartRole
from qingdun.console.cases.entering import PERSON_FIELDS
from qingdun.console.cases.models import Case, CasePerson, Measure, Part
from qingdun.console.cases.places import past
from qingdun.console.kernel.forms import Field, FieldFaults
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]
MEASURES = [choice for choice in MeasureKind.choices if choice[0] != MeasureKind.PUNISHED]
"""A punishment is no measure of a file: it needs its years and its rule."""


def cases_by_number(actor: User, numbers: Collection[str]) -> dict[str, Case]:
    """Those of the cases that the actor sees."""
    return {case.number: case for case in queries.cases(actor).filter(number__in=numbers)}


def no_such_case(row: Values) -> Fault:
    """What is said of the number of a case that the actor does not see, be there one or not."""
    return Fault("case", row["case"], gettext("Expected the number of a case you see."))


def _check(_batch: Batch, row: Values) -> None:
    past(row, "on", "measure_on")
    if (row["role"] == PartRole.INSIDER) != bool(row["industry"]):
        raise FieldFaults({"industry": gettext("An insider has an industry, and nobody else has.")})
    row["identity"] = row["identity"].replace(" ", "").upper()


def _key(row: Values) -> str:
    return digest(row["case"], row["identity"], *_measure(row))


def _measure(row: Values) -> tuple[Any, ...]:
    return (row["measure"], row["measure_on"] or row["on"]) if row["measure"] else ()


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    """Whose part in the case stands, with the measure if the row has one."""
    cases = cases_by_number(batch.actor, {one.row["case"] for one in rows})
    who = {one.row["identity"] for one in rows}
    names = ("case__number", "person__identity")
    parts = set(Part.objects.filter(case__in=cases.values(), person__identity__in=who).values_list(*names))
    measures = set(
        Measure.objects.filter(case__in=cases.values(), person__identity__in=who)
        .order_by().values_list(*names, "kind", "on")
    )  # fmt: skip

    def stands(row: Values) -> bool:
        pair, measure = (row["case"], row["identity"]), _measure(row)
        return pair in parts and (not measure or (*pair, *measure) in measures)

    return [one.key for one in rows if stands(one.row)]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    cases = cases_by_number(batch.actor, {one.row["case"] for one in rows})
    faults = {one.line: no_such_case(one.row) for one in rows if one.row["case"] not in cases}
    fit = [one.row for one in rows if one.line not in faults]
    people = _people(fit)
    parts = set(
        Part.objects.filter(case__in=cases.values(), person__in=people.values()).values_list("case", "person")
    )
    made: list[Part] = []
    measures: list[Measure] = []
    for row in fit:
        case, person = cases[row["case"]], people[row["identity"]]
        if (case.pk, person.pk) not in parts:
            parts.add((case.pk, person.pk))
            own = {name: row[name] for name in ("role", "industry", "on")}
            made.append(Part(case=case, person=person, by=batch.actor, **own))
        if measure := _measure(row):
            kind, on = measure
            measures.append(Measure(case=case, person=person, kind=kind, on=on, by=batch.actor))
    store(made)
    store(measures)
    return faults


def _people(rows: Sequence[Values]) -> dict[str, CasePerson]:
    """The persons of these rows by their documents; who was entered before keeps their name."""
    by_identity = {row["identity"]: row for row in rows}
    CasePerson.objects.bulk_create(
        (
            CasePerson(identity=identity, name=row["name"], numbers=row["numbers"])
            for identity, row in by_identity.items()
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    return {one.identity: one for one in CasePerson.objects.filter(identity__in=by_identity)}


COLUMNS = columns(
    (
        Field("case", _("Case number"), most=40),
        *(replace(field, hint="") for field in PERSON_FIELDS),
        Field("measure", _("Measure"), "choice", False, choices=MEASURES),
        Field("measure_on", _("Day of the measure"), "date", False, 40),
    ),
    {
        "case": ("案件编号", "立案编号", "案号"),
        "identity": ("证件号码", "身份证号", "身份证号码", "证件"),
        "name": ("姓名", "嫌疑人姓名"),
        "role": ("涉案角色", "角色", "作用"),
        "on": ("发现日期", "日期"),
        "numbers": ("使用号码", "手机号码"),
        "measure": ("强制措施", "措施"),
        "measure_on": ("措施日期",),
    },
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
