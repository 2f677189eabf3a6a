"""What came from outside: whistles, tokens of organisations that send them, and who sends lists of alerts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import Level


class Token(models.Model):
    """A key by which a program of an organisation raises alerts; only its hash is kept.

    `user` is the account it acts as: nobody can log in with it, and closing it closes the token.
    """

    organisation = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, in hex")
    hint = models.CharField(max_length=12, help_text="How the token begins, to tell tokens apart")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering: ClassVar[list[str]] = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}"


class Tally(models.Model):
    """How often somebody did something within one window of time, for limits."""

    who = models.CharField(max_length=60)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("count for a limit")
        verbose_name_plural = _("counts for limits")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["who", "since"], name="one_tally_a_window")
        ]


class Whistle(models.Model):
    """An alert somebody raised by hand: what they typed, and the task it opened or joined."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, help_text="The sender's own; the same key is taken once")
    at = models.DateTimeField()
    person_id = models.CharField(max_length=64)
    msisdn = models.CharField(max_length=24)
    typed = models.CharField(max_length=64, help_text="Number or name as it was typed")
    region_path = models.CharField(max_length=80, db_index=True)
    scam_type = models.CharField(max_length=20)
    level = models.CharField(max_length=8, choices=Level.choices)
    line = models.CharField(max_length=200, blank=True)
    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="+")
    alert_id = models.CharField(max_length=64)
    joined = models.BooleanField(help_text="Whether the task was open before")

    class Meta:
        verbose_name = _("whistle")
        verbose_name_plural = _("whistles")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_whistle_a_key")
        ]


class ListSource(models.Model):
    """Who sends lists of alerts: a platform of the ministry, of the province, of a bank."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        verbose_name = _("source of lists")
        verbose_name_plural = _("sources of lists")
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name
