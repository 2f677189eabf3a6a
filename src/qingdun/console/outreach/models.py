"""Registrations of the app, and the grids, targets and ranks they are read against.

What else the module keeps stands in files of its own, by what it is about.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.outreach.codes import Count, WonAt
from qingdun.console.outreach.door_models import Door, Grid
from qingdun.console.outreach.mailing_models import HitGroup, Mailing, Reading, Recipient
from qingdun.console.outreach.matrix_models import (
    Ambassador,
    Commendation,
    Event,
    EventPhoto,
    Material,
    MaterialVersion,
    Partner,
    Pledge,
    QuizSheet,
    Unit,
    Venue,
)

__all__ = [
    "Ambassador", "AppCount", "Commendation", "Door", "Event", "EventPhoto", "Grid", "HitGroup", "Mailing",
    "Material", "MaterialVersion", "Partner", "Pledge", "ProvinceRank", "QuizSheet", "Reading", "Recipient",
    "Target", "Unit", "Venue",
]  # fmt: skip


class AppCount(models.Model):
    """What was new on a day at one place, won in one way: three counts, none of which is a person.

    `key` is day, place, grid and way in one, so that a day that is sent again replaces itself.
    """

    key = models.CharField(max_length=80, unique=True)
    day = models.DateField()
    region_path = models.CharField(max_length=80)
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, related_name="counts")
    won_at = models.CharField(max_length=12, choices=WonAt.choices)
    installed = models.PositiveIntegerField(default=0)
    real_name = models.PositiveIntegerField(default=0)
    warning_on = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("registrations of a day")
        verbose_name_plural = _("registrations of days")
        ordering: ClassVar[list[str]] = ["-day", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["region_path", "day"], name="outreach_count_place")
        ]


class Target(models.Model):
    """How many are to be reached at a place by a day."""

    region_path = models.CharField(max_length=80, db_index=True)
    count = models.CharField(max_length=12, choices=Count.choices)
    goal = models.PositiveIntegerField()
    due_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering: ClassVar[list[str]] = ["due_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "count", "due_on"], name="one_target_a_day"),
            models.CheckConstraint(condition=Q(goal__gt=0), name="target_is_above_nothing"),
        ]


class ProvinceRank(models.Model):
    """Where the city stood among those of the province on a day, as the province said it."""

    region_path = models.CharField(max_length=80, db_index=True)
    day = models.DateField()
    count = models.CharField(max_length=12, choices=Count.choices)
    rank = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField(help_text="How many cities were ranked")
    source = models.CharField(max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("rank in the province")
        verbose_name_plural = _("ranks in the province")
        ordering: ClassVar[list[str]] = ["-day", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "count", "day"], name="one_province_rank_a_day"),
            models.CheckConstraint(condition=Q(rank__gt=0, rank__lte=models.F("of")), name="rank_among_them"),
        ]
