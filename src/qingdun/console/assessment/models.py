"""Rankings with the rows they counted, what is decided about places, what they answer, and the files of cases
looked at backwards.

A ranking that is published is never changed: a correction is another one.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.assessment.codes import OpenedFor, Ranked, RulingKind, Span
from qingdun.console.assessment.moves import FileState, ObjectionState, RankingState, RulingState

USER = settings.AUTH_USER_MODEL


class Residents(models.Model):
    """How many live at a place by somebody's figures of a day; what was entered later counts."""

    region_path = models.CharField(max_length=80, db_index=True)
    residents = models.PositiveIntegerField()
    as_of = models.DateField(help_text="The day the figure is of")
    source = models.CharField(max_length=100)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure of residents")
        verbose_name_plural = _("figures of residents")
        ordering: ClassVar[list[str]] = ["-as_of", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(residents__gt=0), name="somebody_lives_there")
        ]


class RuleVersion(models.Model):
    """One version of the rules, from a day on; never changed."""

    version = models.CharField(max_length=20, unique=True)
    valid_from = models.DateField()
    body = models.JSONField(help_text="As in rules.json")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of the rules")
        verbose_name_plural = _("versions of the rules")
        ordering: ClassVar[list[str]] = ["-valid_from", "-pk"]

    def __str__(self) -> str:
        return self.version


class Scheme(models.Model):
    """How a town rewards and penalises its own areas, from a day on; the latest that holds counts."""

    region_path = models.CharField(max_length=80, db_index=True)
    valid_from = models.DateField()
    areas = models.JSONField(help_text="Codes of villages by name of the area")
    award = models.CharField(max_length=200)
    penalty = models.CharField(max_length=200)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("scheme of a town")
        verbose_name_plural = _("schemes of towns")
        ordering: ClassVar[list[str]] = ["-valid_from", "-pk"]


class Ranking(models.Model):
    """The places of a level in a period, as the ledger was when it was reckoned."""

    region_path = models.CharField(max_length=80, db_index=True)
    level = models.CharField(max_length=8, choices=Ranked.choices)
    since = models.DateField()
    until = models.DateField(help_text="The last day")
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RankingState.choices, default=RankingState.DRAFT)
    rules = models.CharField(max_length=20, help_text="The version of the rules")
    population = models.CharField(max_length=16, help_text="Digest of the residents by place")
    digest = models.CharField(max_length=64, help_text="SHA-256 over all that was counted, in hex")
    residents = models.PositiveBigIntegerField()
    cases = models.PositiveIntegerField()
    loss_fen = models.BigIntegerField()
    major_500k = models.PositiveIntegerField()
    major_1m = models.PositiveIntegerField()
    estimated = models.PositiveIntegerField(help_text="Places whose residents are an estimate")
    empty = models.JSONField(default=list, help_text="Paths of places where nobody lives by the figures")
    unplaced = models.PositiveIntegerField(help_text="Cases of the period at no place of the level")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was corrected")
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", help_text="Null: the tick")
    reckoned_at = models.DateTimeField()
    published_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        ordering: ClassVar[list[str]] = ["-since", "-version", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["level", "since", "version"], name="one_ranking_a_version"),
            models.UniqueConstraint(
                fields=["level", "since"], condition=Q(state="draft"), name="one_draft_a_period"
            ),
            models.UniqueConstraint(
                fields=["level", "since"], condition=Q(state="published"), name="one_ranking_holds"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | ~Q(state="draft") & ~Q(published_at=None),
                name="published_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.since} v{self.version}"


class Line(models.Model):
    """One place in a ranking: what was counted, its rates raw and shrunk, its points and rank."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="lines")
    region_path = models.CharField(max_length=80, db_index=True)
    rank = models.PositiveIntegerField(help_text="1 is the worst")
    rank_before = models.PositiveIntegerField(null=True, help_text="In the published ranking before")
    points = models.FloatField()
    residents = models.PositiveIntegerField()
    estimated = models.BooleanField()
    cases = models.PositiveIntegerField()
    cases_before = models.PositiveIntegerField()
    cases_year = models.PositiveIntegerField()
    loss_fen = models.BigIntegerField()
    loss_before_fen = models.BigIntegerField()
    loss_year_fen = models.BigIntegerField()
    major_500k = models.PositiveIntegerField()
    major_1m = models.PositiveIntegerField()
    raw = models.FloatField(help_text="Cases per 10,000 residents")
    low = models.FloatField(help_text="Exact Poisson interval of the raw rate")
    high = models.FloatField()
    shrunk = models.FloatField()
    shrunk_low = models.FloatField()
    shrunk_high = models.FloatField()
    expected = models.FloatField(help_text="Cases, had it the city's rate")
    p_more = models.FloatField(help_text="The chance of as many cases at the city's rate")
    differs = models.CharField(max_length=5)
    cases_points = models.FloatField()
    loss_used = models.FloatField(help_text="Mean loss as it counts, fen")
    loss_points = models.FloatField()
    major_used = models.FloatField(help_text="Major cases per 10,000 residents as they count")
    major_points = models.FloatField()

    class Meta:
        verbose_name = _("line of a ranking")
        verbose_name_plural = _("lines of rankings")
        ordering: ClassVar[list[str]] = ["rank", "region_path"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ranking", "region_path"], name="one_line_a_place")
        ]

    @property
    def mean_loss_fen(self) -> int | None:
        """Loss of a case on average; None without one."""
        return round(self.loss_fen / self.cases) if self.cases else None


class CountedRow(models.Model):
    """One incident with a loss as the ranking counted it; what the ledger says later changes nothing here."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="rows")
    span = models.CharField(max_length=6, choices=Span.choices)
    incident = models.BigIntegerField(help_text="Its number in the ledger")
    region_path = models.CharField(max_length=80)
    on = models.DateField()
    scam_type = models.CharField(max_length=20)
    loss_fen = models.BigIntegerField()

    class Meta:
        verbose_name = _("counted incident")
        verbose_name_plural = _("counted incidents")
        ordering: ClassVar[list[str]] = ["-on", "-incident"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ranking", "span", "region_path"], name="assessment_counted")
        ]


class Ruling(models.Model):
    """What is proposed, and decided by a person, about a town or a village."""

    kind = models.CharField(max_length=10, choices=RulingKind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    ranking = models.ForeignKey(Ranking, models.PROTECT, null=True, related_name="rulings")
    listing = models.ForeignKey("self", models.PROTECT, null=True, related_name="about_it")
    area = models.CharField(max_length=40, blank=True, help_text="Of the town, if it is about one")
    state = models.CharField(max_length=10, choices=RulingState.choices, default=RulingState.PROPOSED)
    reasons = models.JSONField(default=list, help_text="Codes of why it was proposed")
    rules = models.CharField(max_length=20)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    ends_on = models.DateField(null=True, help_text="Of a listing: the last day of its term")
    object_until = models.DateField(null=True)
    answer_due_on = models.DateField(null=True, help_text="By when the place says what it did")
    report = models.TextField(blank=True, help_text="What the place did, or what an interview said")
    reported_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        ordering: ClassVar[list[str]] = ["-proposed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "region_path", "ranking"], name="one_ruling_a_ranking"),
            models.UniqueConstraint(
                fields=["region_path"], condition=Q(kind="listing", state="confirmed"), name="listed_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "lapsed"], decided_by=None)
                | ~Q(state__in=["proposed", "lapsed"]) & ~Q(decided_by=None),
                name="decided_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class Objection(models.Model):
    """What a town says against a ruling, and the answer."""

    ruling = models.ForeignKey(Ruling, models.PROTECT, related_name="objections")
    region_path = models.CharField(max_length=80, db_index=True)
    text = models.TextField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=ObjectionState.choices, default=ObjectionState.FILED)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("objection of a town")
        verbose_name_plural = _("objections of towns")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ruling"], name="one_objection_a_ruling"),
            models.CheckConstraint(
                condition=Q(state="filed", answer="") | ~Q(state="filed") & ~Q(answer=""),
                name="answered_in_words",
            ),
        ]


class Inspection(models.Model):
    """Somebody looked at what a listed town has done."""

    ruling = models.ForeignKey(Ruling, models.PROTECT, related_name="inspections")
    region_path = models.CharField(max_length=80, db_index=True)
    on = models.DateField()
    passed = models.BooleanField()
    findings = models.TextField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering: ClassVar[list[str]] = ["-on", "-pk"]


class Accountability(models.Model):
    """A case looked at backwards (倒查): opened by rule, one an incident."""

    incident = models.OneToOneField("cases.Incident", models.PROTECT, related_name="+")
    person_id = models.CharField(max_length=64)
    region_path = models.CharField(max_length=80, db_index=True)
    why = models.CharField(max_length=10, choices=OpenedFor.choices)
    loss_fen = models.BigIntegerField()
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=FileState.choices, default=FileState.OPEN)
    findings = models.TextField(blank=True)
    touches = models.JSONField(default=list, help_text="What was collected, as it was when it was closed")
    closed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("file of accountability")
        verbose_name_plural = _("files of accountability")
        ordering: ClassVar[list[str]] = ["-opened_at", "-pk"]


class Looked(models.Model):
    """How far the tick that opens files has looked through the incidents; one row."""

    incident = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark in the incidents")
        verbose_name_plural = _("marks in the incidents")
