"""Measures (强制措施、惩戒) from files, of persons who have a part in the case: the ledger of detentions that
comes after that of persons. One that stands already is left as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.imports.persons import (
    HEADINGS,
    MEASURE_FIELDS,
    cases_by_number,
    check_punishment,
    no_such_case,
    taken,
)
from qingdun.console.cases.places import past
from qingdun.console.kernel.forms import Field
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(_batch: Batch, row: Values) -> None:
    past(row, "measure_on")
    check_punishment(row)
    row["identity"] = row["identity"].replace(" ", "").upper()


def _key(row: Values) -> str:
    return digest(row["case"], row["identity"], row["measure"], row["measure_on"])


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.measures(batch.actor).filter(
        case__number__in={one.row["case"] for one in rows},
        person__identity__in={one.row["identity"] for one in rows},
    )
    names = ("case__number", "person__identity", "kind", "on")
    return [digest(*said) for said in told.order_by().values_list(*names)]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    cases = cases_by_number(batch.actor, {one.row["case"] for one in rows})
    parts = queries.parts(batch.actor).filter(
        case__in=cases.values(), person__identity__in={one.row["identity"] for one in rows}
    )
    people = {
        (case, identity): person
        for case, identity, person in parts.order_by().values_list("case", "person__identity", "person")
    }
    faults: dict[int, Fault] = {}
    made = []
    for one in rows:
        row, case = one.row, cases.get(one.row["case"])
        person = people.get((case, row["identity"])) if case is not None else None
        if case is None:
            faults[one.line] = no_such_case(row)
        elif person is None:
            why = gettext("Expected the document of a person with a part in this case.")
            faults[one.line] = Fault("identity", row["identity"], why)
        else:
            made.append(taken(batch, row, case, person, row["measure"], row["measure_on"]))
    store(made)
    return faults


COLUMNS = columns(
    (
        Field("case", _("Case number"), most=40),
        Field("identity", _("Identity document"), most=32),
        *(
            replace(field, required=True) if field.name in ("measure", "measure_on") else field
            for field in MEASURE_FIELDS
        ),
    ),
    {**HEADINGS, "measure_on": (*HEADINGS["measure_on"], *HEADINGS["on"])},
    personal=["identity"],
)
MEASURES: Kind[Values] = Kind(
    code="measures",
    word=_("Measures taken"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
)
