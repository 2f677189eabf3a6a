"""The page of clock rules: what holds in a region, the rules behind it, and the form that sets one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qingdun.console.alerts import clocks
from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.models import ClockRule
from qingdun.console.alerts.states import Timed
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import may
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """What holds, and a form to set a rule; after a mistake the form as it was typed, with what is wrong."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return render(request, "alerts/clock_rules.html", _page(viewer, request.GET.get("region", "")))
    typed = request.POST
    try:
        clocks.set_rule(
            viewer, typed.get("level", ""), typed.get("clock", ""), typed.get("region", ""),
            typed.get("area", ""), _length_s(typed.get("length", ""), typed.get("unit", "")),
            typed.get("reason", ""),
        )  # fmt: skip
    except InputError as error:
        page = _page(viewer, "") | {"typed": typed.dict(), "error": str(error)}
        return render(request, "alerts/clock_rules.html", page, status=422)
    messages.success(request, _("The rule holds for clocks that start from now on."))
    return redirect("alerts:clock_rules")


@require_POST
@login_required
def drop(request: HttpRequest, rule_id: int) -> HttpResponse:
    """The rule is taken back."""
    viewer = viewer_of(request)
    try:
        clocks.drop_rule(viewer, rule_id, request.POST.get("reason", ""))
    except InputError as error:
        page = _page(viewer, "") | {"error": str(error)}
        return render(request, "alerts/clock_rules.html", page, status=422)
    messages.success(request, _("The rule is taken back."))
    return redirect("alerts:clock_rules")


def _length_s(text: str, unit: str) -> int | None:
    words = text.strip()
    if not words:
        return None
    if not words.isdecimal() or len(words) > 9 or unit not in UNITS:
        raise InputError(_("length: found %(found)s, expected a number") % {"found": words[:20]})
    return int(words) * UNITS[unit]


def _page(viewer: User, region: str) -> dict[str, Any]:
    places = list(kernel_queries.regions(viewer).exclude(level=Region.Level.VILLAGE))
    shown = next((place for place in places if place.code == region), None)
    return {
        "lengths": clocks.table(viewer, region),
        "rules": clocks.own_rules(viewer),
        "may_set": may(viewer, clocks.MANAGE),
        "regions": places,
        "shown_region": shown or viewer.region,
        "levels": Level.choices,
        "clocks": Timed.choices,
        "areas": ClockRule.Area.choices,
        "units": [("s", _("seconds")), ("min", _("minutes")), ("h", _("hours")), ("d", _("days"))],
        "typed": {"unit": "min", "area": ClockRule.Area.BOTH},
    }
