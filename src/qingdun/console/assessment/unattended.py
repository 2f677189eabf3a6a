"""Rankings as a command reads them, with no viewer."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from qingdun.console.assessment.models import Ranking
from qingdun.console.assessment.moves import RankingState


def published(level: str = "", day: dt.date | None = None) -> QuerySet[Ranking]:
    """Rankings that were published, also those a correction has replaced; the oldest first."""
    found = Ranking.objects.exclude(state=RankingState.DRAFT).order_by("level", "since", "version")
    if level:
        found = found.filter(level=level)
    return found.filter(since__lte=day, until__gte=day) if day else found
