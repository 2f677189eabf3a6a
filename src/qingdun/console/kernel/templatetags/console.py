"""What templates say again and again: icons, levels, times, money. `{% load console %}`."""

from __future__ import annotations

import datetime as dt
from functools import cache
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.figures import Counted
from qingdun.contract.codes import Level

register = template.Library()

# Colour carries a level never alone: each has a shape and a word.
LEVELS = {
    Level.URGENT: ("■", _("urgent")),
    Level.HIGH: ("▲", _("high")),
    Level.MEDIUM: ("●", _("medium")),
    Level.LOW: ("○", _("low")),
}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """The drawing of frontend/icons/NAME.svg; hidden from screen readers, so a word or label must stand
    beside it.
    """
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("built/icons.svg"), name
    )


@register.simple_tag
def level(code: str) -> SafeString:
    """A level as shape, word and colour."""
    return _level(code, get_language())


@cache
def _level(code: str, language: str | None) -> SafeString:
    """Drawn once in each language: a page of the queue shows fifty."""
    shape, word = LEVELS[Level(code)]
    return format_html(
        '<span class="level" data-level="{}"><span aria-hidden="true">{}</span> {}</span>', code, shape, word
    )


@register.filter
def moment(at: dt.datetime | None) -> SafeString | str:
    """Local date and time, the zone on hover; the browser adds how long ago."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        local.strftime("%Z UTC%z"),
        f"{local:%Y-%m-%d %H:%M:%S}",
    )


@register.filter
def grouped(number: float | None) -> str:
    """A whole number with its thousands apart: 1529000 is 1,529,000."""
    return "–" if number is None else f"{round(number):,}"


@register.filter
def yuan(amount_fen: int | None) -> str:
    """Fen as yuan: 6700000 is ¥67,000.00."""
    return "–" if amount_fen is None else f"¥{amount_fen / 100:,.2f}"


@register.filter
def told(one: Counted) -> str:
    """A figure as it is read: money in yuan, and a dash where nothing has been said of it yet."""
    if one.figure.latest and not one.value:
        return "–"
    return yuan(one.value) if one.figure.total.endswith("_fen") else grouped(one.value)


@register.filter
def verb(code: str) -> str:
    """The word for a verb of the audit log; the code itself where there is none."""
    from qingdun.console.wiring import VERBS

    return str(VERBS.get(code, code))


@register.filter
def subject_word(kind: str) -> str:
    """The word for what an act of the audit log was done to."""
    from qingdun.console import audit_words

    return audit_words.subject_word(kind)


@register.filter
def role_word(role: str) -> str:
    """The word for the role in which an act of the audit log was done."""
    from qingdun.console import audit_words

    return audit_words.role_word(role)


@register.filter
def field_word(field: str) -> str:
    """The word for a field of the audit log."""
    from qingdun.console import audit_words

    return audit_words.field_word(field)


@register.simple_tag
def value_words(kind: str, field: str, value: object) -> str:
    """A value of the audit log in words, masked; codes by their tables."""
    from qingdun.console import audit_words

    return audit_words.value_words(kind, field, value)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The page's query string with some parts changed; None takes a part out. The region picked stays."""
    request: HttpRequest = context["request"]
    parts = {key: value for key, value in request.GET.items() if key not in changes}
    parts |= {key: str(value) for key, value in changes.items() if value is not None}
    return f"?{urlencode(parts)}"
