"""How much of an account is victims' money, and how much of that is frozen: rows the database holds together.

A freeze may be about several incidents whose money has mixed; its parts say how much of it is whose.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Taint(models.Model):
    """Victims' money of one incident in one account as last traced, and what of it is asked for or frozen."""

    account = models.CharField(max_length=40)
    incident = models.ForeignKey("cases.Incident", models.PROTECT, related_name="+")
    traced_fen = models.BigIntegerField(help_text="What the trace found there when last it was asked")
    frozen_fen = models.BigIntegerField(default=0, help_text="Sum of the parts of freezes that stand")

    class Meta:
        verbose_name = _("traced money in an account")
        verbose_name_plural = _("traced money in accounts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "incident"], name="one_taint_an_incident"),
            models.CheckConstraint(
                condition=Q(frozen_fen__gte=0, frozen_fen__lte=F("traced_fen")),
                name="frozen_is_within_the_taint",
            ),
        ]


class FreezePart(models.Model):
    """What of a freeze is one incident's."""

    freeze = models.ForeignKey("funds.Freeze", models.CASCADE, related_name="parts")
    incident = models.ForeignKey("cases.Incident", models.PROTECT, related_name="+")
    fen = models.BigIntegerField()

    class Meta:
        verbose_name = _("part of a freeze")
        verbose_name_plural = _("parts of freezes")
        ordering: ClassVar[list[str]] = ["incident_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["freeze", "incident"], name="one_part_an_incident"),
            models.CheckConstraint(condition=Q(fen__gte=0), name="part_is_not_negative"),
        ]
