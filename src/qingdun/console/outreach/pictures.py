"""Photos of events: the actor first, one transaction, one audit row."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.pictures import clean
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.outreach import queries
from qingdun.console.outreach.models import EventPhoto
from qingdun.errors import IllegalMove, InputError

MOST = 12
"""Photos of one event."""


@transaction.atomic
def add_photo(actor: User, event_id: int, data: bytes, named_type: str) -> EventPhoto:
    """The event has the picture, drawn anew; the same picture twice is one.

    Errors: NotPermitted, InputError (no picture, too large), IllegalMove (enough of them).
    """
    require(actor, Permission.WORK_OUTREACH)
    event = queries.event(actor, event_id)
    if len(data) > settings.PHOTO_BYTES:
        raise InputError(_("Photo: at most %(most)d MB.") % {"most": settings.PHOTO_BYTES // 1_000_000})
    picture = clean(data, named_type)
    known = event.photos.filter(sha256=picture.sha256).first()
    if known is not None:
        return known
    if event.photos.count() >= MOST:
        raise IllegalMove(_("An event has at most %(most)d photos.") % {"most": MOST})
    made = EventPhoto.objects.create(
        event=event, picture=picture.data, sha256=picture.sha256, width=picture.width, height=picture.height,
        by=actor, at=timezone.now(),
    )  # fmt: skip
    after = {"sha256": picture.sha256, "size_bytes": len(picture.data)}
    record(actor, "add_event_photo", made, None, after, region_path=event.region_path)
    return made


@transaction.atomic
def remove_photo(actor: User, photo_id: int) -> int:
    """The picture is gone; the id of its event. Errors: NotPermitted."""
    require(actor, Permission.WORK_OUTREACH)
    photo = queries.photo(actor, photo_id)
    before = {"sha256": photo.sha256}
    record(actor, "remove_event_photo", photo, before, None, region_path=photo.event.region_path)
    photo.delete()
    return photo.event_id
