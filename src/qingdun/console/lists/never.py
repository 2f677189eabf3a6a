"""Why something is never blocked, in the reader's words; what is stands in `intercept/never_block.json`."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.intercept.never import NeverBlock

_WORDS: dict[str, str | Promise] = {
    "emergency": _("an emergency number"),
    "anti_fraud": _("a number of the anti-fraud centre"),
    "government": _("a service of the government"),
    "operators": _("a service of an operator"),
    "bank": _("a bank's own"),
    "payment": _("a payment service's own"),
    "schools": _("a school's own"),
    "hospitals": _("a hospital's own"),
    "services": _("a large service that millions use"),
    "hosting": _("a name below which many unrelated people publish; list the host below it"),
    "short_code": _("a short code, which is a service and nobody's"),
    "own": _("on our own list of what is never blocked"),
}


def why(never: NeverBlock, kind: str, entity: str) -> str:
    """Why the entity is never blocked, in the reader's language; empty if it may be."""
    group = never.group(kind, entity)
    return "" if not group else gettext("Never blocked: this is %(what)s.") % {"what": _WORDS[group]}


def words(group: str) -> str:
    """As what a group is never blocked, in the reader's language; empty for no group."""
    return str(_WORDS.get(group, ""))
