"""What goes back to the engine: contact attempts and verdicts as outcome rows of the contract."""

from __future__ import annotations

import datetime as dt

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.models import Contact, Task, TaskEvent
from qingdun.console.alerts.moves import VERDICTS
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.contract.tables import Outcome


def export_outcomes(viewer: User) -> list[Outcome]:
    """Every call result and verdict the viewer may see in order of time, each with its alert.

    `by` is the user name of who reported it. Write with `write_table(OUTCOMES, rows, path)`.
    """
    require(viewer, Permission.SEE_ALERTS)
    found = [
        _outcome(call.task, call.at, call.result, call.by.get_username())
        for call in visible(viewer, Contact.objects.all(), "task").select_related("task", "by")
    ]
    found += [
        _outcome(said.task, said.at, said.target, said.actor.get_username() if said.actor else "system")
        for said in visible(viewer, TaskEvent.objects.filter(target__in=VERDICTS), "task").select_related(
            "task", "actor"
        )
    ]
    return sorted(found, key=lambda row: (row.at, row.alert_id, row.result))


def _outcome(task: Task, at: dt.datetime, result: str, by: str) -> Outcome:
    known = task.alerts.filter(received_at__lte=at).order_by("-received_at", "-raised_at").first()
    alert = known or task.alerts.earliest("raised_at")
    return Outcome(task.person_id, round(at.timestamp() * 1_000_000), alert.alert_id, result, by)
