"""Files of accountability open by themselves: at a large loss, and for whoever is defrauded again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from qingdun.console.alerts import unattended as alerts
from qingdun.console.assessment.codes import OpenedFor
from qingdun.console.assessment.models import Accountability, Looked
from qingdun.console.assessment.rules import Rule, rule_on
from qingdun.console.cases import unattended as cases
from qingdun.console.cases.queries import Incident
from qingdun.console.kernel.audit import record

AT_ONCE = 2000
OVERLAP = 500
"""Incidents looked at again: one with a lower number may be committed later."""
AWAKENED = "awakened"


def open_new(now: dt.datetime) -> int:
    """Every incident entered since the last time that the rules name has a file; how many are new."""
    mark = Looked.objects.filter(pk=1).first()
    since = mark.incident if mark else 0
    later = cases.losses().filter(pk__gt=since).order_by("pk")
    if not later.exists():
        return 0
    rows = list(cases.losses().filter(pk__gt=since - OVERLAP).order_by("pk")[: AT_ONCE + OVERLAP])
    rule = rule_on(timezone.localtime(now).date())
    return _open(rows, _reasons(rows, rule), now)


@transaction.atomic
def _open(rows: Sequence[Incident], why: dict[int, OpenedFor], now: dt.datetime) -> int:
    Looked.objects.update_or_create(pk=1, defaults={"incident": rows[-1].pk})
    known = set(Accountability.objects.filter(incident__in=why).values_list("incident", flat=True))
    made = Accountability.objects.bulk_create(
        [
            Accountability(
                incident=one, person_id=one.person_id, region_path=one.region_path, why=why[one.pk],
                loss_fen=one.loss_fen, opened_at=now,
            )
            for one in rows if one.pk in why and one.pk not in known
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if made:
        ids = [one.incident_id for one in made]
        record(None, "open_accountability", ("assessment", "accountability"), None, {"ids": ids[:100]})
    return len(made)


def _reasons(rows: Sequence[Incident], rule: Rule) -> dict[int, OpenedFor]:
    """Of those that are looked at backwards, by number, why."""
    people = {one.person_id for one in rows}
    days = dt.timedelta(days=int(rule.body["accountability"]["dissuaded_days"]))
    first = dict(
        cases.losses()
        .filter(person_id__in=people)
        .order_by()
        .values_list("person_id")
        .annotate(first=Min("reported_at"))
    )
    dissuaded: dict[str, list[dt.datetime]] = {}
    said = alerts.tasks().filter(person_id__in=people, verdict=AWAKENED)
    for person, at in said.values_list("person_id", "verdict_at"):
        if at is not None:
            dissuaded.setdefault(person, []).append(at)
    found: dict[int, OpenedFor] = {}
    for one in rows:
        at = one.reported_at
        if one.loss_fen >= rule.accountable_fen:
            found[one.pk] = OpenedFor.LOSS
        elif first[one.person_id] < at:
            found[one.pk] = OpenedFor.AGAIN
        elif any(at - days <= said_at < at for said_at in dissuaded.get(one.person_id, ())):
            found[one.pk] = OpenedFor.DISSUADED
    return found
