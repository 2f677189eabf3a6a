"""Whoever does a follow-up is reminded of it: by one message on its day, by live events once it is overdue.

A message names nobody. The row is marked in the transaction that queues the message, whose key is unique: a
restart, a second process or a clock that jumps sends none twice and leaves none out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from qingdun.console.care import rules
from qingdun.console.care.models import FollowUp
from qingdun.console.care.planning import AT_ONCE
from qingdun.console.duty import unattended as duty
from qingdun.console.duty.unattended import Called
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Organisation
from qingdun.console.sms.actions import remind_officer

State = FollowUp.State


def text(now: dt.datetime) -> tuple[int, bool]:
    """Each officer has one message about all follow-ups of theirs that are due today or late and of which no
    message told yet; how many messages that were, and whether they were all.

    Theirs: of the tasks they hold; if who holds one cannot be called, it is the first's on the roster of its
    station, its county or the city. By day alone, for nobody is woken for a follow-up.
    """
    if not rules.may_text(timezone.localtime(now).time()):
        return 0, True
    theirs = _by_officer(now)
    done = sum(_text(called, theirs[called], now) for called in list(theirs)[:AT_ONCE])
    return done, len(theirs) <= AT_ONCE


def _by_officer(now: dt.datetime) -> dict[Called, list[int]]:
    untold = _untold(now).order_by("due_at", "pk")
    rows = list(untold.values_list("pk", "task__owner", "task__station", "task__county"))
    if not rows:
        return {}
    officers = duty.numbers_of({owner for _, owner, _, _ in rows if owner})
    posts = duty.first_called(now)
    bureaus = Organisation.objects.filter(kind=Organisation.Kind.CITY_BUREAU).order_by("pk")
    city = list(bureaus.values_list("pk", flat=True))
    found: dict[Called, list[int]] = {}
    for pk, owner, station, county in rows:
        called = officers.get(owner) or _first(posts, station, county, *city)
        if called is not None:
            found.setdefault(called, []).append(pk)
    return found


def _first(posts: Mapping[int, Called], *ids: int | None) -> Called | None:
    return next((posts[one] for one in ids if one is not None and one in posts), None)


def _untold(now: dt.datetime) -> QuerySet[FollowUp]:
    tomorrow = timezone.localtime(now).date() + dt.timedelta(days=1)
    end = midnight(tomorrow)
    return FollowUp.objects.filter(state=State.OPEN, texted_at=None, due_at__lte=end)


@transaction.atomic
def _text(called: Called, ids: list[int], now: dt.datetime) -> bool:
    rows = list(_untold(now).select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    if not rows:
        return False
    FollowUp.objects.filter(pk__in=[row.pk for row in rows]).update(texted_at=now)
    first, late = rows[0], sum(row.due_at <= now for row in rows)
    key = f"follow-up:{first.pk}:{first.verdict_at:%Y%m%dT%H%M%S%f}"
    path = called.officer.region_path
    message = remind_officer("reminder.follow_up", key, called.msisdn, len(rows), late, path, now)
    told = {"officer": called.officer.username, "count": len(rows), "ids": [row.pk for row in rows]}
    record(None, "remind_of_follow_ups", message, None, told, region_path=path)
    return True


def call(now: dt.datetime) -> int:
    """Whoever holds the task of an overdue follow-up hears of it on their pages, once and then once a day;
    how many calls went out.
    """
    calling = _overdue(now).order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]
    return sum(_call(pk, now) for pk in list(calling))


def _overdue(now: dt.datetime) -> QuerySet[FollowUp]:
    quiet = Q(reminded_at=None) | Q(reminded_at__lte=now - rules.remind_every())
    return FollowUp.objects.filter(quiet, state=State.OPEN, due_at__lte=now)


@transaction.atomic
def _call(follow_up_id: int, now: dt.datetime) -> bool:
    marked = _overdue(now).filter(pk=follow_up_id).update(reminded_at=now, reminders=F("reminders") + 1)
    if not marked:
        return False
    row = FollowUp.objects.select_related("task").get(pk=follow_up_id)
    task = row.task
    publish(
        "care",
        row.region_path,
        {"task": task.pk, "change": "overdue", "day": row.day},
        stations=[task.station_id] if task.station_id else [],
        users=[task.owner_id] if task.owner_id else [],
    )
    return True
