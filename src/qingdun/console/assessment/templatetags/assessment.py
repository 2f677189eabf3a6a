"""What the pages of assessment say again and again. `{% load assessment %}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from qingdun.console.assessment.codes import DIFFERS, DIFFERS_TOWN, RulingKind
from qingdun.console.assessment.models import Line
from qingdun.console.kernel.places import place_code, place_name

register = template.Library()
register.filter("place", place_name)
register.filter("place_code", place_code)

SIGNS = {
    RulingKind.YELLOW: "◨", RulingKind.RED: "▮", RulingKind.LISTING: "◈", RulingKind.EXTENSION: "◈",
    RulingKind.DELISTING: "◇", RulingKind.NAMING: "◧", RulingKind.INTERVIEW: "◫",
    RulingKind.AWARD: "✓", RulingKind.PENALTY: "✕",
}  # fmt: skip
"""Shapes that no level of an alert has."""
ARROWS = {"above": "▲", "below": "▼", "alike": "≈"}


@register.simple_tag
def ruling_tag(kind: str) -> SafeString:
    """A card or listing as shape and word, framed, so that nobody takes it for a level."""
    one = RulingKind(kind)
    return format_html(
        '<span class="tag ruling" data-ruling="{}"><span aria-hidden="true">{}</span> {}</span>',
        kind, SIGNS[one], one.label,
    )  # fmt: skip


@register.filter
def differs(code: str) -> SafeString:
    """What may be said of a rate at 95 %, as a sign and words."""
    return format_html('<span aria-hidden="true">{}</span> {}', ARROWS[code], DIFFERS[code])


@register.filter
def differs_town(code: str) -> SafeString:
    """The same of an area against its town."""
    return format_html('<span aria-hidden="true">{}</span> {}', ARROWS[code], DIFFERS_TOWN[code])


@register.filter
def whole_yuan(amount_fen: int | None) -> str:
    """Fen as yuan without the rest: 6700049 is ¥67,000."""
    return "–" if amount_fen is None else f"¥{amount_fen / 100:,.0f}"


@register.filter
def chance(share: float) -> str:
    """A probability to four digits; of what is less, that it is."""
    return f"{share:.4f}" if share >= 0.0001 else "< 0.0001"


@register.filter
def of_place(found: Mapping[str, Any], path: str) -> Any:
    """What stands under the path; None if nothing does."""
    return found.get(path)


@register.simple_tag
def change(now: int, then: int) -> str:
    """How a count has changed, in hundredths of what it was; in cases where that was none."""
    if now == then:
        return gettext("unchanged")
    if not then:
        return f"+{now}"
    return f"{100 * (now - then) / then:+.1f} %".replace("-", "−")


@register.simple_tag
def interval_picture(line: Line, most: float, city: float) -> SafeString:
    """The raw rate with its interval, the shrunk one as a ring, the city's as a line across."""
    scale = 200 / max(most, 2 * city, 0.001)

    def at(rate: float) -> str:
        return f"{min(rate * scale, 204):.1f}"

    return format_html(
        '<svg class="interval rate" viewBox="0 0 204 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" x="0" y="5" width="204" height="2"/>'
        '<rect class="reach" x="{}" y="3" width="{}" height="6"/>'
        '<rect class="at" x="{}" y="1" width="2" height="10"/>'
        '<rect class="shrunk" x="{}" y="3" width="4" height="6"/>'
        '<rect class="city" x="{}" y="0" width="1" height="12"/></svg>',
        at(line.low), at(min(line.high, 204 / scale) - line.low), at(line.raw), at(line.shrunk), at(city),
    )  # fmt: skip


@register.simple_tag
def history_picture(lines: Sequence[Line]) -> SafeString:
    """Raw rate with its interval, shrunk rate and the city's over the periods, the oldest left."""
    told = list(reversed(lines))
    city = [10_000 * one.ranking.cases / one.ranking.residents for one in told]
    most = max([*(one.high for one in told), *city, 0.001]) * 1.05
    step = 640 / max(1, len(told))

    def x(index: int) -> float:
        return 24 + step * (index + 0.5)

    def y(rate: float) -> float:
        return 150 - 140 * rate / most

    bars = format_html_join(
        "",
        '<line class="reach" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<circle class="raw" cx="{0}" cy="{3}" r="3"/>',
        (
            (f"{x(i):.1f}", f"{y(one.low):.1f}", f"{y(one.high):.1f}", f"{y(one.raw):.1f}")
            for i, one in enumerate(told)
        ),
    )
    shrunk = " ".join(f"{x(i):.1f},{y(one.shrunk):.1f}" for i, one in enumerate(told))
    whole = " ".join(f"{x(i):.1f},{y(rate):.1f}" for i, rate in enumerate(city))
    return format_html(
        '<svg class="history" viewBox="0 0 690 156" role="img" aria-label="{}">'
        '<line class="axis" x1="24" x2="680" y1="150" y2="150"/>{}'
        '<polyline class="shrunk" points="{}"/><polyline class="city" points="{}"/></svg>',
        gettext("Rates by period; the table below holds the same"), bars, shrunk, whole,
    )  # fmt: skip
