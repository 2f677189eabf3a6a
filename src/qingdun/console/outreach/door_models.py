"""Grids, and what was done from door to door in them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.outreach.codes import DoorResult


class Grid(models.Model):
    """The smallest part of a village (网格): its code, and how many doors it has."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80, db_index=True)
    doors = models.PositiveIntegerField(default=0, help_text="0: not counted")
    residents = models.PositiveIntegerField(default=0, help_text="An estimate; 0: unknown")

    class Meta:
        verbose_name = _("grid")
        verbose_name_plural = _("grids")
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return self.name


class Door(models.Model):
    """One visit at one door; `key` comes from the phone, and the same key of the same person is one visit.

    `place` says which door (building and number) and names nobody.
    """

    key = models.CharField(max_length=64)
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="visits")
    region_path = models.CharField(max_length=80, db_index=True)
    place = models.CharField(max_length=40, blank=True)
    result = models.CharField(max_length=10, choices=DoorResult.choices)
    told = models.PositiveSmallIntegerField(default=0, help_text="People who were told")
    installed = models.PositiveSmallIntegerField(default=0)
    real_name = models.PositiveSmallIntegerField(default=0)
    warning_on = models.PositiveSmallIntegerField(default=0)
    leaflet = models.BooleanField(default=False)
    visited_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("visit at a door")
        verbose_name_plural = _("visits at doors")
        ordering: ClassVar[list[str]] = ["-visited_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_door_a_key")
        ]
