"""Reads of assessment: the viewer first.

A published ranking of towns is a notice to all of them: who may see assessment reads every town's line, or
none could check its own. Villages are small, and a count may be one person: their lines, the rows counted,
rulings, objections and files are seen where one's own region covers them. Drafts are the city's.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from qingdun.console.assessment.codes import OF_AREAS, Ranked, RulingKind
from qingdun.console.assessment.models import (
    Accountability,
    CountedRow,
    Inspection,
    Objection,
    Ranking,
    Residents,
    Ruling,
    Scheme,
)
from qingdun.console.assessment.models import Line as Line  # what other modules call the type of a line
from qingdun.console.assessment.moves import FileState, RankingState, RulingState
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, of_region, only, within

M = TypeVar("M", bound=Model)


def rankings(viewer: User, level: str = "") -> QuerySet[Ranking]:
    """Rankings of the viewer's city that were published; to who works on them, drafts as well. The latest
    first.
    """
    if viewer.region is None or not may(viewer, Permission.SEE_ASSESSMENT):
        return Ranking.objects.none()
    city = f"{viewer.region_path.split('/')[0]}/"
    found = Ranking.objects.filter(region_path=city).select_related("by", "published_by", "replaces")
    if not (may(viewer, Permission.WORK_ASSESSMENT) and viewer.region.level == Region.Level.CITY):
        found = found.exclude(state=RankingState.DRAFT)
    return found.filter(level=level) if level else found


def ranking(viewer: User, ranking_id: int) -> Ranking:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(rankings(viewer).filter(pk=ranking_id))


def lines(viewer: User, about: Ranking, region: str = "") -> QuerySet[Line]:
    """The ranking's lines, the worst first: all towns, but villages of the viewer's region alone; of the part
    of it named by code, if one is.
    """
    found = Line.objects.filter(ranking=about, ranking__in=rankings(viewer)).select_related("ranking")
    picked = narrowed(viewer, region)
    if picked is None:
        return found.none()
    if about.level == Ranked.TOWN and not (region and picked.code == region):
        return found
    return within(viewer, found).filter(region_path__startswith=picked.path)


def lines_of(viewer: User, path: str) -> QuerySet[Line]:
    """The published lines of one place of the viewer's region, the latest first; a town of another region has
    them too, as its notice has.
    """
    published = rankings(viewer).filter(state=RankingState.PUBLISHED)
    found = Line.objects.filter(ranking__in=published, region_path=path)
    towns = found.filter(ranking__level=Ranked.TOWN)
    villages = within(viewer, found.filter(ranking__level=Ranked.VILLAGE))
    return (towns | villages).select_related("ranking").order_by("-ranking__since")


def counted(viewer: User, region: str = "") -> QuerySet[CountedRow]:
    """Incidents that rankings have counted, at places of the viewer's region; nobody's name is on them."""
    found = CountedRow.objects.filter(ranking__in=rankings(viewer)).select_related("ranking")
    return _of_region(viewer, found, region)


def rulings(viewer: User, region: str = "") -> QuerySet[Ruling]:
    """Rulings on places of the viewer's region, the latest first; proposals are the city's to see until they
    are decided, but those about a town's own areas.
    """
    related = ("ranking", "decided_by", "proposed_by", "reported_by", "listing")
    found = _of_region(viewer, Ruling.objects.select_related(*related), region)
    if not may(viewer, Permission.WORK_ASSESSMENT):
        undecided = [RulingState.PROPOSED, RulingState.LAPSED, RulingState.REFUSED]
        found = found.exclude(~Q(kind__in=OF_AREAS), state__in=undecided)
    return found


def ruling(viewer: User, ruling_id: int) -> Ruling:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(rulings(viewer).filter(pk=ruling_id))


def listed(viewer: User, region: str = "") -> QuerySet[Ruling]:
    """Listings in force at places of the viewer's region."""
    return rulings(viewer, region).filter(kind=RulingKind.LISTING, state=RulingState.CONFIRMED)


def objections(viewer: User, region: str = "") -> QuerySet[Objection]:
    """Objections of towns of the viewer's region, the latest first."""
    found = Objection.objects.select_related("ruling__decided_by", "by", "answered_by")
    return _of_region(viewer, found, region)


def inspections(viewer: User, region: str = "") -> QuerySet[Inspection]:
    """Inspections of listed towns of the viewer's region, the latest first."""
    return _of_region(viewer, Inspection.objects.select_related("ruling", "by"), region)


def figures(viewer: User, region: str = "") -> QuerySet[Residents]:
    """Figures of residents that were brought, of places of the viewer's region."""
    return _of_region(viewer, Residents.objects.select_related("by"), region)


def schemes(viewer: User, region: str = "") -> QuerySet[Scheme]:
    """Schemes of towns of the viewer's region, the one that holds from the latest day first."""
    return _of_region(viewer, Scheme.objects.select_related("by"), region)


def accountabilities(viewer: User, region: str = "") -> QuerySet[Accountability]:
    """Files of cases looked at backwards, for who sees alerts as well, without the open ones of incidents
    that were taken back; the latest first.
    """
    if not may(viewer, Permission.SEE_ALERTS):
        return Accountability.objects.none()
    found = Accountability.objects.select_related("incident", "closed_by")
    found = found.exclude(incident__taken_back_at__isnull=False, state=FileState.OPEN)
    return _of_region(viewer, found, region)


def accountability(viewer: User, file_id: int) -> Accountability:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(accountabilities(viewer).filter(pk=file_id))


def _of_region(viewer: User, stored: QuerySet[M], region: str) -> QuerySet[M]:
    if not may(viewer, Permission.SEE_ASSESSMENT):
        return stored.none()
    return of_region(viewer, within(viewer, stored), region)
