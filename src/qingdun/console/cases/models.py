"""Incidents as reported, cases as filed, and what hangs on a case: persons, measures, gangs, seizures.

A row that hangs on a case is of the case's region; who may see a case sees what hangs on it. Legal moves
stand in `moves`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.cases.codes import GangKind, Industry, MeasureKind, PartRole, Province, SeizedKind
from qingdun.console.cases.moves import CampaignState, CaseState, GangState


class Incident(models.Model):
    """One report of money lost to a scam: by whom, when, how much, how."""

    person_id = models.CharField(max_length=64, db_index=True)
    msisdn = models.CharField(max_length=24)
    region_path = models.CharField(max_length=80, db_index=True)
    reported_at = models.DateTimeField(db_index=True)
    scam_type = models.CharField(max_length=20)
    loss_fen = models.BigIntegerField(validators=[MinValueValidator(0)])
    how = models.TextField(blank=True)
    task = models.ForeignKey("alerts.Task", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, help_text="Of the form; the same form is taken once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, help_text="Since when it counts no more; see Retraction")

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering: ClassVar[list[str]] = ["-reported_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_incident_a_form"),
            models.CheckConstraint(condition=models.Q(loss_fen__gte=0), name="loss_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.scam_type}"


class Retraction(models.Model):
    """An incident that somebody takes back: why, and who agreed where legal documents rest on it. The
    incident keeps its row, since documents and audit rows name it by number, and nobody counts it.
    """

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="retraction")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Who agreed"
    )

    class Meta:
        verbose_name = _("incident taken back")
        verbose_name_plural = _("incidents taken back")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(second=models.F("by")), name="somebody_else_agrees")
        ]


class Campaign(models.Model):
    """Many cases attacked at once, such as 百案攻坚: teams go out, to other provinces too."""

    name = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80, db_index=True)
    begins_on = models.DateField(db_index=True)
    ends_on = models.DateField(null=True)
    goal = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=CampaignState.choices, default=CampaignState.PLANNED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering: ClassVar[list[str]] = ["-begins_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name"], name="one_campaign_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """A case that was filed (立案): its number, kind and state."""

    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    scam_type = models.CharField(max_length=20, blank=True)
    two_cards = models.BooleanField(default=False, help_text="About phone and bank cards (两卡)")
    filed_on = models.DateField(db_index=True)
    solved_on = models.DateField(null=True, db_index=True)
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.FILED)
    region_path = models.CharField(max_length=80, db_index=True)
    note = models.TextField(blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="cases")
    incidents = models.ManyToManyField(Incident, related_name="cases")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = pgettext_lazy("table", "cases")
        ordering: ClassVar[list[str]] = ["-filed_on", "-pk"]

    def __str__(self) -> str:
        return self.number


class CasePerson(models.Model):
    """Somebody who has a part in cases, once however many: counts are by person."""

    identity = models.CharField(max_length=32, unique=True, help_text="Number of the identity document")
    name = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("person of a case")
        verbose_name_plural = _("persons of cases")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.pk}"


class Part(models.Model):
    """What somebody did in one case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parts")
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="parts")
    role = models.CharField(max_length=12, choices=PartRole.choices)
    industry = models.CharField(max_length=10, choices=Industry.choices, blank=True)
    on = models.DateField(db_index=True, help_text="Since when they are known to have it")
    numbers = models.JSONField(default=list, help_text="Phone numbers they used, as the case knows, in E.164")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("part in a case")
        verbose_name_plural = _("parts in cases")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "person"], name="one_part_a_case"),
            models.CheckConstraint(condition=~Q(role="insider") | ~Q(industry=""), name="insider_of_what"),
        ]


class FormerName(models.Model):
    """What a case or a person of cases was called until somebody corrected it, and why. Only pages that show
    the name show it: the audit row says that there was a correction, and nobody's name.
    """

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="former_names")
    person = models.ForeignKey(CasePerson, models.PROTECT, null=True, related_name="former_names")
    name = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When it was corrected")

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(case__isnull=True) ^ Q(person__isnull=True), name="former_name_of_one"
            )
        ]


def numbers_of(parts: Iterable[Part]) -> list[str]:
    """The phone numbers somebody used, as these parts know, each once."""
    return list(dict.fromkeys(number for part in parts for number in part.numbers))


class Measure(models.Model):
    """What was done to somebody in a case, on a day, by which document."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="measures")
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=12, choices=MeasureKind.choices)
    on = models.DateField(db_index=True)
    document = models.CharField(max_length=60, blank=True)
    until = models.DateField(null=True, help_text="Of a punishment: its last day")
    rule = models.CharField(max_length=60, blank=True, help_text="Of a punishment: the rule and its version")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("measure in a case")
        verbose_name_plural = _("measures in cases")
        ordering: ClassVar[list[str]] = ["on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "person", "kind", "on"], name="one_measure_a_day")
        ]


class Gang(models.Model):
    """A gang (团伙): its members are persons of cases, its cases those they are in."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=GangKind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    found_on = models.DateField(db_index=True)
    broken_up_on = models.DateField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=GangState.choices, default=GangState.WATCHED)
    cluster_id = models.CharField(max_length=64, blank=True, help_text="The engine's cluster it showed as")
    cases = models.ManyToManyField(Case, related_name="gangs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("gang")
        verbose_name_plural = _("gangs")
        ordering: ClassVar[list[str]] = ["-found_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name"], name="one_gang_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person of a case in a gang."""

    gang = models.ForeignKey(Gang, models.PROTECT, related_name="members")
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=PartRole.choices)

    class Meta:
        verbose_name = _("member of a gang")
        verbose_name_plural = _("members of gangs")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gang", "person"], name="one_membership_a_gang")
        ]


class Seizure(models.Model):
    """Things of one kind seized at one place for one case; cash has an amount, the others a count."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="seizures")
    kind = models.CharField(max_length=10, choices=SeizedKind.choices)
    count = models.PositiveIntegerField(default=0)
    amount_fen = models.BigIntegerField(default=0)
    serials = models.JSONField(default=list, help_text="Numbers of the things, as far as written down")
    on = models.DateField(db_index=True)
    place = models.CharField(max_length=100, blank=True)
    key = models.CharField(
        max_length=32, help_text="Of its case and all that it says: equal things have the same"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("seizure")
        verbose_name_plural = _("seizures")
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key"], name="seizure_by_key")]


class Team(models.Model):
    """People who work in a campaign together."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=40)
    officers = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("team of a campaign")
        verbose_name_plural = _("teams of campaigns")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["campaign", "name"], name="one_team_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Trip(models.Model):
    """A journey of a team: to which province and city, from when to when, what came of it."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="trips")
    province = models.CharField(max_length=2, choices=Province.choices)
    city = models.CharField(max_length=40, blank=True)
    left_on = models.DateField(db_index=True)
    back_on = models.DateField(null=True)
    result = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")
        ordering: ClassVar[list[str]] = ["-left_on", "-pk"]


class GraphRecord(models.Model):
    """A graph as somebody saw it, kept as evidence: which nodes, what they noted, picture and GraphML."""

    title = models.CharField(max_length=100)
    region_path = models.CharField(max_length=80, db_index=True)
    view = models.JSONField(help_text="Ids of the nodes shown, notes and fixed places by id")
    graphml = models.TextField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the GraphML, in hex")
    picture = models.BinaryField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("graph kept as evidence")
        verbose_name_plural = _("graphs kept as evidence")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
