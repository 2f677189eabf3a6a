"""Masks as filters. `{% load masks %}`."""

from __future__ import annotations

from django import template

from qingdun.console.kernel import masking
from qingdun.console.kernel.models import Person

register = template.Library()
register.filter("masked_name", masking.mask_name)
register.filter("masked_number", masking.mask_number)
register.filter("masked_account", masking.mask_account)
register.filter("masked_address", masking.mask_address)


_OF_THE_SYSTEM = (
    frozenset(
        {"alert", "alerts", "actor", "confirmed_by", "hash", "head", "level", "officer", "owner", "role"}
    )
    | {"organisation", "region", "rows", "seq", "stage", "state", "station", "stations", "task", "username"}
    | {"users", "verdict", "version"}
)
"""Fields of audit rows that name accounts, bodies, states and rows of ours, never somebody's data."""
_MEASURED = ("_fen", "_at", "_s", "_path")


@register.filter
def masked_field(value: object, field: str) -> str:
    """A value of an audit row: legible where the field cannot hold anybody's data, else without numbers of
    persons.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or field in _OF_THE_SYSTEM or field.endswith(_MEASURED):
        return str(value)
    return masking.mask_text(value)


@register.filter
def masked_text(text: object) -> str:
    """What somebody has typed, without numbers of persons; empty for nothing."""
    return "" if text is None else masking.mask_text(text)


@register.filter
def masked_about(text: object, person: Person | None) -> str:
    """What somebody has typed about the person, without their name, their relatives' and numbers of
    persons.
    """
    return "" if text is None else masking.mask_text(text, names=person.names_around if person else ())
