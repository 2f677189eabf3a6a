"""The place of the panel on other modules' pages. `{% load whereabouts %}{% whereabouts_of task %}`."""

from __future__ import annotations

from typing import Any

from django import template

from qingdun.console.kernel.models import User
from qingdun.console.whereabouts import queries

register = template.Library()


@register.inclusion_tag("whereabouts/_of_task.html", takes_context=True)
def whereabouts_of(context: dict[str, Any], task: Any) -> dict[str, Any]:
    """The frame of the panel, which fills itself and never stands in the page: a phone keeps its pages."""
    viewer = context["request"].user
    return {"task": task, "open": isinstance(viewer, User) and queries.may_look(viewer, task)}


@register.filter
def kilometres(km: float | None) -> str:
    """A distance with one decimal below ten.

    >>> kilometres(3.24), kilometres(31.7), kilometres(None)
    ('3.2', '32', '–')
    """
    return "–" if km is None else f"{km:.1f}" if km < 10 else f"{km:.0f}"


@register.filter
def minutes(length: float | None) -> str:
    """Whole minutes, at least one.

    >>> minutes(0.2), minutes(12.6)
    ('1', '13')
    """
    return "–" if length is None else str(max(1, round(length)))


@register.filter
def coordinate(degrees: float) -> str:
    """Degrees to about a metre.

    >>> coordinate(113.05613)
    '113.05613'
    """
    return f"{degrees:.5f}"


@register.filter
def unlocalized(value: float) -> str:
    """A number as a drawing needs it, in whatever language the page is.

    >>> unlocalized(12.5), unlocalized(2.0)
    ('12.5', '2')
    """
    return f"{value:g}"
