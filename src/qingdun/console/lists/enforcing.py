"""Which observed entries are proposed for enforcement, the most met first, as long as the week's budget of
false blocks is not spent. The budget stands once, with the restrictions of the industry.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet, Sum
from django.utils import timezone

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.lists import planes, rules
from qingdun.console.lists.codes import NETWORKED, ListName
from qingdun.console.lists.models import Entry
from qingdun.console.lists.moves import State


class Proposed(NamedTuple):
    """What is proposed, and what of the budget is spent."""

    entries: QuerySet[Entry]
    """Each with `met`: how often networks would have blocked it."""
    spent: int
    """Restrictions that proved wrong this week, and enforced entries that were reversed."""
    most: int

    @property
    def is_spent(self) -> bool:
        """Whether nothing is proposed until Monday."""
        return self.spent >= self.most


def proposed(viewer: User) -> Proposed:
    """What has been observed for long enough and was met. Errors: NotPermitted."""
    require(viewer, Permission.APPROVE_LISTS)
    week = planes.week(viewer)
    found = Proposed(_observed(), week.spent, week.most)
    return found._replace(entries=Entry.objects.none()) if found.is_spent else found


def _observed() -> QuerySet[Entry]:
    found = Entry.objects.filter(
        list_name=ListName.BLACK,
        entity_kind__in=NETWORKED,
        state=State.ACTIVE,
        enforced_at=None,
        since__lte=timezone.now() - rules.observed_for(),
    )
    met = found.annotate(met=Sum("sightings__observed")).filter(met__gt=0)
    return met.select_related("owner", "approved_by").order_by("-met", "pk")
