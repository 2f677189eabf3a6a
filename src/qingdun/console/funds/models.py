"""Orders to stop and to freeze, their documents, and what banks reply."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.funds.lapses import Lapse as Lapse
from qingdun.console.funds.lapses import Notice as Notice
from qingdun.console.funds.moves import OPEN_REFUNDS, DocumentKind, FreezeState, RefundState, RefundWay, State
from qingdun.console.funds.taint import FreezePart as FreezePart
from qingdun.console.funds.taint import Taint as Taint


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
    warned_at = models.DateTimeField(null=True, help_text="When it was said that the end is near")
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
        verbose_name_plural = _("stop-payment orders")
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


class Freeze(models.Model):
    """One order to freeze money in an account (冻结): never more than what a trace found there of victims."""

    account = models.CharField(max_length=40, db_index=True)
    account_name = models.CharField(max_length=64)
    bank = models.CharField(max_length=64, blank=True)
    amount_fen = models.BigIntegerField()
    traced_fen = models.BigIntegerField(help_text="What the trace found there when it was requested")
    returned_fen = models.BigIntegerField(default=0, help_text="What of it the bank has returned to victims")
    certain = models.BooleanField(help_text="Whether the trace was certain of it")
    requested_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="When the freeze ends by law")
    ended_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True, help_text="When it was said that the end is near")
    renewals = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=FreezeState.choices, default=FreezeState.REQUESTED)
    region_path = models.CharField(max_length=80, db_index=True)
    incident = models.ForeignKey("cases.Incident", models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="Of the form; the same form is taken once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="Why it was refused or released")

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        ordering: ClassVar[list[str]] = ["-requested_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_freeze_a_form"),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=0, amount_fen__lte=models.F("traced_fen")),
                name="freeze_is_within_the_trace",
            ),
            models.CheckConstraint(
                condition=models.Q(returned_fen__gte=0, returned_fen__lte=models.F("amount_fen")),
                name="returned_is_within_the_freeze",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="frozen") | models.Q(ends_at__isnull=False),
                name="freeze_has_an_end",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def left_fen(self) -> int:
        """What of it has not been returned."""
        return self.amount_fen - self.returned_fen


class Refund(models.Model):
    """Frozen money on its way back to victims (资金返还): by which way, and how far."""

    freeze = models.ForeignKey(Freeze, models.PROTECT, related_name="refunds")
    way = models.CharField(max_length=10, choices=RefundWay.choices)
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=RefundState.choices, default=RefundState.PREPARED)
    prepared_at = models.DateTimeField()
    notice_until = models.DateTimeField(null=True, help_text="Until when objections may be made")
    ended_at = models.DateTimeField(null=True)
    region_path = models.CharField(max_length=80, db_index=True)
    key = models.CharField(max_length=64, help_text="Of the form; the same form is taken once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="Why it was withdrawn")

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering: ClassVar[list[str]] = ["-prepared_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_refund_a_form"),
            models.UniqueConstraint(
                fields=["freeze"], condition=models.Q(state__in=OPEN_REFUNDS), name="one_open_refund_a_freeze"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class RefundShare(models.Model):
    """What one incident's victim gets back of a refund."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="shares")
    incident = models.ForeignKey("cases.Incident", models.PROTECT, related_name="+")
    loss_fen = models.BigIntegerField()
    share_fen = models.BigIntegerField()
    out_fen = models.BigIntegerField(
        default=0, help_text="What of the incident's own money it took out of the account, once returned"
    )

    class Meta:
        verbose_name = _("share of a refund")
        verbose_name_plural = _("shares of refunds")
        ordering: ClassVar[list[str]] = ["incident_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["refund", "incident"], name="one_share_an_incident"),
            models.CheckConstraint(
                condition=models.Q(share_fen__gte=0, share_fen__lte=models.F("loss_fen")),
                name="share_is_within_the_loss",
            ),
        ]


class Objection(models.Model):
    """What somebody says against a notice of shares, and what was answered."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="objections")
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("objection to a refund")
        verbose_name_plural = _("objections to refunds")
        ordering: ClassVar[list[str]] = ["at", "pk"]


class Document(models.Model):
    """A numbered legal document (文书) about an order; Word and PDF are written from it anew each time."""

    kind = models.CharField(max_length=10, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    stop = models.ForeignKey(StopPayment, models.PROTECT, null=True, related_name="documents")
    freeze = models.ForeignKey(Freeze, models.PROTECT, null=True, related_name="documents")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="When what it orders ends, as known when it was made")
    amount_fen = models.BigIntegerField(help_text="What it is about, as known when it was made")
    reason = models.TextField(blank=True, help_text="Why, or whose shares: as many lines as victims")
    region_path = models.CharField(max_length=80)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("legal document")
        verbose_name_plural = _("legal documents")
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "year", "serial"], name="one_document_a_number"),
            models.CheckConstraint(
                condition=models.Q(stop__isnull=True) ^ models.Q(freeze__isnull=True),
                name="document_is_about_one_order",
            ),
        ]


class Movement(models.Model):
    """One line of an account's statement: money that left it or came in.

    A transfer between two accounts whose banks both replied is two movements; `pairing` makes one of them.
    """

    statement = models.ForeignKey("imports.Import", models.PROTECT, related_name="+")
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=32, help_text="Of what the bank says, so that it is taken once")
    at = models.DateTimeField()
    payer = models.CharField(max_length=48, db_index=True)
    payee = models.CharField(max_length=48, db_index=True)
    of_payer = models.BooleanField(help_text="Whether it stands in the payer's statement or the payee's")
    payer_name = models.CharField(max_length=64, blank=True)
    payee_name = models.CharField(max_length=64, blank=True)
    payer_bank = models.CharField(max_length=64, blank=True)
    payee_bank = models.CharField(max_length=64, blank=True)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField(null=True, help_text="Of the statement's account, afterwards")
    to_merchant = models.BooleanField(default=False)
    serial = models.CharField(max_length=64, blank=True)
    summary = models.CharField(max_length=120, blank=True)
    region_path = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("bank movement")
        verbose_name_plural = _("bank movements")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # What one region was told is no other's: each has its own copy.
            models.UniqueConstraint(fields=["region_path", "key"], name="one_movement_a_key"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="movement_has_an_amount"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["region_path", "at"])]
