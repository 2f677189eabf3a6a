"""What an officer records at the door: the actor first, one transaction, one audit row.

Whatever a phone sends carries a key; the same key again changes nothing, whatever became of the task since.
The task is locked first, then what hangs on it, and the ledger last (docs/decisions/0002).
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.access import locked
from qingdun.console.kernel import pictures
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import first_hash, record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.visits import files, queries
from qingdun.console.visits.door import on_the_phone, sent_before, task_at_the_door, task_of_the_person
from qingdun.console.visits.models import Consent, Photo, Place
from qingdun.console.visits.receipts import open_receipt, sign_receipt
from qingdun.errors import IllegalMove, InputError, NotPermitted

__all__ = ["open_receipt", "sign_receipt"]


@transaction.atomic
def state_consent(
    actor: User, task_id: int, key: str, kind: str, answer: str, said_at: dt.datetime | None = None
) -> Consent:
    """What the person said is on record; when they no longer agree to photos, those there are gone.

    They may withdraw at any time and with any officer who sees the task (PIPL article 15). Errors:
    NotPermitted, InputError (no such kind or answer), IllegalMove (the task has ended; nothing to withdraw).
    """
    if kind not in Consent.Kind.values or answer not in Consent.Answer.values:
        raise InputError(
            _("Consent: found “%(found)s”; expected one of %(kinds)s, and one of %(answers)s.")
            % {
                "found": f"{kind[:20]}, {answer[:20]}",
                "kinds": ", ".join(Consent.Kind.values),
                "answers": ", ".join(Consent.Answer.values),
            }
        )
    locked(actor, task_id)
    known = sent_before(Consent, actor, task_id, key)
    if known is not None:
        return known
    at_the_door = task_at_the_door if answer != Consent.Answer.WITHDRAWN else task_of_the_person
    task, now = at_the_door(actor, task_id), timezone.now()
    latest = Consent.objects.filter(task=task, kind=kind).last()
    if answer == Consent.Answer.WITHDRAWN and (latest is None or latest.answer != Consent.Answer.YES):
        raise IllegalMove(_("There is no consent to withdraw."))
    made = Consent.objects.create(
        task=task, region_path=task.region_path, key=key, kind=kind, answer=answer,
        said_at=on_the_phone(said_at, now), at=now, by=actor,
    )  # fmt: skip
    gone = 0
    if kind == Consent.Kind.PHOTO and answer != Consent.Answer.YES:
        gone = _remove(list(Photo.objects.filter(task=task, removed_at=None)), now)
    before = {"answer": latest.answer if latest else None}
    record(actor, "state_consent", task, before, {"kind": kind, "answer": answer, "photos_removed": gone})
    return made


def add_photo(actor: User, task_id: int, key: str, data: bytes, named_type: str) -> Photo:
    """The picture, and nothing else of the file, is kept with the task.

    Errors: NotPermitted; InputError (what the file is, or its size); IllegalMove (the task has ended, no
    consent to photos, as many as may be).
    """
    require(actor, Permission.WORK_ALERTS)
    known = sent_before(Photo, actor, task_id, key)
    if known is not None:
        return known
    _require_photos(actor, task_id)
    if len(data) > settings.PHOTO_BYTES:
        raise InputError(
            _("Photo: found %(found)s MB, expected at most %(most)s MB.")
            % {"found": math.ceil(len(data) / 1e6), "most": settings.PHOTO_BYTES // 1_000_000}
        )
    # Decoded before anything is locked: it takes long.
    picture = pictures.clean(data, named_type)
    name = files.write(picture.data, first_hash())
    try:
        return _keep_photo(actor, task_id, key, picture, name)
    except BaseException:
        files.delete([name])
        raise


@transaction.atomic
def _keep_photo(actor: User, task_id: int, key: str, picture: pictures.Picture, name: str) -> Photo:
    locked(actor, task_id)
    known = sent_before(Photo, actor, task_id, key)
    if known is not None:
        transaction.on_commit(lambda: files.delete([name]))
        return known
    task = _require_photos(actor, task_id)
    made = Photo.objects.create(
        task=task, region_path=task.region_path, key=key, name=name, sha256=picture.sha256,
        size_bytes=len(picture.data), width=picture.width, height=picture.height,
        at=timezone.now(), by=actor,
    )  # fmt: skip
    record(actor, "add_photo", task, None, _face(made))
    return made


@transaction.atomic
def remove_photo(actor: User, photo_id: int) -> Photo:
    """The photo is gone; that it was there, and who removed it, stays on record. Errors: NotPermitted,
    IllegalMove.
    """
    locked(actor, queries.photo(actor, photo_id).task_id)
    found = queries.photo(actor, photo_id)
    task = task_at_the_door(actor, found.task_id)
    _remove([found], timezone.now())
    record(actor, "remove_photo", task, _face(found), None)
    return found


@transaction.atomic
def see_photo(actor: User, photo_id: int, purpose: str = "") -> bytes:
    """The picture, and the audit says who looked at it, of a task that has ended also why.

    Errors: NotPermitted (also when it is gone); InputError (the task has ended and no purpose is stated).
    """
    found = queries.photo(actor, photo_id)
    why = stated(purpose) if found.task.closed_at is not None else ""
    data = files.read(found.name)
    if data is None:
        raise NotPermitted(_("The photo is not there any more."))
    record(actor, "see_photo", found.task, None, {"photo": found.pk, "sha256": found.sha256}, why)
    return data


@transaction.atomic
def set_place(actor: User, task_id: int, key: str, lat: float, lng: float, accuracy_m: float) -> Place:
    """Where the visit happens is kept with its accuracy; a later one takes its place.

    The audit row holds no coordinates. Errors: NotPermitted, InputError, IllegalMove.
    """
    numbers = (lat, lng, accuracy_m)
    if not all(map(math.isfinite, numbers)) or abs(lat) > 90 or abs(lng) > 180 or accuracy_m < 0:
        raise InputError(
            _("Place: found %(lat)s, %(lng)s, ±%(accuracy)s m; expected degrees and metres.")
            % {"lat": lat, "lng": lng, "accuracy": accuracy_m}
        )
    locked(actor, task_id)
    known = sent_before(Place, actor, task_id, key)
    if known is not None:
        return known
    task = task_at_the_door(actor, task_id)
    made, fresh = Place.objects.update_or_create(
        task=task,
        defaults={
            "region_path": task.region_path, "key": key, "lat": round(lat, 6), "lng": round(lng, 6),
            "accuracy_m": min(math.ceil(accuracy_m), 10_000_000), "at": timezone.now(), "by": actor,
        },
    )  # fmt: skip
    record(actor, "set_place", task, None, {"accuracy_m": made.accuracy_m, "first": fresh})
    return made


@transaction.atomic
def drop_place(actor: User, task_id: int) -> None:
    """No place is kept of the visit. Errors: NotPermitted, IllegalMove."""
    locked(actor, task_id)
    task = task_at_the_door(actor, task_id)
    if Place.objects.filter(task=task).delete()[0]:
        record(actor, "drop_place", task, None, None)


@transaction.atomic
def see_place(actor: User, task_id: int, purpose: str) -> Place:
    """The actor may read the coordinates for the purpose given, and the audit says so.

    Errors: NotPermitted (also when the task has ended or no place is kept), InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    task = alerts.task(actor, task_id)
    found = queries.place(actor, task_id)
    if found is None:
        raise NotPermitted(_("No place of the visit is kept, or the task has ended."))
    record(actor, "see_place", task, None, {"accuracy_m": found.accuracy_m}, stated(purpose))
    return found


def _require_photos(actor: User, task_id: int) -> Any:
    task = task_at_the_door(actor, task_id)
    if not queries.record(actor, task).photos_allowed:
        raise IllegalMove(_("Photos need the person's consent, recorded first."))
    if Photo.objects.filter(task=task, removed_at=None).count() >= settings.PHOTOS_PER_VISIT:
        raise IllegalMove(
            _("A visit keeps at most %(most)s photos; remove one first.")
            % {"most": settings.PHOTOS_PER_VISIT}
        )
    return task


def _remove(photos: list[Photo], now: dt.datetime) -> int:
    Photo.objects.filter(pk__in=[one.pk for one in photos]).update(removed_at=now)
    names = [one.name for one in photos]
    transaction.on_commit(lambda: files.delete(names))
    return len(photos)


def _face(photo: Photo) -> dict[str, Any]:
    return {"photo": photo.pk, "sha256": photo.sha256, "size_bytes": photo.size_bytes}
