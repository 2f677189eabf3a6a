"""Alerts as they came, the tasks people work on, and everything that was done about them.

A task's state changes by `moves.MOVES` alone, through `actions`.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import CallResult, EntityKind, Lane, Level, Stage, is_chinese
from qingdun.console.alerts.moves import BY_THE_CLOCK, VERDICTS, ClockName, State, Timed


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


class Alert(models.Model):
    """One decision of the engine, exactly as it came."""

    alert_id = models.CharField(max_length=64, primary_key=True)
    task = models.ForeignKey(Task, models.PROTECT, related_name="alerts")
    episode_id = models.CharField(max_length=64, db_index=True)
    person_id = models.CharField(max_length=64)
    msisdn = models.CharField(max_length=24)
    region_path = models.CharField(max_length=80, db_index=True)
    scam_type = models.CharField(max_length=20)
    level = models.CharField(max_length=8, choices=Level.choices)
    stage = models.CharField(max_length=12, choices=Stage.choices)
    probability = models.FloatField()
    prior_bits = models.FloatField(help_text="Log odds to the base of 2 before any evidence")
    raised_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("alert")
        ordering: ClassVar[list[str]] = ["raised_at"]


class Evidence(models.Model):
    """One piece of evidence of one alert; `bits` add up with the prior to the posterior."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="evidence")
    position = models.PositiveSmallIntegerField()
    region_path = models.CharField(max_length=80, db_index=True)
    detector = models.CharField(max_length=40)
    at = models.DateTimeField()
    entity_kind = models.CharField(max_length=8, choices=EntityKind.choices)
    entity = models.CharField(max_length=255)
    bits = models.FloatField()
    text_zh = models.TextField()
    text_en = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["alert", "position"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["entity_kind", "entity"])]


class ContextEvent(models.Model):
    """One event around an alert, delivered by the engine with it, for the timeline."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="context")
    region_path = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()
    lane = models.CharField(max_length=8, choices=Lane.choices)
    kind = models.CharField(max_length=20)
    entity = models.CharField(max_length=255)
    text_zh = models.TextField()
    text_en = models.TextField()
    suspicious = models.BooleanField(default=False)
    duration_s = models.PositiveIntegerField(default=0)
    cell = models.CharField(
        max_length=255, blank=True, help_text="Of the person's phone; shown by `whereabouts` alone"
    )
    received_at = models.DateTimeField(
        db_index=True, help_text="Our time: how long it is kept runs from here"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["task", "at", "lane", "kind", "entity", "text_zh"], name="one_context_event"
            )
        ]


class Clock(models.Model):
    """One timed step of a task; it is late when it stopped, or still runs, after `due_at`."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="clocks")
    region_path = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=8, choices=ClockName.choices)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    kept = models.BooleanField(default=False, help_text="Stopped by doing what it timed")
    breached_at = models.DateTimeField(null=True, help_text="When the tick found it run out, once")

    class Meta:
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
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["level", "clock", "region", "area"], name="one_rule_a_region"),
            models.UniqueConstraint(
                fields=["level", "clock", "area"],
                condition=models.Q(region__isnull=True),
                name="one_rule_everywhere",
            ),
        ]


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


class Unmasking(models.Model):
    """Until when one viewer reads the person of one task unmasked; the audit log has the purpose."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="unmaskings")
    region_path = models.CharField(max_length=80, db_index=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "viewer"], name="one_unmasking_a_viewer")
        ]


class Contact(models.Model):
    """One attempt to speak with the person; everyone with the task sees it, so nobody calls twice."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="contacts")
    region_path = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    result = models.CharField(max_length=16, choices=CallResult.choices)
    note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="When it was undone; the line stays")

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]


class OutcomeLine(models.Model):
    """A call's result or a verdict as the engine is told; numbers rise in the order of commits."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="outcomes")
    region_path = models.CharField(max_length=80, db_index=True)
    alert_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    result = models.CharField(max_length=16)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=32, blank=True, help_text="Of a false alarm: a code of the list")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]


class Visit(models.Model):
    """The visit at the person's door; one a task, its switches kept as rows of `VisitStep`."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="visit")
    region_path = models.CharField(max_length=80, db_index=True)
    started_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)


class VisitStep(models.Model):
    """One switch of the checklist that was set, by whom and when."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="steps")
    region_path = models.CharField(max_length=80, db_index=True)
    code = models.CharField(max_length=32)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "code"], name="one_visit_step")
        ]


class Submission(models.Model):
    """The key of a form that was taken, so that a phone may send it again safely."""

    key = models.CharField(max_length=64, primary_key=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, models.CASCADE, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()


class Suspect(models.Model):
    """An entity the engine suspects, or did until `gone_at`, with its latest score and reasons."""

    entity_kind = models.CharField(max_length=8, choices=EntityKind.choices)
    entity = models.CharField(max_length=255)
    score = models.FloatField()
    scam_type = models.CharField(max_length=20, blank=True)
    first_flagged_at = models.DateTimeField()
    reasons = models.JSONField(default=list)
    reasons_en = models.JSONField(default=list, help_text="The same in English; empty where not known")
    updated_at = models.DateTimeField()
    gone_at = models.DateTimeField(
        null=True, db_index=True, help_text="Our time when the engine no longer held it; null: it does"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-score"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entity_kind", "entity"], name="one_suspect")
        ]

    @property
    def both(self) -> list[tuple[str, str]]:
        """Each reason in Chinese and in English; the English is empty where the engine gave none."""
        english = self.reasons_en if len(self.reasons_en) == len(self.reasons) else [""] * len(self.reasons)
        return list(zip(self.reasons, english, strict=True))

    @property
    def told(self) -> list[tuple[str, bool]]:
        """Each reason as the reader gets it, and whether it is in Chinese though they read English."""
        if is_chinese():
            return [(chinese, False) for chinese, _english in self.both]
        return [(english or chinese, not english) for chinese, english in self.both]


class ClusterMember(models.Model):
    """An entity and the group of suspects it is, or was until `gone_at`, tied to; restricts nobody."""

    cluster_id = models.CharField(max_length=64, db_index=True)
    entity_kind = models.CharField(max_length=8, choices=EntityKind.choices)
    entity = models.CharField(max_length=255)
    since = models.DateTimeField()
    score = models.FloatField()
    gone_at = models.DateTimeField(
        null=True, db_index=True, help_text="Our time when the engine no longer held it; null: it does"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cluster_id", "entity_kind", "entity"], name="one_membership")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["entity_kind", "entity"])]


class RejectedRow(models.Model):
    """An input row the engine did not use, and why."""

    source = models.CharField(max_length=255, help_text="The flow directory, or whatever numbers its rows")
    flow = models.CharField(max_length=20)
    row = models.BigIntegerField()
    reason = models.TextField()
    received_at = models.DateTimeField(
        db_index=True, help_text="Our time: how long it is kept runs from here"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "flow", "row"], name="one_rejected_row")
        ]


class FeedProgress(models.Model):
    """How far the engine is: its clock, and events seen in all and per second, by flow."""

    clock_at = models.DateTimeField(help_text="Engine time")
    updated_at = models.DateTimeField()
    counts = models.JSONField(default=dict, help_text="Events so far by flow")
    per_second = models.JSONField(default=dict, help_text="Events a second of the engine's clock, lately")
    running = models.BooleanField(default=True)
