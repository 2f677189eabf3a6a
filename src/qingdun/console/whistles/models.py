"""What came from outside: whistles, tokens of organisations that send them, lists of alerts row by row."""

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
        ordering: ClassVar[list[str]] = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}"


class Tally(models.Model):
    """How often somebody did something within one window of time, for limits."""

    who = models.CharField(max_length=60)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
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
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_whistle_a_key")
        ]


class ListSource(models.Model):
    """Who sends lists of alerts: a platform of the ministry, of the province, of a bank."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class ListFormat(models.Model):
    """How the columns of a source's file are read, remembered by its headings."""

    source = models.ForeignKey(ListSource, models.CASCADE, related_name="formats")
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField(help_text="Heading by field")
    levels = models.JSONField(help_text="Level by the source's word for it; '' for rows without one")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "fingerprint"], name="one_format_a_heading")
        ]


class ListState(models.TextChoices):
    """How far a list has come."""

    READ = "read", _("Columns to be confirmed")
    RUNNING = "running", _("Being taken in")
    DONE = "done", _("Taken in")


class AlertList(models.Model):
    """A file of alerts that somebody sent, all of whose rows are kept in `ListRow`."""

    source = models.ForeignKey(ListSource, models.PROTECT, related_name="lists")
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, in hex")
    encoding = models.CharField(max_length=12, help_text="utf-8, gb18030 or xlsx")
    headings = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    levels = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ListState.choices, default=ListState.READ)
    rows_total = models.PositiveIntegerField()
    region_path = models.CharField(max_length=80, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("list of alerts")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]


class RowOutcome(models.TextChoices):
    """What became of one row of a list."""

    WAITING = "waiting", _("To be taken in")
    TAKEN = "taken", _("Taken")
    KNOWN = "known", _("Known before")
    REFUSED = "refused", _("Not taken")


class ListRow(models.Model):
    """One row of a list as it came, what became of it, and why not."""

    list = models.ForeignKey(AlertList, models.CASCADE, related_name="rows")
    source = models.ForeignKey(ListSource, models.PROTECT, related_name="+")
    line = models.PositiveIntegerField(help_text="Line of the file, the headings being line 1")
    cells = models.JSONField(help_text="The cells in the order of the headings")
    outcome = models.CharField(max_length=8, choices=RowOutcome.choices, default=RowOutcome.WAITING)
    key = models.CharField(
        max_length=64, blank=True, help_text="Hash of the source's own id, or of all cells"
    )
    column = models.CharField(max_length=60, blank=True)
    found = models.CharField(max_length=120, blank=True)
    expected = models.CharField(max_length=200, blank=True)
    task = models.ForeignKey("alerts.Task", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["line"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["list", "line"], name="one_row_a_line"),
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=models.Q(outcome="taken"),
                name="one_taken_row_a_key",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["list", "outcome", "line"])]
