"""How long photos and places of visits are kept; consents and receipts are ledgers and stay.

A batch is deleted and audited in one transaction, its files once that is committed. What a process left that
was killed in between, a file without a row, is swept.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from qingdun.console.kernel.audit import first_hash, record
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.visits import files
from qingdun.console.visits.models import Photo, Place
from qingdun.contract.progress import Share, unheard

AT_ONCE = 500
EVERY = dt.timedelta(days=1)
_SUBJECT, _ALL = "retention", "visits"


def count_overdue(now: dt.datetime) -> dict[str, int]:
    """How many rows of each kind a purge at `now` would delete."""
    return {"photos": _old_photos(now).count(), "places": _old_places(now).count()}


def purge(actor: User | None, now: dt.datetime, told: Share = unheard) -> dict[str, int]:
    """No photo and no place is left whose term is over at `now`; how many of each were deleted."""
    overdue = sum(count_overdue(now).values())
    done = {"photos": 0, "places": 0}
    while (some := _delete_photos(actor, now)) or (more := _delete_places(actor, now)):
        done["photos"] += some
        done["places"] += 0 if some else more
        told(min(1.0, sum(done.values()) / max(1, overdue)))
    _finish(actor, now)
    return done


def tick(now: dt.datetime) -> int:
    """Once a day what is overdue is deleted, a batch a tick; how many rows this tick deleted."""
    last = AuditRow.objects.filter(subject_kind=_SUBJECT, subject_id=_ALL).order_by("-seq").first()
    if last is not None and now - last.at < EVERY:
        return 0
    deleted = _delete_photos(None, now) or _delete_places(None, now)
    if not deleted:
        _finish(None, now)
    return deleted


def _old_photos(now: dt.datetime) -> QuerySet[Photo]:
    return Photo.objects.filter(at__lt=now - settings.EVIDENCE_KEPT).order_by("pk")


def _old_places(now: dt.datetime) -> QuerySet[Place]:
    return Place.objects.filter(at__lt=now - settings.CONTEXT_KEPT).order_by("pk")


@transaction.atomic
def _delete_photos(actor: User | None, now: dt.datetime) -> int:
    some = list(_old_photos(now)[:AT_ONCE])
    if some:
        Photo.objects.filter(pk__in=[one.pk for one in some]).delete()
        names = [one.name for one in some]
        transaction.on_commit(lambda: files.delete(names))
        before = now - settings.EVIDENCE_KEPT
        record(actor, "purge", (_SUBJECT, "photos"), {}, {"rows": len(some), "before": before})
    return len(some)


@transaction.atomic
def _delete_places(actor: User | None, now: dt.datetime) -> int:
    some = list(_old_places(now).values_list("pk", flat=True)[:AT_ONCE])
    if some:
        Place.objects.filter(pk__in=some).delete()
        before = now - settings.CONTEXT_KEPT
        record(actor, "purge", (_SUBJECT, "places"), {}, {"rows": len(some), "before": before})
    return len(some)


@transaction.atomic
def _finish(actor: User | None, now: dt.datetime) -> None:
    # Of those that were removed the file may still be there: the process was killed before it was deleted.
    removed = Photo.objects.exclude(removed_at=None).values_list("name", flat=True)
    files.delete(removed)
    known = set(Photo.objects.filter(removed_at=None).values_list("name", flat=True))
    strays = files.strays(known, first_hash(), now)
    files.delete(strays)
    record(actor, "purge", (_SUBJECT, _ALL), {}, {"overdue": 0, "strays": len(strays), "at": now})
