"""Follow-ups after a verdict, and the files of persons who are in danger again and again.

A follow-up is `open` until somebody enters its result (`done`), a later one of the task is entered first
(`missed`), or the verdict it hangs on is no more (`dropped`).
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Result(models.TextChoices):
    """What came of a follow-up."""

    WELL = "well", _("Well, no contact with scammers")
    CONTACTED = "contacted", _("Contacted again by a scammer")
    PAID = "paid", _("Paid after all")
    NOT_REACHED = "not_reached", pgettext_lazy("follow-up", "Not reached")
    REFUSED = "refused", _("Refused to talk")


CLOSING = (Result.WELL, Result.REFUSED)
"""Results of the last follow-up after which nothing is left to do on the task."""


class FollowUp(models.Model):
    """One day on which the person of a task is asked how they are."""

    class State(models.TextChoices):
        """Where a follow-up stands."""

        OPEN = "open", _("To do")
        DONE = "done", _("Done")
        MISSED = "missed", _("Missed")
        DROPPED = "dropped", _("Dropped")

    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="follow_ups")
    region_path = models.CharField(max_length=80, db_index=True)
    person_id = models.CharField(max_length=64, db_index=True)
    day = models.PositiveSmallIntegerField(help_text="Days after the verdict")
    verdict_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="End of the local day it is due on")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    result = models.CharField(max_length=12, choices=Result.choices, blank=True)
    note = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    texted_at = models.DateTimeField(null=True, help_text="When a message told an officer of it")

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering: ClassVar[list[str]] = ["due_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "day", "verdict_at"], name="one_follow_up_a_verdict"),
            models.UniqueConstraint(
                fields=["task", "day"], condition=models.Q(state="open"), name="one_follow_up_to_do"
            ),
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False) & ~models.Q(result="")
                | ~models.Q(state="done") & models.Q(result="", done_at__isnull=True),
                name="done_has_a_result",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="follow_up_open", condition=models.Q(state="open")),
            models.Index(fields=["done_at"], name="follow_up_done", condition=models.Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.pk} D+{self.day} {self.state}"

    @property
    def due_on(self) -> dt.date:
        """The local day it is due on."""
        return (timezone.localtime(self.due_at) - dt.timedelta(microseconds=1)).date()


class KeyPerson(models.Model):
    """The file of a person who is in danger again and again; at most one is open for each."""

    class Reason(models.TextChoices):
        """What opened it."""

        ALERTS = "alerts", _("Several alerts in a short time")
        REFUSAL = "refusal", _("Refused to talk")
        LOSS = "loss", _("Lost money before")

    person_id = models.CharField(max_length=64, db_index=True)
    msisdn = models.CharField(max_length=24)
    region_path = models.CharField(max_length=80, db_index=True)
    station = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    alerts = models.PositiveSmallIntegerField(help_text="Alerts in the span when it was opened")
    opened_at = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    family = models.ForeignKey("kernel.Person", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    close_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("key-person file")
        verbose_name_plural = _("key-person files")
        ordering: ClassVar[list[str]] = ["review_due_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person_id"], condition=models.Q(closed_at__isnull=True), name="one_open_file"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["review_due_at"], name="key_review", condition=models.Q(closed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.reason}"


class Review(models.Model):
    """One weekly look at a key-person file."""

    class Outlook(models.TextChoices):
        """How the person stands."""

        CALM = "calm", _("Calm")
        SAME = "same", _("Unchanged")
        WORSE = "worse", _("In greater danger")

    file = models.ForeignKey(KeyPerson, models.PROTECT, related_name="reviews")
    region_path = models.CharField(max_length=80, db_index=True)
    due_at = models.DateTimeField(help_text="When it was due; a file is reviewed once for each due date")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    outlook = models.CharField(max_length=8, choices=Outlook.choices)
    note = models.TextField()

    class Meta:
        verbose_name = _("weekly review")
        verbose_name_plural = _("weekly reviews")
        ordering: ClassVar[list[str]] = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "due_at"], name="one_review_a_due_date")
        ]


class Protection(models.Model):
    """Protection by a bank that the person has agreed to; it ends when the consent is taken back."""

    class How(models.TextChoices):
        """How the consent was given."""

        SIGNED = "signed", _("Signed on paper")
        RECORDED = "recorded", _("Recorded on a call")
        WITNESSED = "witnessed", _("Said before two officers")

    file = models.ForeignKey(KeyPerson, models.PROTECT, related_name="protections")
    region_path = models.CharField(max_length=80, db_index=True)
    bank = models.CharField(max_length=64)
    what = models.CharField(max_length=200, help_text="What the bank shall do, as the person has agreed to")
    how = models.CharField(max_length=12, choices=How.choices)
    consent_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("bank protection")
        verbose_name_plural = _("protections by banks")
        ordering: ClassVar[list[str]] = ["-consent_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["file", "bank"],
                condition=models.Q(ended_at__isnull=True),
                name="one_protection_a_bank",
            )
        ]


class Sweep(models.Model):
    """When the tick last looked through everything and not only at what is new; whoever sets it sweeps."""

    name = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("full look by the tick")
        verbose_name_plural = _("full looks by the tick")
