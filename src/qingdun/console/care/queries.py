"""Reads of follow-ups and key-person files: the viewer first, and only what is theirs to see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.queries import Filters
from qingdun.console.care.models import FollowUp, KeyPerson
from qingdun.console.care.models import Result as Result  # with their words, for the ledger
from qingdun.console.care.relatives import Relative, relatives
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.roles import Permission, Role, require
from qingdun.console.kernel.scope import narrowed, out_of_reach, residents

VIEWS = ("due", "overdue", "coming", "done")
State = FollowUp.State


@dataclass(frozen=True)
class Line:
    """A follow-up as the viewer may read it: personal data masked."""

    follow_up: FollowUp
    row: alerts.Row
    now: dt.datetime

    @property
    def overdue(self) -> bool:
        """Whether its day is over and nobody has done it."""
        return self.follow_up.state == State.OPEN and self.follow_up.due_at <= self.now


@dataclass(frozen=True)
class FileLine:
    """A key-person file as the viewer may read it."""

    file: KeyPerson
    person: Person | None
    now: dt.datetime

    @property
    def name(self) -> str:
        """Surname and stars; the masked number of whom the register does not know."""
        return mask_name(self.person.name) if self.person and self.person.name else self.number

    @property
    def number(self) -> str:
        """The number with its middle hidden."""
        return mask_number(self.file.msisdn)

    @property
    def late(self) -> bool:
        """Whether the weekly review is overdue."""
        return self.file.closed_at is None and self.file.review_due_at <= self.now


def follow_ups(viewer: User, view: str = "due", region: str = "", mine: bool = False) -> QuerySet[FollowUp]:
    """Follow-ups of the tasks the viewer sees: `due` by the end of today, `overdue`, `coming`, all that
    are `open`, or `done`.

    `mine` leaves those whose task the viewer signed last. Errors: NotPermitted.
    """
    require(viewer, Permission.SEE_ALERTS)
    now = timezone.now()
    tomorrow = midnight(timezone.localdate(now) + dt.timedelta(days=1))
    seen = alerts.tasks(viewer, Filters(state="all", region=region)).order_by()
    found = FollowUp.objects.filter(task__in=seen.values("pk"))
    if mine:
        found = found.filter(task__owner=viewer)
    if view == "done":
        found = found.filter(state=State.DONE).order_by("-done_at", "-pk")
    else:
        found = found.filter(state=State.OPEN).order_by("due_at", "pk")
        limits = {"due": Q(due_at__lte=tomorrow), "overdue": Q(due_at__lte=now), "open": Q()}
        found = found.filter(limits.get(view, Q(due_at__gt=tomorrow)))
    return found.select_related("done_by")


def follow_up(viewer: User, follow_up_id: int) -> FollowUp:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    require(viewer, Permission.SEE_ALERTS)
    seen = alerts.tasks(viewer, Filters(state="all")).order_by().values("pk")
    found = FollowUp.objects.filter(pk=follow_up_id, task__in=seen).first()
    if found is None:
        raise out_of_reach()
    return found


def of_task(viewer: User, task_id: int) -> list[Line]:
    """The follow-ups of a task; none if it is not the viewer's to see."""
    require(viewer, Permission.SEE_ALERTS)
    seen = alerts.tasks(viewer, Filters(state="all")).order_by().values("pk")
    return lines(viewer, FollowUp.objects.filter(task=task_id, task__in=seen).order_by("day"))


def lines(viewer: User, found: Iterable[FollowUp]) -> list[Line]:
    """Those of the follow-ups whose task the viewer sees, with their persons, masked."""
    listed, now = list(found), timezone.now()
    seen = alerts.tasks(viewer, Filters(state="all")).filter(pk__in=[one.task_id for one in listed])
    rows = {row.task.pk: row for row in alerts.rows(viewer, seen)}
    return [Line(one, rows[one.task_id], now) for one in listed if one.task_id in rows]


def overdue_by_station(viewer: User, region: str = "") -> list[dict[str, Any]]:
    """For each station that holds tasks with overdue follow-ups: its name, how many, and the oldest."""
    found = follow_ups(viewer, "overdue", region).order_by()
    named = found.values(station=F("task__station__name"), station_en=F("task__station__name_en"))
    counted = named.annotate(count=Count("pk"), oldest=Min("due_at"))
    return [dict(row) for row in counted.order_by("-count", "oldest", "station")]


def key_files(viewer: User, region: str = "", view: str = "open") -> QuerySet[KeyPerson]:
    """Key-person files of the viewer's region or station's towns, or of which they are the officer: `open`,
    `late` (review overdue), `mine`, or `closed`. Errors: NotPermitted.
    """
    found = _files(viewer)
    picked = narrowed(viewer, region)
    if region and picked is not None:
        found = found.filter(region_path__startswith=picked.path)
    if view == "closed":
        return found.exclude(closed_at=None).order_by("-closed_at")
    found = found.filter(closed_at=None)
    if view == "late":
        found = found.filter(review_due_at__lte=timezone.now())
    return found.filter(officer=viewer) if view == "mine" else found


def key_file(viewer: User, file_id: int) -> KeyPerson:
    """One of them, open or closed. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = _files(viewer).filter(pk=file_id).first()
    if found is None:
        raise out_of_reach()
    return found


def file_lines(viewer: User, found: Iterable[KeyPerson]) -> list[FileLine]:
    """Those of the files that the viewer sees, with their persons, masked."""
    listed = list(found)
    seen = _files(viewer).filter(pk__in=[one.pk for one in listed])
    open_to = set(seen.values_list("pk", flat=True))
    people = Person.objects.in_bulk([one.person_id for one in listed])
    now = timezone.now()
    return [FileLine(one, people.get(one.person_id), now) for one in listed if one.pk in open_to]


def file_of_person(viewer: User, person_id: str) -> KeyPerson | None:
    """The open file of the person, if there is one and the viewer sees it."""
    return key_files(viewer).filter(person_id=person_id).first()


def tasks_of(viewer: User, file: KeyPerson) -> QuerySet[Any]:
    """Tasks of the file's person that the viewer sees, the latest first, with calls, visits, follow-ups."""
    key_file(viewer, file.pk)
    found = alerts.tasks(viewer, Filters(state="all", sort="newest")).filter(person_id=file.person_id)
    return found.prefetch_related("contacts__by", "visit__by", "follow_ups__done_by")


def family(viewer: User, file: KeyPerson) -> list[Relative]:
    """The family of the file's person as the register names it, masked."""
    key_file(viewer, file.pk)
    return relatives(file, unmasked=False)


def officers(viewer: User, file: KeyPerson) -> QuerySet[User]:
    """Who may be the fixed officer: the active officers of the person's station."""
    key_file(viewer, file.pk)
    if file.station_id is None:
        return User.objects.none()
    return User.objects.filter(organisation=file.station, role=Role.STATION_OFFICER, is_active=True)


def _files(viewer: User) -> QuerySet[KeyPerson]:
    require(viewer, Permission.SEE_ALERTS)
    stored = KeyPerson.objects.select_related("station", "officer")
    return residents(viewer, stored) | stored.filter(officer=viewer)
