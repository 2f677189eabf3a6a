"""Visits and findings from files: a row is a visit of a day with one finding of it, or with none. Rows of one
day at one place by one commissioner are one visit, be it recorded on a phone already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import LANGUAGES, Batch, Column, Fresh, Kind, by_columns, digest
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.places import place_code
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.supervision import queries
from qingdun.console.supervision.codes import Area, SupervisionForm
from qingdun.console.supervision.codes import Kind as Subject
from qingdun.console.supervision.models import Charge, Shortcoming, Supervision
from qingdun.console.supervision.moves import ShortcomingState
from qingdun.console.supervision.planning import key_of
from qingdun.console.supervision.rules import rule_named
from qingdun.errors import InputError

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A town or enterprise in a round that is or was in force, and whose it was."""

    charge: int
    region_path: str
    officer: int
    rules: str
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class VisitRow:
    """What a row says: a visit, and what was found on it."""

    subject: tuple[Held, ...]
    """Every round in which it was supervised, the latest first."""
    visited_at: dt.datetime
    officer: int
    """Id of the commissioner's account; 0: whose it was."""
    form: str
    notes: str
    area: str
    text: str
    due_on: dt.date | None
    answer: str
    answered_at: dt.datetime | None
    closed_at: dt.datetime | None
    state: str

    def __post_init__(self) -> None:
        if self.visited_at > timezone.now():
            raise Fault("visited_at", f"{self.day}", _now("This time lies in the future."))
        if not any(self._covers(one) for one in self.subject):
            words = _now("Expected a day on which a round in force had it under supervision.")
            raise Fault("visited_at", f"{self.day}", words)
        if not self.text:
            self._check_bare()
        elif self.area == "":
            raise Fault("area", "", _now("A finding says what it is about, and in words what is wrong."))
        else:
            self._check_finding()

    def _check_bare(self) -> None:
        if self.area or self.due_on or self.answer or self.answered_at or self.closed_at or self.state:
            raise Fault("text", "", _now("A finding says what it is about, and in words what is wrong."))
        if len(self.notes) < 4:
            raise Fault("notes", self.notes, _now("Say in words what was looked at."))

    def _check_finding(self) -> None:
        for name, at in (("answered_at", self.answered_at), ("closed_at", self.closed_at)):
            if at and (at > timezone.now() or timezone.localtime(at).date() < self.day):
                words = _now("Expected a day since the visit, not in the future.")
                raise Fault(name, f"{timezone.localtime(at):%Y-%m-%d}", words)
        if self.due_on and self.due_on < self.day:
            raise Fault("due_on", f"{self.due_on}", _now("Expected a day since the visit."))
        if self.state == ShortcomingState.DROPPED:
            raise Fault(
                "state", self.state, _now("Only the city drops a finding, for a reason, on its page.")
            )
        if self.state == ShortcomingState.PASSED and self.closed_at is None:
            raise Fault("closed_at", "", _now("Say on which day it was found put right."))
        if self.closed_at and self.state not in ("", ShortcomingState.PASSED):
            raise Fault("state", self.state, _now("It cannot wait and have been settled."))
        if self.state == ShortcomingState.ANSWERED and self.answered_at is None:
            raise Fault("answered_at", "", _now("Say on which day the place reported it."))

    @property
    def day(self) -> dt.date:
        """The local day of the visit."""
        return timezone.localtime(self.visited_at).date()

    @property
    def held(self) -> Held:
        """The round it belongs to."""
        return next(one for one in self.subject if self._covers(one))

    @property
    def visit(self) -> tuple[int, int, dt.date]:
        """What the visit is known by: the charge, who made it, the day."""
        return self.held.charge, self.officer or self.held.officer, self.day

    @property
    def settled(self) -> ShortcomingState:
        """Where the finding stands."""
        if self.closed_at:
            return ShortcomingState.PASSED
        return ShortcomingState.ANSWERED if self.answered_at else ShortcomingState.OPEN

    def _covers(self, one: Held) -> bool:
        begins = midnight(self.day)
        return one.since < begins + DAY and (one.until is None or one.until >= begins)


def _subject(batch: Batch) -> Callable[[str], tuple[Held, ...]]:
    """Reads a town by code or name, or an enterprise by name, as the rounds it stood in."""
    rounds: dict[str, list[Held]] = {}
    named: dict[str, set[str]] = {}
    confirmed = queries.charges(batch.actor).exclude(round__confirmed_at=None)
    for one in confirmed.order_by("-round__confirmed_at"):
        key = key_of(one.kind, one.region_path, one.partner_id)
        at = one.round.confirmed_at
        assert at is not None
        rounds.setdefault(key, []).append(
            Held(
                one.pk, one.region_path, one.commissioner.user_id, one.round.rules, at, one.round.ended_at
            )
        )  # fmt: skip
        for name in _names(one):
            named.setdefault(name.casefold(), set()).add(key)

    def read(found: str) -> tuple[Held, ...]:
        keys = named.get(found.casefold(), set())
        if len(keys) != 1:
            raise InputError(_now("Expected a town or an enterprise that is or was under supervision."))
        return tuple(rounds[next(iter(keys))])

    return read


def _names(one: Charge) -> set[str]:
    """What the town or enterprise is called."""
    if one.kind != Subject.TOWN:
        return {str(one)}
    names = {place_code(one.region_path)}
    place = settings.CITY.places.get(place_code(one.region_path))
    if place is not None:
        names |= {place.name, place.short_name, place.name_en}
    for language in LANGUAGES:
        with override(language):
            names |= {str(one), str(one).replace(" ", "")}
    return names - {""}


def _officer(batch: Batch) -> Callable[[str], int]:
    """Reads a commissioner, also one who has left, by name or user name, as the id of the account."""
    known: dict[str, set[int]] = {}
    for one in queries.commissioners(batch.actor):
        for name in {str(one), one.user.username}:
            known.setdefault(name, set()).add(one.user_id)

    def read(found: str) -> int:
        ids = known.get(found, set())
        if len(ids) != 1:
            raise InputError(_now("Expected a commissioner by name or user name."))
        return next(iter(ids))

    return read


COLUMNS = (
    Column(
        "subject", _("Town or enterprise"), settle=_subject, must=True,
        headings=("督导对象", "被督导单位", "镇街", "企业名称", "单位名称"),
    ),
    Column(
        "visited_at", _("Visited"), cells.moment, must=True,
        headings=("督导日期", "督导时间", "检查日期", "日期", "发现日期", "Found on"),
    ),
    Column(
        "officer", _("Commissioner"), settle=_officer, empty=0,
        headings=("督导专员", "督导人", "检查人", "记录人", "By"),
    ),
    Column(
        "form", _("Form"), cells.choice(SupervisionForm.choices), headings=("督导形式", "督导方式"),
    ),
    Column(
        "notes", _("What was looked at"), cells.text(4000), headings=("督导情况", "检查情况", "督导内容"),
    ),
    Column(
        "area", pgettext_lazy("of a finding", "About"), cells.choice(Area.choices),
        headings=("问题类别", "问题类型"),
    ),
    Column(
        "text", pgettext_lazy("of a finding", "What was found"), cells.text(1000),
        headings=("发现问题", "存在问题"),
    ),
    Column(
        "due_on", pgettext_lazy("of a finding", "Deadline"), cells.day, empty=None,
        headings=("整改期限", "整改时限", "限期"),
    ),
    Column("answer", _("What was done"), cells.text(4000), headings=("整改情况", "整改措施")),
    Column(
        "answered_at", pgettext_lazy("of a finding", "Reported"), cells.moment, empty=None,
        headings=("反馈日期", "整改反馈日期"),
    ),
    Column(
        "closed_at", pgettext_lazy("of a finding", "Settled"), cells.moment, empty=None,
        headings=("销号日期", "整改完成日期", "验收日期"),
    ),
    Column(
        "state", _("State"), cells.choice(ShortcomingState.choices), headings=("整改状态", "问题状态"),
    ),
)  # fmt: skip


def _key(row: VisitRow) -> str:
    return digest(row.visit, row.area, row.text)


def _standing(rows: Sequence[Fresh[VisitRow]]) -> dict[tuple[int, int, dt.date], Supervision]:
    """The visits that stand of those the rows speak of, by what they are known by."""
    charges = {one.row.held.charge for one in rows}
    return {
        (one.charge_id, one.by_id, timezone.localtime(one.visited_at).date()): one
        for one in Supervision.objects.filter(charge__in=charges).order_by("-visited_at")
    }


def _known(_batch: Batch, rows: Sequence[Fresh[VisitRow]]) -> Collection[str]:
    visits = _standing(rows)
    found = Shortcoming.objects.filter(visit__in=[one.pk for one in visits.values()])
    told = set(found.values_list("visit", "area", "text"))
    return [
        one.key
        for one in rows
        if (visit := visits.get(one.row.visit)) is not None
        and (not one.row.text or (visit.pk, one.row.area, one.row.text) in told)
    ]


def _take(batch: Batch, rows: Sequence[Fresh[VisitRow]]) -> Mapping[int, Fault]:
    visits, faults = _standing(rows), {}
    made: list[Shortcoming] = []
    for one in rows:
        row, visit = one.row, visits.get(one.row.visit)
        if visit is None:
            visit = visits[row.visit] = _visit(batch, row)
        elif row.notes and row.notes != visit.notes:
            words = _now("The visit of that day says something else.")
            faults[one.line] = Fault("notes", row.notes, words)
            continue
        if row.text:
            made.append(_shortcoming(visit, row))
    Shortcoming.objects.bulk_create(made)
    return faults


def _visit(batch: Batch, row: VisitRow) -> Supervision:
    charge, officer, _day = row.visit
    form = row.form or Charge.objects.values_list("form", flat=True).get(pk=charge)
    return Supervision.objects.create(
        key=f"file-{digest(row.visit)}", charge_id=charge, region_path=row.held.region_path, form=form,
        visited_at=row.visited_at, notes=row.notes or row.text, by_id=officer, at=batch.now,
    )  # fmt: skip


def _shortcoming(visit: Supervision, row: VisitRow) -> Shortcoming:
    rule = rule_named(row.held.rules)
    answered: dict[str, Any] = {}
    if row.answered_at or row.answer:
        answered = {"answer": row.answer, "answered_at": row.answered_at or row.closed_at}
    return Shortcoming(
        visit=visit, charge_id=visit.charge_id, region_path=visit.region_path, area=row.area, text=row.text,
        state=row.settled, found_at=row.visited_at, closed_at=row.closed_at,
        due_on=row.due_on or row.day + rule.days(visit.form) * DAY, **answered,
    )  # fmt: skip


VISITS: Kind[VisitRow] = Kind(
    code="supervision_visits",
    word=_("Visits and findings"),
    permission=Permission.WORK_SUPERVISION,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, VisitRow),
    key=_key,
    known=_known,
    take=_take,
    at_once=500,
    rows_at=lambda _file: str(reverse_lazy("supervision:table", args=["visits"])),
)
