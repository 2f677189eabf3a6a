"""Closed lists of assessment: what is ranked, what is decided about a place, and why."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Ranked(TextChoices):
    """What a ranking is of."""

    TOWN = "town", _("Towns, by month")
    VILLAGE = "village", _("Villages, by week")


class Span(TextChoices):
    """Which rows of the ledger a ranking counted."""

    NOW = "now", _("of the period")
    BEFORE = "before", _("of the period before")
    YEAR = "year", _("of a year before")


class RulingKind(TextChoices):
    """What is decided about a place."""

    YELLOW = "yellow", _("Yellow card")
    RED = "red", _("Red card")
    LISTING = "listing", _("Listing")
    EXTENSION = "extension", _("Listing extended")
    DELISTING = "delisting", _("Delisting")
    NAMING = "naming", _("Naming")
    INTERVIEW = "interview", pgettext_lazy("of a town", "Interview")
    AWARD = "award", _("Award of an area")
    PENALTY = "penalty", _("Penalty of an area")


CARDS = (RulingKind.YELLOW, RulingKind.RED)
OF_AREAS = (RulingKind.AWARD, RulingKind.PENALTY)
"""What a town decides about its own areas."""

DIFFERS: dict[str, str | Promise] = {
    "above": _("above the city"),
    "below": _("below the city"),
    "alike": _("no different from the city"),
}
"""What may be said of a rate at 95 %."""

DIFFERS_TOWN: dict[str, str | Promise] = {
    "above": _("above the town"),
    "below": _("below the town"),
    "alike": _("no different from the town"),
}

REASONS: dict[str, str | Promise] = {
    "rate": _("Rate far above the city, and more than chance explains"),
    "twice_yellow": _("The second such month in a row"),
    "twice_red": _("Two red cards within a quarter"),
    "top": _("Among the worst for months in a row"),
    "below": _("Below the city for months in a row, and an inspection passed"),
    "term_over": _("The term is over and the rate has not come down"),
    "bottom_weeks": _("Among the worst villages for weeks in a row"),
    "named_again": _("Named before, and among the worst again"),
    "carded": _("Goes with the red card"),
    "by_hand": _("Entered by hand"),
    "area_best": _("The lowest rate of the town’s areas"),
    "area_worst": _("The highest rate of the town’s areas, and more than chance explains"),
}
"""Why a ruling was proposed."""


class OpenedFor(TextChoices):
    """Why a file of accountability was opened."""

    LOSS = "loss", _("Large loss")
    AGAIN = "again", _("Defrauded again")
    DISSUADED = "dissuaded", _("Defrauded after having been dissuaded")
