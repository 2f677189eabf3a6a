"""What is recorded from door to door: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import DoorResult
from qingdun.console.outreach.models import Door
from qingdun.errors import InputError, RefusedError

MOST_PEOPLE = 50
NUMBERS = ("told", "installed", "real_name", "warning_on")
"""People at one door: told, and of each count of the app."""
EARLIEST = dt.timedelta(days=30)
"""How long a phone may have kept a visit."""


@dataclass(frozen=True, slots=True)
class DoorForm:
    """What a grid member records; the key is the phone's."""

    key: str
    grid: str
    result: str
    place: str = ""
    told: int = 0
    installed: int = 0
    real_name: int = 0
    warning_on: int = 0
    leaflet: bool = False
    visited_at: dt.datetime | None = None


def record_door(actor: User, form: DoorForm) -> Door:
    """The visit stands; the same key sent again by the same person changes nothing.

    Errors: NotPermitted (role, a grid not theirs), InputError, RefusedError (the key is another visit's).
    """
    require(actor, Permission.VISIT_DOORS)
    try:
        return _sent(actor, form) or _record(actor, form)
    except IntegrityError:
        known = _sent(actor, form)
        if known is None:
            raise
        return known


def _sent(actor: User, form: DoorForm) -> Door | None:
    known = Door.objects.select_related("grid").filter(by=actor, key=form.key).first()
    if known is not None and _told(known, known.grid.code) != _told(form, form.grid):
        raise RefusedError(_("This key was used for something else."))
    return known


def _told(one: Door | DoorForm, grid: str) -> list[object]:
    """What a visit says, but for its time, which the server puts right."""
    place = one.place.strip()[:40]
    return [grid, place, one.result, one.leaflet, *(getattr(one, name) for name in NUMBERS)]


@transaction.atomic
def _record(actor: User, form: DoorForm) -> Door:
    check(form.result, [getattr(form, name) for name in NUMBERS])
    grid, now = queries.grid(actor, form.grid), timezone.now()
    # The phone's clock, where it can be right.
    at = form.visited_at if form.visited_at and now - EARLIEST <= form.visited_at <= now else now
    made = Door.objects.create(
        key=form.key, grid=grid, region_path=grid.region_path, place=form.place.strip()[:40],
        result=form.result, told=form.told, installed=form.installed, real_name=form.real_name,
        warning_on=form.warning_on, leaflet=form.leaflet, visited_at=at, by=actor, at=now,
    )  # fmt: skip
    after = {"result": made.result, "installed": made.installed, "told": made.told}
    record(actor, "record_door", made, None, after)
    return made


@transaction.atomic
def take_back(actor: User, door_id: int) -> None:
    """A visit that the actor recorded today is gone; the audit says what it was.

    Errors: NotPermitted (another's, another day's).
    """
    require(actor, Permission.VISIT_DOORS)
    door = queries.doors_today(actor).filter(pk=door_id).first()
    if door is None:
        raise out_of_reach()
    before = {"result": door.result, "installed": door.installed, "told": door.told}
    record(actor, "take_back_door", door, before, None, region_path=door.region_path)
    door.delete()


def check(result: str, numbers: Sequence[int]) -> None:
    """Nothing happens if a visit can have come to that with so many people. Errors: InputError."""
    if result not in DoorResult.values:
        raise InputError(
            _("Came of it: found “%(found)s”, expected one of %(known)s.")
            % {"found": result[:20], "known": ", ".join(DoorResult.values)}
        )
    if any(not 0 <= number <= MOST_PEOPLE for number in numbers):
        raise InputError(_("At one door at most %(most)d people.") % {"most": MOST_PEOPLE})
    if result != DoorResult.MET and any(numbers):
        raise InputError(_("Where nobody was met, nobody was told anything."))
