"""Shifts, the numbers officers are called at, hand-overs, and every call that was made."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OfficerNumber(models.Model):
    """Where an officer is called when on duty."""

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="duty_number"
    )
    msisdn = models.CharField(max_length=24)

    class Meta:
        verbose_name = _("phone number of an officer")
        verbose_name_plural = _("phone numbers of officers")


class Shift(models.Model):
    """One officer on duty for one organisation; position 1 is called first."""

    organisation = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="shifts")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="shifts")
    region_path = models.CharField(max_length=80, db_index=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = pgettext_lazy("table", "shifts")
        ordering: ClassVar[list[str]] = ["starts_at", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_lasts"),
            models.UniqueConstraint(
                fields=["organisation", "starts_at", "position"], name="one_shift_a_position"
            ),
            models.UniqueConstraint(
                fields=["organisation", "officer", "starts_at"], name="one_shift_a_start"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "starts_at", "ends_at"], name="duty_shift_now")
        ]


class HandOver(models.Model):
    """One officer hands the duty to another: what is open, what to know, and that both have said so."""

    organisation = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    notes = models.CharField(max_length=2000, blank=True)
    tasks = models.JSONField(default=list, help_text="Open tasks at that time: id, level, state")
    given_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering: ClassVar[list[str]] = ["-given_at", "-pk"]


class DutyCall(models.Model):
    """One officer was called about one order of a task; steps count from 0 and happen once each."""

    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    order_at = models.DateTimeField(help_text="When the task came to the station, or its clock ran out")
    late = models.BooleanField(default=False, help_text="A clock had run out")
    step = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    message = models.ForeignKey("sms.Message", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("call to duty")
        verbose_name_plural = _("calls to duty")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "order_at", "step"], name="one_call_a_step")
        ]
