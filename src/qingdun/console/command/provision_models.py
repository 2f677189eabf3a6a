"""Provisions, what units and places undertake for them, and what was reported with which proof."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.command.codes import StepKind, System
from qingdun.console.command.moves import UndertakingState

USER = settings.AUTH_USER_MODEL


class Provision(models.Model):
    """One of the city's provisions (刚性措施): its number, and what it demands."""

    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    demand = models.TextField()
    system = models.CharField(max_length=12, choices=System.choices)
    lead = models.CharField(max_length=60, blank=True, help_text="The unit that leads it")
    region_path = models.CharField(max_length=80, db_index=True)
    since = models.DateField()
    ended_on = models.DateField(null=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("provision")
        verbose_name_plural = _("provisions")
        ordering: ClassVar[list[str]] = ["number", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region_path", "number"], condition=Q(ended_on=None), name="one_provision_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Undertaking(models.Model):
    """What a unit or a place is to do for a provision by a day."""

    provision = models.ForeignKey(Provision, models.PROTECT, related_name="undertakings")
    unit = models.ForeignKey("outreach.Unit", models.PROTECT, null=True, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    title = models.CharField(max_length=80)
    goal = models.TextField(help_text="What is to be reached, and how it is measured")
    due_on = models.DateField(db_index=True)
    state = models.CharField(
        max_length=10, choices=UndertakingState.choices, default=UndertakingState.OPEN, db_index=True
    )
    share = models.PositiveSmallIntegerField(default=0, help_text="Of 100, as last reported")
    returns = models.PositiveSmallIntegerField(default=0, help_text="How often it was sent back")
    set_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    reported_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(null=True)
    accept_due_on = models.DateField(null=True, help_text="By when whoever stands above says a word")
    accepted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("undertaking")
        verbose_name_plural = _("undertakings")
        ordering: ClassVar[list[str]] = ["due_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["provision", "region_path", "title"], condition=Q(unit=None),
                name="one_undertaking_a_place",
            ),
            models.UniqueConstraint(
                fields=["provision", "unit", "title"], condition=Q(unit__isnull=False),
                name="one_undertaking_a_unit",
            ),
            models.CheckConstraint(condition=Q(share__lte=100), name="share_of_a_hundred"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_by__isnull=False), name="accepted_by_a_person"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class Step(models.Model):
    """One word about an undertaking: progress, done, accepted, sent back, a new deadline, withdrawn."""

    undertaking = models.ForeignKey(Undertaking, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    share = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of an undertaking")
        verbose_name_plural = _("steps of undertakings")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]


class Proof(models.Model):
    """A picture or document that proves what was reported; pictures are drawn anew without their metadata."""

    undertaking = models.ForeignKey(Undertaking, models.CASCADE, related_name="proofs")
    name = models.CharField(max_length=80)
    media = models.CharField(max_length=80)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["undertaking", "sha256"], name="one_proof_an_undertaking")
        ]
