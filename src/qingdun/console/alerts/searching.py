"""What the search field of every page finds among tasks: whole numbers, and a task by its own number."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from qingdun.console.alerts.access import may_open, visible
from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.queries import find, queue
from qingdun.console.kernel.entry import e164, whole
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import Hit

MOST = 8


def search_tasks(viewer: User, text: str) -> list[Hit]:
    """Tasks of whoever has that whole number, the latest first, and the task that `#12` names; masked.

    No names: a field that answers while somebody types would be a way to browse.
    """
    if not may_open(viewer):
        return []
    named = whole(text.strip().removeprefix("#")) if text.strip().startswith("#") else None
    if named is not None:
        found = list(visible(viewer, Task.objects.filter(pk=named)).values_list("pk", flat=True))
    else:
        number = e164(text)
        found = find(viewer, number)[:MOST] if number else []
    return [
        Hit(
            _("Task"),
            f"#{row.task.pk} {row.name}",
            " · ".join(
                (
                    str(row.task.get_level_display()),
                    str(row.task.get_state_display()),
                    scam_type_label(row.task.scam_type),
                )
            ),
            reverse("alerts:task", args=[row.task.pk]),
        )
        for row in queue(viewer, found)
    ]
