"""What is due without anybody's click: follow-ups planned and called for, key-person files opened.

Every second only what happened in the last minutes is looked at, every minute the open follow-ups, every hour
everything of the last month; a row says when that was last done. A tick that was off for a day therefore
looks at everything when it comes back.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qingdun.console.care import opening, planning, rules
from qingdun.console.care.models import KeyPerson, Sweep
from qingdun.console.kernel.events import publish

RECENT = dt.timedelta(minutes=10)
EVERYTHING = dt.timedelta(hours=1)
VERDICTS = dt.timedelta(minutes=1)
AT_ONCE = 200


def tick(now: dt.datetime) -> int:
    """Everything of the module that is due at `now` is done; how much that was."""
    everything = _due("everything", EVERYTHING, now)
    planned = planning.plan(now, now - (rules.days("plan_back_days") if everything else RECENT))
    opened = opening.open_files(now, now - (rules.days("key_within_days") if everything else RECENT))
    if everything and planned < planning.AT_ONCE and opened < opening.AT_ONCE:
        _done("everything", now)
    done = planned + opened + planning.remind(now)
    if _due("verdicts", VERDICTS, now):
        done += planning.follow_verdicts(now)
        _done("verdicts", now)
    return done + _call_for_reviews(now)


def _due(name: str, every: dt.timedelta, now: dt.datetime) -> bool:
    """Whether everything of that name has not been looked through for so long, or never."""
    return not Sweep.objects.filter(pk=name, at__gt=now - every).exists()


def _done(name: str, now: dt.datetime) -> None:
    """Marked afterwards: whoever is ended in the middle has not done it, and twice at once does no harm."""
    Sweep.objects.update_or_create(pk=name, defaults={"at": now})


def _call_for_reviews(now: dt.datetime) -> int:
    late = KeyPerson.objects.filter(closed_at=None, review_due_at__lte=now, reminded_at=None)
    return sum(_call_for_review(pk, now) for pk in list(late.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _call_for_review(file_id: int, now: dt.datetime) -> bool:
    late = KeyPerson.objects.filter(pk=file_id, closed_at=None, review_due_at__lte=now, reminded_at=None)
    if not late.update(reminded_at=now):
        return False
    file = KeyPerson.objects.get(pk=file_id)
    publish(
        "care",
        file.region_path,
        {"file": file.pk, "change": "review_overdue"},
        stations=[file.station_id] if file.station_id else [],
        users=[file.officer_id] if file.officer_id else [],
    )
    return True
