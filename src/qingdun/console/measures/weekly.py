"""The last seven days as the desk's strip and the wall show them: the same figures, counted once a minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import in_station
from qingdun.console.measures import queries
from qingdun.console.measures.periods import Period

KEPT_S = 60
SHARES: Sequence[tuple[str | Promise, str, str, str]] = (
    (_("Signed in time"), "clocks_kept", "clocks", "sign"),
    (_("Meeting rate"), "met_required", "required", ""),
    (_("Met in time"), "met_in_time", "required", ""),
    (_("Precision"), "confirmed", "verified", ""),
)
"""Word, part, whole, and which clock."""


@dataclass(frozen=True, slots=True)
class Week:
    """Figures by code over the period."""

    period: Period
    counts: Counter[str]

    @property
    def shares(self) -> list[tuple[str | Promise, str, str, int, int, str]]:
        """Word, part, whole, how many of each, and which clock."""
        counts = self.counts
        return [
            (word, part, whole, counts[part], counts[whole], clock) for word, part, whole, clock in SHARES
        ]


def latest(viewer: User) -> Week:
    """The week as it was within the last minute. Whoever sees a region whole sees the same figures, so they
    are counted once for all of them. Errors: NotPermitted.
    """
    if not may(viewer, Permission.SEE_WALL):
        require(viewer, Permission.SEE_ALERTS)
    whose = f"user.{viewer.pk}" if in_station(viewer) else f"region.{viewer.region_id}"
    key = f"measures.week.{whose}.{timezone.localdate()}"
    kept = cache.get(key)
    if kept is None:
        kept = queries.week(viewer)
        cache.set(key, kept, KEPT_S)
    return Week(*kept)
