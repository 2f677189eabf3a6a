"""Figures as links to their rows. `{% load measures %}`."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.measures import queries, weekly
from qingdun.console.measures.definitions import FIGURES
from qingdun.console.measures.periods import Period

register = template.Library()


@register.inclusion_tag("measures/_wall.html", takes_context=True)
def week_on_the_wall(context: dict[str, Any]) -> dict[str, Any]:
    """The last seven days of the viewer's region. They lead to their rows for who sees alerts; who only shows
    the wall opens no task.
    """
    viewer = viewer_of(context["request"])
    made = weekly.latest(viewer)
    return {
        "counts": made.counts, "shares": made.shares, "period": made.period,
        "may_open": may(viewer, Permission.SEE_ALERTS),
    }  # fmt: skip


@register.inclusion_tag("measures/_day.html", takes_context=True)
def day_on_the_wall(context: dict[str, Any]) -> dict[str, Any]:
    """The last 24 hours of the viewer's region, hour by hour, under the words of the measures."""
    return {
        "hours": queries.by_hour(viewer_of(context["request"])),
        **{code: FIGURES[code].word for code in ("received", "dissuaded")},
    }


@register.simple_tag
def rows_of(code: str, number: int, region: str, period: Period, **more: str) -> SafeString:
    """The number, leading to exactly its rows."""
    query = {"region": region, "since": period.since, "until": period.until}
    query |= {name: value for name, value in more.items() if value}
    return format_html(
        '<a class="figure" href="{}?{}">{}</a>',
        reverse("measures:rows", args=[code]),
        urlencode(query),
        f"{number:,}",
    )


CALLS: dict[str, str | Promise] = {
    "answered": gettext_lazy("Answered"),
    "busy": gettext_lazy("Busy line"),
    "forwarded": gettext_lazy("Forwarded"),
    "switched_off": gettext_lazy("Switched off"),
    "no_answer": gettext_lazy("No answer"),
    "refused": gettext_lazy("Refused to talk"),
}


@register.filter
def call_word(result: str) -> str:
    """What came of a call."""
    return str(CALLS.get(result, result))


@register.filter
def hundredths(value: float | None) -> str:
    """A share in hundredths."""
    return "–" if value is None else f"{value:.1f}%"


@register.filter
def share(part: int, whole: int) -> str:
    """Part of whole in hundredths."""
    return hundredths(100 * part / whole)


@register.filter
def points(value: float | None) -> str:
    """A difference of shares with its sign."""
    return "–" if value is None else f"{value:+.1f}"


@register.filter
def span(value: dt.timedelta | None) -> str:
    """A span in days, hours, minutes."""
    if value is None:
        return "–"
    minutes = round(value.total_seconds() / 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 2880:
        return _("%(h)s h %(n)s min") % {"h": minutes // 60, "n": minutes % 60}
    return _("%(n)s days") % {"n": minutes // 1440}
