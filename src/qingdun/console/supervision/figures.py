"""Every figure of supervision: what it counts, in which table its rows stand, narrowed by what."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.figures import Counted, Figure, ledger
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask
from qingdun.console.supervision.tables import TABLES

IN_FORCE = {"when": "now"}
FIGURES: tuple[Figure, ...] = (
    Figure("commissioners", _("Commissioners"), _("In office on the last day"), "commissioners", IN_FORCE),
    Figure("towns", _("Towns under supervision"), _("In the round in force on the last day"), "charges",
           {**IN_FORCE, "list": "1", "kind": "town"}),
    Figure("enterprises", _("Enterprises under supervision"), _("In the round in force on the last day"),
           "charges", {**IN_FORCE, "list": "1", "kind": "enterprise"}),
    Figure("key", _("Under key supervision"), _("Of all under supervision"), "charges",
           {**IN_FORCE, "form": "key"}),
    Figure("visits", _("Visits of supervision"), _("In the period"), "visits"),
    Figure("key_visits", _("Key supervision: visits"), _("Of these"), "visits", {"form": "key"}),
    Figure("reminders", _("Reminder supervision: visits"), _("Of these"), "visits", {"form": "reminder"}),
    Figure("oversight", _("Oversight supervision: visits"), _("Of these"), "visits", {"form": "oversight"}),
    Figure("findings", pgettext_lazy("of visits", "Findings"), _("Found in the period"), "findings"),
    Figure("put_right", _("Put right"), _("Of these"), "findings", {"state": "passed"}),
    Figure("overdue", _("Overdue now"), _("Found in the period"), "findings", {"late": "1"}),
    Figure("rechecks", _("Re-inspections"), _("In the period"), "rechecks"),
    Figure("escalations", _("Deadlines that passed"), _("Escalated in the period"), "escalations"),
)  # fmt: skip
LEDGER = ledger(FIGURES, TABLES, "supervision:table")


def counted(viewer: User, ask: Ask) -> list[Counted]:
    """Every figure in the place and period asked for."""
    return LEDGER.counted(viewer, ask)
