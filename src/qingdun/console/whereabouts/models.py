"""Cells and bank branches with coordinates, and who may look at whereabouts until when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Cell(models.Model):
    """A cell of the mobile network, as the reference tables of the flows name it; nobody's data."""

    cell = models.CharField(max_length=255, primary_key=True)
    lng = models.FloatField()
    lat = models.FloatField()

    class Meta:
        verbose_name = _("cell of the mobile network")
        verbose_name_plural = _("cells of the mobile network")

    def __str__(self) -> str:
        return self.cell


class Branch(models.Model):
    """A branch of a bank, as the reference tables of the flows name it."""

    branch_code = models.CharField(max_length=255, primary_key=True)
    bank = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    lng = models.FloatField(db_index=True)
    lat = models.FloatField()

    class Meta:
        verbose_name = _("branch of a bank")
        verbose_name_plural = _("branches of banks")

    def __str__(self) -> str:
        return self.name


class Look(models.Model):
    """Somebody has said why they look for the person of a task; the audit row of it holds the purpose."""

    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("look at whereabouts")
        verbose_name_plural = _("looks at whereabouts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "by"], name="one_look_a_task_and_person")
        ]
