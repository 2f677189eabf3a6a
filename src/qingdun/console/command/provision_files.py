"""Provisions and undertakings from files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.command import queries
from qingdun.console.command.actions import above
from qingdun.console.command.codes import StepKind, System
from qingdun.console.command.forms import place_of
from qingdun.console.command.models import Step, Undertaking
from qingdun.console.command.undertaking import ProvisionForm, write_provision
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.outreach import queries as outreach
from qingdun.errors import InputError, RefusedError


@dataclass(frozen=True, slots=True)
class UndertakingRow:
    """What a row says: a unit or place does something for a provision by a day."""

    provision: int
    whose: tuple[int, str]
    """Id of the unit, 0 for none, and the path of the place."""
    title: str
    goal: str
    due_on: dt.date


def _whose(batch: Batch) -> Callable[[str], tuple[int, str]]:
    """Reads a member unit, or a place below whoever brings the file."""
    units = {one.name: (one.pk, one.region_path) for one in outreach.units(batch.actor)}
    read_before: dict[str, tuple[int, str]] = dict(units)

    def read(found: str) -> tuple[int, str]:
        if found not in read_before:
            try:
                path = place_of(batch.actor, found)
            except FieldFaults:
                path = ""
            if not path or not above(batch.actor, path):
                raise InputError(gettext("Expected a member unit, or a place below yours by name or code."))
            read_before[found] = (0, path)
        return read_before[found]

    return read


def _provision(batch: Batch) -> Callable[[str], int]:
    """Reads the number of a provision that stands, as its id."""
    stand = {one.number: one.pk for one in queries.provisions(batch.actor)}

    def read(found: str) -> int:
        number = cells.count(found)
        if number not in stand:
            raise InputError(gettext("Expected the number of a provision that stands."))
        return stand[number]

    return read


COLUMNS = (
    Column("provision", _("Provision no."), settle=_provision, must=True, headings=("措施编号", "措施序号")),
    Column(
        "whose", _("Unit or place"), settle=_whose, must=True, headings=("责任单位", "责任地区", "责任主体"),
    ),
    Column("title", _("Undertaking"), cells.text(80), must=True, headings=("任务", "任务名称")),
    Column("goal", _("What is to be reached"), cells.text(1000), must=True, headings=("目标", "任务目标")),
    Column("due_on", _("To be done by"), cells.day, must=True, headings=("完成时限", "截止日期")),
)  # fmt: skip


def _key(row: UndertakingRow) -> str:
    return digest(row.provision, row.whose, row.title)


def _known(batch: Batch, rows: Sequence[Fresh[UndertakingRow]]) -> Collection[str]:
    wanted = {one.row.provision for one in rows}
    stand = queries.undertakings(batch.actor).filter(provision__in=wanted).order_by()
    return [
        digest(provision, (unit or 0, path), title)
        for provision, unit, path, title in stand.values_list("provision", "unit", "region_path", "title")
    ]


def _take(batch: Batch, rows: Sequence[Fresh[UndertakingRow]]) -> Mapping[int, Fault]:
    made = Undertaking.objects.bulk_create(
        Undertaking(
            provision_id=one.row.provision, unit_id=one.row.whose[0] or None, region_path=one.row.whose[1],
            title=one.row.title, goal=one.row.goal, due_on=one.row.due_on, set_by=batch.actor,
            set_at=batch.now,
        )
        for one in rows
    )  # fmt: skip
    Step.objects.bulk_create(
        Step(undertaking=one, kind=StepKind.SET, text=one.goal, by=batch.actor, at=batch.now) for one in made
    )
    return {}


UNDERTAKINGS: Kind[UndertakingRow] = Kind(
    code="undertakings",
    word=_("Undertakings"),
    permission=Permission.WORK_COMMAND,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, UndertakingRow),
    key=_key,
    known=_known,
    take=_take,
    show=lambda row: {
        "provision": f"{row.provision}", "title": row.title, "goal": row.goal, "due_on": f"{row.due_on}",
    },
)  # fmt: skip
PROVISION_COLUMNS = (
    Column("number", _("Provision no."), cells.count, must=True, headings=("措施编号", "序号", "措施序号")),
    Column("title", _("Title"), cells.text(60), must=True, headings=("措施", "措施名称")),
    Column("demand", _("What it demands"), cells.text(1000), must=True, headings=("措施内容", "内容")),
    Column("system", _("System"), cells.choice(System.choices), must=True, headings=("所属体系",)),
    Column("lead", _("Unit that leads it"), cells.text(60), headings=("牵头单位",)),
)


def _known_provisions(batch: Batch, rows: Sequence[Fresh[ProvisionForm]]) -> Collection[str]:
    stand = queries.provisions(batch.actor).values_list("number", "title", "demand", "system", "lead")
    return [digest(*one) for one in stand]


def _take_provisions(batch: Batch, rows: Sequence[Fresh[ProvisionForm]]) -> Mapping[int, Fault]:
    faults = {}
    for one in rows:
        try:
            write_provision(batch.actor, one.row)
        except (InputError, RefusedError) as refused:
            faults[one.line] = Fault("number", f"{one.row.number}", str(refused))
    return faults


PROVISIONS: Kind[ProvisionForm] = Kind(
    code="provisions",
    word=_("Provisions"),
    permission=Permission.WORK_COMMAND,
    columns=PROVISION_COLUMNS,
    reader=by_columns(PROVISION_COLUMNS, ProvisionForm),
    key=lambda row: digest(row.number, row.title, row.demand, row.system, row.lead),
    known=_known_provisions,
    take=_take_provisions,
)
