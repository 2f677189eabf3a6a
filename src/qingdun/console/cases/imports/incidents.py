"""Incidents (警情) from files: where the person lives if the register knows the number, else at the row's
place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.cases import queries
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.forms import Choices, Field, FieldFaults
from qingdun.console.kernel.imports.cells import paths_by_name
from qingdun.console.kernel.imports.fields import Values, columns, key_of, values
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind
from qingdun.console.kernel.models import PersonNumber
from qingdun.console.kernel.queries import persons
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.storing import store
from qingdun.contract.codes import scam_types

Rows = Sequence[Fresh[Values]]


def scam_choices() -> Choices:
    """Scam types by code with their words."""
    return [(code, scam_type_label(code)) for code in scam_types().names]


def _check(batch: Batch, row: Values) -> None:
    if row["reported_at"] > batch.now:
        raise FieldFaults({"reported_at": gettext("Nothing can have been reported in the future.")})


def _known(batch: Batch, rows: Rows) -> Collection[str]:
    """Whoever of the region brought them; what was taken back stays so, however often its file comes."""
    keys = [one.key for one in rows]
    own = Incident.objects.filter(by=batch.actor)
    told = (queries.incidents(batch.actor), queries.taken_back(batch.actor), own)
    return {key for one in told for key in one.filter(key__in=keys).values_list("key", flat=True)}


def _take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
    numbers = {one.row["number"] for one in rows}
    held = PersonNumber.objects.filter(msisdn__in=numbers, person__in=persons(batch.actor))
    people = {one.msisdn: one.person for one in held.select_related("person")}
    places = paths_by_name(batch.actor)
    faults: dict[int, Fault] = {}
    made = []
    for one in rows:
        row = one.row
        person = people.get(row["number"])
        path = person.region_path if person else places.get(row["region"])
        if path is None:
            expected = gettext("Expected a place of your region, by name or code.")
            faults[one.line] = Fault("region", row["region"], expected)
            continue
        made.append(
            Incident(
                person_id=person.pk if person else f"number:{row['number']}", msisdn=row["number"],
                region_path=path, reported_at=row["reported_at"], scam_type=row["scam_type"],
                loss_fen=row["loss_fen"], how=row["how"], key=one.key, by=batch.actor, entered_at=batch.now,
            )
        )  # fmt: skip
    store(made)
    return faults


COLUMNS = columns(
    (
        Field("number", _("Number of the person"), "number", most=40),
        Field("reported_at", _("Reported"), "moment", most=40),
        Field("scam_type", _("Scam type"), "choice", choices=scam_choices),
        Field("loss_fen", _("Loss, yuan"), "money", most=20),
        Field("region", _("Place, for numbers nobody knows"), "region", False),
        Field("how", _("How it went"), "long", False, 2000),
    ),
    {
        "number": ("报警电话", "联系电话", "受害人电话", "手机号码", "手机号", "电话"),
        "reported_at": ("接报时间", "报警时间", "报案时间"),
        "scam_type": ("诈骗类型", "案件类型", "类型"),
        "loss_fen": ("损失金额", "被骗金额", "涉案金额", "损失"),
        "region": ("所属镇街", "镇街", "辖区", "地点"),
        "how": ("简要案情", "经过"),
    },
    personal=["number"],
)
INCIDENTS: Kind[Values] = Kind(
    code="incidents",
    word=_("Incidents"),
    permission=Permission.WORK_CASES,
    columns=COLUMNS,
    reader=values(COLUMNS, _check),
    key=key_of,
    known=_known,
    take=_take,
)
