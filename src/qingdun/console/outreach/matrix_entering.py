"""The forms of the matrix: their fields, and the action each of them is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.forms import Field, Form
from qingdun.console.kernel.models import User
from qingdun.console.outreach import correcting, matrix
from qingdun.console.outreach.codes import EventKind, MaterialKind, PartnerKind, UnitKind, VenueKind
from qingdun.console.outreach.matrix_tables import scam_choices
from qingdun.console.outreach.models import Event
from qingdun.console.outreach.places import place_code

REGION = Field("region", _("Place"), "region", required=False)
KIND = pgettext_lazy("what sort", "Kind")


def _event(actor: User, _parent: int, typed: dict[str, Any]) -> Event:
    return matrix.hold_event(actor, matrix.EventForm(**typed))


def _version(actor: User, material: int, typed: dict[str, Any]) -> Any:
    return matrix.change_material(actor, material, typed["words"], typed["change"])


UNIT = Field("unit", _("Unit, by its name"), "unit", False, 60, offered=True)
PARTNER = pgettext_lazy("kind of partner", "Enterprise")
NAMES = _("names, one a line or by comma")


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
                Field("joined_on", _("In the leading group since"), "date", False),
                Field("matrix_on", _("In the publicity matrix since"), "date", False),
            ),
            lambda actor, _parent, typed: matrix.add_unit(actor, typed),
            own="outreach:row", ledger="units",
        ),
        Form(
            "ambassadors",
            _("Appoint an ambassador"),
            (
                Field("name", _("Name"), most=40),
                Field("field", _("Known for"), most=40),
                UNIT,
                REGION,
                Field("appointed_on", _("Appointed on"), "date"),
            ),
            lambda actor, _parent, typed: matrix.appoint(actor, typed),
            own="outreach:row", ledger="ambassadors",
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
            own="outreach:row", ledger="venues",
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
            own="outreach:row", ledger="partners",
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
                Field("venue", _("Venue, by its name"), "venue", False, 60, offered=True),
                UNIT,
                Field("partners", _("Schools and enterprises"), "numbers", False, 2000, hint=NAMES),
                Field("ambassadors", _("Ambassadors who spoke"), "numbers", False, 1000, hint=NAMES),
            ),
            _event,
            own="outreach:event",
        ),
        Form(
            "pledges",
            _("Enter a pledge"),
            (
                Field("partner", PARTNER, "enterprise", most=60, offered=True),
                Field("signed_on", _("Signed on"), "date"),
                Field("until", _("Until"), "date", False),
                Field("document", _("Document"), required=False, most=60),
            ),
            lambda actor, _parent, typed: matrix.sign_pledge(actor, typed),
            own="outreach:row", ledger="pledges",
        ),
        Form(
            "commendations",
            _("Enter a commendation"),
            (
                Field("name", _("Name"), most=40),
                Field("partner", _("Works at"), "partner", False, 60, offered=True),
                REGION,
                Field("on", _("Day"), "date"),
                Field("deed", _("Commended for"), most=200),
            ),
            lambda actor, _parent, typed: matrix.commend(actor, typed),
            own="outreach:row", ledger="commendations",
        ),
        Form(
            "materials",
            _("Add a material"),
            (
                Field("title", _("Title"), most=80),
                Field("kind", KIND, "choice", choices=MaterialKind.choices),
                Field("scam_type", _("Scam type"), "choice", False, choices=scam_choices),
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


def _correcting(code: str) -> Callable[[User, int, dict[str, Any]], Any]:
    return lambda actor, ident, typed: correcting.correct(actor, code, ident, typed)


def _ending(code: str) -> Callable[[User, int, dict[str, Any]], Any]:
    return lambda actor, ident, typed: correcting.end(actor, code, ident, typed["on"])


CORRECTIONS: dict[str, Form] = {
    code: replace(
        MATRIX_FORMS[code], code=f"correct_{code}", word=_("Put it right"), act=_correcting(code), own="",
        ledger="", fields=tuple(field for field in MATRIX_FORMS[code].fields if field.name != "words"),
    )
    for code in correcting.READS
}  # fmt: skip
"""The form that puts one row right, by the code of its table."""
ENDINGS: dict[str, Form] = {
    "units": Form(
        "end_unit", _("A unit leaves"), (Field("on", _("Left the group on"), "date"),), _ending("units")
    ),
    "ambassadors": Form(
        "end_ambassador", _("End an appointment"), (Field("on", _("Until"), "date"),), _ending("ambassadors")
    ),
    "venues": Form(
        "end_venue", _("Close a venue"),
        (Field("on", pgettext_lazy("of a venue", "Closed on"), "date"),), _ending("venues"),
    ),
}  # fmt: skip
"""The form that ends one row, by the code of its table."""


def stands(row: Any, form: Form) -> dict[str, str]:
    """What the row says, field by field, as it would be typed."""
    return {field.name: _typed(row, field.name) for field in form.fields}


def _typed(row: Any, name: str) -> str:
    if name == "region":
        return place_code(row.region_path)
    value = getattr(row, name)
    if name in matrix.MANY:
        return "\n".join(str(one) for one in value.all())
    return "" if value is None else str(value)
