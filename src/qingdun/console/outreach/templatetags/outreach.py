"""What the pages of outreach say again and again. `{% load outreach %}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from qingdun.console.outreach.places import place_name

register = template.Library()

OUTLOOKS = {
    "met": ("✓", _("met")),
    "likely": ("▲", _("in time")),
    "open": ("◆", _("cannot be told yet")),
    "unlikely": ("▼", _("too late")),
    "unknown": ("–", _("too few weeks known")),
}
"""A sign and a word for what becomes of a target: no colour is needed."""


@register.filter
def grouped(number: float | None) -> str:
    """A whole number with its thousands apart: 1529000 is 1,529,000."""
    return "–" if number is None else f"{round(number):,}"


@register.filter
def of_count(found: Mapping[str, Any], code: str) -> Any:
    """What stands under the code; None if nothing does."""
    return found.get(code)


@register.filter
def place(path: str) -> str:
    """The name of the place at the end of the path."""
    return place_name(path)


@register.filter
def place_code(path: str) -> str:
    """The code of the place at the end of the path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


@register.simple_tag
def outlook_word(verdict: str) -> SafeString:
    """What becomes of a target, as a sign and a word."""
    sign, word = OUTLOOKS[verdict]
    return format_html('<span class="tag"><span aria-hidden="true">{}</span> {}</span>', sign, word)
