"""The forms of the matrix: their fields, and the action each of them is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.kernel.forms import Choices, Field, Form
from qingdun.console.kernel.models import User
from qingdun.console.outreach import matrix
from qingdun.console.outreach.codes import EventKind, MaterialKind, PartnerKind, UnitKind, VenueKind
from qingdun.console.outreach.models import Event
from qingdun.contract.codes import scam_types

REGION = Field("region", _("Place"), "region", required=False)
KIND = pgettext_lazy("what sort", "Kind")


def _types() -> Choices:
    return [(code, scam_type_label(code)) for code in scam_types().names]


def _event(actor: User, _parent: int, typed: dict[str, Any]) -> Event:
    return matrix.hold_event(actor, matrix.EventForm(**typed))


def _version(actor: User, material: int, typed: dict[str, Any]) -> Any:
    return matrix.change_material(actor, material, typed["words"], typed["change"])


def _ending(kind: str) -> Callable[[User, int, dict[str, Any]], Any]:
    return lambda actor, ident, typed: matrix.end(actor, kind, ident, typed["on"])


ENDINGS: dict[str, Form] = {
    "units": Form(
        "end_unit", _("A unit leaves"), (Field("on", _("Left the group on"), "date"),), _ending("unit")
    ),
    "ambassadors": Form(
        "end_ambassador", _("End an appointment"), (Field("on", _("Until"), "date"),), _ending("ambassador")
    ),
    "venues": Form(
        "end_venue", _("Close a venue"),
        (Field("on", pgettext_lazy("of a venue", "Closed on"), "date"),), _ending("venue"),
    ),
}  # fmt: skip
"""The form that ends one row, by the code of its table."""
MATRIX_FORMS: dict[str, Form] = {
    form.code: form
    for form in (
        Form(
            "units",
            _("Add a unit"),
            (
                Field("name", _("Unit"), most=60),
                Field("kind", KIND, "choice", choices=UnitKind.choices),
                REGION,
                Field("joined_on", _("Joined on"), "date"),
            ),
            lambda actor, _parent, typed: matrix.add_unit(actor, typed),
        ),
        Form(
            "ambassadors",
            _("Appoint an ambassador"),
            (
                Field("name", _("Name"), most=40),
                Field("field", _("Known for"), most=40),
                Field("unit", _("Unit, by its name"), required=False, most=60),
                REGION,
                Field("appointed_on", _("Appointed on"), "date"),
            ),
            lambda actor, _parent, typed: matrix.appoint(actor, typed),
        ),
        Form(
            "venues",
            _("Add a venue"),
            (
                Field("name", _("Venue"), most=60),
                Field("kind", KIND, "choice", choices=VenueKind.choices),
                REGION,
                Field("opened_on", _("Opened on"), "date"),
            ),
            lambda actor, _parent, typed: matrix.add_venue(actor, typed),
        ),
        Form(
            "partners",
            _("Add a school or an enterprise"),
            (
                Field("name", _("Name"), most=60),
                Field("kind", KIND, "choice", choices=PartnerKind.choices),
                REGION,
                Field("people", pgettext_lazy("of a partner", "People"), "count", False, 7),
            ),
            lambda actor, _parent, typed: matrix.add_partner(actor, typed),
        ),
        Form(
            "events",
            _("Enter an event"),
            (
                Field("title", _("Event"), most=80),
                Field("kind", KIND, "choice", choices=EventKind.choices),
                Field("on", _("Day"), "date"),
                Field("heads", _("People who came"), "count", most=7),
                REGION,
                Field("place", _("Where it was"), required=False, most=80),
                Field("venue", _("Venue, by its name"), required=False, most=60),
                Field("unit", _("Unit, by its name"), required=False, most=60),
                Field(
                    "partners", _("Schools and enterprises"), "numbers", False, 2000,
                    hint=_("names, one a line or by comma"),
                ),
            ),
            _event,
            own="outreach:event",
        ),
        Form(
            "pledges",
            _("Enter a pledge"),
            (
                Field("partner", pgettext_lazy("kind of partner", "Enterprise"), most=60),
                Field("signed_on", _("Signed on"), "date"),
                Field("until", _("Until"), "date", False),
                Field("document", _("Document"), required=False, most=60),
            ),
            lambda actor, _parent, typed: matrix.sign_pledge(actor, typed),
        ),
        Form(
            "commendations",
            _("Enter a commendation"),
            (
                Field("name", _("Name"), most=40),
                Field("partner", _("Works at"), required=False, most=60),
                REGION,
                Field("on", _("Day"), "date"),
                Field("deed", _("Commended for"), most=200),
            ),
            lambda actor, _parent, typed: matrix.commend(actor, typed),
        ),
        Form(
            "materials",
            _("Add a material"),
            (
                Field("title", _("Title"), most=80),
                Field("kind", KIND, "choice", choices=MaterialKind.choices),
                Field("scam_type", _("Scam type"), "choice", False, choices=_types),
                REGION,
                Field("words", _("Its words"), "long", most=4000),
            ),
            lambda actor, _parent, typed: matrix.add_material(actor, typed),
            own="outreach:material",
        ),
        Form(
            "version",
            _("Write the next version"),
            (
                Field("words", _("Its words"), "long", most=4000),
                Field("change", _("What was changed"), most=200),
            ),
            _version,
            "outreach:material",
        ),
    )
}  # fmt: skip
"""Every form by the code of the table its rows stand in."""
