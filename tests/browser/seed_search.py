"""A search in the browser tests' console: `python -m tests.browser.seed_search`."""

from __future__ import annotations

import datetime as dt

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.alerts import actions, intake  # noqa: E402
from qingdun.console.alerts.models import Task  # noqa: E402
from qingdun.console.kernel.models import User  # noqa: E402
from qingdun.console.offers.models import Offer  # noqa: E402
from qingdun.console.whereabouts.models import Cell  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def main() -> None:
    """The golden story's person is searched for, was last in a cell, and a colleague is asked to go."""
    intake.ingest_alerts(None, [made.police_urgent()])
    call = made.police_context()[3]._replace(cell="cell-of-the-story")
    intake.ingest_context(None, made.police_urgent().alert_id, [call])
    Cell.objects.create(cell="cell-of-the-story", lng=113.02, lat=23.71)
    analyst, officer, colleague = (User.objects.get(username=n) for n in ("city", "officer", "colleague"))
    task = actions.dispatch(analyst, Task.objects.get(person_id="p00").pk, None)
    actions.move(officer, task.pk, None, "sign")
    task = actions.move(officer, task.pk, None, "search")
    now = timezone.now()
    Offer.objects.create(
        task=task, region_path=task.region_path, search_at=now, step=0, officer=colleague,
        station=task.station, km=3.2, way_min=9.6, offered_at=now, expires_at=now + dt.timedelta(hours=1),
    )  # fmt: skip


if __name__ == "__main__":
    main()
