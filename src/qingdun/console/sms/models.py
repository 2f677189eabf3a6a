"""Texts, the messages made of them, their parts on the air and what came back.

A message's state changes by `codes.NEXT` alone, through `advance`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingdun.console.sms.codes import NEXT, REASONS, Kind, MessageState, PartState, ReceiptState


class Template(models.Model):
    """One version of a text; messages keep the one they were made of; one version a code is active."""

    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    scam_type = models.CharField(max_length=20, blank=True)
    text_zh = models.CharField(max_length=500)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Null: shipped"
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts of messages")
        ordering: ClassVar[list[str]] = ["kind", "code", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "version"], name="one_text_a_version"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(active=True), name="one_active_text_a_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Message(models.Model):
    """One text to one number, made once: `key` says of what."""

    key = models.CharField(max_length=128, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    template = models.ForeignKey(Template, models.PROTECT, related_name="messages")
    task = models.ForeignKey("alerts.Task", models.PROTECT, null=True, related_name="+")
    person_id = models.CharField(max_length=64, blank=True, db_index=True)
    msisdn = models.CharField(max_length=24)
    region_path = models.CharField(max_length=80, db_index=True)
    text = models.CharField(max_length=600)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    priority = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Null: the system"
    )
    not_before = models.DateTimeField(help_text="Until then it can be taken back")
    expires_at = models.DateTimeField(help_text="After that it is worth nothing and fails")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Refusals that may pass")
    doubts = models.PositiveSmallIntegerField(default=0, help_text="Times no answer said what became of it")
    taken_by = models.CharField(max_length=36, blank=True, help_text="The worker that is sending it")
    taken_until = models.DateTimeField(null=True, help_text="After that the worker counts as gone")
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "priority", "not_before"], name="sms_queue"),
            models.Index(fields=["task", "kind"], name="sms_of_task"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.state}"

    @property
    def reason(self) -> str:
        """What went wrong last, in the reader's language where it is ours to say."""
        return str(REASONS.get(self.error, self.error))


def advance(message_id: int, source: str, target: str, **values: Any) -> bool:
    """The message has gone from `source` to `target` with these values; false if it was not there any more.

    Errors: ValueError for a move that is not in the table.
    """
    if MessageState(target) not in NEXT[MessageState(source)]:
        raise ValueError(f"message {message_id}: {source} → {target} is not in the table of moves")
    moved = Message.objects.filter(pk=message_id, state=source).update(state=target, **values)
    return moved == 1


class Part(models.Model):
    """What goes over the air at once; the number counts from 1."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=70)
    state = models.CharField(max_length=10, choices=PartState.choices, default=PartState.WAITING)
    gateway = models.CharField(max_length=12, blank=True)
    gateway_id = models.CharField(max_length=65, blank=True, help_text="What the operator calls it")
    sent_at = models.DateTimeField(null=True, help_text="Its place in the rate, when it was last tried")

    class Meta:
        verbose_name = _("part of a message")
        verbose_name_plural = _("parts of messages")
        ordering: ClassVar[list[str]] = ["message", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message", "number"], name="one_part_a_number")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["gateway", "gateway_id"], name="sms_part_by_id")
        ]


class Receipt(models.Model):
    """What the operator said of a part, each saying once; `part` is null until the part is known."""

    gateway = models.CharField(max_length=12)
    gateway_id = models.CharField(max_length=65)
    part = models.ForeignKey(Part, models.CASCADE, null=True, related_name="receipts")
    state = models.CharField(max_length=10, choices=ReceiptState.choices)
    code = models.CharField(max_length=20, blank=True, help_text="The operator's own word")
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("receipt of the operator")
        verbose_name_plural = _("receipts of the operator")
        ordering: ClassVar[list[str]] = ["received_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gateway", "gateway_id", "state"], name="one_saying_a_receipt")
        ]


class OptOut(models.Model):
    """A number that wants no education; warnings still reach it."""

    msisdn = models.CharField(max_length=24, primary_key=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Null: by reply"
    )
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        ordering: ClassVar[list[str]] = ["-at"]


class LastEducation(models.Model):
    """When a person was last sent education: whoever moves `at` forward may send."""

    person_id = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("last education of a person")
        verbose_name_plural = _("last education of persons")


class Pace(models.Model):
    """When the next part may go through a gateway, whoever sends it."""

    gateway = models.CharField(max_length=12, primary_key=True)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pace of a gateway")
        verbose_name_plural = _("paces of gateways")


class DemoSms(models.Model):
    """What the demo gateway would have sent; it goes nowhere."""

    part = models.OneToOneField(Part, models.CASCADE, related_name="demo")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("message of the demo gateway")
        verbose_name_plural = _("messages of the demo gateway")
