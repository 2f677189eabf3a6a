"""What is kept of a visit besides its checklist: consents, photos, the place, the signed receipt.

Each row has the key that the phone gave it, so that it may be sent again safely.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Consent(models.Model):
    """What the person said about one thing, once; the latest of a kind holds, and none is ever changed."""

    class Kind(models.TextChoices):
        """What is asked."""

        LOOK = "look", _("Look at the phone")
        PHOTO = "photo", _("Take photos")
        BANK = "bank", _("Bank protection")
        FAMILY = "family", _("Speak with the family")

    class Answer(models.TextChoices):
        """What was said."""

        YES = "yes", _("Agreed")
        NO = "no", _("Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")

    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    said_at = models.DateTimeField(help_text="By the phone's clock, if that can be")
    at = models.DateTimeField(help_text="When the server took it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering: ClassVar[list[str]] = ["said_at", "pk"]


class Photo(models.Model):
    """One photo of a visit; the picture is a file outside the database, gone when `removed_at` is set."""

    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64, help_text="Of the file in the folder of photos")
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering: ClassVar[list[str]] = ["at", "pk"]


class Place(models.Model):
    """Where the visit happened, as the officer's phone found it with the officer's consent; one a task."""

    task = models.OneToOneField("alerts.Task", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    key = models.CharField(max_length=64, unique=True)
    lat = models.FloatField(help_text="Degrees, WGS 84")
    lng = models.FloatField(help_text="Degrees, WGS 84")
    accuracy_m = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("place of a visit")
        verbose_name_plural = _("places of visits")


class Receipt(models.Model):
    """What the person was told and signed; never changed, and numbered within its year."""

    class Language(models.TextChoices):
        """In which language it is printed."""

        ZH = "zh", _("Chinese")
        EN = "en", _("English")
        BOTH = "both", _("Both languages")

    task = models.ForeignKey("alerts.Task", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    key = models.CharField(max_length=64, unique=True)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    language = models.CharField(max_length=4, choices=Language.choices)
    scam_type = models.CharField(max_length=20)
    told = models.JSONField(help_text="Codes of `receipt.json`")
    steps = models.JSONField(help_text="Codes of the checklist that were done")
    strokes = models.JSONField(help_text="The signature: lines of points in thousandths of the field's width")
    refused = models.BooleanField(default=False, help_text="The person would not sign")
    station = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(help_text="By the phone's clock, if that can be")
    at = models.DateTimeField(help_text="When the server took it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["year", "serial"], name="one_receipt_a_number")
        ]

    @property
    def number(self) -> str:
        """As printed.

        >>> Receipt(year=2026, serial=7).number
        '2026-000007'
        """
        return f"{self.year}-{self.serial:06}"
