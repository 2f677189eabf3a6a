"""The matrix of outreach: units, ambassadors, venues, partners, events, pledges, commendations, materials,
answers to the quiz.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, OrderBy, Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.outreach.codes import EventKind, MaterialKind, PartnerKind, UnitKind, VenueKind


class Unit(models.Model):
    """A unit of the leading group, of the publicity matrix, or of both; how many there were on a day follows
    from its days.
    """

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=UnitKind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    joined_on = models.DateField(null=True, db_index=True, help_text="The leading group; null: never")
    matrix_on = models.DateField(null=True, db_index=True, help_text="The publicity matrix; null: never")
    left_on = models.DateField(null=True, help_text="Both of them")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("member unit")
        verbose_name_plural = _("member units")
        ordering: ClassVar[list[str | OrderBy]] = [F("joined_on").asc(nulls_last=True), "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name"], name="one_unit_a_name"),
            models.CheckConstraint(
                condition=Q(joined_on__isnull=False) | Q(matrix_on__isnull=False), name="a_unit_is_of_a_body"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Ambassador(models.Model):
    """Somebody of some repute who speaks for the cause, by appointment (反诈宣传员)."""

    name = models.CharField(max_length=40)
    field = models.CharField(max_length=40, help_text="What they are known for")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="ambassadors")
    region_path = models.CharField(max_length=80, db_index=True)
    appointed_on = models.DateField(db_index=True)
    ended_on = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("ambassador")
        verbose_name_plural = _("ambassadors")
        ordering: ClassVar[list[str]] = ["appointed_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name", "field"], name="one_ambassador_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Venue(models.Model):
    """A standing place of outreach (宣防阵地)."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=VenueKind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    opened_on = models.DateField(db_index=True)
    closed_on = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering: ClassVar[list[str]] = ["opened_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name"], name="one_venue_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """A school or an enterprise where events are held and pledges signed."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=PartnerKind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    people = models.PositiveIntegerField(default=0, help_text="Staff, or pupils and teachers; 0: unknown")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name"], name="one_partner_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One event on a day: where, with whom, how many came."""

    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    on = models.DateField(db_index=True)
    region_path = models.CharField(max_length=80, db_index=True)
    place = models.CharField(max_length=80, blank=True)
    heads = models.PositiveIntegerField(help_text="People who came, as counted on the spot")
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, related_name="events")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="events")
    partners = models.ManyToManyField(Partner, related_name="events")
    ambassadors = models.ManyToManyField(Ambassador, related_name="events")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "title", "on"], name="one_event_a_title")
        ]

    def __str__(self) -> str:
        return self.title


class EventPhoto(models.Model):
    """A picture of an event, drawn anew by the server: no place, profile or comment is left in it."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="photos")
    picture = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("photo of an event")
        verbose_name_plural = _("photos of events")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "sha256"], name="one_picture_an_event")
        ]


class Pledge(models.Model):
    """What an enterprise has signed (责任书)."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="pledges")
    region_path = models.CharField(max_length=80, db_index=True)
    signed_on = models.DateField(db_index=True)
    until = models.DateField(null=True)
    document = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering: ClassVar[list[str]] = ["-signed_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["partner", "signed_on"], name="one_pledge_a_day")
        ]


class Commendation(models.Model):
    """Somebody commended, for what."""

    name = models.CharField(max_length=40)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="commendations")
    region_path = models.CharField(max_length=80, db_index=True)
    on = models.DateField(db_index=True)
    deed = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("commendation")
        verbose_name_plural = _("commendations")
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "name", "on"], name="one_commendation_a_day")
        ]


class Material(models.Model):
    """A leaflet, poster, film or text, whose versions stay."""

    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=MaterialKind.choices)
    scam_type = models.CharField(max_length=20, blank=True)
    region_path = models.CharField(max_length=80, db_index=True)
    version = models.PositiveSmallIntegerField(default=1, help_text="The one in use")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering: ClassVar[list[str]] = ["title", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region_path", "title"], name="one_material_a_title")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def words_in_use(self) -> str:
        """The words of the version in use; nothing is asked for if all versions came with the material."""
        return next((one.words for one in self.versions.all() if one.version == self.version), "")


class MaterialVersion(models.Model):
    """One version of a material: its words, and what was changed."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="versions")
    version = models.PositiveSmallIntegerField()
    words = models.TextField()
    change = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("version of a material")
        verbose_name_plural = _("versions of materials")
        ordering: ClassVar[list[str]] = ["-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["material", "version"], name="one_material_a_version")
        ]


class QuizSheet(models.Model):
    """Answers to the short quiz of somebody whom nobody has asked for their name."""

    key = models.CharField(max_length=64, unique=True)
    region_path = models.CharField(max_length=80, db_index=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="sheets")
    version = models.PositiveSmallIntegerField(help_text="Of the questions")
    answers = models.JSONField(help_text="Code of the answer by code of the question")
    right = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    on = models.DateField(db_index=True)

    class Meta:
        verbose_name = _("sheet of the quiz")
        verbose_name_plural = _("sheets of the quiz")
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
