"""What is entered about units, people, places and events: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import require_covers
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
from qingdun.console.outreach.places import nearest
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
    ambassadors: list[str] = field(default_factory=list)


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
    return _added(actor, Ambassador, typed, "appointed_on", "name")


@transaction.atomic
def hold_event(actor: User, form: EventForm) -> Event:
    """The event stands with its partners and ambassadors; those not known yet are not made up.

    Errors: NotPermitted, FieldFaults.
    """
    return _added(actor, Event, asdict(form), "on", "title")


@transaction.atomic
def sign_pledge(actor: User, typed: Mapping[str, Any]) -> Pledge:
    """The enterprise has signed. Errors: NotPermitted, FieldFaults (no such enterprise)."""
    return _added(actor, Pledge, typed, "signed_on", "signed_on")


@transaction.atomic
def commend(actor: User, typed: Mapping[str, Any]) -> Commendation:
    """Somebody is commended. Errors: NotPermitted, FieldFaults."""
    return _added(actor, Commendation, typed, "on", "name")


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
    require_covers(actor, queries.material(actor, material_id).region_path)
    material = Material.objects.select_for_update().get(pk=material_id)
    current = material.versions.get(version=material.version)
    if current.words == words:
        raise FieldFaults({"words": _("These are the words of the version in use.")})
    material.version += 1
    material.save(update_fields=["version"])
    made = _version(actor, material, words, change)
    record(actor, "change_material", material, {"version": current.version}, {"version": made.version})
    return made


def _version(actor: User, material: Material, words: str, change: str) -> MaterialVersion:
    return MaterialVersion.objects.create(
        material=material, version=material.version, words=words, change=change, by=actor,
        on=timezone.localdate(),
    )  # fmt: skip


def settled(
    actor: User, model: type[Model], typed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, list[Model]]]:
    """What was typed as values of the model's fields, and rows it is tied to, by name; names are looked up
    among what the actor sees.

    Errors: FieldFaults (a place or a name that is none of theirs, a day to come, a pledge of no enterprise).
    """
    values = dict(typed)
    place = place_named(actor, values.pop("region", "") or "")
    path = place.path
    for name, kind in ONE.items():
        if name in values:
            values[name] = named(actor, kind, values[name], name, path)
    tied = {
        name: [row for text in values.pop(name) if (row := named(actor, kind, text, name, path))]
        for name, kind in MANY.items()
        if name in values
    }
    if model is Pledge:
        partner = values["partner"]
        if partner is None or partner.kind != PartnerKind.ENTERPRISE:
            raise FieldFaults({"partner": _("Expected an enterprise of your region, by its name.")})
        path = partner.region_path
    day = BEGINS.get(model.__name__, "")
    if day and values.get(day) and values[day] > timezone.localdate():
        raise FieldFaults({day: _("This day lies in the future.")})
    if model is Unit and not (values.get("joined_on") or values.get("matrix_on")):
        raise FieldFaults({"joined_on": _("Say since when it belongs to one of the two.")})
    return values | {"region_path": path}, tied


def named(actor: User, model: type[M], name: str, field_name: str, path: str) -> M | None:
    """The row of that name that the actor sees, of several the one near the path; None for no name. The name
    of a place may stand before it.

    Errors: FieldFaults.
    """
    if not name:
        return None
    found: Any = NAMED[model.__name__]
    alike: list[M] = list(found(actor).filter(name=name))
    if not alike and len(parts := name.split(maxsplit=1)) == 2:
        inside = [place.path for place in regions(actor) if parts[0] in (place.name, place.short_name)]
        alike = [
            one for one in found(actor).filter(name=parts[1]) if any(map(one.region_path.startswith, inside))
        ]
    row = nearest([(one, one.region_path) for one in alike], path)  # type: ignore[attr-defined]
    if row is None:
        words = _("Several are called %(name)s: name the place too.") if alike else _(
            "Nothing of this name is known: %(name)s."
        )  # fmt: skip
        raise FieldFaults({field_name: words % {"name": name[:60]}})
    return row


def _added(actor: User, model: type[M], typed: Mapping[str, Any], day: str, unique: str) -> M:
    """A new row of the model at the place that was typed; one act for all of them."""
    require(actor, Permission.WORK_OUTREACH)
    values, tied = settled(actor, model, typed)
    try:
        with transaction.atomic():
            made = model._default_manager.create(by=actor, **values)
            face = {"name": str(values.get(unique, "")), "on": values.get(day)}
            record(actor, ADD_VERBS[model.__name__], made, None, face)
    except IntegrityError as error:
        raise FieldFaults({unique: _("This stands already.")}) from error
    for name, rows in tied.items():
        getattr(made, name).set(rows)
    return made


ONE: dict[str, type[Model]] = {"unit": Unit, "venue": Venue, "partner": Partner}
MANY: dict[str, type[Model]] = {"partners": Partner, "ambassadors": Ambassador}
"""Fields that name rows, and whose."""
NAMED = {
    "Unit": queries.units, "Venue": queries.venues, "Partner": queries.partners,
    "Ambassador": queries.ambassadors,
}  # fmt: skip
BEGINS = {
    "Unit": "joined_on", "Ambassador": "appointed_on", "Venue": "opened_on", "Event": "on",
    "Pledge": "signed_on", "Commendation": "on",
}  # fmt: skip
"""The day on which what a row tells has come about, by model."""
ADD_VERBS = {
    "Unit": "add_unit", "Venue": "add_venue", "Partner": "add_partner", "Ambassador": "appoint_ambassador",
    "Event": "hold_event", "Pledge": "sign_pledge", "Commendation": "commend", "Material": "add_material",
}  # fmt: skip
"""The verb of the audit row by model."""
