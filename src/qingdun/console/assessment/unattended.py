"""Rankings and listings as commands and ticks read them, with no viewer."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingdun.console.assessment.codes import Ranked, RulingKind
from qingdun.console.assessment.models import Ranking, Ruling
from qingdun.console.assessment.moves import RankingState, RulingState


def published(level: str = "", day: dt.date | None = None) -> QuerySet[Ranking]:
    """Rankings that were published, also those a correction has replaced; the oldest first."""
    found = Ranking.objects.exclude(state=RankingState.DRAFT).order_by("level", "since", "version")
    if level:
        found = found.filter(level=level)
    return found.filter(since__lte=day, until__gte=day) if day else found


def latest_of_towns() -> Ranking | None:
    """The published ranking of towns that holds now."""
    found = Ranking.objects.filter(level=Ranked.TOWN, state=RankingState.PUBLISHED)
    found = found.filter(published_at__lte=timezone.now())
    return found.order_by("-since").first()


def listed_towns() -> set[str]:
    """Paths of the towns that are listed now."""
    now = timezone.now()
    stands = Q(state=RulingState.CONFIRMED) | Q(state=RulingState.ENDED, ended_at__gt=now)
    found = Ruling.objects.filter(stands, kind=RulingKind.LISTING, decided_at__lte=now)
    return set(found.values_list("region_path", flat=True))
