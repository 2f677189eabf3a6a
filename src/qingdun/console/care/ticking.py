"""What is due without anybody's click: follow-ups planned and called for, key-person files opened.

Every second what happened since the last look is looked at, every minute the open follow-ups, and every hour
everything of the last month, so many rows a second; a row says how far each look is. A tick that was off for
a day therefore looks at everything when it comes back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from qingdun.console.care import opening, planning, reminding, rules
from qingdun.console.care.models import KeyPerson, Sweep
from qingdun.console.care.planning import Looked
from qingdun.console.kernel.events import publish

RECENT = dt.timedelta(minutes=10)
"""A look that has not been for longer leaves the rest to the hourly one."""
OVERLAP = dt.timedelta(seconds=20)
"""So much is looked at again: an act takes a moment from its time to its commit, a verdict is let settle."""
MARKED = dt.timedelta(seconds=10)
"""How often it is written down how far a look is."""
EVERYTHING = dt.timedelta(hours=1)
VERDICTS = TEXTS = dt.timedelta(minutes=1)
AT_ONCE = 50
Look = Callable[[dt.datetime, dt.datetime], Looked]


def tick(now: dt.datetime) -> int:
    """Everything of the module that is due at `now` is done; how much that was."""
    done = 0
    for name, look, days in (
        ("plan", planning.plan, "plan_back_days"),
        ("open", opening.open_files, "key_within_days"),
    ):
        done += _look_on(name, look, now) + _look_through(name, look, rules.days(days), now)
    if _due("verdicts", VERDICTS, now):
        done += planning.follow_verdicts(now)
        _mark("verdicts", now)
    if _due("texts", TEXTS, now):
        sent, all_of_them = reminding.text(now)
        done += sent
        if all_of_them:
            _mark("texts", now)
    return done + reminding.call(now) + _call_for_reviews(now)


def _look_on(name: str, look: Look, now: dt.datetime) -> int:
    """What happened since the last look has been looked at; how much was done about it."""
    mark = f"{name}:recent"
    last = (
        Sweep.objects.filter(pk=mark, at__gt=now - RECENT, at__lte=now).values_list("at", flat=True).first()
    )
    since = last or now - RECENT
    found = look(now, since)
    sure = min(found.until or now, now - OVERLAP)
    if last is None or sure - last >= MARKED or found.until is not None:
        _mark(mark, max(since, sure))
    return found.done


def _look_through(name: str, look: Look, back: dt.timedelta, now: dt.datetime) -> int:
    """If an hour has passed since everything was looked through, some more of it has been."""
    if not _due(name, EVERYTHING, now):
        return 0
    mark = f"{name}:from"
    begun = Sweep.objects.filter(pk=mark, at__lte=now).values_list("at", flat=True).first()
    found = look(now, begun or now - back)
    if found.until is not None:
        _mark(mark, found.until)
        return found.done
    Sweep.objects.filter(pk=mark).delete()
    _mark(name, now)
    return found.done


def _due(name: str, every: dt.timedelta, now: dt.datetime) -> bool:
    """Whether everything of that name has not been looked through for so long, or never."""
    return not Sweep.objects.filter(pk=name, at__gt=now - every).exists()


def _mark(name: str, at: dt.datetime) -> None:
    """Marked afterwards: whoever is ended in the middle has not done it, and twice at once does no harm."""
    Sweep.objects.update_or_create(pk=name, defaults={"at": at})


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
