"""A file that was brought: how its columns are read, how far it has come, and which rows were refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.models import User
from qingdun.errors import IllegalMove


class State(models.TextChoices):
    """How far a file has come."""

    READING = "reading", _("Being read")
    UNFIT = "unfit", _("Not to be read")
    READ = "read", _("Columns to be confirmed")
    RUNNING = "running", _("Being taken in")
    DONE = "done", _("Taken in")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class Move(NamedTuple):
    """One legal move of a file: what it is called, from where, to where."""

    verb: str
    sources: tuple[State, ...]
    target: State


MOVES: tuple[Move, ...] = (
    Move("read_file", (State.READING,), State.READ),
    Move("refuse_file", (State.READING,), State.UNFIT),
    Move("begin_file", (State.READ,), State.RUNNING),
    Move("finish_file", (State.RUNNING,), State.DONE),
    Move("fail_file", (State.RUNNING,), State.FAILED),
    Move("stop_file", (State.RUNNING,), State.STOPPED),
    Move("retry_file", (State.FAILED, State.STOPPED), State.RUNNING),
)
"""Every legal move: people begin and retry, the tick process does the rest."""


class ImportFormat(models.Model):
    """How one house reads the columns of files of one kind and origin with these headings, which it does not
    hold: a file without any has rows in their place.
    """

    owner = models.CharField(max_length=80, help_text="Organisation or region of whoever brings them")
    kind = models.CharField(max_length=24)
    origin = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField(help_text="Place in the file, from 0, by column of the kind")
    meanings = models.JSONField(default=dict, help_text="What the words of one column mean")

    class Meta:
        verbose_name = _("format of files")
        verbose_name_plural = _("formats of files")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "kind", "origin", "fingerprint"], name="one_format_of_headings"
            )
        ]


def owner_of(user: User) -> str:
    """The house whose columns are remembered together: the organisation, else the region.

    What a county or a bank calls its columns is its own.
    """
    return f"organisation:{user.organisation_id}" if user.organisation_id else user.region_path


class Import(models.Model):
    """A file of one kind, whose rows wait in parts until they have come to something."""

    kind = models.CharField(max_length=24)
    origin = models.CharField(max_length=64, blank=True, help_text="Who sent it, if the kind asks")
    about = models.BigIntegerField(null=True, help_text="Id of what it is about, if the kind asks")
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, in hex")
    encoding = models.CharField(max_length=12, blank=True, help_text="utf-8, gb18030 or xlsx")
    headings = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    meanings = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READ)
    rows_total = models.PositiveIntegerField(help_text="While it is being read, what it says it has")
    rows_read = models.PositiveIntegerField(default=0)
    refusal = models.CharField(max_length=300, blank=True, help_text="Why it cannot be read")
    taken = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    region_path = models.CharField(max_length=80, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="Whoever waits longest is served next")
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often the next part has failed")
    error_id = models.CharField(max_length=8, blank=True, help_text="Of the last failure, as in the log")

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["touched_at"], condition=models.Q(state="running"), name="imports_running"),
            models.Index(fields=["kind", "at"], name="imports_of_a_kind"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def done(self) -> int:
        """Rows that have come to something."""
        return self.taken + self.known + self.refused

    @property
    def waiting(self) -> int:
        """Rows that have not."""
        return self.rows_total - self.done

    def move(self, verb: str) -> None:
        """The file has made the move; it is not saved. Errors: IllegalMove."""
        step = next(move for move in MOVES if move.verb == verb)
        if self.state not in step.sources:
            raise IllegalMove(_("This file is %(state)s.") % {"state": State(self.state).label})
        self.state = step.target


class ImportBody(models.Model):
    """A workbook as it came, until it has been read."""

    file = models.OneToOneField(Import, models.CASCADE, related_name="body")
    data = models.BinaryField()

    class Meta:
        verbose_name = _("workbook as it came")
        verbose_name_plural = _("workbooks as they came")


Row = tuple[int, list[str]]
"""Line of the file, the headings being line 1; the cells in the order of the headings."""


class ImportPart(models.Model):
    """Some rows of a file, taken in at once. One that has been taken in holds no cell any more."""

    file = models.ForeignKey(Import, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="Lines and cells as JSON")
    taken = models.BooleanField(default=False)
    keys = models.TextField(blank=True, help_text="Keys of its rows that may come again")

    class Meta:
        verbose_name = _("part of an imported file")
        verbose_name_plural = _("parts of imported files")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "number"], name="one_part_of_an_import")
        ]

    @property
    def rows(self) -> list[Row]:
        """The rows that wait in it."""
        return [(line, cells) for line, cells in json.loads(self.text)] if self.text else []

    @classmethod
    def of(cls, file: Import, rows: Sequence[Row], size: int) -> Iterable[ImportPart]:
        """Parts of `size` rows each, not yet saved."""
        for number, start in enumerate(range(0, len(rows), size)):
            text = json.dumps(rows[start : start + size], ensure_ascii=False, separators=(",", ":"))
            yield cls(file=file, number=number, text=text)


class ImportFault(models.Model):
    """A row that was refused: its line, the column, what was found there, masked, and what was expected."""

    file = models.ForeignKey(Import, models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=60, blank=True)
    found = models.CharField(max_length=120, blank=True)
    expected = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("refused row of a file")
        verbose_name_plural = _("refused rows of files")
        ordering: ClassVar[list[str]] = ["line"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "line"], name="one_fault_of_a_line")
        ]
