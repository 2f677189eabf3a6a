"""Every figure of assessment: what it counts, in which table its rows stand, narrowed by what."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.assessment.tables import TABLES
from qingdun.console.kernel.figures import Counted, Figure, ledger
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask

FIGURES: tuple[Figure, ...] = (
    Figure("ranked", _("Places ranked"), _("Lines of the latest published ranking of towns"), "lines"),
    Figure("above", _("Towns above the city"), _("In that ranking, at 95 %"), "lines", {"differs": "above"}),
    Figure("yellow", _("Yellow cards"), _("Proposed in the period, whatever became of them"), "rulings",
           {"kind": "yellow"}),
    Figure("red", _("Red cards"), _("Proposed in the period, whatever became of them"), "rulings",
           {"kind": "red"}),
    Figure("listed", _("Places listed"), _("Listings of the period that are in force"), "rulings",
           {"kind": "listing", "state": "confirmed"}, distinct="region_path"),
    Figure("interviewed", _("Places interviewed"), _("Interviews of the period that were held"), "rulings",
           {"kind": "interview", "state": "ended"}, distinct="region_path"),
    Figure("objections", pgettext_lazy("of a town", "Objections"), _("Entered in the period"), "objections"),
    Figure("upheld", _("Objections upheld"), _("Of these"), "objections", {"state": "upheld"}),
    Figure("inspections", _("Inspections of listed towns"), _("Held in the period"), "inspections"),
    Figure("accountability", _("Files of accountability"), _("Opened in the period"), "accountability"),
    Figure("closed", _("Files closed"), _("Of these"), "accountability", {"state": "closed"}),
)  # fmt: skip
LEDGER = ledger(FIGURES, TABLES, "assessment:table")


def counted(viewer: User, ask: Ask) -> list[Counted]:
    """Every figure in the place and period asked for."""
    return LEDGER.counted(viewer, ask)
