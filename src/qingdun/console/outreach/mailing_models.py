"""Mailings: to whom a text goes and whom it leaves out, what became of it, and what it changed.

Legal moves stand in `moves`.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.outreach.codes import Arm, AudienceKind, Outcome, StandsStill
from qingdun.console.outreach.moves import MailingState


class Mailing(models.Model):
    """One educational text to people who need it, a drawn part of whom is held out."""

    name = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=12, choices=AudienceKind.choices)
    scam_type = models.CharField(max_length=20, blank=True)
    counties = models.JSONField(default=list, help_text="Codes of the places that were picked")
    template = models.CharField(max_length=40, help_text="Code of the text")
    holdout_share = models.FloatField()
    seed = models.CharField(max_length=32, help_text="Of the draw, so that it can be drawn again")
    left_out = models.JSONField(default=dict, help_text="How many were left out before the draw, and why")
    state = models.CharField(max_length=10, choices=MailingState.choices, default=MailingState.PREPARED)
    weeks = models.PositiveSmallIntegerField(help_text="For how long alerts and cases are counted")
    key = models.CharField(max_length=64, help_text="Of the form; the same form is taken once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_index=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, db_index=True)
    ends_at = models.DateTimeField(null=True, help_text="Until then alerts and cases are counted")
    done_at = models.DateTimeField(null=True)
    stands_still = models.CharField(
        max_length=10, blank=True, choices=StandsStill.choices, help_text="Why it cannot be queued"
    )

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering: ClassVar[list[str]] = ["-prepared_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_mailing_a_form"),
            models.CheckConstraint(
                condition=Q(holdout_share__gte=0, holdout_share__lte=0.5), name="most_are_sent_to"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Recipient(models.Model):
    """Somebody of a mailing's audience, and the group the draw has put them into."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="recipients")
    person_id = models.CharField(max_length=64, db_index=True)
    county = models.CharField(max_length=12, help_text="Code of the county: the stratum of the draw")
    arm = models.CharField(max_length=4, choices=Arm.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    message = models.ForeignKey("sms.Message", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("recipient of a mailing")
        verbose_name_plural = _("recipients of mailings")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["mailing", "person_id"], name="one_place_a_mailing")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mailing", "arm", "outcome"], name="outreach_to_be_queued")
        ]


class Reading(models.Model):
    """How many of either group were hit by the end of a day after the mailing; only numbers."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="readings")
    days = models.PositiveSmallIntegerField(help_text="Whole days since the mailing was approved")
    sent = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    sent_alerts = models.PositiveIntegerField()
    held_alerts = models.PositiveIntegerField()
    sent_cases = models.PositiveIntegerField()
    held_cases = models.PositiveIntegerField()
    sent_others = models.PositiveIntegerField(default=0, help_text="Who had another mailing meanwhile")
    held_others = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of a mailing’s effect")
        verbose_name_plural = _("readings of mailings’ effects")
        ordering: ClassVar[list[str]] = ["days"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["mailing", "days"], name="one_reading_a_day")
        ]


class HitGroup(models.Model):
    """Of a group of residents of a county (age, sex, floating or not), how many had an alert of a scam type
    within the last 180 days; only numbers, made anew every day. Without a scam type: of any.
    """

    region_path = models.CharField(max_length=80, db_index=True)
    scam_type = models.CharField(max_length=20, blank=True)
    band = models.CharField(max_length=5)
    sex = models.CharField(max_length=1)
    floating = models.BooleanField()
    hit = models.PositiveIntegerField()
    residents = models.PositiveIntegerField()
    day = models.DateField()

    class Meta:
        verbose_name = _("group by how often it is hit")
        verbose_name_plural = _("groups by how often they are hit")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region_path", "scam_type", "band", "sex", "floating"], name="one_hit_group"
            )
        ]
