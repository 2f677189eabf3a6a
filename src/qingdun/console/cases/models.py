"""Incidents as reported. A case (立案), its suspects and its gang will point to them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Incident(models.Model):
    """One report of money lost to a scam: by whom, when, how much, how."""

    person_id = models.CharField(max_length=64, db_index=True)
    msisdn = models.CharField(max_length=24)
    region_path = models.CharField(max_length=80, db_index=True)
    reported_at = models.DateTimeField(db_index=True)
    scam_type = models.CharField(max_length=20)
    loss_fen = models.BigIntegerField(validators=[MinValueValidator(0)])
    how = models.TextField(blank=True)
    task = models.ForeignKey("alerts.Task", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, help_text="Of the form; the same form is taken once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("incident")
        ordering: ClassVar[list[str]] = ["-reported_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_incident_a_form"),
            models.CheckConstraint(condition=models.Q(loss_fen__gte=0), name="loss_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.scam_type}"
