"""Every figure of outreach: what it counts, in which table its rows stand, narrowed by what."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.figures import Counted, Figure, ledger
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach.codes import Count
from qingdun.console.outreach.ledgers import TABLES

FIGURES: tuple[Figure, ...] = (
    Figure("installed", Count.INSTALLED.label, _("Registrations, which are no persons"), "counts",
           total="installed"),
    Figure("real_name", Count.REAL_NAME.label, _("Of these by real name"), "counts", total="real_name"),
    Figure("warning_on", Count.WARNING_ON.label, _("Of these with the warning of calls on"), "counts",
           total="warning_on"),
    Figure("rank", _("Rank in the province"), _("By registrations, the latest that the province said"),
           "ranks", {"count": "installed"}, latest="rank"),
    Figure("mailings", _("Mailings"), _("To people who need them, prepared in the period"), "mailings"),
    Figure(
        "queued", _("Educational messages"), _("Queued by mailings of the period"), "mailings", total="queued"
    ),
    Figure(
        "queued_floating", _("Of these to the floating population"), _("Queued by mailings of the period"),
        "mailings", {"kind": "floating"}, total="queued",
    ),
    Figure(
        "queued_new", _("Of these to new network users"), _("Queued by mailings of the period"), "mailings",
        {"kind": "new_number"}, total="queued",
    ),
    Figure(
        "units", _("Member units"), _("Of the leading group, on the last day"), "units", {"body": "group"},
        standing=True,
    ),
    Figure(
        "units_joined", _("Units that joined"), _("The leading group, in the period"), "units",
        {"body": "group"},
    ),
    Figure(
        "matrix_units", _("Units of the publicity matrix"), _("On the last day"), "units", {"body": "matrix"},
        standing=True,
    ),
    Figure("ambassadors", _("Ambassadors"), _("Appointed on the last day"), "ambassadors", standing=True),
    Figure("venues", _("Venues"), _("Open on the last day"), "venues", standing=True),
    Figure("events", _("Events"), _("Held in the period"), "events"),
    Figure("stalls", _("Stalls"), _("Events of that kind in the period"), "events", {"kind": "stall"}),
    Figure("shows", _("Shows"), _("Events of that kind in the period"), "events", {"kind": "show"}),
    Figure("films", _("Showings of a film"), _("Events of that kind in the period"), "events",
           {"kind": "film"}),
    Figure(
        "heads", _("People who came"), _("To these events, as counted on the spot"), "events", total="heads"
    ),
    Figure(
        "universities", _("Universities reached"), _("Where an event was held"), "partners",
        {"kind": "university", "held": "1"},
    ),
    Figure(
        "technicians", _("Technician colleges reached"), _("Where an event was held"), "partners",
        {"kind": "technician", "held": "1"},
    ),
    Figure(
        "campus_heads", _("People at visits to a campus"), _("Teachers and students, as counted"), "events",
        {"kind": "campus"}, total="heads",
    ),
    Figure(
        "enterprises", _("Visits to an enterprise"), _("Held in the period"), "events", {"kind": "enterprise"}
    ),
    Figure(
        "enterprises_reached", _("Enterprises reached"), _("Where an event was held"), "partners",
        {"kind": "enterprise", "held": "1"},
    ),
    Figure("pledges", _("Pledges"), _("Signed in the period"), "pledges"),
    Figure("commended", _("Commended"), _("People, in the period"), "commendations"),
    Figure("doors", _("Visits at doors"), _("Made in the period"), "doors"),
    Figure("door_members", _("Who went from door to door"), _("Grid members and others, in the period"),
           "doors", distinct="by"),
    Figure("told", _("People told at doors"), _("In the period"), "doors", total="told"),
    Figure("sheets", _("Sheets of the quiz"), _("Filled in, in the period"), "sheets"),
    Figure("right", _("Right answers"), _("Of all answers of these sheets"), "sheets", total="right"),
)  # fmt: skip
LEDGER = ledger(FIGURES, TABLES, "outreach:table")


PARTS: tuple[tuple[str | Promise, str], ...] = (
    (_("Registrations"), "installed"), (_("Mailings"), "mailings"), (_("Units, people, places"), "units"),
    (_("Events"), "events"), (_("Schools and enterprises"), "universities"),
    (_("From door to door"), "doors"), (_("Short quiz"), "sheets"),
)  # fmt: skip
"""Parts of the page, each with the figure with which it begins."""


def counted(viewer: User, ask: Ask) -> list[Counted]:
    """Every figure in the place and period asked for."""
    return LEDGER.counted(viewer, ask)


def parted(viewer: User, ask: Ask) -> list[tuple[str | Promise, list[Counted]]]:
    """The same by the parts of the page."""
    begins = {code: word for word, code in PARTS}
    parts: list[tuple[str | Promise, list[Counted]]] = []
    for one in counted(viewer, ask):
        if one.figure.code in begins:
            parts.append((begins[one.figure.code], []))
        parts[-1][1].append(one)
    return parts
