"""Clocks of tasks, and the rules of how long they run."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.states import ClockName, Timed


class Clock(models.Model):
    """One timed step of a task; it is late when it stopped, or still runs, after `due_at`."""

    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="clocks")
    region_path = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=8, choices=ClockName.choices)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    kept = models.BooleanField(default=False, help_text="Stopped by doing what it timed")
    breached_at = models.DateTimeField(null=True, help_text="When the tick found it run out, once")

    class Meta:
        verbose_name = _("clock of a task")
        verbose_name_plural = _("clocks of tasks")
        ordering: ClassVar[list[str]] = ["due_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["started_at"], name="clock_started"),
            models.Index(
                fields=["due_at"],
                name="clock_runs",
                condition=models.Q(stopped_at__isnull=True, breached_at__isnull=True),
            ),
        ]


class ClockRule(models.Model):
    """How long a step may take at a level, in a region or everywhere; the nearest region's rule holds."""

    class Area(models.TextChoices):
        """What kind of town a rule is for."""

        URBAN = "urban", _("urban")
        RURAL = "rural", _("rural")
        BOTH = "both", _("urban and rural")

    level = models.CharField(max_length=8, choices=Level.choices)
    clock = models.CharField(max_length=8, choices=Timed.choices)
    region = models.ForeignKey("kernel.Region", models.PROTECT, null=True, blank=True, related_name="+")
    area = models.CharField(max_length=8, choices=Area.choices, default=Area.BOTH)
    length_s = models.PositiveIntegerField(null=True, help_text="Null: the step has no clock")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("clock rule")
        verbose_name_plural = _("clock rules")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["level", "clock", "region", "area"], name="one_rule_a_region"),
            models.UniqueConstraint(
                fields=["level", "clock", "area"],
                condition=models.Q(region__isnull=True),
                name="one_rule_everywhere",
            ),
        ]
