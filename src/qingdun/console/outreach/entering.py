"""The forms of registrations: their fields, and the action each of them is for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.forms import Field, Form
from qingdun.console.outreach import registering
from qingdun.console.outreach.codes import Count, WonAt
from qingdun.console.outreach.matrix_entering import MATRIX_FORMS, REGION

COUNT_FIELDS = (
    Field("day", _("Day"), "date"),
    Field("region", _("Place, by name or code"), required=False, most=64),
    Field("grid", _("Code of the grid"), required=False, most=20),
    Field("won_at", _("Where won"), "choice", choices=WonAt.choices),
    Field("installed", _("Newly registered"), "count", most=9),
    Field("real_name", _("Newly by real name"), "count", False, 9),
    Field("warning_on", _("Warnings newly switched on"), "count", False, 9),
)
FORMS: dict[str, Form] = {
    form.code: form
    for form in (
        Form(
            "counts",
            _("Enter a day"),
            COUNT_FIELDS,
            lambda actor, _parent, typed: registering.enter_count(actor, registering.CountForm(**typed)),
        ),
        Form(
            "targets",
            _("Set a target"),
            (
                REGION,
                Field("count", _("Which count"), "choice", choices=Count.choices),
                Field("due_on", _("To be met by"), "date"),
                Field("goal", _("So many"), "count", False, 9),
                Field("percent", _("Or so many of a hundred residents"), "count", False, 3),
            ),
            lambda actor, _parent, typed: registering.set_target(actor, registering.TargetForm(**typed)),
        ),
        Form(
            "ranks",
            _("Enter a rank"),
            (
                Field("day", _("Day"), "date"),
                Field("count", _("Which count"), "choice", choices=Count.choices),
                Field("rank", pgettext_lazy("of a city", "Rank"), "count", most=3),
                Field("of", _("Of how many"), "count", most=3),
                Field("source", _("Said by")),
            ),
            lambda actor, _parent, typed: registering.enter_rank(actor, registering.RankForm(**typed)),
        ),
        Form(
            "grids",
            _("Add a grid"),
            (
                Field("code", pgettext_lazy("of a grid", "Code"), most=20),
                Field("name", _("Grid"), most=60),
                Field("village", _("Village, by name or code"), most=64),
                Field("doors", _("Doors"), "count", False, 7),
                Field("residents", _("Residents, estimated"), "count", False, 7),
            ),
            lambda actor, _parent, typed: registering.add_grid(actor, registering.GridForm(**typed)),
            own="outreach:row",
            ledger="grids",
        ),
    )
} | MATRIX_FORMS
"""Every form by the code of the table its rows stand in."""
