"""Bulletins with their text and figures, and schedules by which they are drafted.

An issued bulletin is never changed, nor are its figures: triggers of the database refuse it. A correction is
another bulletin of the same period.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.bulletin.moves import BulletinState
from qingdun.console.bulletin.periods import Period, Span

USER = settings.AUTH_USER_MODEL


class Bulletin(models.Model):
    """The account of a place and period: a draft, signed by one person, or issued by two."""

    region_path = models.CharField(max_length=80, db_index=True)
    since = models.DateField()
    until = models.DateField(help_text="The last day")
    language = models.CharField(max_length=2, choices=[("zh", "中文"), ("en", "English")])
    title = models.CharField(max_length=100)
    paragraphs = models.JSONField(
        help_text="Each with its parts: texts, and places of figures with what stands"
    )
    template = models.CharField(max_length=20, help_text="The version of the template")
    state = models.CharField(max_length=8, choices=BulletinState.choices, default=BulletinState.DRAFT)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    scheduled = models.BooleanField(default=False, help_text="Whether a schedule drafted it")
    composed_at = models.DateTimeField()
    counted_at = models.DateTimeField(help_text="When its figures were counted")
    first_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    year = models.PositiveSmallIntegerField(null=True, help_text="Of its number, once it is issued")
    serial = models.PositiveIntegerField(null=True)
    seal = models.CharField(max_length=64, blank=True, help_text="SHA-256 over what was signed, in hex")
    note = models.CharField(max_length=300, blank=True, help_text="Why it was sent back or dropped")

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        ordering: ClassVar[list[str]] = ["-until", "-since", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region_path", "since", "until", "language"],
                condition=Q(state__in=["draft", "signed"]),
                name="one_bulletin_under_way",
            ),
            models.UniqueConstraint(fields=["region_path", "year", "serial"], name="one_bulletin_a_number"),
            models.CheckConstraint(
                condition=~Q(state__in=["signed", "issued"]) | Q(first_by__isnull=False) & ~Q(seal=""),
                name="signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(second_by__isnull=False, serial__isnull=False),
                name="issued_by_two",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("first_by")), name="two_who_sign_are_two"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period(self) -> Period:
        """What it is about."""
        return Period(self.since, self.until)


class BulletinFigure(models.Model):
    """One figure of a bulletin as it was counted; money in fen, bounds of shares in hundredths."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="figures")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=80)
    word = models.CharField(max_length=120)
    money = models.BooleanField(default=False)
    value = models.BigIntegerField(null=True)
    before = models.BigIntegerField(null=True)
    year = models.BigIntegerField(null=True)
    part = models.BigIntegerField(null=True)
    whole = models.BigIntegerField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    url = models.CharField(max_length=300, help_text="Where its rows are")

    class Meta:
        verbose_name = _("figure of a bulletin")
        verbose_name_plural = _("figures of bulletins")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["bulletin", "code"], name="one_figure_a_bulletin")
        ]

    def __str__(self) -> str:
        return self.code


class Schedule(models.Model):
    """A draft is made of every period of that length once it is over, for whoever set it."""

    region_path = models.CharField(max_length=80, db_index=True)
    span = models.CharField(max_length=5, choices=Span.choices)
    language = models.CharField(max_length=2, choices=[("zh", "中文"), ("en", "English")])
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    last_until = models.DateField(null=True, help_text="The last day of the latest period drafted")
    failed = models.CharField(max_length=200, blank=True, help_text="Why the latest draft was not made")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("schedule of bulletins")
        verbose_name_plural = _("schedules of bulletins")
        ordering: ClassVar[list[str]] = ["region_path", "span"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region_path", "span", "language"],
                condition=Q(ended_at=None),
                name="one_schedule_a_span",
            )
        ]
