"""Every figure of industry governance: what it counts, in which table its rows stand, narrowed by what."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingdun.console.industry.tables import TABLES
from qingdun.console.kernel.figures import Counted, Figure, ledger
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask

FIGURES: tuple[Figure, ...] = (
    Figure(
        "numbers_shut",
        _("Numbers shut"),
        _("Abnormal numbers that operators shut in the period"),
        "carried_out",
        {"kind": "shut", "subject": "number"},
    ),
    Figure(
        "corporate_controlled",
        _("Corporate accounts controlled"),
        _("Abnormal accounts of enterprises that banks checked and controlled in the period"),
        "carried_out",
        {"kind": "control", "corporate": "1"},
    ),
    Figure(
        "corporate_cleared",
        _("Corporate accounts cleared away"),
        _("Accounts of enterprises involved in fraud, cleared away in the period"),
        "carried_out",
        {"kind": "clear", "corporate": "1"},
    ),
    Figure(
        "findings",
        _("Findings pushed by operators"),
        _("Numbers that operators found by their own watch and pushed to the police in the period"),
        "findings",
        {"kind": "number", "trade": "operator"},
    ),
    Figure(
        "found_first",
        _("Found first by the party"),
        _("Findings of the period that the engine did not flag, or only after the party pushed them"),
        "findings",
        {"first": "party"},
    ),
    Figure(
        "engine_first",
        _("Found first by the engine"),
        _("Findings of the period that the engine had flagged before the party pushed them"),
        "findings",
        {"first": "engine"},
    ),
    Figure(
        "found_by_both",
        _("Found by both"),
        _("Findings of the period that the engine flagged as well, before or after"),
        "findings",
        {"first": "both"},
    ),
    Figure(
        "blacklisted_persons",
        _("Persons on the blacklist"),
        _("Persons listed in the period who may open no more cards"),
        "blacklist",
        {"kind": "person", "state": "listed"},
    ),
    Figure(
        "blacklisted_enterprises",
        _("Enterprises on the blacklist"),
        _("Enterprises listed in the period"),
        "blacklist",
        {"kind": "enterprise", "state": "listed"},
    ),
    Figure(
        "punished",
        _("Punished over cards"),
        _("Punishments decided in the period and in force"),
        "punishments",
        {"state": "in_force"},
    ),
    Figure(
        "checked",
        _("Second real-name checks"),
        _("Cards flagged in the period as of high risk"),
        "checks",
    ),
    Figure(
        "banks_interviewed",
        _("Banks interviewed"),
        _("Different banks called in during the period"),
        "interviews",
        {"kind": "bank"},
        distinct="name",
    ),
    Figure(
        "departments_interviewed",
        _("Departments interviewed"),
        _("Different departments in charge of an industry called in during the period"),
        "interviews",
        {"kind": "department"},
        distinct="name",
    ),
    Figure(
        "universities_interviewed",
        _("Universities interviewed"),
        _("Different universities called in during the period"),
        "interviews",
        {"kind": "university"},
        distinct="name",
    ),
    Figure(
        "enterprises_interviewed",
        _("Enterprises interviewed"),
        _("Different enterprises called in during the period"),
        "interviews",
        {"kind": "enterprise"},
        distinct="name",
    ),
    Figure(
        "disputed", _("Rows disputed"), _("Now disputed by a bank or operator"), "restrictions",
        {"state": "disputed"},
    ),
    Figure("appeals", _("Appeals"), _("Entered in the period"), "appeals"),
    Figure(
        "upheld", _("Appeals upheld"), _("Filed in the period, and upheld"), "appeals", {"state": "upheld"}
    ),
    Figure("breaches", _("Clocks that ran out"), _("Due in the period, and late"), "breaches"),
)  # fmt: skip
LEDGER = ledger(FIGURES, TABLES, "industry:table")


def counted(viewer: User, ask: Ask) -> list[Counted]:
    """Every figure in the place and period asked for."""
    return LEDGER.counted(viewer, ask)
