"""Figures of warning and dissuasion that the bulletin counts over its own ledgers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingdun.console.bulletin import chain
from qingdun.console.bulletin.tables import TABLES
from qingdun.console.kernel.figures import Figure, ledger

FIGURES: tuple[Figure, ...] = (
    *chain.FIGURES,
    Figure("persons", _("People warned and dissuaded"), _("Each person once, however many alerts"), "worked",
           distinct="person_id"),
    Figure("dissuaded", _("People dissuaded"), _("Each person once"), "worked", {"verdict": "awakened"},
           distinct="person_id"),
    Figure("avoided", _("Loss avoided, yuan"), _("Sum of what officers entered"), "saved",
           total="loss_avoided_fen"),
    Figure("rescue_fen", _("Loss avoided in the case told, yuan"),
           _("Of the dissuasion with most cards protected"), "rescues", latest="loss_avoided_fen"),
    Figure("rescue_cards", _("Cards protected in the case told"), _("Of the same dissuasion"), "rescues",
           latest="cards_protected"),
)  # fmt: skip
LEDGER = ledger(FIGURES, TABLES, "bulletin:table")
