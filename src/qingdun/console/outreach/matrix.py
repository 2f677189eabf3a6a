"""What is entered about units, people, places and events: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import PartnerKind
from qingdun.console.outreach.models import (
    Ambassador,
    Commendation,
    Event,
    Material,
    MaterialVersion,
    Partner,
    Pledge,
    Unit,
    Venue,
)
from qingdun.console.outreach.registering import place_named

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class EventForm:
    """One event."""

    title: str
    kind: str
    on: dt.date
    heads: int
    region: str = ""
    place: str = ""
    venue: str = ""
    unit: str = ""
    partners: list[str] = field(default_factory=list)
    """Names of schools and enterprises."""


def add_unit(actor: User, typed: Mapping[str, Any]) -> Unit:
    """The unit is a member from its day on. Errors: NotPermitted, FieldFaults."""
    return _added(actor, Unit, typed, "joined_on", "name")


def add_venue(actor: User, typed: Mapping[str, Any]) -> Venue:
    """The venue is open from its day on. Errors: NotPermitted, FieldFaults."""
    return _added(actor, Venue, typed, "opened_on", "name")


def add_partner(actor: User, typed: Mapping[str, Any]) -> Partner:
    """The school or enterprise is known. Errors: NotPermitted, FieldFaults."""
    return _added(actor, Partner, typed, "", "name")


@transaction.atomic
def appoint(actor: User, typed: Mapping[str, Any]) -> Ambassador:
    """The ambassador is appointed. Errors: NotPermitted, FieldFaults."""
    values = dict(typed)
    values["unit"] = _named(actor, Unit, values.pop("unit", ""), "unit")
    return _added(actor, Ambassador, values, "appointed_on", "name")


@transaction.atomic
def hold_event(actor: User, form: EventForm) -> Event:
    """The event stands with its partners; those not known yet are not made up.

    Errors: NotPermitted, FieldFaults.
    """
    partners = [_named(actor, Partner, name, "partners") for name in form.partners]
    values = {
        "title": form.title, "kind": form.kind, "on": form.on, "heads": form.heads, "region": form.region,
        "place": form.place, "venue": _named(actor, Venue, form.venue, "venue"),
        "unit": _named(actor, Unit, form.unit, "unit"),
    }  # fmt: skip
    event = _added(actor, Event, values, "on", "title")
    event.partners.set([one for one in partners if one is not None])
    return event


@transaction.atomic
def sign_pledge(actor: User, typed: Mapping[str, Any]) -> Pledge:
    """The enterprise has signed. Errors: NotPermitted, FieldFaults (no such enterprise)."""
    values = dict(typed)
    partner = _named(actor, Partner, values.pop("partner", ""), "partner")
    if partner is None or partner.kind != PartnerKind.ENTERPRISE:
        raise FieldFaults({"partner": _("Expected an enterprise of your region, by its name.")})
    return _added(
        actor, Pledge, {**values, "partner": partner}, "signed_on", "signed_on", partner.region_path
    )


@transaction.atomic
def commend(actor: User, typed: Mapping[str, Any]) -> Commendation:
    """Somebody is commended. Errors: NotPermitted, FieldFaults."""
    values = dict(typed)
    values["partner"] = _named(actor, Partner, values.pop("partner", ""), "partner")
    return _added(actor, Commendation, values, "on", "name")


@transaction.atomic
def add_material(actor: User, typed: Mapping[str, Any]) -> Material:
    """The material stands in its first version. Errors: NotPermitted, FieldFaults."""
    values = dict(typed)
    words = values.pop("words")
    material = _added(actor, Material, values, "", "title")
    _version(actor, material, words, "")
    return material


@transaction.atomic
def change_material(actor: User, material_id: int, words: str, change: str) -> MaterialVersion:
    """The material has a next version, which is the one in use; the old ones stay.

    Errors: NotPermitted, FieldFaults (the same words).
    """
    require(actor, Permission.WORK_OUTREACH)
    queries.material(actor, material_id)
    material = Material.objects.select_for_update().get(pk=material_id)
    current = material.versions.get(version=material.version)
    if current.words == words:
        raise FieldFaults({"words": _("These are the words of the version in use.")})
    material.version += 1
    material.save(update_fields=["version"])
    made = _version(actor, material, words, change)
    record(actor, "change_material", material, {"version": current.version}, {"version": made.version})
    return made


@transaction.atomic
def end(actor: User, kind: str, pk: int, on: dt.date) -> Model:
    """A unit has left, an ambassador or a venue has ended, on that day.

    Errors: NotPermitted, FieldFaults (before it began, or in the future).
    """
    require(actor, Permission.WORK_OUTREACH)
    begin, name, row = {
        "unit": ("joined_on", "left_on", queries.units(actor)),
        "ambassador": ("appointed_on", "ended_on", queries.ambassadors(actor)),
        "venue": ("opened_on", "closed_on", queries.venues(actor)),
    }[kind]
    if not row.filter(pk=pk).exists():
        raise out_of_reach()
    found: Any = row.model._default_manager.select_for_update().get(pk=pk)
    if on > timezone.localdate():
        raise FieldFaults({"on": _("This day lies in the future.")})
    if on < getattr(found, begin):
        raise FieldFaults({"on": _("It began after this day, on %(day)s.") % {"day": getattr(found, begin)}})
    before = getattr(found, name)
    setattr(found, name, on)
    found.save(update_fields=[name])
    record(actor, "end_membership", found, {"until": before}, {"until": on})
    ended: Model = found
    return ended


def _version(actor: User, material: Material, words: str, change: str) -> MaterialVersion:
    return MaterialVersion.objects.create(
        material=material, version=material.version, words=words, change=change, by=actor,
        on=timezone.localdate(),
    )  # fmt: skip


def _added(
    actor: User, model: type[M], typed: Mapping[str, Any], day: str, unique: str, region_path: str = ""
) -> M:
    """A new row of the model at the place that was typed; one act for all of them."""
    require(actor, Permission.WORK_OUTREACH)
    values = dict(typed)
    region = values.pop("region", "")
    path = region_path or place_named(actor, region).path
    if day and values[day] > timezone.localdate():
        raise FieldFaults({day: _("This day lies in the future.")})
    try:
        with transaction.atomic():
            made = model._default_manager.create(region_path=path, by=actor, **values)
            face = {"name": str(values.get(unique, "")), "on": values.get(day)}
            record(actor, ADD_VERBS[model.__name__], made, None, face)
    except IntegrityError as error:
        raise FieldFaults({unique: _("This stands already.")}) from error
    return made


def _named(actor: User, model: type[M], name: str, field_name: str) -> M | None:
    """The row of that name that the actor sees; None for no name. Errors: FieldFaults."""
    if not name:
        return None
    found: Any = {"Unit": queries.units, "Venue": queries.venues, "Partner": queries.partners}[model.__name__]
    row: M | None = found(actor).filter(name=name).first()
    if row is None:
        raise FieldFaults({field_name: _("Nothing of this name is known: %(name)s.") % {"name": name[:60]}})
    return row


ADD_VERBS = {
    "Unit": "add_unit", "Venue": "add_venue", "Partner": "add_partner", "Ambassador": "appoint_ambassador",
    "Event": "hold_event", "Pledge": "sign_pledge", "Commendation": "commend", "Material": "add_material",
}  # fmt: skip
"""The verb of the audit row by model."""
