"""What the module's templates say again and again. `{% load industry %}`."""

from __future__ import annotations

from django import template

from qingdun.console.industry.models import Finding, Restriction
from qingdun.console.industry.subjects import masked

register = template.Library()


@register.filter
def subject(row: Restriction) -> str:
    """What is restricted, masked."""
    return masked(row.subject_kind, row.subject)


@register.filter
def entity(row: Finding) -> str:
    """What a party found, masked."""
    return masked(row.kind, row.entity)
