"""Calls the officer on duty about an urgent or high task that its station has not signed, and about one whose
clock has run out.

The steps of one order: each officer on the station's roster now, in its order, as often as the settings say,
then the county's. Of a clock that ran out whoever is told (the holder, then the county, then the city) is
called once. What was done is rows of `DutyCall`; nothing is remembered elsewhere, so that a restart, a
second process or a clock that jumps changes nothing but the moment of the next step.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from qingdun.console import environment
from qingdun.console.alerts import unattended as tasks
from qingdun.console.alerts.queries import Task
from qingdun.console.duty.models import DutyCall, OfficerNumber, Shift
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Organisation
from qingdun.console.sms.actions import call_to_duty

CALLED = ("urgent", "high")
AT_ONCE = ("urgent",)
"""Levels whose order is not held back for taking it back: every second counts more than a slip."""
HELD_BACK = tuple(level for level in CALLED if level not in AT_ONCE)
HEARD_OF_FOR = dt.timedelta(minutes=10)
"""A clock that ran out longer ago calls nobody: a tick that was off does not wake people for it."""
STEPS = 50
"""Orders that one tick takes up at most, in less than a second: the next one goes on."""
STATION = "station"
HOLDER, COUNTY, CITY = 1, 2, 3
"""Who hears of a clock that ran out: whoever holds the task in the field, the county, the city."""


def tick(now: dt.datetime) -> int:
    """Every task that waits for a signature has had its next step if that was due, and whoever is to hear
    of a clock that ran out has been called; how many calls that were.
    """
    repeat = dt.timedelta(seconds=max(1, environment.number("QINGDUN_DUTY_REPEAT_SECONDS")))
    most = max(1, environment.number("QINGDUN_DUTY_CALLS"))
    posts = _posts(now)
    if not posts:
        return 0
    done = sum(_step(*order, now, repeat, most) for order in _waiting(posts, now, repeat)[:STEPS])
    late = tasks.told(CALLED, now - HEARD_OF_FOR)
    return done + sum(_tell(task_id, at, who, now) for task_id, at, who in late)


def due_next(now: dt.datetime) -> dt.datetime | None:
    """The moment at which the next order can no longer be taken back: the tick looks right then, so that the
    call goes with that moment and not up to a second after it.
    """
    return tasks.next_final(HELD_BACK, now)


def _posts(now: dt.datetime) -> dict[str, list[int]]:
    """By kind, the organisations whose roster has somebody now who can be called."""
    on_duty = Shift.objects.filter(starts_at__lte=now, ends_at__gt=now, officer__is_active=True)
    called = on_duty.filter(officer__in=OfficerNumber.objects.values("officer"))
    found: dict[str, list[int]] = {}
    for kind, pk in called.order_by().values_list("organisation__kind", "organisation").distinct():
        found.setdefault(kind, []).append(pk)
    return found


def _waiting(
    posts: dict[str, list[int]], now: dt.datetime, repeat: dt.timedelta
) -> list[tuple[int, dt.datetime]]:
    """The orders that may be due for a step: those about which somebody on duty can be called and nobody was
    within the pause, looked up for all of them at once; whoever was called longest ago first.
    """
    kinds = Organisation.Kind
    orders = tasks.unsigned(CALLED, posts.get(kinds.STATION, ()), posts.get(kinds.COUNTY_BUREAU, ()))
    calls = DutyCall.objects.filter(task__in=[task_id for task_id, _ in orders], late=False)
    called = {(task_id, order_at): at for task_id, order_at, at in calls.order_by("step").values_list(
        "task", "order_at", "at"
    )}  # fmt: skip
    due = [order for order in orders if order not in called or abs(now - called[order]) >= repeat]
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(due, key=lambda order: called.get(order, never))


@transaction.atomic
def _step(task_id: int, order_at: dt.datetime, now: dt.datetime, repeat: dt.timedelta, most: int) -> bool:
    made = list(DutyCall.objects.filter(task=task_id, order_at=order_at).order_by("step"))
    # Two processes' clocks may differ a little: only a difference of a whole pause counts, either way.
    if made and abs(now - made[-1].at) < repeat:
        return False
    task = tasks.locked(task_id)
    if task is None or task.state != STATION or task.level not in CALLED:
        return False
    if task.level not in AT_ONCE and tasks.may_be_undone(task, now):
        return False
    if DutyCall.objects.filter(task=task, order_at=order_at).count() != len(made):
        return False  # another process was faster
    called = Counter((one.organisation_id, one.officer_id) for one in made)
    due = (
        turn
        for turn in _ladder(task, now, HOLDER, COUNTY)
        if called[turn[0].organisation_id, turn[0].officer_id] < most
    )
    turn = next(due, None)
    if turn is None:
        return False
    _call(task, order_at, len(made), turn, now)
    return True


@transaction.atomic
def _tell(task_id: int, at: dt.datetime, who: int, now: dt.datetime) -> bool:
    if DutyCall.objects.filter(task=task_id, order_at=at).exists():
        return False
    task = tasks.locked(task_id)
    if task is None or task.closed_at is not None or not task.escalation:
        return False
    if task.state == STATION and who == HOLDER:
        return False  # its roster is being called about the order already
    turn = next(_ladder(task, now, who, CITY), None)
    if turn is None or DutyCall.objects.filter(task=task, order_at=at).exists():
        return False
    _call(task, at, 0, turn, now, late=True)
    return True


def _call(
    task: Task,
    order_at: dt.datetime,
    step: int,
    turn: tuple[Shift, str],
    now: dt.datetime,
    late: bool = False,
) -> None:
    """The officer's phone is told, once a step."""
    shift, number = turn
    key = f"duty:{task.pk}:{order_at:%Y%m%dT%H%M%S%f}:{step}"
    DutyCall.objects.create(
        task=task, region_path=task.region_path, order_at=order_at, step=step, at=now, late=late,
        organisation_id=shift.organisation_id, officer_id=shift.officer_id,
        message=call_to_duty(task, key, number, now, late),
    )  # fmt: skip
    after = {"officer": shift.officer.username, "organisation": shift.organisation.code, "step": step}
    record(None, "call_to_duty", task, None, {**after, "late": late}, region_path=task.region_path)


def _ladder(task: Task, now: dt.datetime, lowest: int, highest: int) -> Iterator[tuple[Shift, str]]:
    """Who is called, in order, with their numbers: the rosters of the station, the county and the city, from
    the lowest to the highest of them.
    """
    codes = [code for code in task.region_path.split("/") if code]
    bureaus = Organisation.objects.filter(region__code__in=codes)
    rosters = (
        Organisation.objects.filter(pk=task.station_id or 0),
        bureaus.filter(kind=Organisation.Kind.COUNTY_BUREAU),
        bureaus.filter(kind=Organisation.Kind.CITY_BUREAU),
    )
    for posts in rosters[lowest - 1 : highest]:
        running = Shift.objects.filter(organisation__in=posts, starts_at__lte=now, ends_at__gt=now)
        shifts = list(
            running.filter(officer__is_active=True)
            .select_related("officer", "organisation")
            .order_by("position", "pk")
        )
        numbers = dict(
            OfficerNumber.objects.filter(officer__in=[one.officer_id for one in shifts]).values_list(
                "officer", "msisdn"
            )
        )
        for shift in shifts:
            if shift.officer_id in numbers:
                yield shift, numbers[shift.officer_id]
