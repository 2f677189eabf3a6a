"""First-level accounts that nobody enters in time: found once, told once to each level, until one is entered.

As with the clocks of tasks, everything is a mark on a row set by one conditional act: a restart, a second
process or a clock that jumps finds the mark, and only the time handed in decides.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from qingdun.console.alerts import unattended as alerts
from qingdun.console.cases import unattended as cases
from qingdun.console.cases.queries import Incident
from qingdun.console.funds import rules
from qingdun.console.funds.lapses import Lapse, NoticeKind, Told
from qingdun.console.funds.models import StopPayment
from qingdun.console.funds.telling import people, tell
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.imports.fields import BROUGHT

AT_ONCE = 50
"""Lapses, and steps up, that one tick does at most: the next one goes on."""


class Late(NamedTuple):
    """A loss whose account was not entered in time, and when it was entered after all."""

    incident_id: int
    task_id: int | None
    region_path: str
    by_id: int
    due_at: dt.datetime
    entered_at: dt.datetime | None


def orders_about(incident: object, task: object) -> QuerySet[StopPayment]:
    """Orders about an incident, or about the task it came from; the first first."""
    about = Q(incident=incident) | Q(task__isnull=False, task=task)
    return StopPayment.objects.filter(about).order_by("requested_at", "pk")


def history() -> Q:
    """Incidents whose minutes were over when a file brought them: whoever worked on them then has no clock
    here, and nobody is to be woken for them.
    """
    return Q(key__startswith=BROUGHT, entered_at__gt=F("reported_at") + _allowed())


def tick(now: dt.datetime) -> int:
    """Every loss whose account was due before `now` and was not entered in time is a lapse, and whoever is to
    hear of one by now has; how many of both.
    """
    done = sum(lapse(one, now) for one in overdue(now)[:AT_ONCE])
    waiting = Lapse.objects.filter(tell_at__lte=now).order_by("tell_at", "pk")
    return done + sum(_step_up(pk, now) for pk in waiting.values_list("pk", flat=True)[:AT_ONCE])


def hold(task_id: int | None, incident_id: int | None) -> None:
    """Until the transaction ends nobody else enters an account of the task or incident, or finds it late."""
    if task_id is not None:
        alerts.locked(task_id)
    if incident_id is not None:
        cases.locked(incident_id)


def entered(incident_id: int | None, task_id: int | None, now: dt.datetime) -> None:
    """The account of the incident, or of those that came from the task, is entered: nobody else is told.
    Part of the act that enters it.
    """
    late = Lapse.objects.filter(entered_at=None)
    if incident_id is not None:
        late.filter(incident=incident_id).update(entered_at=now, tell_at=None)
    if task_id is not None:
        late.filter(incident__task=task_id).update(entered_at=now, tell_at=None)


def overdue(now: dt.datetime) -> list[Late]:
    """Losses whose account was due before `now`, was not entered in time, and of which no lapse tells yet."""
    since = now - dt.timedelta(hours=rules.limit("most_late_h"))
    due = cases.losses().filter(reported_at__gte=since, reported_at__lt=now - _allowed()).exclude(history())
    return _late(due.exclude(Exists(Lapse.objects.filter(incident=OuterRef("pk")))))


def _allowed() -> dt.timedelta:
    return dt.timedelta(minutes=rules.limit("entry_min"))


def _late(due: QuerySet[Incident]) -> list[Late]:
    allowed = _allowed()
    first = orders_about(OuterRef("pk"), OuterRef("task")).values("requested_at")[:1]
    rows = due.annotate(first_order=first)
    found = rows.order_by("reported_at", "pk").values_list(
        "pk", "task", "region_path", "by", "reported_at", "first_order"
    )
    return [
        Late(pk, task, path, by, at + allowed, order)
        for pk, task, path, by, at, order in found
        if order is None or order > at + allowed
    ]


@transaction.atomic
def lapse(found: Late, now: dt.datetime) -> bool:
    """Whether the loss is a lapse from now on: it may have been entered since it was found late."""
    hold(found.task_id, found.incident_id)
    still = _late(cases.losses().filter(pk=found.incident_id))
    if not still:
        return False
    late = still[0]
    further = dt.timedelta(minutes=rules.limit("escalate_min"))
    one, made = Lapse.objects.get_or_create(
        incident_id=late.incident_id,
        defaults={
            "region_path": late.region_path, "due_at": late.due_at, "breached_at": now,
            "entered_at": late.entered_at, "tell_at": None if late.entered_at else now + further,
        },
    )  # fmt: skip
    if not made:
        return False
    record(None, "breach", one, None, {**_face(one), "incident": late.incident_id})
    if not late.entered_at:
        # Who took the report is asked first; if they have left the house, the county is.
        told = people(late.region_path, Told.HOLDER, late.by_id)
        tell(told, NoticeKind.LATE, late.incident_id, late.due_at, late.region_path, now)
    return True


@transaction.atomic
def _step_up(pk: int, now: dt.datetime) -> bool:
    due = Lapse.objects.filter(pk=pk, tell_at__lte=now, entered_at=None, told__lt=Told.CITY)
    lapse = due.select_for_update().first()
    if lapse is None:
        return False
    before = _face(lapse)
    lapse.told = Told(lapse.told + 1)
    further = dt.timedelta(minutes=rules.limit("escalate_min"))
    lapse.tell_at = now + further if lapse.told < Told.CITY else None
    lapse.save(update_fields=["told", "tell_at"])
    told = people(lapse.region_path, Told(lapse.told))
    tell(told, NoticeKind.LATE, lapse.incident_id, lapse.due_at, lapse.region_path, now)
    record(None, "tell_above", lapse, before, _face(lapse))
    return True


def _face(lapse: Lapse) -> dict[str, object]:
    return {"due_at": lapse.due_at, "entered_at": lapse.entered_at, "told": int(lapse.told)}
