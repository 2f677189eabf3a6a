"""When a key-person file opens by itself: several alerts in a short time, a refusal, or an alert on somebody
who has lost money before (field §3).

What happened before the person's last file was closed does not open the next one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from qingdun.console.alerts.unattended import last_of, tasks
from qingdun.console.care import rules
from qingdun.console.care.models import FollowUp, KeyPerson, Result
from qingdun.console.care.planning import Looked
from qingdun.console.care.verdicts import ALREADY_PAID, FALSE_ALARM
from qingdun.console.cases.unattended import losses
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Organisation, Person, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.contract.codes import OutcomeResult

AT_ONCE = 20
LOOKED_AT = 500
"""Alerts that one look reads at most."""
Reason = KeyPerson.Reason


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a file opens."""

    reason: str
    alerts: int


def open_files(now: dt.datetime, since: dt.datetime) -> Looked:
    """Of those to whom something happened after `since` that opens a file, the first ones have one."""
    until = last_of(since, LOOKED_AT)
    done = 0
    for person_id in sorted(_candidates(now, since, until or now)):
        if done == AT_ONCE:
            return Looked(done, since)  # the rest of the same span, by the next look
        done += _open(person_id, now)
    return Looked(done, until)


def _candidates(now: dt.datetime, since: dt.datetime, until: dt.datetime) -> set[str]:
    """Persons without an open file to whom something happened then that may open one.

    First who that is, by the time alone, then what is known of them: either way few rows, whatever the
    database believes of its tables.
    """
    span = (since, until)
    fresh = tasks().filter(received_at__range=span).exclude(verdict=FALSE_ALARM)
    hit = set(tasks().filter(alerts__received_at__range=span).values_list("person_id", flat=True))
    repeated = _alerts(tasks().filter(person_id__in=hit), now - rules.days("key_within_days"))
    refused = Q(contacts__result=OutcomeResult.REFUSED.value, contacts__withdrawn_at=None)
    found = set(repeated.filter(count__gte=rules.key_alerts()).values_list("person_id", flat=True))
    for rows in (
        tasks().exclude(verdict=FALSE_ALARM).filter(refused, contacts__at__range=span),
        fresh.filter(_lost_before()),
        FollowUp.objects.filter(done_at__range=span, result__in=(Result.REFUSED, Result.PAID)),
    ):
        found |= set(rows.order_by().values_list("person_id", flat=True))
    on_file = KeyPerson.objects.filter(closed_at=None, person_id__in=found)
    return found - set(on_file.values_list("person_id", flat=True))


def ground(person_id: str, now: dt.datetime) -> Ground | None:
    """Why a file of the person would open now; None if nothing since the last one's end gives cause."""
    since = now - rules.days("key_within_days")
    last = (
        KeyPerson.objects.filter(person_id=person_id).exclude(closed_at=None).order_by("-closed_at").first()
    )
    if last is not None and last.closed_at is not None:
        since = max(since, last.closed_at)
    theirs = tasks().filter(person_id=person_id)
    followed = FollowUp.objects.filter(person_id=person_id, done_at__gt=since)
    counted = _alerts(theirs, since).order_by("person_id").first()
    count = int(counted["count"]) if counted else 0
    fresh = theirs.exclude(verdict=FALSE_ALARM).filter(received_at__gt=since)
    if fresh.filter(_lost_before()).exists() or followed.filter(result=Result.PAID).exists():
        return Ground(Reason.LOSS, count)
    if (
        theirs.exclude(verdict=FALSE_ALARM).filter(_refused(since)).exists()
        or followed.filter(result=Result.REFUSED).exists()
    ):
        return Ground(Reason.REFUSAL, count)
    return Ground(Reason.ALERTS, count) if count >= rules.key_alerts() else None


def _alerts(theirs: QuerySet[Any], since: dt.datetime) -> QuerySet[Any, Any]:
    """By person, alerts since then that were no false alarm; the rising levels of one episode are one."""
    counted = theirs.exclude(verdict=FALSE_ALARM).filter(alerts__received_at__gt=since)
    by_person: QuerySet[Any, Any] = counted.order_by().values("person_id")
    found: QuerySet[Any, Any] = by_person.annotate(count=Count("alerts__episode_id", distinct=True))
    return found


def _refused(since: dt.datetime) -> Q:
    return Q(
        contacts__result=OutcomeResult.REFUSED.value, contacts__withdrawn_at=None, contacts__at__gt=since
    )


def _lost_before() -> Any:
    """Whether the task's person had lost money before it came in."""
    same = Q(person_id=OuterRef("person_id"))
    paid = Q(verdict=ALREADY_PAID) | Q(loss_suffered_fen__gt=0)
    earlier = tasks().filter(same, paid, received_at__lt=OuterRef("received_at"))
    reported = losses().filter(same, reported_at__lt=OuterRef("received_at"))
    return Q(Exists(reported)) | Q(Exists(earlier))


def _open(person_id: str, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            if KeyPerson.objects.filter(person_id=person_id, closed_at=None).exists():
                return False
            cause = ground(person_id, now)
            task = tasks().filter(person_id=person_id).order_by("-received_at", "-pk").first()
            if cause is None or task is None:
                return False
            person = Person.objects.select_related("region__parent").filter(pk=person_id).first()
            station = _station(person.region if person else task.town) or task.station
            file = KeyPerson.objects.create(
                person_id=person_id, msisdn=task.msisdn,
                region_path=person.region_path if person else task.region_path,
                station=station, officer=_officer(station, task.owner), reason=cause.reason,
                alerts=cause.alerts, opened_at=now, review_due_at=now + rules.days("review_every_days"),
            )  # fmt: skip
            after = {"reason": cause.reason, "alerts": cause.alerts, "station": file.station_id}
            record(None, "open_key_file", file, None, {**after, "officer": file.officer_id})
    except IntegrityError:  # another process opened it at the same moment
        return False
    return True


def _station(home: Region | None) -> Organisation | None:
    """The station that serves the town in which the home lies."""
    if home is None:
        return None
    town = home.parent if home.level == Region.Level.VILLAGE else home
    return Organisation.objects.filter(kind=Organisation.Kind.STATION, towns=town).order_by("code").first()


def _officer(station: Organisation | None, known: User | None) -> User | None:
    """Whoever knows the person from their last task, if they work in the station; else its officer with the
    fewest open files.
    """
    theirs = User.objects.filter(organisation=station, role=Role.STATION_OFFICER, is_active=True)
    if station is None:
        return None
    if known is not None and theirs.filter(pk=known.pk).exists():
        return known
    held = KeyPerson.objects.filter(closed_at=None, officer__organisation=station)
    load = dict(held.order_by().values_list("officer").annotate(Count("pk")))
    return min(theirs.order_by("pk"), key=lambda one: load.get(one.pk, 0), default=None)
