"""How the pages of whistles write what was typed. `{% load whistles %}`."""

from __future__ import annotations

from django import template

from qingdun.console.kernel.entry import e164
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.whistles.models import Whistle

register = template.Library()


@register.filter
def typed(whistle: Whistle) -> str:
    """What was typed, masked: a number with its middle hidden, a name with its surname."""
    number = e164(whistle.typed)
    return mask_number(number) if number else mask_name(whistle.typed)
