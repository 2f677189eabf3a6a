"""Offers of a task to officers near; one an officer and search."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Offer(models.Model):
    """One officer was asked to take one search; of all asked at most one takes it."""

    class State(models.TextChoices):
        """What came of it."""

        OPEN = "open", _("Waits for an answer")
        TAKEN = "taken", pgettext_lazy("offer", "Taken")
        DECLINED = "declined", _("Cannot go")
        LAPSED = "lapsed", _("Not answered in time")
        OVER = "over", _("No longer needed")

    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    search_at = models.DateTimeField(help_text="Since when the task is searched for, or with its station")
    step = models.PositiveSmallIntegerField(help_text="0 for those asked first")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    station = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    km = models.FloatField(help_text="Straight line from where the officer was held to be")
    way_min = models.FloatField()
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering: ClassVar[list[str]] = ["step", "way_min", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "search_at", "officer"], name="one_offer_an_officer"),
            models.UniqueConstraint(
                fields=["task", "search_at"], condition=models.Q(state="taken"), name="one_takes_a_search"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["officer"], name="offer_waits", condition=models.Q(state="open")),
            models.Index(fields=["expires_at"], name="offer_ends", condition=models.Q(state="open")),
        ]
