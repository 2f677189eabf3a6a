"""Persons and their cards: second real-name checks, the blacklist of who may open none, punishments and their
letters.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry.codes import LetterKind, ListedKind
from qingdun.console.industry.moves import CHECK_OPEN, SUSPENSIONS, AppealState, CheckState

USER = settings.AUTH_USER_MODEL


class CardCheck(models.Model):
    """A second real-name check of a phone card of high risk (二次实人核验), by its clock."""

    party = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    holder = models.CharField(max_length=64, blank=True)
    risk = models.CharField(max_length=300)
    basis = models.CharField(max_length=16)
    rule_version = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=CheckState.choices, default=CheckState.FLAGGED)
    flagged_at = models.DateTimeField(db_index=True)
    flagged_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True, db_index=True, help_text="When the next step is due")
    noticed_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    objected_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True, db_index=True, help_text="When a suspension ends by its term")
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("second real-name check")
        verbose_name_plural = _("second real-name checks")
        ordering: ClassVar[list[str]] = ["-flagged_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(state__in=[*CHECK_OPEN]),
                name="one_check_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*SUSPENSIONS]) | Q(checked_by__isnull=False),
                name="suspension_has_a_human",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*SUSPENSIONS]) | Q(until__isnull=False),
                name="suspension_has_an_end",
            ),
        ]


class BlacklistEntry(models.Model):
    """Who may open no more cards or accounts (开卡黑名单). Of the identity only a keyed digest is kept."""

    kind = models.CharField(max_length=10, choices=ListedKind.choices)
    digest = models.CharField(max_length=32, help_text="HMAC-SHA256 of the identity, 128 bits in hex")
    reason = models.CharField(max_length=120)
    basis = models.CharField(max_length=16)
    party = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    listed_on = models.DateField(db_index=True)
    until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    waits = models.BooleanField(default=False, help_text="Whether a second person has still to confirm it")
    second_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("entry of the blacklist")
        verbose_name_plural = _("entries of the blacklist")
        ordering: ClassVar[list[str]] = ["-listed_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["digest", "kind"], condition=Q(ended_on=None), name="one_open_entry_an_identity"
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("by")), name="two_who_list_are_two"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["listed_on", "by"], condition=Q(waits=True), name="blacklist_waits")
        ]


class Punishment(models.Model):
    """The restriction of a person over cards (惩戒): who, for how many years, by which rule."""

    restriction = models.OneToOneField("industry.Restriction", models.PROTECT, related_name="punishment")
    identity = models.CharField(max_length=32)
    years = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=16, help_text="Version of the rule of punishment")
    deed_on = models.DateField(help_text="The day of the deed, by which the rule goes")
    decided_on = models.DateField()
    document = models.CharField(
        max_length=64,
        blank=True,
        help_text="Number of a decision older than the ledger",
    )
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    capped = models.BooleanField(default=False, help_text="Whether the cap of all punishments shortened it")

    class Meta:
        verbose_name = _("punishment")
        verbose_name_plural = _("punishments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(deed_on__lte=F("decided_on")), name="deed_comes_before_decision"
            )
        ]


class Letter(models.Model):
    """A numbered letter to whoever is punished; Word and PDF are written from it anew each time."""

    kind = models.CharField(max_length=8, choices=LetterKind.choices)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    punishment = models.ForeignKey(Punishment, models.PROTECT, related_name="letters")
    text = models.CharField(max_length=500, blank=True, help_text="What is particular to this letter")
    verdict = models.CharField(
        max_length=10, choices=AppealState.choices, blank=True, help_text="Of the appeal it answers"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "year", "serial"], name="one_letter_a_number")
        ]
