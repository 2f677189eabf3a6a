"""What other modules' pages show of offers: `{% offers_here %}` and `{% offers_of task %}`."""

from __future__ import annotations

from typing import Any

from django import template

from qingdun.console.kernel.models import User
from qingdun.console.offers import queries

register = template.Library()


@register.inclusion_tag("offers/_mine.html", takes_context=True)
def offers_here(context: dict[str, Any]) -> dict[str, Any]:
    """What is offered to the viewer now, each to be taken or declined."""
    viewer = context["request"].user
    return {
        "offers": queries.mine(viewer) if isinstance(viewer, User) else [],
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("offers/_of_task.html", takes_context=True)
def offers_of(context: dict[str, Any], task: Any) -> dict[str, Any]:
    """Who was asked about the task, how far they were, and what came of it."""
    viewer = context["request"].user
    return {"offers": queries.of_task(viewer, task) if isinstance(viewer, User) else []}
