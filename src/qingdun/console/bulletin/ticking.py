"""What happens with nobody's click: drafts of periods that are over, by schedule."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from qingdun.console.bulletin.actions import draft
from qingdun.console.bulletin.composing import LANGUAGES
from qingdun.console.bulletin.models import Schedule
from qingdun.console.bulletin.periods import last_over
from qingdun.console.kernel.models import Region
from qingdun.errors import QingdunError


def tick(now: dt.datetime) -> int:
    """Each schedule has a draft of the latest period that was over since it was set, or says why not; how
    many drafts are new.
    """
    today, made = timezone.localdate(now), 0
    for found in Schedule.objects.filter(ended_at=None):
        period = last_over(found.span, today)
        due = period.until >= timezone.localdate(found.at) and found.last_until != period.until
        if due:
            made += _draft(found.pk, period.until, today)
    return made


@transaction.atomic
def _draft(schedule_id: int, until: dt.date, today: dt.date) -> int:
    """Of two ticks at once the second finds that it is done."""
    about = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule_id)
    if about.ended_at is not None or about.last_until == until:
        return 0
    about.last_until, about.failed = until, ""
    place = Region.objects.get(path=about.region_path)
    made = 0
    with override(LANGUAGES[about.language]):
        if not about.by.is_active:
            about.failed = _("The account of who set it is closed.")
        else:
            try:
                with transaction.atomic():
                    draft(about.by, place.code, last_over(about.span, today), about.language, scheduled=True)
                made = 1
            except QingdunError as refused:
                about.failed = str(refused)[:200]
    about.save(update_fields=["last_until", "failed"])
    return made
