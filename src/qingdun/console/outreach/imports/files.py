"""The page on which files of outreach are brought, a kind for each ledger that is kept by people."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.imports.kinds import Group
from qingdun.console.outreach.imports.days import APP_COUNTS
from qingdun.console.outreach.imports.happenings import COMMENDATIONS, EVENTS, MATERIALS, PLEDGES
from qingdun.console.outreach.imports.matrix import AMBASSADORS, PARTNERS, UNITS, VENUES
from qingdun.console.outreach.imports.plans import RANKS, TARGETS
from qingdun.console.outreach.imports.visits import DOORS, GRIDS, SHEETS
from qingdun.console.outreach.views import tabs

FILES = Group(
    code="files",
    title=pgettext_lazy("of outreach", "Bring a file"),
    kinds=(
        APP_COUNTS, TARGETS, RANKS, GRIDS, DOORS, UNITS, AMBASSADORS, VENUES, PARTNERS, EVENTS, PLEDGES,
        COMMENDATIONS, MATERIALS, SHEETS,
    ),
    empty=pgettext_lazy("of outreach", "No file yet. Ledgers kept elsewhere can be brought as CSV or XLSX."),
    tabs="outreach/_tabs.html",
    around=lambda _viewer: tabs("files"),
)  # fmt: skip
