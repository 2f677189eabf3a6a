"""Stop-payment orders. A freeze, a trace and a refund will point to an order, not replace it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.funds.moves import State


class StopPayment(models.Model):
    """One order to stop payment from the account that money went to (一级账户)."""

    account = models.CharField(max_length=40, db_index=True)
    account_name = models.CharField(max_length=64)
    bank = models.CharField(max_length=64, blank=True)
    amount_fen = models.BigIntegerField()
    paid_at = models.DateTimeField()
    requested_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="When a hold ends by law")
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    turn = models.PositiveSmallIntegerField(
        null=True, help_text="Which order on the account this is; null once refused"
    )
    region_path = models.CharField(max_length=80, db_index=True)
    task = models.ForeignKey("alerts.Task", models.PROTECT, null=True, related_name="+")
    incident = models.ForeignKey("cases.Incident", models.PROTECT, null=True, related_name="stops")
    key = models.CharField(max_length=64, help_text="Of the form; the same form is taken once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="Why it was refused or released")

    class Meta:
        verbose_name = _("stop-payment order")
        ordering: ClassVar[list[str]] = ["-requested_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_stop_a_form"),
            models.UniqueConstraint(fields=["account", "turn"], name="one_stop_a_turn"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="stop_has_an_amount"),
            models.CheckConstraint(
                condition=~models.Q(state="held") | models.Q(ends_at__isnull=False), name="hold_has_an_end"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
