"""How long the copy of a listed text is kept: as evidence is, from the day its entry has ended. The entry and
its key stay, as a ledger does.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from qingdun.console.kernel.audit import record
from qingdun.console.lists.acting import AT_ONCE
from qingdun.console.lists.models import Entry
from qingdun.console.lists.moves import OPEN


def overdue(now: dt.datetime) -> QuerySet[Entry]:
    """Entries that ended so long ago that their copy of a text goes."""
    ended = Entry.objects.exclude(sample="").exclude(state__in=OPEN)
    return ended.exclude(events__at__gte=now - settings.EVIDENCE_KEPT).order_by("pk")


@transaction.atomic
def tick(now: dt.datetime) -> int:
    """The copies whose term is over are deleted, a batch a tick; how many."""
    some = list(overdue(now).values_list("pk", flat=True)[:AT_ONCE])
    if some:
        Entry.objects.filter(pk__in=some).update(sample="")
        record(None, "purge", ("retention", "samples"), {}, {"rows": len(some), "at": now})
    return len(some)
