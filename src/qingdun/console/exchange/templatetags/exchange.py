"""How the pages of the exchange write codes. `{% load exchange %}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.exchange.codes import Kind
from qingdun.console.exchange.models import ReceivedObject, Share
from qingdun.console.exchange.stix import extension_id
from qingdun.contract.codes import scam_types

register = template.Library()
_LONGEST_SAID = 200


@register.filter
def kind_words(codes: Iterable[str]) -> str:
    """Kinds in words, one after the other."""
    words = dict(Kind.choices)
    return _(", ").join(str(words.get(code, code)) for code in codes)


@register.filter
def scam_words(codes: Iterable[str]) -> str:
    """Scam types in words; one word for all of them."""
    chosen = list(codes)
    return _("all") if len(chosen) == len(scam_types().names) else _(", ").join(map(scam_type_label, chosen))


@register.filter
def one_scam_word(code: str) -> str:
    """A scam type in words, a dash for none."""
    return scam_type_label(code) if code else "–"


@register.filter
def at(words: Mapping[int, str], key: int) -> str:
    """What stands there, nothing if nothing does."""
    return words.get(key, "")


@register.filter
def shared_scam(share: Share) -> str:
    """The scam type of a shared entry in words, a dash for none."""
    said = share.issued.body.get("extensions", {}).get(extension_id(), {})
    return one_scam_word(said.get("scam_type", ""))


@register.filter
def said_by(item: ReceivedObject) -> str:
    """What an object of a peer names, as the peer wrote it: its pattern, value or entity; empty for none."""
    found = (item.body.get(name) for name in ("pattern", "value", "entity"))
    return next((text[:_LONGEST_SAID] for text in found if isinstance(text, str) and text), "")


@register.filter
def kind_word(code: str) -> str:
    """One kind in words."""
    return kind_words([code])
