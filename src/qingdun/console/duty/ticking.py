"""Calls the officer on duty about an urgent or high task that its station has not signed.

The steps of one order: each officer on the station's roster now, in its order, as often as the settings say,
then the county's. What was done is rows of `DutyCall`; nothing is remembered elsewhere, so that a restart, a
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
STATION = "station"


def tick(now: dt.datetime) -> int:
    """Every task that waits for a signature has had its next step if that was due; how many had."""
    repeat = dt.timedelta(seconds=max(1, environment.number("QINGDUN_DUTY_REPEAT_SECONDS")))
    most = max(1, environment.number("QINGDUN_DUTY_CALLS"))
    return sum(_step(task_id, order_at, now, repeat, most) for task_id, order_at in tasks.unsigned(CALLED))


@transaction.atomic
def _step(task_id: int, order_at: dt.datetime, now: dt.datetime, repeat: dt.timedelta, most: int) -> bool:
    made = list(DutyCall.objects.filter(task=task_id, order_at=order_at).order_by("step"))
    # Two processes' clocks may differ a little: only a difference of a whole pause counts, either way.
    if made and abs(now - made[-1].at) < repeat:
        return False
    task = tasks.locked(task_id)
    if task is None or task.state != STATION or task.level not in CALLED:
        return False
    if DutyCall.objects.filter(task=task, order_at=order_at).count() != len(made):
        return False  # another process was faster
    called = Counter((one.organisation_id, one.officer_id) for one in made)
    due = (turn for turn in _ladder(task, now) if called[turn[0].organisation_id, turn[0].officer_id] < most)
    turn = next(due, None)
    if turn is None:
        return False
    shift, number = turn
    step = len(made)
    message = call_to_duty(task, f"duty:{task.pk}:{order_at:%Y%m%dT%H%M%S%f}:{step}", number, now)
    DutyCall.objects.create(
        task=task, region_path=task.region_path, order_at=order_at, step=step, at=now,
        organisation_id=shift.organisation_id, officer_id=shift.officer_id, message=message,
    )  # fmt: skip
    after = {"officer": shift.officer.username, "organisation": shift.organisation.code, "step": step}
    record(None, "call_to_duty", task, None, after, region_path=task.region_path)
    return True


def _ladder(task: Task, now: dt.datetime) -> Iterator[tuple[Shift, str]]:
    """Who is called, in order, with their numbers: the station's roster, then the county's."""
    codes = [code for code in task.region_path.split("/") if code]
    counties = Organisation.objects.filter(kind=Organisation.Kind.COUNTY_BUREAU, region__code__in=codes)
    for posts in ([task.station_id], list(counties.values_list("pk", flat=True))):
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
