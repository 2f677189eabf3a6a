"""Lists sent to banks and operators, the restrictions on them, appeals, clocks that ran out, findings and
interviews. What concerns persons and their cards stands in `card_models`.

What belongs to a party is the party's to see and nobody else's of its trade; to the police it belongs by
`region_path`, the region of whoever made the list. Legal moves stand in `moves`; the database holds them as
triggers.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry.card_models import BlacklistEntry, CardCheck, Letter, Punishment
from qingdun.console.industry.codes import (
    Clock,
    FindingKind,
    Interviewed,
    Kind,
    NoticeWay,
    Source,
    SubjectKind,
)
from qingdun.console.industry.moves import (
    CONFIRMED,
    OPEN,
    AppealState,
    AssignmentState,
    FindingState,
    State,
)

__all__ = [
    "Appeal", "Assignment", "BlacklistEntry", "Breach", "CardCheck", "Finding", "Interview", "Letter",
    "PartyName", "ProposalRun", "Punishment", "Restriction", "Submission",
]  # fmt: skip

USER = settings.AUTH_USER_MODEL


class PartyName(models.Model):
    """How the register of persons calls a party, besides the party's own name."""

    party = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("name of a party")
        verbose_name_plural = _("names of parties")

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A list that a bank or an operator is to work off (交办清单): every row of it is a restriction."""

    party = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=8, choices=SubjectKind.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    term_days = models.PositiveSmallIntegerField(help_text="How long each of its restrictions lasts")
    basis = models.CharField(max_length=16, help_text="Code of the law it rests on")
    rule_version = models.CharField(max_length=24)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=8, choices=Source.choices)
    state = models.CharField(max_length=10, choices=AssignmentState.choices, default=AssignmentState.DRAFTED)
    rows = models.PositiveIntegerField(help_text="How many restrictions were proposed with it")
    needs_two = models.BooleanField(help_text="Whether two persons must confirm it")
    answer_h = models.PositiveSmallIntegerField(help_text="Hours the party has to answer")
    proposed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(db_index=True)
    confirmed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True, db_index=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    key = models.CharField(max_length=64, unique=True, help_text="Of the form; the same form is taken once")
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("list for a party")
        verbose_name_plural = _("lists for parties")
        ordering: ClassVar[list[str]] = ["-proposed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(confirmed_by__isnull=False, sent_at__isnull=False),
                name="sent_list_has_a_human",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent", needs_two=True) | Q(second_by__isnull=False),
                name="large_list_has_two_humans",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("confirmed_by")),
                name="two_humans_are_two",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Restriction(models.Model):
    """One thing that is restricted: on what ground, who confirmed it, until when, how it ended."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="restrictions")
    row = models.PositiveIntegerField(help_text="Its place in the list")
    party = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    subject_kind = models.CharField(max_length=8, choices=SubjectKind.choices)
    subject = models.CharField(max_length=64, db_index=True)
    holder = models.CharField(max_length=64, blank=True)
    corporate = models.BooleanField(default=False, help_text="Whether the holder is an enterprise")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    basis = models.CharField(max_length=16)
    rule_version = models.CharField(max_length=24)
    reason = models.CharField(max_length=300)
    evidence = models.JSONField(default=list, help_text="Sentences, each with where it is from")
    term_days = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(
        null=True,
        db_index=True,
        help_text="Until when its party is to answer anew, once it was insisted upon; else the list's",
    )
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer_note = models.CharField(max_length=300, blank=True, help_text="Why the party disputes it")
    notice_way = models.CharField(max_length=8, choices=NoticeWay.choices, blank=True)
    noticed_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True, db_index=True, help_text="Since when it is in force")
    until = models.DateTimeField(null=True, db_index=True)
    release_reason = models.CharField(max_length=300, blank=True)
    unfounded_at = models.DateTimeField(null=True, db_index=True, help_text="When it was found to be wrong")
    release_due_at = models.DateTimeField(null=True, db_index=True)
    released_at = models.DateTimeField(null=True)
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        ordering: ClassVar[list[str]] = ["-proposed_at", "assignment", "row"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["assignment", "row"], name="one_restriction_a_row"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject", "kind"],
                condition=Q(state__in=[*OPEN]) & ~Q(subject_kind="person"),
                name="one_open_restriction_a_subject",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*CONFIRMED]) | Q(confirmed_by__isnull=False),
                name="restriction_has_a_human",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(since__isnull=False, until__isnull=False),
                name="restriction_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind="person") ^ Q(party__isnull=False), name="persons_have_no_party"
            ),
            models.CheckConstraint(
                condition=~Q(basis="") & ~Q(reason="") & ~Q(rule_version=""), name="restriction_has_grounds"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["party", "state"], name="restriction_of_party"),
            models.Index(fields=["assignment", "state"], name="restriction_of_list"),
            models.Index(fields=["kind", "since"], name="restriction_figures"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def due_at(self) -> dt.datetime | None:
        """Until when its party is to do what it owes: an answer, or the release."""
        if self.state == State.ORDERED:
            return self.answer_due_at or self.assignment.due_at
        return self.release_due_at if self.state == State.RELEASING else None

    @property
    def state_word(self) -> str:
        """Where it stands, in words: a person waits for a letter, everything else for its party."""
        if self.subject_kind == SubjectKind.PERSON and self.state == State.ORDERED:
            return gettext("Letter to be served")
        return str(self.get_state_display())


class Appeal(models.Model):
    """What somebody says against a restriction (申诉), or from outside against the block of a site, and what
    was decided by when.
    """

    restriction = models.ForeignKey(Restriction, models.PROTECT, null=True, related_name="appeals")
    host = models.CharField(
        max_length=255,
        blank=True,
        db_index=True,
        help_text="The site that is blocked, if it is about no restriction",
    )
    appellant = models.CharField(max_length=64)
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=AppealState.choices, default=AppealState.FILED)
    filed_at = models.DateTimeField(db_index=True)
    filed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    receipt = models.CharField(
        max_length=20, null=True, unique=True, help_text="By which who is outside asks for the answer"
    )
    sender = models.CharField(max_length=20, blank=True, help_text="Keyed trace of the address outside")
    due_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=300, blank=True)
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering: ClassVar[list[str]] = ["-filed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["restriction"], condition=Q(state="filed"), name="one_appeal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="filed") | Q(decided_by__isnull=False), name="appeal_is_decided_by_a_human"
            ),
            models.CheckConstraint(
                condition=Q(restriction__isnull=False, filed_by__isnull=False, host="")
                | (Q(restriction=None, receipt__isnull=False) & ~Q(host="")),
                name="appeal_is_about_one_thing",
            ),
        ]

    @property
    def about(self) -> str:
        """What it is against, in words."""
        return self.host or f"#{self.restriction_id}"

    @property
    def written_receipt(self) -> str:
        """The receipt in groups of four."""
        told = self.receipt or ""
        return "-".join(told[at : at + 4] for at in range(0, len(told), 4))


class Breach(models.Model):
    """A clock that ran out: found by the tick, told above, and over once it was done after all."""

    clock = models.CharField(max_length=12, choices=Clock.choices)
    about = models.PositiveBigIntegerField(help_text="Id of the list, restriction or appeal it is about")
    party = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField(db_index=True)
    found_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=1, help_text="How often it was told above")
    told_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("clock that ran out")
        verbose_name_plural = _("clocks that ran out")
        ordering: ClassVar[list[str]] = ["-due_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clock", "about", "due_at"], name="one_breach_a_clock")
        ]


class ProposalRun(models.Model):
    """One run of automatic proposals: what it proposed, or that the budget of the week was spent."""

    at = models.DateTimeField(db_index=True)
    proposed = models.PositiveIntegerField()
    false_blocks = models.PositiveIntegerField(help_text="Of this week, when it ran")
    halted = models.BooleanField()

    class Meta:
        verbose_name = _("run of automatic proposals")
        verbose_name_plural = _("runs of automatic proposals")
        ordering: ClassVar[list[str]] = ["-at"]


class Submission(models.Model):
    """What a party's program sent under a key, and what it was answered: sent again, it is answered so."""

    party = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent, in hex")
    answer = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("submission by a program")
        verbose_name_plural = _("submissions by programs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party", "key"], name="one_submission_a_key")
        ]


class Finding(models.Model):
    """What a party found by its own watch and pushed to the police, joined with the engine's suspects."""

    party = models.ForeignKey("kernel.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=FindingKind.choices)
    entity = models.CharField(max_length=64, db_index=True)
    found_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=FindingState.choices, default=FindingState.PUSHED)
    pushed_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    engine_at = models.DateTimeField(null=True, help_text="When the engine flagged the same thing first")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering: ClassVar[list[str]] = ["-pushed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party", "kind", "entity"], name="one_finding_a_party"),
            models.CheckConstraint(
                condition=Q(state="pushed") | Q(decided_by__isnull=False),
                name="finding_is_decided_by_a_human",
            ),
        ]


class Interview(models.Model):
    """A bank, an operator or a department that was called in (约谈), and what it was told to do."""

    kind = models.CharField(max_length=10, choices=Interviewed.choices)
    name = models.CharField(max_length=64)
    party = models.ForeignKey("kernel.Organisation", models.PROTECT, null=True, related_name="+")
    held_on = models.DateField(db_index=True)
    topic = models.CharField(max_length=200)
    demands = models.CharField(max_length=500)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        ordering: ClassVar[list[str]] = ["-held_on", "-pk"]
