"""What happens in supervision with nobody's click: rounds are drawn after rankings, passed deadlines told."""

from __future__ import annotations

import datetime as dt

from qingdun.console.supervision.actions import draw_round
from qingdun.console.supervision.following import escalate
from qingdun.console.supervision.models import Round
from qingdun.console.supervision.planning import in_office, latest_ranking


def tick(now: dt.datetime) -> int:
    """The latest published ranking of towns has a round, as a draft for a person to confirm, once anybody is
    in office; how many are new.
    """
    ranking = latest_ranking()
    if ranking is None or Round.objects.filter(ranking=ranking).exists() or not in_office():
        return 0
    draw_round(None)
    return 1


def tell_overdue(now: dt.datetime) -> int:
    """Deadlines that passed since are escalated; how many."""
    return escalate(now)
