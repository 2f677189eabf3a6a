"""Progress of undertakings from files, as the sheets of units and towns tell it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.command import queries
from qingdun.console.command.codes import StepKind
from qingdun.console.command.models import Step, Undertaking
from qingdun.console.command.moves import UndertakingState
from qingdun.console.command.undertaking import report
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.places import place_code, place_name
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.errors import InputError, QingdunError


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """What a row says: how far a unit or place has come with an undertaking."""

    provision: int
    whose: str
    title: str
    share: int
    text: str
    done: bool

    @property
    def undertaking(self) -> tuple[int, str, str]:
        """What the undertaking is known by."""
        return self.provision, self.whose.casefold(), self.title


def _share(found: str) -> int:
    read = cells.count(found.rstrip("%％ "))
    if read > 100:
        raise InputError(gettext("Expected a share from 0 to 100."))
    return read


COLUMNS = (
    Column("provision", _("Provision no."), cells.count, must=True, headings=("措施编号", "措施序号")),
    Column(
        "whose", _("Unit or place"), cells.text(60), must=True, headings=("责任单位", "责任地区", "责任主体"),
    ),
    Column("title", _("Undertaking"), cells.text(80), must=True, headings=("任务", "任务名称")),
    Column(
        "share", pgettext_lazy("of an undertaking", "Share reached, of 100"), _share, must=True,
        headings=("进度", "完成比例", "完成率", "完成进度"),
    ),
    Column(
        "text", pgettext_lazy("of an undertaking", "What was reached"), cells.text(2000), must=True,
        headings=("进展情况", "工作进展", "进展"),
    ),
    Column(
        "done", pgettext_lazy("of an undertaking", "Reported as done"), cells.yes_or_no, empty=False,
        headings=("是否完成", "已完成"),
    ),
)  # fmt: skip


def _stand(batch: Batch, rows: Sequence[Fresh[ProgressRow]]) -> dict[tuple[int, str, str], list[Undertaking]]:
    """The undertakings the rows may be about, by what they are known by."""
    wanted = {one.row.title for one in rows}
    found: dict[tuple[int, str, str], list[Undertaking]] = {}
    for one in queries.undertakings(batch.actor).filter(title__in=wanted):
        for name in _names(one):
            found.setdefault((one.provision.number, name.casefold(), one.title), []).append(one)
    return found


def _names(one: Undertaking) -> set[str]:
    """What the unit or place is called."""
    if one.unit is not None:
        return {one.unit.name}
    place = settings.CITY.places.get(place_code(one.region_path))
    known = {place.name, place.short_name} if place is not None else set()
    return {place_code(one.region_path), place_name(one.region_path), *known}


def _known(batch: Batch, rows: Sequence[Fresh[ProgressRow]]) -> Collection[str]:
    """Those that are the last word on their undertaking already."""
    stand = _stand(batch, rows)
    about = {one.pk for alike in stand.values() for one in alike}
    last: dict[int, tuple[int | None, str, bool]] = {}
    told = Step.objects.filter(undertaking__in=about, kind__in=(StepKind.PROGRESS, StepKind.DONE))
    for step in told.order_by("at", "pk"):
        last[step.undertaking_id] = (step.share, step.text, step.kind == StepKind.DONE)
    return [
        one.key
        for one in rows
        if any(
            last.get(alike.pk) == (100 if one.row.done else one.row.share, one.row.text, one.row.done)
            for alike in stand.get(one.row.undertaking, [])
        )
    ]


def _take(batch: Batch, rows: Sequence[Fresh[ProgressRow]]) -> Mapping[int, Fault]:
    stand, faults = _stand(batch, rows), {}
    for one in rows:
        row, alike = one.row, stand.get(one.row.undertaking, [])
        waiting = [each for each in alike if each.state == UndertakingState.OPEN]
        if len(waiting) != 1:
            words = gettext("Expected an undertaking of that unit or place that is not reported as done.")
            faults[one.line] = Fault("title", row.title, words)
            continue
        try:
            waiting[0].state = report(batch.actor, waiting[0].pk, row.share, row.text, row.done).state
        except QingdunError as refused:
            faults[one.line] = Fault("title", row.title, str(refused))
    return faults


PROGRESS: Kind[ProgressRow] = Kind(
    code="undertaking_progress",
    word=_("Progress of undertakings"),
    permission=Permission.REPORT_COMMAND,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, ProgressRow),
    key=lambda row: digest(row.provision, row.whose, row.title, row.share, row.text, row.done),
    known=_known,
    take=_take,
    at_once=300,
)
