"""Reads of findings, second checks, the blacklist, interviews, punishments and their letters: the viewer
first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from qingdun.console.industry.access import addressed, legal, only
from qingdun.console.industry.models import BlacklistEntry, CardCheck, Finding, Interview, Letter, Punishment
from qingdun.console.industry.moves import CHECK_MOVES, FINDING_MOVES, Move
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, within


class Waiting(NamedTuple):
    """Entries of the blacklist that wait for a second person: who listed them, when, how many."""

    owner: int
    name: str
    day: dt.date
    rows: int


def findings(viewer: User, region: str = "") -> QuerySet[Finding]:
    """What parties found by themselves, the latest first; to a party, its own."""
    return addressed(viewer, Finding.objects.select_related("party", "by", "decided_by"), region)


def finding(viewer: User, finding_id: int) -> Finding:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(findings(viewer), finding_id)


def finding_moves(viewer: User, about: Finding) -> list[Move]:
    """What the viewer may do with the finding now."""
    seen = findings(viewer).filter(pk=about.pk).exists()
    return legal(FINDING_MOVES, about.state, viewer) if seen else []


def card_checks(viewer: User, region: str = "") -> QuerySet[CardCheck]:
    """Second real-name checks, the latest first; to an operator, those of its cards."""
    return addressed(viewer, CardCheck.objects.select_related("party", "flagged_by", "checked_by"), region)


def card_check(viewer: User, check_id: int) -> CardCheck:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(card_checks(viewer), check_id)


def check_moves(viewer: User, about: CardCheck) -> list[Move]:
    """What the viewer may do with the check now."""
    seen = card_checks(viewer).filter(pk=about.pk).exists()
    return legal(CHECK_MOVES, about.state, viewer) if seen else []


def blacklist(viewer: User, region: str = "") -> QuerySet[BlacklistEntry]:
    """Entries of the blacklist, the latest first; a party looks somebody up and does not leaf through."""
    if may(viewer, Permission.ANSWER_LISTS):
        return BlacklistEntry.objects.none()
    return addressed(viewer, BlacklistEntry.objects.select_related("party", "by"), region)


def blacklist_entry(viewer: User, entry_id: int) -> BlacklistEntry:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(blacklist(viewer), entry_id)


def blacklist_waits(viewer: User) -> list[Waiting]:
    """What one person has listed on one day and a second one has still to confirm, the earliest first."""
    waiting = blacklist(viewer).filter(waits=True, ended_on=None)
    found = waiting.order_by("listed_on", "by").values_list("by", "by__display_name", "by__username")
    counted = found.annotate(day=F("listed_on"), rows=Count("pk"))
    return [Waiting(pk, name or username, day, rows) for pk, name, username, day, rows in counted]


def listed(viewer: User, kind: str, digests: Collection[str]) -> QuerySet[BlacklistEntry]:
    """The entries that hold today for these digests. Whoever opens cards and accounts may ask, and the list
    is the whole city's: one identity is listed everywhere.
    """
    if not may(viewer, Permission.ANSWER_LISTS) and not may(viewer, Permission.SEE_INDUSTRY):
        return BlacklistEntry.objects.none()
    found = BlacklistEntry.objects.filter(digest__in=digests, kind=kind, ended_on=None, waits=False)
    return found.filter(Q(until=None) | Q(until__gt=timezone.localdate()))


def standing(viewer: User, digests: Collection[str]) -> QuerySet[BlacklistEntry]:
    """The entries for these digests to which the viewer has nothing to add: what waits of somebody else, the
    viewer may still confirm.
    """
    found = blacklist(viewer).order_by().filter(digest__in=digests, ended_on=None)
    found = found.filter(Q(until=None) | Q(until__gt=timezone.localdate()))
    return found.exclude(~Q(by=viewer.pk), waits=True)


def interviews(viewer: User, region: str = "") -> QuerySet[Interview]:
    """Interviews held, the latest first; to a party, its own."""
    return addressed(viewer, Interview.objects.select_related("party", "by"), region)


def punishments(viewer: User, region: str = "") -> QuerySet[Punishment]:
    """Persons punished over cards in the viewer's region, the latest first; they are no party's to see."""
    if not may(viewer, Permission.SEE_INDUSTRY):
        return Punishment.objects.none()
    stored = Punishment.objects.select_related("restriction__confirmed_by", "restriction__assignment")
    picked, found = narrowed(viewer, region), within(viewer, stored, "restriction__region_path")
    if picked is None:
        return found.none()
    return found.filter(restriction__region_path__startswith=picked.path).order_by("-decided_on", "-pk")


def punishment(viewer: User, punishment_id: int) -> Punishment:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(punishments(viewer), punishment_id)


def letters(viewer: User) -> QuerySet[Letter]:
    """Letters about punishments that the viewer sees, in the order they were issued."""
    stored = Letter.objects.select_related("punishment__restriction", "by__organisation", "by__region")
    return stored.filter(punishment__in=punishments(viewer).order_by().values("pk"))


def letter(viewer: User, letter_id: int) -> Letter:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(letters(viewer), letter_id)
