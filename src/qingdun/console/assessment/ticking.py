"""What happens in assessment with nobody's click: drafts of periods that are over, files that open."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qingdun.console.assessment.actions import reckon
from qingdun.console.assessment.codes import Ranked
from qingdun.console.assessment.models import Ranking
from qingdun.console.assessment.opening import open_new
from qingdun.console.assessment.periods import last_over
from qingdun.console.cases import unattended as cases


def tick(now: dt.datetime) -> int:
    """The latest month of towns and the latest week of villages that are over have a draft or a ranking; how
    many drafts are new. Without any loss in the ledger there is nothing to rank.
    """
    today, made = timezone.localtime(now).date(), 0
    for level in Ranked.values:
        period = last_over(level, today)
        if Ranking.objects.filter(level=level, since=period.since).exists():
            continue
        if not cases.losses().exists():
            return made
        reckon(None, level, period.since)
        made += 1
    return made


def open_files(now: dt.datetime) -> int:
    """Files of accountability are opened for incidents entered since; how many."""
    return open_new(now)
