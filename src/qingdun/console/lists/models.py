"""Proposals, entries with their evidence and history, and the change feed.

An entry's state changes by `moves.MOVES` alone, through `actions` and `ticking`.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.lists import rules
from qingdun.console.lists.codes import NETWORKED, EntityKind, HeldState, HeldVerb, ListName, Source, What
from qingdun.console.lists.moves import OPEN, State
from qingdun.detect.sites.hosts import is_address

_USER = settings.AUTH_USER_MODEL


class Proposal(models.Model):
    """Entries that were proposed together; the key makes it safe to send the form again."""

    key = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source.choices)
    name = models.CharField(max_length=255, blank=True, help_text="Of the file")
    size = models.PositiveIntegerField(default=0, help_text="Entries it made")

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk} {self.source} {self.size}"


class RefusedRow(models.Model):
    """A row of a proposal that made no entry, as it was sent, and why: nothing is lost."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="refused")
    number = models.PositiveIntegerField(help_text="Of the row in the file; the heading is 1")
    values = models.JSONField(help_text="The row's cells by column")
    reason = models.TextField()

    class Meta:
        verbose_name = _("refused row of a proposal")
        verbose_name_plural = _("refused rows of proposals")
        ordering: ClassVar[list[str]] = ["number"]


class Entry(models.Model):
    """An entity on a list, or on its way there or off it."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="entries")
    entity_kind = models.CharField(max_length=8, choices=EntityKind.choices)
    entity = models.CharField(max_length=255, help_text="Normalised; of a text the key of its template")
    sample = models.TextField(
        blank=True, help_text="Of a text: one copy, as it was proposed; empty once its term is over"
    )
    list_name = models.CharField(max_length=12, choices=ListName.choices)
    reason = models.CharField(max_length=500)
    scam_type = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=100, help_text="Who says so: the engine, a file, a case, a unit")
    owner = models.ForeignKey(_USER, models.PROTECT, related_name="+", help_text="Who answers for it")
    since = models.DateTimeField(null=True, help_text="When it came into force")
    until = models.DateTimeField(null=True, help_text="Not in force from then on; a black entry has one")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    version = models.PositiveIntegerField(default=1, help_text="Counts the moves")
    needs_two = models.BooleanField(default=False, help_text="Whether two different people must approve")
    proposed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    reversed_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    reversed_at = models.DateTimeField(null=True)
    reversal_reason = models.CharField(max_length=500, blank=True)
    enforced_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    enforced_at = models.DateTimeField(
        null=True,
        help_text="Since when networks block it; until then they count what they would have blocked",
    )

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = pgettext_lazy("table", "entries")
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["entity_kind", "entity"], name="lists_entity"),
            models.Index(fields=["state", "until"], name="lists_due"),
            models.Index(fields=["list_name", "state"], name="lists_list"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["entity_kind", "entity", "list_name"],
                condition=Q(state__in=[state.value for state in OPEN]),
                name="one_open_entry",
            ),
            models.CheckConstraint(
                condition=~Q(list_name=ListName.BLACK.value) | Q(until__isnull=False), name="black_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=models.F("approved_by")),
                name="two_different_approvers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.list_name} {self.entity_kind} {self.state}"

    @property
    def may_be_enforced(self) -> bool:
        """Whether networks observe it and could block it."""
        blockable = self.entity_kind in NETWORKED and not self.is_bare_address
        return self.list_name == ListName.BLACK and blockable and self.enforced_at is None

    @property
    def is_bare_address(self) -> bool:
        """Whether it is an IP address, which no network blocks: many sites may share it."""
        return self.entity_kind == EntityKind.HOST and is_address(self.entity)

    def may_be_put_back(self, actor_id: int | None, now: dt.datetime) -> bool:
        """Whether the actor has only just reversed it, and its term is not over."""
        at = self.reversed_at
        fresh = at is not None and now - at <= rules.put_back_within()
        return fresh and self.reversed_by_id == actor_id and (self.until is None or self.until > now)

    @property
    def wants_second(self) -> bool:
        """Whether one has approved and another must."""
        return self.state == State.APPROVED and self.needs_two and self.second_by_id is None


class EntryEvidence(models.Model):
    """A piece of evidence as it stood when the entry was proposed; it outlives the alert it comes from."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="evidence")
    detector = models.CharField(max_length=40, blank=True, help_text="Empty: a reason of the suspicion")
    text_zh = models.TextField()
    text_en = models.TextField()
    at = models.DateTimeField()
    alert_id = models.CharField(max_length=64, blank=True, help_text="Who sees the alert sees the evidence")

    class Meta:
        verbose_name = _("evidence of an entry")
        verbose_name_plural = _("evidence of entries")
        ordering: ClassVar[list[str]] = ["at", "pk"]


class EntryEvent(models.Model):
    """One line of an entry's history."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    actor = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+", help_text="Null: the clock")
    verb = models.CharField(max_length=16)
    source = models.CharField(max_length=8, blank=True)
    target = models.CharField(max_length=8)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("line of an entry’s history")
        verbose_name_plural = _("lines of entries’ history")
        ordering: ClassVar[list[str]] = ["at", "pk"]


class Sighting(models.Model):
    """How often networks met an entry in an hour: what they would have blocked, and what they blocked."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="sightings")
    plane = models.CharField(max_length=12, help_text="Which kind of network counted")
    hour_at = models.DateTimeField()
    observed = models.PositiveIntegerField()
    blocked = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("sighting of an entry")
        verbose_name_plural = _("sightings of entries")
        ordering: ClassVar[list[str]] = ["-hour_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "plane", "hour_at"], name="one_sighting_an_hour")
        ]


class Plane(models.Model):
    """How a plane of interception stood when it last told, by `qingdun.contract.lists.PlaneState`."""

    plane = models.CharField(max_length=12, primary_key=True)
    at = models.DateTimeField(help_text="When this was so")
    serial = models.BigIntegerField(null=True, help_text="Up to which change it holds the lists; null: none")
    heard_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField()
    stopped_at = models.BigIntegerField(null=True, help_text="The serial up to which changes wait for a word")
    stopped_size = models.PositiveIntegerField(null=True)
    figures = models.JSONField(help_text="What else it tells of itself, by name")

    class Meta:
        verbose_name = _("plane of interception")
        verbose_name_plural = _("planes of interception")
        ordering: ClassVar[list[str]] = ["plane"]


class Change(models.Model):
    """One line of the feed: serials rise by one in the order of commits, and none is ever missing."""

    serial = models.BigIntegerField(primary_key=True)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="changes")
    what = models.CharField(max_length=8, choices=What.choices)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="The entry's term as of this change")

    class Meta:
        verbose_name = _("change of the lists")
        verbose_name_plural = _("changes of the lists")
        ordering: ClassVar[list[str]] = ["serial"]


class HeldText(models.Model):
    """A text that a plane holds for a person, as it last told (`qingdun.contract.lists.HeldText`)."""

    plane = models.CharField(max_length=12)
    quarantine = models.CharField(max_length=16, help_text="The plane’s store that it is in")
    text_id = models.BigIntegerField(help_text="Its number there")
    at = models.DateTimeField()
    until = models.DateTimeField(help_text="When it leaves, whoever has looked at it or not")
    sender = models.CharField(max_length=66)
    recipient = models.CharField(max_length=66, help_text="The first, of many")
    recipients = models.PositiveIntegerField()
    words = models.TextField(blank=True, help_text="Its beginning; empty once it is done with")
    is_whole = models.BooleanField(help_text="Whether that is all of it")
    entry = models.ForeignKey(
        Entry, models.PROTECT, null=True, related_name="+", help_text="An observed entry that it met"
    )
    probability = models.FloatField(help_text="That it is a scam, as the model says")
    scam_type = models.CharField(max_length=20, blank=True)
    phrases = models.JSONField(help_text="What of it spoke loudest, spelt plainly, numbers wiped")
    state = models.CharField(max_length=8, choices=HeldState.choices)
    moved_at = models.DateTimeField(help_text="Since when it is in that state")
    answers = models.JSONField(help_text="What the centre said to each of its messages; null: nothing")
    version = models.PositiveIntegerField(default=1, help_text="Counts what was told and decided")

    class Meta:
        verbose_name = _("held text")
        verbose_name_plural = _("held texts")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "until"], name="lists_held_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["quarantine", "text_id"], name="one_held_text")
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.quarantine} {self.text_id} {self.state}"


class HeldDecision(models.Model):
    """What somebody decided of a held text; its plane follows it once, by the key."""

    key = models.CharField(max_length=32, unique=True)
    text = models.ForeignKey(HeldText, models.CASCADE, related_name="decisions")
    verb = models.CharField(max_length=8, choices=HeldVerb.choices)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=500)
    heard_at = models.DateTimeField(null=True, help_text="When the plane said that it came; null: not yet")
    was_possible = models.BooleanField(null=True, help_text="Whether it still could be followed")

    class Meta:
        verbose_name = _("decision about a held text")
        verbose_name_plural = _("decisions about held texts")
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["text"], condition=Q(heard_at__isnull=True), name="one_decision_under_way"
            )
        ]
