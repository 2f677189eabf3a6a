"""What the engine hands in: alerts with evidence and timeline, suspects, rejected rows, its progress."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.codes import EntityKind, Lane, Level, Stage, is_chinese


class Alert(models.Model):
    """One decision of the engine, exactly as it came."""

    alert_id = models.CharField(max_length=64, primary_key=True)
    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="alerts")
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
        verbose_name_plural = _("alerts")
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
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("pieces of evidence")
        ordering: ClassVar[list[str]] = ["alert", "position"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["entity_kind", "entity"])]


class ContextEvent(models.Model):
    """One event around an alert, delivered by the engine with it, for the timeline."""

    task = models.ForeignKey("alerts.Task", models.CASCADE, related_name="context")
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
        verbose_name = _("event around an alert")
        verbose_name_plural = _("events around alerts")
        ordering: ClassVar[list[str]] = ["at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["task", "at", "lane", "kind", "entity", "text_zh"], name="one_context_event"
            )
        ]


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
        verbose_name = _("suspected entity")
        verbose_name_plural = _("suspected entities")
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
        verbose_name = _("member of a cluster")
        verbose_name_plural = _("members of clusters")
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
        verbose_name = _("row the engine did not use")
        verbose_name_plural = _("rows the engine did not use")
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

    class Meta:
        verbose_name = _("progress of the engine")
        verbose_name_plural = _("progress of the engine")
