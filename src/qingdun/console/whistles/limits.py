"""How often somebody may do something: counted in the database, so that all processes count together."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.whistles.models import Tally
from qingdun.errors import TooOften


def count(who: str, most: int, window_s: int) -> None:
    """Once more in the current window of `window_s` seconds. Errors: TooOften from `most` + 1 on."""
    now = timezone.now()
    epoch = int(now.timestamp())
    since = dt.datetime.fromtimestamp(epoch - epoch % window_s, dt.UTC)
    counted = Tally.objects.filter(who=who, since=since)
    if not counted.update(count=F("count") + 1):
        try:
            with transaction.atomic():
                Tally.objects.filter(who=who, since__lt=since).delete()
                Tally.objects.create(who=who, since=since)
        except IntegrityError:
            counted.update(count=F("count") + 1)
    if counted.values_list("count", flat=True)[0] > most:
        wait_s = window_s - epoch % window_s
        words = _("At most %(most)d at a time: wait %(wait)d seconds.") % {"most": most, "wait": wait_s}
        raise TooOften(words, wait_s)
