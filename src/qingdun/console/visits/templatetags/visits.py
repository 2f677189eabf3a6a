"""What the phone page and the task page show of a visit. `{% load visits %}{% visit_words task %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import is_chinese
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.visits import queries
from qingdun.console.visits.models import Receipt
from qingdun.console.visits.told import told
from qingdun.console.visits.words import load_words

register = template.Library()
EVIDENCE = 3
"""How many pieces of evidence an officer says aloud: the weightiest."""


@register.inclusion_tag("visits/_words.html", takes_context=True)
def visit_words(context: dict[str, Any], task: Any) -> dict[str, Any]:
    """What to say at the door: opening, the alert's own evidence, stage, scam type, three questions."""
    alerts, shown = context.get("alerts") or [], context.get("shown")
    pieces = sorted(alerts[0].evidence.all(), key=lambda piece: -piece.bits) if alerts and shown else []
    speech = load_words(settings.VISIT_WORDS).speech(task.scam_type, task.stage)
    first, *rest = speech.opening
    return {
        "speech": speech,
        "opening": [_introduction(context["request"].user) or first, *rest],
        "reasons": [_aloud(shown.words(one)) for one in pieces[:EVIDENCE] if one.bits > 0] if shown else [],
        "task": task,
    }


def _aloud(words: str) -> str:
    """The words as a sentence that stands alone."""
    return words[:1].upper() + words[1:] + ("。" if is_chinese() else ".")


def _introduction(viewer: Any) -> str:
    """How somebody who is no officer says who they are; empty for officers, whose words are the file's."""
    if may(viewer, Permission.CALL_HOTLINE):
        return _(
            "Hello, this is the anti-fraud line 96110. We are calling to keep your money safe. You have done "
            "nothing wrong."
        )
    if may(viewer, Permission.VISIT_ENTRUSTED):
        return _(
            "Hello, I am the grid member of this neighbourhood, and the police station has asked me to see "
            "you. We are here to keep your money safe. You have done nothing wrong."
        )
    return ""


@register.inclusion_tag("visits/_record.html", takes_context=True)
def visit_record(context: dict[str, Any], task: Any, on_the_phone: bool = True) -> dict[str, Any]:
    """Consents, photos and place of the task's visit; on the phone with the buttons of who records them."""
    viewer = context["request"].user
    if not isinstance(viewer, User) or not may(viewer, Permission.SEE_ALERTS):
        return {}
    record = queries.record(viewer, task)
    return {
        "record": record,
        "task": task,
        "on_the_phone": on_the_phone,
        "may_record": on_the_phone
        and task.owner_id == viewer.pk
        and task.closed_at is None
        and may(viewer, Permission.WORK_ALERTS),
        "may_withdraw": on_the_phone and may(viewer, Permission.WORK_ALERTS),
        "may_unmask": may(viewer, Permission.UNMASK),
        "most": settings.PHOTOS_PER_VISIT,
        "most_mb": settings.PHOTO_BYTES // 1_000_000,
        "full": len(record.photos) >= settings.PHOTOS_PER_VISIT,
    }


@register.inclusion_tag("visits/_receipt.html")
def visit_receipt() -> dict[str, Any]:
    """The form of a receipt: languages, what was told, the field to sign in."""
    return {"told": told().items(), "languages": Receipt.Language.choices}
