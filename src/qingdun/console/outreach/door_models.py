"""Grids: the smallest parts of the city."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Grid(models.Model):
    """The smallest part of a village (网格): its code, and how many doors it has."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80, db_index=True)
    doors = models.PositiveIntegerField(default=0, help_text="0: not counted")
    residents = models.PositiveIntegerField(default=0, help_text="An estimate; 0: unknown")

    class Meta:
        verbose_name = _("grid")
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return self.name
