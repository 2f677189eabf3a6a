"""What command adds to the wall. `{% load wall %}`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qingdun.console.command import wall
from qingdun.console.kernel.viewer import viewer_of

register = template.Library()


@register.inclusion_tag("command/_wall_funds.html", takes_context=True)
def funds_on_the_wall(context: dict[str, Any]) -> dict[str, Any]:
    """What was stopped in the last seven days, and what is held now; each leads to its rows."""
    stopped, orders, held = wall.money(viewer_of(context["request"]))
    return {"stopped": stopped, "orders": orders, "held": held}


@register.simple_tag
def wall_address(code: str) -> str:
    """Where the rows of that table of the wall are."""
    return reverse("command:wall", args=[code])


@register.simple_tag
def wall_rows(number: int, region: str, **picks: str) -> SafeString | int:
    """The number of open tasks, leading to exactly its rows; nought leads nowhere."""
    if not number:
        return number
    query = urlencode({"region": region, **picks})
    return format_html('<a href="{}?{}">{}</a>', wall_address("open"), query, number)
