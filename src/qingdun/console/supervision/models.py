"""Commissioners, rounds of assignment, what is supervised in them, visits, findings, and what became of
these.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.places import place_name
from qingdun.console.supervision.codes import Area, Change, Kind, Late, SupervisionForm
from qingdun.console.supervision.moves import RoundState, ShortcomingState

USER = settings.AUTH_USER_MODEL
SUBJECT = Q(kind="town", partner=None) | Q(kind="enterprise") & ~Q(partner=None)
"""A town is its path; an enterprise is a partner of outreach."""


class Commissioner(models.Model):
    """A senior officer who supervises, from a day on (督导专员); at home in a county."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True, help_text="The home county")
    appointed_on = models.DateField()
    ended_on = models.DateField(null=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("commissioner")
        verbose_name_plural = _("commissioners")
        ordering: ClassVar[list[str]] = ["appointed_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_on=None), name="in_office_once")
        ]

    def __str__(self) -> str:
        return str(self.user)


class StaffFigure(models.Model):
    """How many work at an enterprise by somebody's figures of a day; what was entered later counts."""

    partner = models.ForeignKey("outreach.Partner", models.CASCADE, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    staff = models.PositiveIntegerField()
    as_of = models.DateField(help_text="The day the figure is of")
    source = models.CharField(max_length=100)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure of staff")
        verbose_name_plural = _("figures of staff")
        ordering: ClassVar[list[str]] = ["-as_of", "-pk"]


class Round(models.Model):
    """One assignment of what is supervised to commissioners: drawn by rule, confirmed by a person."""

    region_path = models.CharField(max_length=80, db_index=True)
    ranking = models.ForeignKey("assessment.Ranking", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=RoundState.choices, default=RoundState.DRAFT)
    rules = models.CharField(max_length=20, help_text="The version of the rules")
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", help_text="Null: the tick"
    )
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, help_text="When the next one was confirmed")

    class Meta:
        verbose_name = _("round of assignment")
        verbose_name_plural = _("rounds of assignment")
        ordering: ClassVar[list[str]] = ["-drawn_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region_path"], condition=Q(state="draft"), name="one_round_drawn"
            ),
            models.UniqueConstraint(
                fields=["region_path"], condition=Q(state="confirmed"), name="one_round_in_force"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", confirmed_by=None) | ~Q(state="draft") & ~Q(confirmed_by=None),
                name="confirmed_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Charge(models.Model):
    """A town or an enterprise in a round: whose it is, why, and in which form it is supervised."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="charges")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    partner = models.ForeignKey("outreach.Partner", models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(help_text="In its list; 1 is the first")
    position_before = models.PositiveSmallIntegerField(null=True)
    measure = models.FloatField(help_text="Points of the ranking, or staff")
    change = models.CharField(max_length=6, choices=Change.choices)
    form = models.CharField(max_length=10, choices=SupervisionForm.choices)
    form_why = models.JSONField(default=list)
    commissioner = models.ForeignKey(Commissioner, models.PROTECT, related_name="charges")
    why = models.JSONField(default=list)
    wanted = models.PositiveSmallIntegerField(help_text="Visits in the round, by the rules")

    class Meta:
        verbose_name = _("place or enterprise under supervision")
        verbose_name_plural = _("places and enterprises under supervision")
        ordering: ClassVar[list[str]] = ["-kind", "position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["round", "region_path"], condition=Q(kind="town"), name="one_charge_a_town"
            ),
            models.UniqueConstraint(fields=["round", "partner"], name="one_charge_an_enterprise"),
            models.CheckConstraint(condition=SUBJECT, name="a_town_or_an_enterprise"),
        ]

    def __str__(self) -> str:
        return place_name(self.region_path) if self.partner is None else self.partner.name

    def same_subject(self) -> Q:
        """The condition on rows with a charge that they are about the same town or enterprise."""
        if self.kind == Kind.TOWN:
            return Q(charge__kind=Kind.TOWN, region_path=self.region_path)
        return Q(charge__partner=self.partner_id)


class Departure(models.Model):
    """What was supervised in the round before and is no more, and where it stands now."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="departures")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    partner = models.ForeignKey("outreach.Partner", models.PROTECT, null=True, related_name="+")
    position_before = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField(null=True, help_text="Null: in no list any more")
    commissioner = models.ForeignKey(Commissioner, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("end of a supervision")
        verbose_name_plural = _("ends of supervisions")
        ordering: ClassVar[list[str]] = ["-kind", "position_before", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=SUBJECT, name="a_town_or_an_enterprise_left")
        ]

    def __str__(self) -> str:
        return place_name(self.region_path) if self.partner is None else self.partner.name


class Supervision(models.Model):
    """One visit; `key` comes from the phone, and the same key of the same person is one visit."""

    key = models.CharField(max_length=64)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="visits")
    region_path = models.CharField(max_length=80, db_index=True)
    form = models.CharField(max_length=10, choices=SupervisionForm.choices)
    visited_at = models.DateTimeField(db_index=True, help_text="By the phone's clock, if that can be")
    notes = models.TextField()
    verdict = models.BooleanField(null=True, help_text="Of a listed town: whether its inspection was passed")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When the server took it")

    class Meta:
        verbose_name = _("visit of supervision")
        verbose_name_plural = _("visits of supervision")
        ordering: ClassVar[list[str]] = ["-visited_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_visit_a_key")
        ]

    def __str__(self) -> str:
        return str(self.charge)


class VisitPhoto(models.Model):
    """A photo of a visit, drawn anew and kept here."""

    visit = models.ForeignKey(Supervision, models.CASCADE, related_name="photos")
    key = models.CharField(max_length=64)
    picture = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("photo of a visit of supervision")
        verbose_name_plural = _("photos of visits of supervision")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_visit_photo_a_key")
        ]


class Shortcoming(models.Model):
    """One finding of a visit, to be put right by a day and inspected again."""

    visit = models.ForeignKey(Supervision, models.PROTECT, related_name="shortcomings")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="shortcomings")
    region_path = models.CharField(max_length=80, db_index=True)
    area = models.CharField(max_length=10, choices=Area.choices)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=ShortcomingState.choices, default=ShortcomingState.OPEN)
    found_at = models.DateTimeField(db_index=True)
    due_on = models.DateField(help_text="The last day for what comes next")
    told_due = models.DateField(null=True, help_text="The deadline that was escalated last")
    answer = models.TextField(blank=True, help_text="What was done, as the place reports it")
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was dropped")

    class Meta:
        verbose_name = pgettext_lazy("of a visit", "finding")
        verbose_name_plural = pgettext_lazy("of a visit", "findings")
        ordering: ClassVar[list[str]] = ["due_on", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_on"], name="supervision_due")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered"], closed_at=None)
                | Q(state__in=["passed", "dropped"]) & ~Q(closed_at=None),
                name="settled_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Recheck(models.Model):
    """A finding was inspected again on a visit."""

    visit = models.ForeignKey(Supervision, models.PROTECT, related_name="rechecks")
    shortcoming = models.ForeignKey(Shortcoming, models.PROTECT, related_name="rechecks")
    region_path = models.CharField(max_length=80, db_index=True)
    passed = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(null=True, help_text="The new deadline, if it was not put right")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("re-inspection")
        verbose_name_plural = _("re-inspections")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "shortcoming"], name="one_recheck_a_visit")
        ]


class Escalation(models.Model):
    """A deadline passed: the county and the city know, once for each deadline."""

    shortcoming = models.ForeignKey(Shortcoming, models.PROTECT, related_name="escalations")
    region_path = models.CharField(max_length=80, db_index=True)
    due_on = models.DateField()
    late = models.CharField(max_length=12, choices=Late.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("deadline that passed")
        verbose_name_plural = _("deadlines that passed")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shortcoming", "late", "due_on"], name="one_escalation_a_deadline"
            )
        ]
