"""What other modules' pages show of follow-ups. `{% load care %}{% care_of task %}`."""

from __future__ import annotations

from typing import Any

from django import template

from qingdun.console.care import queries
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may

register = template.Library()


@register.inclusion_tag("care/_of_task.html", takes_context=True)
def care_of(context: dict[str, Any], task: Any) -> dict[str, Any]:
    """The follow-ups of a task and whether its person has a key-person file, as the viewer may see them."""
    viewer = context["request"].user
    if not isinstance(viewer, User) or not may(viewer, Permission.SEE_ALERTS):
        return {}
    return {
        "lines": queries.of_task(viewer, task.pk),
        "file": queries.file_of_person(viewer, task.person_id),
        "may_work": may(viewer, Permission.WORK_ALERTS),
    }
