"""The page of the crackdown on which ledgers kept elsewhere are brought."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingdun.console.cases.case_views import tabs
from qingdun.console.cases.imports.campaigns import CAMPAIGNS
from qingdun.console.cases.imports.cases import CASES
from qingdun.console.cases.imports.gangs import GANGS
from qingdun.console.cases.imports.incidents import INCIDENTS
from qingdun.console.cases.imports.measures import MEASURES
from qingdun.console.cases.imports.members import MEMBERS
from qingdun.console.cases.imports.persons import PERSONS
from qingdun.console.cases.imports.seizures import SEIZURES
from qingdun.console.cases.imports.teams import TEAMS
from qingdun.console.cases.imports.trips import TRIPS
from qingdun.console.kernel.imports.kinds import Group

FILES = Group(
    code="files",
    title=_("Bring a file"),
    kinds=(INCIDENTS, CASES, PERSONS, MEASURES, GANGS, MEMBERS, SEIZURES, CAMPAIGNS, TEAMS, TRIPS),
    empty=_("No file yet. A ledger kept elsewhere can be brought as it is."),
    tabs="cases/_tabs.html",
    around=lambda viewer: tabs(viewer, "files"),
)
