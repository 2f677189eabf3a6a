"""What the pages of supervision say again and again. `{% load supervision %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qingdun.console.kernel.places import place_code, place_name
from qingdun.console.supervision.codes import FORM_WHY, WHY, Change, Kind, SupervisionForm
from qingdun.console.supervision.models import Shortcoming
from qingdun.console.supervision.moves import UNSETTLED, ShortcomingState

register = template.Library()
register.filter("place", place_name)
register.filter("place_code", place_code)

FORM_SIGNS = {
    SupervisionForm.KEY: "◆", SupervisionForm.REMINDER: "◈", SupervisionForm.OVERSIGHT: "◇",
}  # fmt: skip
STATE_SIGNS = {
    ShortcomingState.OPEN: "◌", ShortcomingState.ANSWERED: "◔", ShortcomingState.PASSED: "✓",
    ShortcomingState.DROPPED: "–",
}  # fmt: skip
"""Shapes that no level of an alert has."""


@register.simple_tag
def form_tag(code: str) -> SafeString:
    """A form of supervision as shape and word."""
    one = SupervisionForm(code)
    return format_html(
        '<span class="tag supervised" data-form="{}"><span aria-hidden="true">{}</span> {}</span>',
        code, FORM_SIGNS[one], one.label,
    )  # fmt: skip


@register.simple_tag
def state_tag(about: Shortcoming, overdue: bool = False) -> SafeString:
    """Where a finding stands, as shape and word."""
    one = ShortcomingState(about.state)
    late = format_html(' <b class="bad">{}</b>', _("overdue")) if overdue and one in UNSETTLED else ""
    return format_html(
        '<span class="tag finding-state" data-state="{}"><span aria-hidden="true">{}</span> {}</span>{}',
        about.state, STATE_SIGNS[one], one.label, late,
    )  # fmt: skip


@register.filter
def subject_url(about: Any) -> str:
    """The page of the town or the enterprise that a charge or an end of supervision is about."""
    if about.kind == Kind.TOWN:
        return reverse("assessment:place", args=[place_code(about.region_path)])
    return reverse("supervision:enterprise", args=[about.partner_id])


@register.simple_tag
def changed(about: Any) -> str:
    """What has changed since the round before, in words."""
    if about.change == Change.STAYS:
        if about.position == about.position_before:
            return _("stays, same position")
        return _("stays, was %(before)s") % {"before": about.position_before}
    if about.change == Change.HELD:
        return _("has left the list (now %(now)s), held: findings open") % {"now": about.position}
    if about.position_before:
        return _("new, was %(before)s") % {"before": about.position_before}
    return _("new")


@register.filter
def why(codes: list[str]) -> str:
    """Why this commissioner, in words."""
    return "；".join(str(WHY[one]) for one in codes)


@register.filter
def form_why(codes: list[str]) -> str:
    """Why this form, in words."""
    return "；".join(str(FORM_WHY[one]) for one in codes)
