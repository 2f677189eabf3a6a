"""Closed lists of supervision: what is supervised, in which form, why by whom, and what is found."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(TextChoices):
    """What is supervised."""

    TOWN = "town", _("Towns with most fraud")
    ENTERPRISE = "enterprise", _("Enterprises with most staff")


class SupervisionForm(TextChoices):
    """The three forms of supervision; `rules.json` says what each asks for."""

    KEY = "key", _("Key supervision")
    REMINDER = "reminder", _("Reminder supervision")
    OVERSIGHT = "oversight", _("Oversight supervision")


class Change(TextChoices):
    """What became of a place or an enterprise from one round to the next."""

    NEW = "new", pgettext_lazy("in a round", "New")
    STAYS = "stays", pgettext_lazy("in a round", "Stays")
    HELD = "held", _("Held until its findings are put right")


class Area(TextChoices):
    """What a finding is about."""

    DUTY = "duty", _("Duties and rosters")
    PUBLICITY = "publicity", _("Publicity and the app")
    WARNING = "warning", _("Warnings and visits at the door")
    KEY_PEOPLE = "key_people", _("Key persons and groups")
    CARDS = "cards", _("Phone cards, bank cards, accounts")
    STAFF = "staff", _("Training of staff and finance")
    OTHER = "other", pgettext_lazy("of a finding", "Other")


class Late(TextChoices):
    """Who let a deadline pass."""

    PLACE = "place", _("The place has not put it right")
    COMMISSIONER = "commissioner", _("Nobody has inspected it again")


WHY: dict[str, str | Promise] = {
    "kept": _("supervised it before"),
    "ended": _("whoever supervised it before has left"),
    "full": _("whoever supervised it before has the fair share already"),
    "county": _("of the same county, with room"),
    "least": _("has least to do"),
    "balance": _("moved, so that nobody has much more than another"),
    "hand": _("chosen by hand"),
}
"""Why a commissioner was given it."""

FORM_WHY: dict[str, str | Promise] = {
    "listed": _("a listed town"),
    "worst": _("among the first of its list"),
    "overdue": _("a finding is overdue"),
    "new": _("new in this round"),
    "held": _("has left the list with findings open"),
    "stays": _("supervised before, nothing overdue"),
    "hand": _("chosen by hand"),
}
"""Why it has that form."""
