"""First-level accounts that were not entered in time, and what somebody is to be told of an order."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Told(models.IntegerChoices):
    """Who has heard that an account was not entered in time."""

    HOLDER = 1, _("whoever took the report")
    COUNTY = 2, _("the county")
    CITY = 3, _("the city")


class Lapse(models.Model):
    """A reported loss whose first-level account was not entered within its minutes; one an incident."""

    incident = models.OneToOneField("cases.Incident", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    due_at = models.DateTimeField()
    breached_at = models.DateTimeField(help_text="When it was found")
    entered_at = models.DateTimeField(null=True, help_text="When the account was entered after all")
    told = models.PositiveSmallIntegerField(choices=Told.choices, default=Told.HOLDER)
    tell_at = models.DateTimeField(null=True, help_text="When the next above is told")

    class Meta:
        verbose_name = _("late first-level account")
        verbose_name_plural = _("late first-level accounts")
        ordering: ClassVar[list[str]] = ["-due_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tell_at"], condition=Q(tell_at__isnull=False), name="funds_lapse_to_tell")
        ]


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    LATE = "late", _("First-level account not entered in time")
    STOP_ENDS = "stop_ends", _("A stop of payment ends soon")
    FREEZE_ENDS = "freeze_ends", _("A freeze ends soon")


class Notice(models.Model):
    """What one person is told, until they say that they have seen it."""

    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    subject_id = models.PositiveBigIntegerField(help_text="Of the stop, the freeze or the incident")
    due_at = models.DateTimeField(help_text="When the order ends, or the entry was due")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice about funds")
        verbose_name_plural = _("notices about funds")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # What is told anew, after an order was continued, has another end.
            models.UniqueConstraint(fields=["to", "kind", "subject_id", "due_at"], name="one_notice_an_end")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to"], condition=Q(seen_at__isnull=True), name="funds_notice_unseen")
        ]
