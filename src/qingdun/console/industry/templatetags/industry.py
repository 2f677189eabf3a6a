"""What the module's templates say again and again. `{% load industry %}`."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from qingdun.console.industry.models import Finding, Restriction
from qingdun.console.industry.subjects import masked

register = template.Library()


@register.filter
def subject(row: Restriction) -> str:
    """What is restricted, masked."""
    return masked(row.subject_kind, row.subject)


@register.simple_tag
def clock(due: dt.datetime | None, since: dt.datetime | None = None) -> SafeString:
    """The time that is left until then, or how late it is, which the browser counts; with a bar that drains
    if it is known since when. Nothing if nothing is due.
    """
    if due is None:
        return SafeString("")
    begun = format_html(' data-from="{}"', since.isoformat()) if since else ""
    return format_html(
        '<span class="due" data-due="{}" data-late="{}"{}><span data-left></span>{}</span>',
        due.isoformat(), gettext("{} late"), begun, SafeString('<i class="drain"></i>' if since else ""),
    )  # fmt: skip


@register.filter
def entity(row: Finding) -> str:
    """What a party found, masked."""
    return masked(row.kind, row.entity)
