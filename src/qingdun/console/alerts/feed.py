"""How far the feed has come, and which of its rows could not be used."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.alerts.models import FeedProgress, RejectedRow
from qingdun.console.kernel.actions import report_feed
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import forget_before, publish
from qingdun.console.kernel.loading import Loaded, load_people
from qingdun.console.kernel.models import Region, User
from qingdun.contract import tables as contract
from qingdun.contract.columns import moment
from qingdun.contract.progress import Told, unheard

EVENTS_KEPT = dt.timedelta(hours=1)
"""How long the event stream can be resumed; a page that was away longer loads anew."""
RATE_FADES = dt.timedelta(seconds=30)
"""Within which the rates forget two thirds of what was."""
_AT_ONCE = 500
_MOST_SOURCE = 255


@transaction.atomic
def keep_rejects(actor: User | None, source: str, rows: Sequence[contract.Reject]) -> int:
    """Every rejected row of the source is kept with its reason. How many are new or have another reason.

    `source` says what numbers the rows, such as the path of a flow directory; of a longer one the last 255
    characters count. One audit row with the count, none if nothing changed.
    """
    # A path may hold bytes that are no text, which PostgreSQL would not take.
    source = source.encode("utf-8", "replace").decode()[-_MOST_SOURCE:]
    now = timezone.now()
    told = {(row.flow, row.row): row.reason for row in rows}
    keys = list(told)
    changed = 0
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        stands = {
            (flow, row): reason
            for flow, row, reason in RejectedRow.objects.filter(
                source=source, row__in=[row for _, row in some]
            ).values_list("flow", "row", "reason")
        }
        fresh = [key for key in some if stands.get(key) != told[key]]
        RejectedRow.objects.bulk_create(
            [
                RejectedRow(source=source, flow=flow, row=row, reason=told[flow, row], received_at=now)
                for flow, row in fresh
            ],
            update_conflicts=True,
            unique_fields=["source", "flow", "row"],
            update_fields=["reason", "received_at"],
        )
        changed += len(fresh)
    if changed:
        record(actor, "keep_rejects", ("feed", "rejects"), {}, {"rows": changed})
    return changed


def load_register(flows: Path, told: Told = unheard) -> Loaded:
    """The register stands as the reference tables of `flows` say, and every row of theirs that could not be
    used is kept with its reason, beside those of the flows. Errors: those of `FlowDirectory`.
    """
    with transaction.atomic():
        loaded = load_people(flows, told)
        keep_rejects(None, source_of(flows), loaded.rejects)
    return loaded


def source_of(flows: Path) -> str:
    """What rejected rows of the flow directory are kept under: its path."""
    return str(flows.resolve())


@transaction.atomic
def report_progress(clock_us: int, counts: Mapping[str, int], running: bool = True) -> FeedProgress:
    """The desk and the wall show the engine's clock, events so far and a second. Telemetry: no audit row.

    `counts` is how many events of each flow were seen since the feed began. The rates are
    those of the engine's clock, so that catching up does not look like a flood, and fade over half a minute:
    a flow of which an event comes every few seconds does not read as none.
    """
    now = timezone.now()
    forget_before(now - EVENTS_KEPT)
    last = FeedProgress.objects.select_for_update().filter(pk=1).first()
    per_second: dict[str, float] = {}
    seconds = (moment(clock_us) - last.clock_at).total_seconds() if last is not None and running else 0.0
    if last is not None and seconds > 0:
        kept = math.exp(-seconds / RATE_FADES.total_seconds())
        for flow, count in counts.items():
            rate = max(0, count - last.counts.get(flow, 0)) / seconds
            told = last.per_second.get(flow, rate)
            per_second[flow] = round(told * kept + rate * (1 - kept), 4)
    progress, _ = FeedProgress.objects.update_or_create(
        pk=1,
        defaults={
            "clock_at": moment(clock_us),
            "updated_at": now,
            "counts": dict(counts),
            "per_second": per_second,
            "running": running,
        },
    )
    before = sum(last.counts.values()) if last is not None else 0
    report_feed("engine", moment(clock_us), max(0, sum(counts.values()) - before))
    city = Region.objects.get(code=settings.CITY_CODE)
    publish(
        "feed",
        city.path,
        {"clock_us": clock_us, "counts": dict(counts), "per_second": per_second, "running": running},
    )
    return progress
