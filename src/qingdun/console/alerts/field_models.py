"""What the field brings back: calls, visits, forms that were sent, and what the engine is told of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import CallResult


class Contact(models.Model):
    """One attempt to speak with the person; everyone with the task sees it, so nobody calls twice."""

    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="contacts")
    region_path = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    result = models.CharField(max_length=16, choices=CallResult.choices)
    note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="When it was undone; the line stays")

    class Meta:
        verbose_name = _("attempt to reach a person")
        verbose_name_plural = _("attempts to reach persons")
        ordering: ClassVar[list[str]] = ["at"]


class OutcomeLine(models.Model):
    """A call's result or a verdict as the engine is told; numbers rise in the order of commits."""

    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="outcomes")
    region_path = models.CharField(max_length=80, db_index=True)
    alert_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    result = models.CharField(max_length=16)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=32, blank=True, help_text="Of a false alarm: a code of the list")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("result for the engine")
        verbose_name_plural = _("results for the engine")
        ordering: ClassVar[list[str]] = ["pk"]


class Visit(models.Model):
    """The visit at the person's door; one a task, its switches kept as rows of `VisitStep`."""

    task = models.OneToOneField("alerts.Task", models.CASCADE, related_name="visit")
    region_path = models.CharField(max_length=80, db_index=True)
    started_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        verbose_name = _("visit at the door")
        verbose_name_plural = _("visits at the door")


class VisitStep(models.Model):
    """One switch of the checklist that was set, by whom and when."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="steps")
    region_path = models.CharField(max_length=80, db_index=True)
    code = models.CharField(max_length=32)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("step of a visit")
        verbose_name_plural = _("steps of visits")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "code"], name="one_visit_step")
        ]


class Submission(models.Model):
    """The key of a form that was taken, so that a phone may send it again safely."""

    key = models.CharField(max_length=64, primary_key=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("form that was sent")
        verbose_name_plural = _("forms that were sent")
