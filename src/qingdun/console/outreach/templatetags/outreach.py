"""What the pages of outreach say again and again. `{% load outreach %}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.templatetags.console import grouped
from qingdun.console.outreach.audience import Power
from qingdun.console.outreach.places import place_code, place_name
from qingdun.reach.effect import Effect, Group

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
def of_count(found: Mapping[str, Any], code: str) -> Any:
    """What stands under the code; None if nothing does."""
    return found.get(code)


@register.filter
def place(path: str) -> str:
    """The name of the place at the end of the path."""
    return place_name(path)


register.filter("place_code", place_code)


@register.simple_tag
def outlook_word(verdict: str) -> SafeString:
    """What becomes of a target, as a sign and a word."""
    sign, word = OUTLOOKS[verdict]
    return format_html('<span class="tag"><span aria-hidden="true">{}</span> {}</span>', sign, word)


@register.filter
def points(share: float | None) -> str:
    """A difference of shares in hundredths, with its sign: -0.03 is −3.0."""
    return "–" if share is None else f"{100 * share:+.1f}".replace("-", "−")


@register.filter
def hundredths(share: float) -> str:
    """A share in hundredths: 0.825 is 82.5."""
    return f"{100 * share:.1f}"


@register.simple_tag
def hundredth(part: int, whole: int) -> str:
    """Part of whole in hundredths; – over nothing."""
    return f"{100 * part / whole:.1f}" if whole else "–"


@register.simple_tag
def effect_words(found: Effect) -> str:
    """What a mailing has changed, in sentences."""
    if found.verdict == "nothing" or found.difference_interval is None:
        return gettext("One of the groups has nobody in it: nothing can be told.")
    sent, held = found.sent, found.held
    said = gettext(
        "Of %(sent)s people it was sent to, %(sent_hit)s (%(sent_share)s %%); of %(held)s held out, "
        "%(held_hit)s (%(held_share)s %%)."
    ) % {
        "sent": grouped(sent.people), "sent_hit": grouped(sent.hit), "sent_share": _hundredths(sent),
        "held": grouped(held.people), "held_hit": grouped(held.hit), "held_share": _hundredths(held),
    }  # fmt: skip
    told = VERDICTS[found.verdict] % {
        "points": points(found.difference),
        "low": points(found.difference_interval.low),
        "high": points(found.difference_interval.high),
    }
    if found.ratio is not None and found.ratio_interval is not None:
        told += " " + gettext("Ratio %(ratio)s (%(low)s to %(high)s).") % {
            "ratio": f"{found.ratio:.2f}", "low": f"{found.ratio_interval.low:.2f}",
            "high": f"{found.ratio_interval.high:.2f}",
        }  # fmt: skip
    return f"{said} {told}"


@register.simple_tag
def power_words(found: Power) -> str:
    """The smallest effect that would be told from chance, in words."""
    return gettext("from %(base)s %% of those held out to %(left)s %% of those it is sent to") % {
        "base": f"{100 * found.base:.2f}", "left": f"{100 * (found.base - (found.fall or 0.0)):.2f}",
    }  # fmt: skip


def _hundredths(group: Group) -> str:
    return f"{100 * (group.share or 0):.1f}"


VERDICTS = {
    "fewer": _("Fewer: %(points)s points (95 %%: %(low)s to %(high)s): more than chance explains."),
    "more": _("More: %(points)s points (95 %%: %(low)s to %(high)s): more than chance explains."),
    "open": _("A difference of %(points)s points (95 %%: %(low)s to %(high)s): chance alone can explain it."),
}


@register.simple_tag
def effect_picture(found: Effect) -> SafeString:
    """The difference with its interval on a line with nought in the middle; the words say the same."""
    interval = found.difference_interval
    if interval is None or found.difference is None:
        return SafeString("")
    reach = max(abs(interval.low), abs(interval.high), 0.001) * 1.1

    def at(share: float) -> str:
        return f"{100 + 100 * share / reach:.1f}"

    return format_html(
        '<svg class="interval" viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" x="0" y="4" width="200" height="2"/>'
        '<rect class="reach" x="{}" y="2" width="{}" height="6"/>'
        '<rect class="at" x="{}" y="0" width="1.5" height="10"/>'
        '<rect class="at" x="100" y="0" width="0.6" height="10"/></svg>',
        at(interval.low), f"{100 * (interval.high - interval.low) / reach:.1f}", at(found.difference),
    )  # fmt: skip
