"""What every module stands on: users, regions, organisations, the register of persons, audit, events,
outbox.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import Role


def region_name(name: str, name_en: str) -> str:
    """That of the two in the reader's language; the Chinese where there is no English."""
    return name_en if get_language() == "en" and name_en else name


class Region(models.Model):
    """A place of the city's tree; `path` holds the codes from the city down, each followed by a slash."""

    class Level(models.TextChoices):
        """How deep in the tree."""

        CITY = "city", _("City")
        COUNTY = "county", _("County")
        TOWN = "town", _("Town")
        VILLAGE = "village", _("Village")

    code = models.CharField(_("code"), max_length=12, primary_key=True)
    name = models.CharField(_("Chinese name"), max_length=64)
    short_name = models.CharField(_("short name"), max_length=32)
    name_en = models.CharField(_("English name"), max_length=64)
    level = models.CharField(_("level of the place"), max_length=8, choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=16)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("lies in")
    )
    path = models.CharField(_("codes from the city down"), max_length=64, unique=True)
    population = models.PositiveIntegerField(_("population"))
    population_estimated = models.BooleanField(_("population is an estimate"))
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    urban = models.BooleanField(_("urban"))

    class Meta:
        ordering: ClassVar[list[str]] = ["path"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return region_name(self.name, self.name_en)


class Organisation(models.Model):
    """A body that acts: a bureau, a station with the towns it serves, a bank, an operator."""

    class Kind(models.TextChoices):
        """What kind of body."""

        CITY_BUREAU = "city_bureau", _("City bureau")
        COUNTY_BUREAU = "county_bureau", _("County bureau")
        STATION = "station", _("Police station")
        BANK = "bank", _("Bank")
        OPERATOR = "operator", _("Operator")
        UNIT = "unit", _("Member unit")

    code = models.CharField(_("code"), max_length=32, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    name = models.CharField(_("Chinese name"), max_length=64)
    name_en = models.CharField(_("English name"), max_length=64, blank=True)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="organisations", verbose_name=_("region")
    )
    towns = models.ManyToManyField(
        Region, related_name="serving", blank=True, verbose_name=_("towns it serves")
    )
    lng = models.FloatField(_("longitude"), null=True)
    lat = models.FloatField(_("latitude"), null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return region_name(self.name, self.name_en)


class User(AbstractUser):
    """Somebody who logs in: one role, one region whose subtree is theirs, one organisation."""

    display_name = models.CharField(_("name"), max_length=64, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.VIEWER)
    region = models.ForeignKey(
        Region, null=True, on_delete=models.PROTECT, related_name="users", verbose_name=_("region")
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("organisation")
    )
    language = models.CharField(_("language"), max_length=8, default="zh-hans")
    demo = models.BooleanField(_("demo account"), default=False)
    must_change_password = models.BooleanField(
        _("must change the password"), default=False, help_text=_("Somebody else has chosen it.")
    )
    # Nobody stands above the table of roles, and who may open the back office is a fact of that table.
    is_superuser = None
    is_staff = None

    class Meta:
        ordering: ClassVar[list[str]] = ["username"]
        # Log-in does not tell capitals from small letters.
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("username"), name="one_user_a_name")
        ]
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def region_path(self) -> str:
        """Path of the region whose subtree the user sees; empty if they see none."""
        return self.region.path if self.region else ""


class Person(models.Model):
    """A resident as the reference tables of the flows name them."""

    person_id = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=64, blank=True)
    birth_year = models.PositiveSmallIntegerField()
    sex = models.CharField(max_length=1)
    floating = models.BooleanField()
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="persons")
    region_path = models.CharField(max_length=64, db_index=True)
    home_lng = models.FloatField(null=True)
    home_lat = models.FloatField(null=True)
    home_address = models.CharField(max_length=200, blank=True)
    work_lng = models.FloatField(null=True)
    work_lat = models.FloatField(null=True)
    work_address = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")

    def __str__(self) -> str:
        return self.person_id

    @cached_property
    def names_around(self) -> tuple[str, ...]:
        """The names of the person and of the relatives on the register: masked wherever somebody has typed
        them.
        """
        return (self.name, *self.relations.values_list("relative__name", flat=True))


class PersonNumber(models.Model):
    """A phone number and who holds it."""

    msisdn = models.CharField(max_length=24, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="numbers")
    carrier = models.CharField(max_length=32)
    virtual_operator = models.BooleanField()
    activated_on = models.DateField()

    class Meta:
        verbose_name = _("phone number of a person")
        verbose_name_plural = _("phone numbers of persons")

    def __str__(self) -> str:
        return self.msisdn


class PersonAccount(models.Model):
    """A bank account and who holds it."""

    account = models.CharField(max_length=40, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accounts")
    kind = models.CharField(max_length=16)
    bank = models.CharField(max_length=64)
    opened_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("account of a person")
        verbose_name_plural = _("accounts of persons")

    def __str__(self) -> str:
        return self.account


class PersonRelation(models.Model):
    """A family tie: what `relative` is to `person`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relations")
    relative = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    relation = models.CharField(max_length=16)

    class Meta:
        verbose_name = _("family tie")
        verbose_name_plural = _("family ties")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "relative"], name="one_tie_a_pair")
        ]


class LedgerHead(models.Model):
    """The one row whose lock orders audit rows and events; it holds the last hash of the chain."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("head of the audit trail")
        verbose_name_plural = _("heads of the audit trail")


class AuditRow(models.Model):
    """One act and who did it. Append-only: triggers of the database refuse update and delete.

    `before` and `after` are canonical JSON kept as text, so that the hash is over exactly what is stored.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    role = models.CharField(max_length=16)
    verb = models.CharField(max_length=40, db_index=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=128)
    region_path = models.CharField(max_length=64, blank=True, db_index=True)
    before = models.TextField()
    after = models.TextField()
    purpose = models.CharField(max_length=200, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["-seq"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_kind", "subject_id"], name="audit_subject"),
            models.Index(fields=["actor", "seq"], name="audit_actor"),
        ]
        verbose_name = _("audit row")
        verbose_name_plural = _("audit rows")

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Field, value before, value after, for every field that differs."""
        before, after = json.loads(self.before) or {}, json.loads(self.after) or {}
        fields = sorted(before.keys() | after.keys())
        return [(f, before.get(f), after.get(f)) for f in fields if before.get(f) != after.get(f)]


class LiveEvent(models.Model):
    """Something browsers should hear of; ids rise in the order of commits."""

    at = models.DateTimeField(db_index=True)
    topic = models.CharField(max_length=40)
    region_path = models.CharField(max_length=64)
    payload = models.JSONField()
    stations = models.JSONField(default=list, help_text="Ids of the stations that hear of it")
    users = models.JSONField(default=list, help_text="Ids of the users who hear of it wherever they work")

    class Meta:
        verbose_name = _("live event")
        verbose_name_plural = _("live events")


class Outbox(models.Model):
    """Something that leaves the process (an SMS, an order): written with the act, sent by a worker, safe to
    send twice.
    """

    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=128, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("outbox item")
        verbose_name_plural = _("outbox items")


class Feed(models.Model):
    """A source of flows and how far it has come."""

    source = models.CharField(_("source"), max_length=64, primary_key=True)
    event_at = models.DateTimeField(_("time of the last event"))
    received_at = models.DateTimeField(_("last received at"))
    rows = models.BigIntegerField(_("rows"), default=0)

    class Meta:
        verbose_name = _("data feed")
        verbose_name_plural = _("data feeds")


class SavedFilter(models.Model):
    """A query string of a page that its user wants to find again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="one_filter_a_name")
        ]


class Submission(models.Model):
    """A form that was taken, and where it led: sent again, it leads there again and does nothing anew."""

    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    address = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("form that was sent")
        verbose_name_plural = _("forms that were sent")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_submission_a_form")
        ]
