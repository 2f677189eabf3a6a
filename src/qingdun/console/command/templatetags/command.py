"""What the pages of command say again and again. `{% load command %}`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qingdun.console.command.board import Month
from qingdun.console.command.overdue import Item
from qingdun.console.kernel.places import place_code, place_name

register = template.Library()
register.filter("place", place_name)
register.filter("place_code", place_code)


@register.filter
def lateness(item: Item) -> str:
    """For how long it has been due, or until when it is."""
    if item.source.day:
        days = (timezone.localdate(item.now) - item.due_on).days
        if days == 0:
            return _("today")
        return _in_days(days) if days > 0 else ngettext("in %(n)d day", "in %(n)d days", -days) % {"n": -days}
    span = item.now - item.due_at
    if span >= dt.timedelta(0):
        return _in_days(span.days) if span.days else _("%(time)s late") % {"time": _clock(span)}
    left = -span
    if left.days:
        return ngettext("in %(n)d day", "in %(n)d days", left.days) % {"n": left.days}
    return _("in %(time)s") % {"time": _clock(left)}


@register.simple_tag
def share_picture(share: int) -> SafeString:
    """A share of a hundred as a bar; the number stands beside it."""
    return format_html(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"/><rect class="reach" width="{}" height="8"/></svg>',
        max(0, min(100, share)),
    )


@register.filter
def short(value: int | None, money: bool) -> str:
    """A figure as a tile shows it: grouped, money in yuan, from 100,000 yuan on in units of 10,000 (万)."""
    if value is None:
        return "–"
    if not money:
        return f"{value:,}"
    yuan = value / 100
    if yuan < 100_000:
        return f"¥{yuan:,.0f}"
    if (get_language() or "zh").startswith("zh"):
        return f"¥{yuan / 10_000:,.1f}万"
    return f"¥{yuan / 1_000_000:,.2f}m"


@register.filter
def exact(value: int, money: bool) -> str:
    """The figure without rounding."""
    return f"¥{value / 100:,.2f}" if money else f"{value:,}"


@register.filter
def at(found: Sequence[Any], place: int) -> Any:
    """The one at that place."""
    return found[place]


@register.simple_tag
def changed(now: int, then: int, better: str) -> SafeString:
    """How a figure has changed, with an arrow, and whether that is for the better."""
    if now == then:
        return format_html('<span class="muted">= {}</span>', _("unchanged"))
    more = now > then
    said = f"{100 * (now - then) / then:+.1f} %".replace("-", "−") if then else _("new")
    kind = "" if not better else "good" if more == (better == "more") else "bad"
    return format_html(
        '<span class="{}"><span aria-hidden="true">{}</span> {}</span>', kind, "▲" if more else "▼", said
    )


def _bar(x: float, step: float, one: Month, y: Callable[[int], float]) -> SafeString:
    """A month of the trend: its bar, and where it stood a year before."""
    top = y(one.value)
    return format_html(
        '<rect class="now" x="{}" y="{}" width="{}" height="{}"/>'
        '<line class="year" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        f"{x + step * 0.2:.1f}", f"{top:.1f}", f"{step * 0.6:.1f}", f"{170 - top:.1f}",
        f"{x + step * 0.12:.1f}", f"{x + step * 0.88:.1f}", f"{y(one.year):.1f}", f"{y(one.year):.1f}",
    )  # fmt: skip


@register.simple_tag
def trend_picture(months: Sequence[Month]) -> SafeString:
    """Bars of the months, each with a line where it stood a year before; the table below holds the same."""
    most = max([*(one.value for one in months), *(one.year for one in months), 1]) * 1.12
    step = 700 / max(1, len(months))

    def y(value: int) -> float:
        return 170 - 150 * value / most

    bars = format_html_join(
        "", "{}", ((_bar(10 + step * place, step, one, y),) for place, one in enumerate(months))
    )
    return format_html(
        '<svg class="months" viewBox="0 0 720 176" role="img" aria-label="{}">'
        '<line class="axis" x1="6" x2="714" y1="170" y2="170"/>{}</svg>',
        _("Figures by month; the table below holds the same"), bars,
    )  # fmt: skip


@register.filter
def of(code: str, words: Mapping[str, Any]) -> Any:
    """The word of the code; the code itself if it has none."""
    return words.get(code, code)


def _in_days(days: int) -> str:
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}


def _clock(span: dt.timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02}"
