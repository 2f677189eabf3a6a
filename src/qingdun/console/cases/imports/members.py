"""Members of gangs (团伙成员) from files: persons of cases by their documents, in gangs by their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.codes import PartRole
from qingdun.console.cases.models import Case, Member
from qingdun.console.kernel.forms import Field
from qingdun.console.kernel.imports.fields import Values, columns, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store

Rows = Sequence[Fresh[Values]]


def _check(_batch: Batch, row: Values) -> None:
    row["identity"] = row["identity"].replace(" ", "").upper()


def _key(row: Values) -> str:
    return digest(row["gang"], row["identity"])


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    told = queries.members(batch.actor).filter(gang__name__in={one.row["gang"] for one in rows}).order_by()
    return [digest(*said) for said in told.values_list("gang__name", "person__identity")]


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    seen = queries.gangs(batch.actor).filter(name__in={one.row["gang"] for one in rows})
    gangs = {one.name: one for one in seen.reverse()}
    who = queries.persons_of_cases(batch.actor).filter(identity__in={one.row["identity"] for one in rows})
    people = {one.identity: one for one in who}
    faults: dict[int, Fault] = {}
    made: list[Member] = []
    for one in rows:
        gang, person = gangs.get(one.row["gang"]), people.get(one.row["identity"])
        if gang is None:
            faults[one.line] = Fault("gang", one.row["gang"], gettext("Expected a gang you see, by name."))
        elif person is None:
            why = gettext("Expected the document of a person in a case you see.")
            faults[one.line] = Fault("identity", one.row["identity"], why)
        else:
            made.append(Member(gang=gang, person=person, role=one.row["role"]))
    store(made)
    _join(batch, made)
    return faults


def _join(batch: Batch, members: Sequence[Member]) -> None:
    """The gangs are of the cases their new members have a part in, as far as whoever brings the file sees."""
    gangs: dict[int, set[int]] = {}
    for one in members:
        gangs.setdefault(one.person_id, set()).add(one.gang_id)
    parts = queries.parts(batch.actor).filter(person__in=gangs).order_by().values_list("person_id", "case_id")
    through = Case.gangs.through
    through.objects.bulk_create(
        (through(gang_id=gang, case_id=case) for person, case in parts for gang in gangs[person]),
        ignore_conflicts=True,
    )


COLUMNS = columns(
    (
        Field("gang", _("Gang"), most=60),
        Field("identity", _("Identity document"), most=32),
        Field("role", _("Part"), "choice", choices=PartRole.choices),
    ),
    {
        "gang": ("团伙名称", "团伙"),
        "identity": ("证件号码", "身份证号", "身份证号码", "证件"),
        "role": ("团伙角色", "角色", "作用"),
    },
    personal=["identity"],
)
MEMBERS: Kind[Values] = Kind(
    code="members",
    word=_("Members of gangs"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=_key,
    known=_known,
    take=_take,
)
