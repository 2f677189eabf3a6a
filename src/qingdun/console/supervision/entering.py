"""The forms of the module: their fields, and the action each is for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.forms import Field, Form
from qingdun.console.kernel.models import User
from qingdun.console.supervision import actions
from qingdun.console.supervision.codes import SupervisionForm
from qingdun.console.supervision.planning import in_office


def _officers() -> list[tuple[str, str]]:
    return [(one.user.username, str(one)) for one in in_office()]


def _reassigned(actor: User, charge_id: int, typed: dict[str, Any]) -> Any:
    return actions.reassign(actor, charge_id, **typed).round


APPOINT = Form(
    "commissioners",
    _("Appoint a commissioner"),
    (
        Field("username", _("User name"), most=60),
        Field("county", _("Home county, by name or code"), most=64),
        Field("appointed_on", _("Appointed on"), "date"),
    ),
    lambda actor, _parent, typed: actions.appoint(actor, **typed),
)
STAFF = Form(
    "staff",
    _("Enter a figure of staff"),
    (
        Field("enterprise", _("Enterprise"), most=60, offered=True),
        Field("staff", _("Staff"), "count", most=7),
        Field("as_of", _("Figure of the day"), "date"),
        Field("source", _("Source of the figure"), most=100),
    ),
    lambda actor, _parent, typed: actions.enter_staff(actor, **typed),
)
END = Form(
    "end",
    _("End the appointment"),
    (Field("ended_on", _("Last day in office"), "date"),),
    lambda actor, parent, typed: actions.end_appointment(actor, parent, **typed),
    parent="supervision:commissioner",
)
REASSIGN = Form(
    "reassign",
    _("Give it to another, or change its form"),
    (
        Field("commissioner", _("Commissioner"), "choice", choices=_officers),
        Field("form", _("Form"), "choice", choices=SupervisionForm.choices),
        Field("reason", _("Reason"), most=200),
    ),
    _reassigned,
    own="supervision:round",
)
FORMS: dict[str, Form] = {APPOINT.code: APPOINT, STAFF.code: STAFF}
"""Forms that stand alone, by the code of the table their rows stand in."""
