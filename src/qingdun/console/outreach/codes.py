"""Closed lists of outreach: what is counted of the app, and where it was won."""

from __future__ import annotations

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
