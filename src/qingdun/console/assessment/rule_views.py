"""Pages of the rules, and the forms of the module: parse, one call, render."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from qingdun.console.assessment import actions, deciding, scheming
from qingdun.console.assessment.rules import rule_on, versions
from qingdun.console.assessment.views import tabs
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.forms import Field, FieldFaults, Form
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.viewer import viewer_of

PARTS: tuple[tuple[str, str, Any], ...] = (
    ("weights", "cases", _("Weight of cases per 10,000")),
    ("weights", "mean_loss", _("Weight of the mean loss")),
    ("weights", "major", _("Weight of major cases")),
    ("cards", "times_city", _("Yellow card: times the city’s rate")),
    ("cards", "red_after", _("Red card: such months in a row")),
    ("cards", "reds_to_list", _("Listing: red cards")),
    ("cards", "within_months", _("Listing: within months")),
    ("cards", "top", _("Listing: among so many worst")),
    ("cards", "top_months", _("Listing: so many months in a row")),
    ("cards", "listed_months", _("Term of a listing, months")),
    ("cards", "listed_at_most", _("Listed at most, months")),
    ("cards", "months_below", _("Delisting: months below the city")),
    ("cards", "estimated_percent", _("Residents by estimate at most, in hundredths")),
    ("villages", "weeks", _("Naming: weeks in a row")),
    ("villages", "bottom", _("Naming: among so many worst villages")),
    ("days", "objection", _("Days to object")),
    ("days", "answer", _("Days to answer an objection")),
    ("days", "yellow", _("Days to report after a yellow card")),
    ("days", "red", _("Days to report after a red card")),
    ("days", "listing", _("Days to report after a listing")),
    ("days", "naming", _("Days to report after a naming")),
    ("days", "interview", _("Days until an interview")),
    ("accountability", "loss_yuan", _("Accountability: from a loss of, yuan")),
)
"""Numbers of a version that a person sets: where they stand in its body, and their words."""
BROKEN = ("times_city",)
"""Those that may have digits after the point."""


def _set(actor: User, _parent: int, typed: dict[str, Any]) -> Any:
    today = rule_on(timezone.localdate())
    body: dict[str, Any] = {
        name: dict(part) if isinstance(part, dict) else part for name, part in today.body.items()
    }
    faults: dict[str, str] = {}
    for part, name, _word in PARTS:
        try:
            number = float(typed[name]) if name in BROKEN else int(typed[name])
        except ValueError:
            number = 0
        if number <= 0:
            faults[name] = str(_("Expected a number above 0."))
        body[part][name] = number
    if faults:
        raise FieldFaults(faults)
    return actions.set_rules(actor, typed["version"], typed["valid_from"], body, typed["reason"])


RULES = Form(
    "rules",
    _("Set rules from a day on"),
    (
        Field("version", _("Name of the version"), most=20),
        Field("valid_from", _("Holds from"), "date"),
        *(Field(name, word, most=9) for _part, name, word in PARTS),
        Field("reason", _("Reason"), most=200),
    ),
    _set,
)
INTERVIEW = Form(
    "interview",
    _("Call to an interview"),
    (Field("place", _("Town, by name or code"), most=64), Field("reason", _("Reason"), most=200)),
    lambda actor, _parent, typed: deciding.call_to_interview(actor, typed["place"], typed["reason"]),
)
SCHEME = Form(
    "scheme",
    _("Set a scheme of areas"),
    (
        Field("valid_from", _("Holds from"), "date"),
        Field(
            "areas", _("Areas of the town"), "long", most=4000,
            hint=_("One a line: its name, a colon, its villages by name or code, apart by commas."),
        ),
        Field("award", _("What the best area gets"), most=200),
        Field("penalty", _("What the worst area gets"), most=200),
    ),
    lambda actor, _parent, typed: scheming.set_scheme(actor, **typed),
)  # fmt: skip
FORMS = {
    RULES.code: (RULES, "rules", Permission.WORK_ASSESSMENT),
    INTERVIEW.code: (INTERVIEW, "rulings", Permission.WORK_ASSESSMENT),
    SCHEME.code: (SCHEME, "", Permission.ANSWER_ASSESSMENT),
}
"""Each form by its code, whither it goes back ('' to the town of who fills it in), and who may."""


@require_safe
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """Every version of the rules with its numbers, the latest first."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ASSESSMENT)
    now = rule_on(timezone.localdate())
    found = versions()
    prefilled = urlencode({name: now.body[part][name] for part, name, _word in PARTS})
    context = {
        "versions": found,
        "now": now,
        "rows": [(word, [one.body[part].get(name, "–") for one in found]) for part, name, word in PARTS],
        "may_work": may(viewer, Permission.WORK_ASSESSMENT),
        "prefilled": prefilled,
        **tabs(viewer, "rules"),
    }
    return render(request, "assessment/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """One form of the module."""
    viewer = viewer_of(request)
    if code not in FORMS:
        raise out_of_reach()
    form, back, permission = FORMS[code]
    require(viewer, permission)
    if back:
        here = reverse("assessment:rules") if back == "rules" else reverse("assessment:table", args=[back])
    else:
        here = reverse("assessment:place", args=[viewer.region.code if viewer.region else ""])
    return form_page(request, form, 0, here, lambda _kind: [])
