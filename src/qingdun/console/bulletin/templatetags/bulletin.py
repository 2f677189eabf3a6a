"""How a bulletin's figures are printed on its pages. `{% load bulletin %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qingdun.console.bulletin.counting import PER, PER_RESIDENTS
from qingdun.console.bulletin.models import BulletinFigure

register = template.Library()
FEN = 100


@register.simple_tag
def figure(urls: dict[str, str], part: dict[str, str]) -> SafeString:
    """The place of a figure as a link to its rows; what has no rows is plain."""
    url = urls.get(part["code"], "")
    if not url:
        return format_html('<span class="figure locked">{}</span>', part["text"])
    return format_html('<a class="figure locked" href="{}">{}</a>', url, part["text"])


@register.filter
def number(one: BulletinFigure | None, name: str = "value") -> str:
    """One of its numbers with its unit; '–' for none."""
    found = getattr(one, name, None)
    if found is None:
        return "–"
    return f"¥{found / FEN:,.2f}" if one is not None and one.money else f"{found:,}"


@register.filter
def share(one: BulletinFigure) -> str:
    """A share with both counts and its interval; '' for what is none."""
    if one.part is None or not one.whole or one.low is None or one.high is None:
        return ""
    residents = one.code.endswith(PER_RESIDENTS)
    scale, unit, digits = (PER, "", 2) if residents else (100, " %", 1)
    told: dict[str, Any] = {
        "share": f"{scale * one.part / one.whole:.{digits}f}{unit}", "part": f"{one.part:,}",
        "whole": f"{one.whole:,}", "low": f"{one.low:.{digits}f}", "high": f"{one.high:.{digits}f}{unit}",
    }  # fmt: skip
    return _("%(share)s = %(part)s / %(whole)s, 95 %% from %(low)s to %(high)s") % told
