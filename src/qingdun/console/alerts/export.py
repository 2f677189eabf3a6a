"""What came of the viewer's tasks, as outcome rows of the contract."""

from __future__ import annotations

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.models import OutcomeLine
from qingdun.console.alerts.outcomes import row
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.contract.tables import Outcome


def export_outcomes(viewer: User) -> list[Outcome]:
    """Every call result and verdict the viewer may see in order of time, each with its alert.

    `by` is the user name of who reported it. Write with `write_table(OUTCOMES, rows, path)`.
    """
    require(viewer, Permission.SEE_ALERTS)
    lines = visible(viewer, OutcomeLine.objects.filter(withdrawn_at=None), "task")
    return sorted((row(line) for line in lines), key=lambda one: (one.at, one.alert_id, one.result))
