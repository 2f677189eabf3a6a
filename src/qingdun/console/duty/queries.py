"""Reads of rosters: the viewer first, and only what is theirs to see."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.access import visible
from qingdun.console.duty.models import DutyCall, HandOver, OfficerNumber, Shift
from qingdun.console.duty.posts import local_midnight, staff
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import in_station, narrowed, out_of_reach, within

MOST_TASKS = 200
KINDS = (Organisation.Kind.CITY_BUREAU, Organisation.Kind.COUNTY_BUREAU, Organisation.Kind.STATION)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One officer of a shift that runs now."""

    shift: Shift
    number: str
    """Masked; empty if nobody can be called there."""


@dataclass(frozen=True, slots=True)
class Post:
    """An organisation and who is on duty there now, first called first."""

    organisation: Organisation
    officers: list[OnDuty]


@dataclass(slots=True)
class Day:
    """One day of a roster."""

    date: dt.date
    shifts: list[Shift] = field(default_factory=list)


def organisations(viewer: User, region: str = "") -> QuerySet[Organisation]:
    """Bureaus and stations of the viewer's region; whoever works in a station, that one."""
    if not may(viewer, Permission.SEE_ALERTS):
        return Organisation.objects.none()
    rows = Organisation.objects.filter(kind__in=KINDS).select_related("region__parent")
    if in_station(viewer):
        return rows.filter(pk=viewer.organisation_id or 0)
    found = within(viewer, rows, "region__path")
    picked = narrowed(viewer, region) if region else None
    if picked is not None:
        found = found.filter(region__path__startswith=picked.path)
    return found.order_by("region__path", "kind", "code")


def organisation(viewer: User, code: str) -> Organisation:
    """That organisation. Errors: NotPermitted if it is not the viewer's to see."""
    found = organisations(viewer).filter(code=code).first()
    if found is None:
        raise out_of_reach()
    return found


def on_duty_now(viewer: User, region: str = "") -> list[Post]:
    """Every organisation the viewer sees, with who is on duty there now."""
    now = timezone.now()
    seen = list(organisations(viewer, region))
    shifts = Shift.objects.filter(organisation__in=seen, starts_at__lte=now, ends_at__gt=now)
    numbers = _numbers()
    posts: dict[int, list[OnDuty]] = defaultdict(list)
    for shift in shifts.select_related("officer").order_by("position", "pk"):
        posts[shift.organisation_id].append(OnDuty(shift, numbers.get(shift.officer_id, "")))
    return [Post(one, posts[one.pk]) for one in seen]


def officers(viewer: User, code: str) -> list[tuple[User, str]]:
    """Who can be put on that organisation's roster, each with the masked number or nothing."""
    post = organisation(viewer, code)
    numbers = _numbers()
    return [(one, numbers.get(one.pk, "")) for one in staff(post).order_by("username")]


def week(viewer: User, code: str, monday: dt.date) -> list[Day]:
    """Seven days of that organisation's roster, each shift on the day it starts."""
    post = organisation(viewer, code)
    days = [Day(monday + dt.timedelta(days=number)) for number in range(7)]
    start, end = local_midnight(monday), local_midnight(monday + dt.timedelta(days=7))
    shifts = Shift.objects.filter(organisation=post, starts_at__gte=start, starts_at__lt=end)
    for shift in shifts.select_related("officer").order_by("starts_at", "position"):
        days[(timezone.localtime(shift.starts_at).date() - monday).days].shifts.append(shift)
    return days


def handovers(viewer: User) -> QuerySet[HandOver]:
    """Hand-overs of the organisations the viewer sees, the latest first."""
    seen = organisations(viewer).order_by().values("pk")
    return HandOver.objects.filter(organisation__in=seen).select_related("organisation", "giver", "taker")


def open_tasks(viewer: User, code: str) -> list[dict[str, object]]:
    """The open tasks that organisation holds, most urgent first, as a hand-over keeps them."""
    post = organisation(viewer, code)
    return [
        {"task": one.pk, "level": one.level, "state": one.state, "label": str(one.get_state_display())}
        for one in alerts.held_by(viewer, post)[:MOST_TASKS]
    ]


def calls(viewer: User, task_id: int | None = None) -> QuerySet[DutyCall]:
    """Calls to duty about tasks the viewer sees, the latest first."""
    if not may(viewer, Permission.SEE_ALERTS):
        return DutyCall.objects.none()
    rows = DutyCall.objects.select_related("officer", "organisation", "message")
    if task_id is not None:
        rows = rows.filter(task=alerts.task(viewer, task_id))
    return visible(viewer, rows, "task")


def may_write(viewer: User, post: Organisation) -> bool:
    """Whether the viewer writes that roster: their own station's, or any below the county they send from."""
    if in_station(viewer):
        return may(viewer, Permission.WORK_ALERTS) and viewer.organisation_id == post.pk
    covered = bool(viewer.region_path) and post.region.path.startswith(viewer.region_path)
    return covered and may(viewer, Permission.DISPATCH_COUNTY)


def _numbers() -> dict[int, str]:
    return {pk: mask_number(number) for pk, number in OfficerNumber.objects.values_list("officer", "msisdn")}
