"""Peers, the rules of what may be shared with each, what was shared, and what came.

A version of an object is written once (`Issued`) and stands in the collections of those it may be shared with
(`Share`), in the order in which it came there.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingdun.console.exchange.codes import Cause, Fault, Form, Outcome, PeerKind, Proof, RuleState, Tlp, Way

_USER = settings.AUTH_USER_MODEL


def digest_of(secret: str) -> str:
    """What is kept of a key: it holds 256 random bits, so one plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class Peer(models.Model):
    """Somebody outside with whom lists are exchanged."""

    code = models.SlugField(max_length=30, unique=True, help_text="The name its program logs in with")
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=12, choices=PeerKind.choices)
    account = models.OneToOneField(
        _USER,
        models.PROTECT,
        related_name="+",
        help_text="Who proposes what it sends; nobody logs in with it",
    )
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its key, in hex")
    hint = models.CharField(max_length=12, blank=True, help_text="How the key begins")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    contact_at = models.DateTimeField(null=True, help_text="When it last came with its key")
    rule = models.OneToOneField("Rule", models.PROTECT, null=True, related_name="+", help_text="In force")
    applied = models.ForeignKey(
        "Rule", models.PROTECT, null=True, related_name="+", help_text="By which its collections stand"
    )
    serial = models.BigIntegerField(default=0, help_text="Up to which change of the lists they stand")
    last_seq = models.BigIntegerField(default=0)
    last_added_at = models.DateTimeField(null=True)
    sighted_at = models.DateTimeField(null=True, help_text="Up to when it knows what networks met")
    looked_at = models.DateTimeField(
        null=True,
        help_text="When what is shared was last held against the register and what is never blocked",
    )

    class Meta:
        verbose_name = _("peer of the exchange")
        verbose_name_plural = _("peers of the exchange")
        ordering: ClassVar[list[str]] = ["closed_at", "name", "pk"]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name


class Rule(models.Model):
    """What may be shared with a peer, and whether it may send; in force once a second person confirms it."""

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="rules")
    kinds = models.JSONField(help_text="Codes of kinds")
    scam_types = models.JSONField(help_text="Codes of scam types; what has none is shared with all of them")
    ceiling = models.CharField(max_length=12, choices=Tlp.choices)
    observed = models.BooleanField(help_text="Whether what networks could block and only observe is shared")
    proof = models.CharField(max_length=12, choices=Proof.choices)
    longest_days = models.PositiveIntegerField(help_text="An entry with a longer term is not shared")
    may_send = models.BooleanField(help_text="Whether the peer may propose entries")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=RuleState.choices, default=RuleState.PROPOSED)
    proposed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, help_text="Why it was not confirmed, or ended")

    class Meta:
        verbose_name = _("rule of what is shared")
        verbose_name_plural = _("rules of what is shared")
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["peer", "state"],
                condition=Q(state__in=[RuleState.PROPOSED.value, RuleState.IN_FORCE.value]),
                name="one_rule_a_state",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
                name="rule_of_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.peer_id} {self.state}"

    def told(self) -> dict[str, Any]:
        """What an audit row says of it."""
        return {
            "kinds": self.kinds, "scam_types": self.scam_types, "ceiling": self.ceiling,
            "observed": self.observed, "proof": self.proof, "longest_days": self.longest_days,
            "may_send": self.may_send, "state": self.state,
        }  # fmt: skip


class Issued(models.Model):
    """One version of one object of ours, as it was written; the same for whoever gets it."""

    object_id = models.CharField(max_length=100)
    object_type = models.CharField(max_length=40)
    version = models.DateTimeField(help_text="Its `modified`, or `created` of what is never modified")
    entry_id = models.BigIntegerField(null=True, db_index=True, help_text="Of the list; null for context")
    revoked = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what it says, without its version")
    body = models.JSONField()

    class Meta:
        verbose_name = _("object of the exchange")
        verbose_name_plural = _("objects of the exchange")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["object_id", "version"], name="one_object_a_version")
        ]


class Share(models.Model):
    """A version of an object in a peer's collection: what may be fetched, and when it was."""

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="shares")
    seq = models.BigIntegerField(help_text="Rises by one in the order of commits")
    collection = models.CharField(max_length=8, help_text="The kind")
    issued = models.ForeignKey(Issued, models.PROTECT, related_name="shares")
    added_at = models.DateTimeField(help_text="Rises with seq")
    first = models.BooleanField(help_text="Whether it is the object's first version here")
    latest = models.BooleanField(default=True, help_text="Whether it is the object's last version here")
    fetched_at = models.DateTimeField(null=True, help_text="When it first went to the peer by program")
    handed_at = models.DateTimeField(null=True, help_text="When it first went to the peer by hand")
    withdrawn_at = models.DateTimeField(null=True, help_text="Not given any more from then on")

    class Meta:
        verbose_name = _("share of an entry")
        verbose_name_plural = _("shares of entries")
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["peer", "collection", "seq"], name="exchange_page")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["peer", "seq"], name="one_share_a_seq"),
        ]


class Source(models.Model):
    """A collection of a peer's own TAXII server, and how far it was read."""

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="sources")
    url = models.CharField(max_length=300, help_text="Of the API root")
    collection = models.CharField(max_length=100, help_text="Its id, or its alias")
    login = models.CharField(max_length=100, help_text="The name we log in with there")
    key_file = models.CharField(max_length=300, help_text="On this machine, for its owner alone")
    every_minutes = models.PositiveIntegerField()
    added_after = models.CharField(max_length=40, blank=True, help_text="Read up to there, as it says")
    next = models.CharField(max_length=400, blank=True, help_text="Where the page after begins, as it says")
    last = models.CharField(max_length=40, blank=True, help_text="When the last of what was read was added")
    connected_at = models.DateTimeField()
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="When it was last read to its end")
    objects_read = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="One after the other")
    fault = models.CharField(max_length=8, choices=Fault.choices, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("server of a peer")
        verbose_name_plural = _("servers of peers")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["peer", "url", "collection"], name="one_source_a_collection")
        ]

    def __str__(self) -> str:
        return f"{self.url}collections/{self.collection}/"


class Received(models.Model):
    """Objects that a peer sent together, or that came in one file."""

    key = models.CharField(max_length=64, unique=True, help_text="The id of its status")
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="received")
    at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=Way.choices)
    form = models.CharField(max_length=8, choices=Form.choices)
    name = models.CharField(max_length=255, blank=True, help_text="Of the file")
    by = models.ForeignKey(
        _USER, models.PROTECT, null=True, related_name="+", help_text="Who brought the file"
    )
    size = models.PositiveIntegerField(help_text="Objects in it")
    read_at = models.DateTimeField(null=True, help_text="When the last of them was read")

    class Meta:
        verbose_name = _("delivery of a peer")
        verbose_name_plural = _("deliveries of peers")
        ordering: ClassVar[list[str]] = ["-pk"]


class ReceivedObject(models.Model):
    """One object as it was sent, and what came of it: nothing is lost."""

    received = models.ForeignKey(Received, models.CASCADE, related_name="items")
    number = models.PositiveIntegerField(
        help_text="Of the object in what was sent, from 1; of a row, its own"
    )
    object_id = models.CharField(max_length=255, blank=True)
    object_type = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=40, blank=True, help_text="As the peer wrote it")
    confidence = models.PositiveSmallIntegerField(null=True, help_text="The peer's own, of 100")
    body = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PENDING)
    cause = models.CharField(max_length=12, choices=Cause.choices, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("object of a delivery")
        verbose_name_plural = _("objects of deliveries")
        ordering: ClassVar[list[str]] = ["received_id", "number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["object_id"], name="exchange_object"),
            models.Index(fields=["outcome"], name="exchange_outcome"),
        ]


class Origin(models.Model):
    """Which object of a peer an entry rests on: its provenance."""

    entry_id = models.BigIntegerField(db_index=True, help_text="Of the list")
    item = models.ForeignKey(ReceivedObject, models.PROTECT, related_name="origins")

    class Meta:
        verbose_name = _("provenance of an entry")
        verbose_name_plural = _("provenances of entries")
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry_id", "item"], name="one_origin_an_object")
        ]


class Refusal(models.Model):
    """A log-in with a wrong key, or by nobody known: counted for the limit, and shown."""

    peer = models.ForeignKey(Peer, models.CASCADE, null=True, related_name="refusals")
    name = models.CharField(max_length=64, help_text="As it was tried, or the trace of what is no peer's")
    ip = models.CharField(max_length=64, help_text="The address; of IPv6 the network of 64 bits")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("refused log-in of a peer")
        verbose_name_plural = _("refused log-ins of peers")
        ordering: ClassVar[list[str]] = ["-pk"]


class RefusalRest(models.Model):
    """How many log-ins were refused in an hour beyond those that are kept one by one."""

    hour_at = models.DateTimeField(unique=True)
    count = models.PositiveBigIntegerField(default=0)
    told_at = models.DateTimeField(null=True, help_text="When it was put on record, after the hour")

    class Meta:
        verbose_name = _("further refused log-ins of peers")
        verbose_name_plural = verbose_name
        ordering: ClassVar[list[str]] = ["pk"]
