"""Closed lists of outreach: what is counted of the app, where it was won, units, events, doors, mailings."""

from __future__ import annotations

import datetime as dt

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Count(TextChoices):
    """The three counts of the national anti-fraud app, each of its own."""

    INSTALLED = "installed", pgettext_lazy("of the app", "Registered")
    REAL_NAME = "real_name", pgettext_lazy("of the app", "By real name")
    WARNING_ON = "warning_on", pgettext_lazy("of the app", "Call warning on")


class WonAt(TextChoices):
    """Where a registration was won."""

    VACCINATION = "vaccination", _("Vaccination point")
    TEST_QUEUE = "test_queue", _("Test queue")
    DOOR = "door", _("Door visit")
    CAMPUS = "campus", _("Campus")
    ENTERPRISE = "enterprise", pgettext_lazy("where it was won", "Enterprise")
    STALL = "stall", _("Stall")
    ONLINE = "online", _("By oneself")
    OTHER = "other", pgettext_lazy("where it was won", "Elsewhere")
    STOCK = "stock", _("Before the ledger began")
    """What there was when counting by day began: it counts, and is no day's growth."""


class UnitKind(TextChoices):
    """What kind of member unit."""

    PARTY = "party", _("Party body")
    GOVERNMENT = "government", _("Government body")
    PEOPLE = "people", _("People’s organisation")
    FINANCE = "finance", _("Finance")
    TELECOM = "telecom", _("Telecommunications")
    OTHER = "other", pgettext_lazy("kind of unit", "Other")


class Body(TextChoices):
    """To what a unit belongs."""

    GROUP = "group", _("Leading group")
    MATRIX = "matrix", _("Publicity matrix")


class VenueKind(TextChoices):
    """What kind of place."""

    PARK = "park", _("Park or square")
    HALL = "hall", _("Exhibition hall")
    TRANSPORT = "transport", _("Station or vehicle")
    CAMPUS = "campus", pgettext_lazy("kind of venue", "Campus")
    COMMUNITY = "community", _("Community")
    MARKET = "market", _("Market or mall")


class PartnerKind(TextChoices):
    """A school or an enterprise."""

    UNIVERSITY = "university", _("University")
    TECHNICIAN = "technician", _("Technician college")
    SCHOOL = "school", _("School")
    ENTERPRISE = "enterprise", pgettext_lazy("kind of partner", "Enterprise")


class EventKind(TextChoices):
    """What kind of event."""

    CAMPUS = "campus", _("Visit to a campus")
    ENTERPRISE = "enterprise", _("Visit to an enterprise")
    STALL = "stall", pgettext_lazy("kind of event", "Stall")
    TALK = "talk", _("Talk")
    SHOW = "show", pgettext_lazy("kind of event", "Show")
    FILM = "film", _("Showing of a film")
    OTHER = "other", pgettext_lazy("kind of event", "Other")


class MaterialKind(TextChoices):
    """What kind of material."""

    LEAFLET = "leaflet", _("Leaflet")
    POSTER = "poster", _("Poster")
    VIDEO = "video", _("Video")
    SCRIPT = "script", _("Words to say")


class DoorResult(TextChoices):
    """What came of a door."""

    MET = "met", _("Somebody was met")
    NOBODY = "nobody", _("Nobody at home")
    DECLINED = "declined", _("Did not want to talk")


class Arm(TextChoices):
    """The two groups of a mailing."""

    SENT = "sent", _("Sent to")
    HELD = "held", _("Held out")


class Outcome(TextChoices):
    """What became of one message of a mailing."""

    WAITING = "waiting", pgettext_lazy("of a mailing", "To be queued")
    QUEUED = "queued", pgettext_lazy("of a mailing", "Queued")
    TOO_SOON = "too_soon", _("Had one within a week")
    OPTED_OUT = "opted_out", pgettext_lazy("of a mailing", "Opted out")
    NO_NUMBER = "no_number", _("No number known")
    ELSEWHERE = "elsewhere", _("Held out of another mailing")
    OUTSIDE = "outside", _("Outside the region of who approved it")
    STOPPED = "stopped", _("The mailing was stopped")


class StandsStill(TextChoices):
    """Why an approved mailing cannot be queued."""

    APPROVER = "approver", _("Who approved it may not send messages any more.")
    TEXT = "text", _("Its text cannot be used now.")


class AudienceKind(TextChoices):
    """Why these people need it."""

    FLOATING = "floating", _("Floating population")
    NEW_NUMBER = "new_number", _("New network users")
    HIT_GROUPS = "hit_groups", _("Groups hit by a scam type")


READ_LATE = dt.timedelta(weeks=5)
"""So long after its weeks a mailing is read anew every day: losses are entered, and files come, late."""
