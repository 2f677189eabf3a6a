"""What the module's templates say again and again. `{% load industry %}`."""

from __future__ import annotations

from django import template

from qingdun.console.industry.models import Restriction
from qingdun.console.industry.subjects import masked

register = template.Library()


@register.filter
def subject(row: Restriction) -> str:
    """What is restricted, masked."""
    return masked(row.subject_kind, row.subject)
