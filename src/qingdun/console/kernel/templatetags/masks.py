"""Masks as filters. `{% load masks %}`."""

from __future__ import annotations

from django import template

from qingdun.console.kernel import masking

register = template.Library()
register.filter("masked_name", masking.mask_name)
register.filter("masked_number", masking.mask_number)
register.filter("masked_account", masking.mask_account)
register.filter("masked_address", masking.mask_address)


@register.filter
def masked_text(text: object) -> str:
    """What somebody has typed, without numbers of persons; empty for nothing."""
    return "" if text is None else masking.mask_text(text)
