"""How the page of planes writes states, figures and spans of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import detector_label
from qingdun.console.lists import codes, plane_words
from qingdun.console.lists.planes import NAMES, Ask

register = template.Library()


@register.simple_tag
def plane_state(code: str) -> SafeString:
    """Where a plane stands, as shape and word."""
    shape, word = plane_words.STATES[code]
    return format_html(
        '<span class="plane-state" data-state="{}"><span aria-hidden="true">{}</span> {}</span>',
        code, shape, word,
    )  # fmt: skip


@register.filter
def figures(found: Mapping[str, int | str]) -> list[tuple[str, str]]:
    """What a plane tells of itself, by words."""
    return [(plane_words.figure(name), plane_words.value(value)) for name, value in sorted(found.items())]


@register.filter
def figure_value(found: int | str) -> str:
    """The value of one figure in words."""
    return plane_words.value(found)


@register.filter
def plane_word(name: str) -> str:
    """The plane's name in the reader's language."""
    return str(NAMES[name])


@register.filter
def lasting(span: dt.timedelta) -> str:
    """A span in the unit that is read at a glance.

    >>> lasting(dt.timedelta(seconds=75)), lasting(dt.timedelta(hours=30)), lasting(dt.timedelta(days=9))
    ('75 秒', '30 小时', '9 天')
    """
    seconds = round(span.total_seconds())
    if seconds < 120:
        return _("%(n)d s") % {"n": seconds}
    if seconds < 7200:
        return _("%(n)d min") % {"n": seconds // 60}
    if seconds < 172_800:
        return _("%(n)d h") % {"n": seconds // 3600}
    return _("%(n)d days") % {"n": seconds // 86_400}


@register.simple_tag
def asked(ask: Ask, **changed: Any) -> str:
    """The query string of what is asked for, with other values."""
    return ask.query(**changed)


@register.filter
def type_word(code: str) -> str:
    """A scam type by its name; `-` is an entry without one."""
    return _("no type given") if code == "-" else codes.scam_type_label(code)


@register.filter
def detector_word(code: str) -> str:
    """A detector by its name; `-` is an entry that rests on a reason alone."""
    return _("a reason alone") if code == "-" else detector_label(code)
