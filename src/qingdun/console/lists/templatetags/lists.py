"""How the pages of lists write entities, states and terms; and the list status on the page of an entity."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qingdun.console.kernel.masking import mask_party, mask_text
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.templatetags.console import moment
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import codes, masks, moves, queries
from qingdun.console.lists.models import Entry, EntryEvidence, HeldText
from qingdun.console.lists.templatetags.planes import lasting
from qingdun.detect.text import fold
from qingdun.intercept.messages.quarantine import WAITING

register = template.Library()
register.filter("masked_party", mask_party)

_STATE_SHAPE = {
    moves.State.PROPOSED: "○",
    moves.State.APPROVED: "◐",
    moves.State.ACTIVE: "●",
    moves.State.EXPIRED: "–",
    moves.State.REVERSED: "↩",
    moves.State.REFUSED: "✕",
}
_LIST_SHAPE = {codes.ListName.BLACK: "■", codes.ListName.GREY: "▨", codes.ListName.NEVER_BLOCK: "✓"}


@register.simple_tag
def listed_entity(row: masks.Named, private: frozenset[str]) -> str:
    """The row's entity, masked unless it may be shown."""
    return masks.label(row, private)


@register.simple_tag
def sample_of(entry: Entry) -> str:
    """The copy of a text that was proposed, masked."""
    return masks.masked_sample(entry)


@register.filter
def masked_words(text: str) -> str:
    """A text with numbers and names masked."""
    return masks.masked_words(text)


@register.filter
def phrase(plain: str) -> str:
    """A piece of a text as the model spells it, with words for the marks of what was wiped."""
    words = {fold.URL: _("[link]"), fold.PHONE: _("[phone]"), fold.NUMBER: _("[number]")}
    return masks.masked_words("".join(words.get(one, one) for one in plain))


@register.filter
def held_verb(verb: str) -> str:
    """What was decided of a held text."""
    return str(codes.HeldVerb(verb).label)


_HELD_SHAPE = {"held": "○", "asked": "◐", "sending": "◐", "released": "●", "dropped": "✕", "gone": "–"}


@register.simple_tag
def held_state(text: HeldText) -> SafeString:
    """Where a held text stands, as shape and word: since when, why it was not sent, how long it is kept."""
    pending, state = getattr(text, "pending", False), codes.HeldState(text.state)
    said = ""
    if pending:
        said = _("decided; the plane has not heard of it yet")
    elif state in WAITING:
        said = _("leaves in %(span)s") % {"span": lasting(max(text.until - timezone.now(), dt.timedelta()))}
    if state == codes.HeldState.FAILED:
        answers = ", ".join(f"0x{one:02x}" for one in text.answers if one)
        said = " · ".join(filter(None, (answers, said)))
    since = "" if state == codes.HeldState.HELD else moment(text.moved_at)
    return format_html(
        '<span class="held-state nowrap" data-state="{}"><span aria-hidden="true">{}</span> {}</span>'
        ' <span class="muted">{} {}</span>',
        "pending" if pending else text.state, _HELD_SHAPE.get(text.state, "▲"), state.label, since, said,
    )  # fmt: skip


@register.simple_tag
def is_masked(row: masks.Named, private: frozenset[str]) -> bool:
    """Whether the row's entity is masked."""
    return not masks.is_shown(row, private)


@register.simple_tag
def entry_state(entry: Entry) -> SafeString:
    """Where the entry stands, as shape and word."""
    return format_html(
        '<span class="entry-state" data-state="{}"><span aria-hidden="true">{}</span> {}</span>',
        entry.state,
        _STATE_SHAPE[moves.State(entry.state)],
        _("one of two has approved") if entry.wants_second else entry.get_state_display(),
    )


@register.simple_tag
def list_mark(name: str) -> SafeString:
    """A list, as shape and word."""
    found = codes.ListName(name)
    return format_html(
        '<span class="list-mark" data-list="{}"><span aria-hidden="true">{}</span> {}</span>',
        name,
        _LIST_SHAPE[found],
        found.label,
    )


@register.filter
def scam_word(code: str) -> str:
    """The scam type's name in the reader's language, a dash for none."""
    return codes.scam_type_label(code) or "–"


@register.filter
def hundredths(probability: float) -> str:
    """A probability in hundredths, never rounded up to certainty.

    >>> hundredths(0.99996)
    '99.9%'
    """
    return f"{int(probability * 1000) / 10:.1f}%"


@register.filter
def move_word(verb: str) -> str:
    """What a line of an entry's history says was done."""
    return str(moves.PROPOSE) if verb == "propose" else str(moves.BY_VERB[verb].label)


@register.filter
def state_word(code: str) -> str:
    """The state's name."""
    return str(moves.State(code).label)


@register.simple_tag
def evidence_sentence(piece: EntryEvidence) -> str:
    """The sentence of a piece of evidence in the reader's language, masked."""
    return mask_text(piece.text_zh if codes.is_chinese() else piece.text_en)


@register.inclusion_tag("lists/_status.html", takes_context=True)
def list_status(context: dict[str, Any], kind: str, value: str, ref: str) -> dict[str, Any]:
    """On which lists the entity is or was, and a form to propose it; `ref` is its reference in addresses."""
    request: HttpRequest = context["request"]
    viewer = viewer_of(request)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token", ""),
        "entries": queries.of_entity(viewer, kind, value),
        "ref": ref,
        "may_propose": may(viewer, Permission.PROPOSE_LISTS),
        "lists": [choice for choice in codes.ListName.choices if choice[0] != codes.ListName.NEVER_BLOCK],
        "key": secrets.token_hex(16),
    }
