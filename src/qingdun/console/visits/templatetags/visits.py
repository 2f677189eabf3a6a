"""What the phone page and the task page show of a visit. `{% load visits %}{% visit_words task %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from qingdun.console.visits.words import load_words

register = template.Library()
EVIDENCE = 3
"""How many pieces of evidence an officer says aloud: the weightiest."""


@register.inclusion_tag("visits/_words.html", takes_context=True)
def visit_words(context: dict[str, Any], task: Any) -> dict[str, Any]:
    """What to say at the door: opening, the alert's own evidence, stage, scam type, three questions."""
    alerts, shown = context.get("alerts") or [], context.get("shown")
    pieces = sorted(alerts[0].evidence.all(), key=lambda piece: -piece.bits) if alerts and shown else []
    return {
        "speech": load_words(settings.VISIT_WORDS).speech(task.scam_type, task.stage),
        "reasons": [shown.words(piece) for piece in pieces[:EVIDENCE] if piece.bits > 0] if shown else [],
        "task": task,
    }
