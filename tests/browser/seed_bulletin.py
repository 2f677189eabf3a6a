"""Ground of the bulletin's story: `python -m tests.browser.seed_bulletin start`."""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.bulletin import actions  # noqa: E402
from qingdun.console.bulletin.periods import last_over  # noqa: E402
from qingdun.console.cases.models import Incident  # noqa: E402
from qingdun.console.kernel.localtime import midnight  # noqa: E402
from qingdun.console.kernel.models import Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def start() -> None:
    """Losses of two months, twelve and eighteen; the bulletin of the first is issued."""
    analyst, city = User.objects.get(username="city"), Region.objects.get(level="city")
    second = made.make_user("second", Role.CITY_ANALYST, city, "研判员乙")
    town = Region.objects.filter(level="town").order_by("path")[0]
    month = last_over("month", timezone.localdate())
    for period, rows in ((month.before, 12), (month, 18)):
        at = midnight(period.since + dt.timedelta(days=3)) + dt.timedelta(hours=9)
        Incident.objects.bulk_create(
            Incident(
                person_id=f"{period.since}-{number}", msisdn="", region_path=town.path, reported_at=at,
                scam_type="brushing" if number % 3 else "police", loss_fen=2_350_000, by=analyst,
                key=f"b-{period.since}-{number}", entered_at=at,
            )
            for number in range(rows)
        )  # fmt: skip
    about = actions.draft(analyst, "", month.before)
    actions.sign_bulletin(analyst, about.pk)
    actions.countersign_bulletin(second, about.pk)


if __name__ == "__main__":
    {"start": start}[sys.argv[1]]()
