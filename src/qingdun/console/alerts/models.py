"""The tasks people work on, their history, and who reads their person.

A task's state changes by `moves.MOVES` alone, through `actions`. What else the module keeps stands in files
of its own, by where it comes from.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts.clock_models import Clock, ClockRule
from qingdun.console.alerts.codes import Level, Stage
from qingdun.console.alerts.engine_models import (
    Alert,
    ClusterMember,
    ContextEvent,
    Evidence,
    FeedProgress,
    RejectedRow,
    Suspect,
)
from qingdun.console.alerts.field_models import Contact, OutcomeLine, Submission, Visit, VisitStep
from qingdun.console.alerts.moves import BY_THE_CLOCK
from qingdun.console.alerts.states import VERDICTS, ClockName, State

__all__ = [
    "Alert", "Claim", "Clock", "ClockRule", "ClusterMember", "Contact", "ContextEvent", "Escalation",
    "Evidence", "FeedProgress", "LastAct", "OutcomeLine", "RejectedRow", "Submission", "Suspect", "Task",
    "TaskEvent", "Unmasking", "Visit", "VisitStep",
]  # fmt: skip


class Escalation(models.IntegerChoices):
    """How far up it is known that a clock ran out."""

    NONE = 0, _("Not escalated")
    HOLDER = 1, _("Duty officer told")
    COUNTY = 2, _("County told")
    CITY = 3, _("City told")


class Task(models.Model):
    """What people work on: all alerts of one episode of one person, with state, holder and clocks."""

    episode_id = models.CharField(max_length=64, unique=True)
    person_id = models.CharField(max_length=64, db_index=True)
    msisdn = models.CharField(max_length=24)
    region_path = models.CharField(max_length=80, db_index=True)
    town = models.ForeignKey("kernel.Region", models.PROTECT, null=True, related_name="+")
    scam_type = models.CharField(max_length=20)
    level = models.CharField(max_length=8, choices=Level.choices)
    level_rank = models.PositiveSmallIntegerField(help_text="0 for urgent; for sorting")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    probability = models.FloatField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEW)
    version = models.PositiveIntegerField(
        default=1, help_text="Counts the moves; who moves an old version loses"
    )
    raised_at = models.DateTimeField(help_text="First alert, engine time")
    received_at = models.DateTimeField(help_text="First alert, our time: clocks run from here")
    moved_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="When the first running clock ends")
    due_clock = models.CharField(max_length=8, choices=ClockName.choices, blank=True)
    county = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    expected_loss_fen = models.BigIntegerField(help_text="Probability times the mean loss of the type")
    loss_avoided_fen = models.BigIntegerField(default=0, validators=[MinValueValidator(0)])
    loss_suffered_fen = models.BigIntegerField(default=0, validators=[MinValueValidator(0)])
    cards_protected = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, help_text="Since when it is closed, merged or set aside")
    verdict = models.CharField(max_length=16, blank=True, choices=[(v.value, v.label) for v in VERDICTS])
    verdict_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(
        null=True, help_text="Since when nobody has contact with the person, beside whatever state it is in"
    )
    escalation = models.PositiveSmallIntegerField(
        default=0, choices=Escalation.choices, help_text="Who has been told that a clock ran out"
    )
    escalate_at = models.DateTimeField(null=True, help_text="When the level above is told")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    undone = models.PositiveIntegerField(
        default=0, help_text="Counts the moves taken back; the database lets a state go back with it alone"
    )

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = pgettext_lazy("table", "tasks")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "level_rank", "due_at"]),
            # The orders of a desk, or a page of fifty would sort a million.
            models.Index(fields=["level_rank", "due_at", "-raised_at", "id"], name="task_by_urgency"),
            # The same of what is not over: one task in twenty, and what desks ask for all day.
            models.Index(
                fields=["level_rank", "due_at", "-raised_at", "id"],
                name="task_open_urgency",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["level_rank", "-expected_loss_fen", "id"],
                name="task_open_priority",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["station", "level_rank", "due_at"],
                name="task_open_station",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["region_path"],
                opclasses=["varchar_pattern_ops"],
                name="task_open_place",
                condition=models.Q(closed_at__isnull=True),
            ),
            # What the counts of levels need, so that they look at no task itself.
            models.Index(
                fields=["level_rank", "region_path", "state"],
                opclasses=["int2_ops", "varchar_pattern_ops", "varchar_ops"],
                name="task_open_levels",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(fields=["-expected_loss_fen", "id"], name="task_by_loss"),
            models.Index(fields=["msisdn"], name="task_by_number"),
            models.Index(
                fields=["moved_at"], name="task_saved_loss", condition=models.Q(loss_avoided_fen__gt=0)
            ),
            models.Index(
                fields=["escalate_at"], name="task_escalates", condition=models.Q(escalate_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.level} {self.state}"


class TaskEvent(models.Model):
    """One line of a task's history."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="events")
    region_path = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Null: the engine"
    )
    verb = models.CharField(max_length=32)
    source = models.CharField(max_length=16, blank=True)
    target = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="When it was undone; the line stays")

    class Meta:
        verbose_name = _("line of a task’s history")
        verbose_name_plural = _("lines of tasks’ history")
        ordering: ClassVar[list[str]] = ["at", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target", "at"], name="event_said"),
            models.Index(fields=["at"], name="event_tells", condition=models.Q(verb__in=BY_THE_CLOCK)),
        ]


class LastAct(models.Model):
    """What the latest act on a task found, so that its actor can take it back for a few seconds."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="last_act")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    verb = models.CharField(max_length=32)
    version = models.PositiveIntegerField(help_text="The task's after the act; any other means it has moved")
    found = models.JSONField(help_text="Fields of the task and of its clocks before the act")

    class Meta:
        verbose_name = _("act that can be undone")
        verbose_name_plural = _("acts that can be undone")


class Unmasking(models.Model):
    """Until when one viewer reads the person of one task unmasked; the audit log has the purpose."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="unmaskings")
    region_path = models.CharField(max_length=80, db_index=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("unmasking of a person")
        verbose_name_plural = _("unmaskings of persons")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "viewer"], name="one_unmasking_a_viewer")
        ]


class Claim(models.Model):
    """To whom *next* gave a task: for a short while, and until the task moves, it is nobody else's next."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="claim")
    region_path = models.CharField(max_length=80, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, help_text="In any other the claim is over")
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("task given as the next one")
        verbose_name_plural = _("tasks given as the next one")
