"""How the pages of funds write accounts. `{% load funds %}`."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingdun.console.funds.columns import CASH
from qingdun.console.kernel.masking import mask_account

register = template.Library()


@register.filter
def side(account: str) -> str:
    """The account masked; cash by its word."""
    return _("Cash") if account.startswith(CASH) else mask_account(account)


@register.simple_tag(takes_context=True)
def trace_query(context: template.Context, **changes: object) -> str:
    """The page's query string with some parts changed; of several payments none is lost."""
    request: HttpRequest = context["request"]
    asked = request.GET.copy()
    for key, value in changes.items():
        asked[key] = str(value)
    return f"?{asked.urlencode()}"
