"""What happens in assessment in the browser tests: `python -m tests.browser.seed_assessment start`."""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.assessment import actions, deciding  # noqa: E402
from qingdun.console.assessment.models import Residents, Ruling  # noqa: E402
from qingdun.console.assessment.opening import open_new  # noqa: E402
from qingdun.console.assessment.periods import before, last_over  # noqa: E402
from qingdun.console.cases.models import Incident  # noqa: E402
from qingdun.console.kernel.localtime import midnight  # noqa: E402
from qingdun.console.kernel.models import Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402

MONTHS = 3


def start() -> None:
    """Three months of losses, the first town high in all of them, ranked and published; its yellow card is in
    force, its red cards and its listing wait for a person.
    """
    analyst, city = User.objects.get(username="city"), Region.objects.get(level="city")
    towns = list(Region.objects.filter(level="town").order_by("path"))
    made.make_user("second", Role.CITY_ANALYST, city, "研判员乙")
    made.make_user("cadre", Role.TOWN_CADRE, towns[0], "镇街干部甲")
    today = timezone.localdate()
    Residents.objects.bulk_create(
        Residents(
            region_path=town.path, residents=max(8000, town.population), as_of=dt.date(2020, 11, 1),
            source="第七次人口普查（演练）", by=analyst, at=timezone.now(),
        )
        for town in towns
    )  # fmt: skip
    months = [last_over("town", today)]
    while len(months) < MONTHS:
        months.append(before("town", months[-1]))
    for month in reversed(months):
        rows = []
        for number, town in enumerate(towns):
            inside = Region.objects.filter(parent=town).order_by("code").first() or town
            for turn in range(40 if number == 0 else round(town.population / 20_000)):
                at = midnight(month.since + dt.timedelta(days=turn % 27)) + dt.timedelta(hours=9)
                rows.append(
                    Incident(
                        person_id=f"number:{month.since}-{number}-{turn}", msisdn="", region_path=inside.path,
                        reported_at=at, scam_type="brushing", loss_fen=(8_000 + 900 * turn) * 100,
                        key=f"a-{month.since}-{number}-{turn}", by=analyst, entered_at=at,
                    )
                )  # fmt: skip
        rows[0].loss_fen = 120_000_000
        Incident.objects.bulk_create(rows)
        actions.publish_ranking(analyst, actions.reckon(analyst, "town", month.since).pk)
    week = last_over("village", today)
    actions.publish_ranking(analyst, actions.reckon(analyst, "village", week.since).pk)
    yellow = Ruling.objects.get(kind="yellow", region_path=towns[0].path)
    deciding.decide_ruling(analyst, yellow.pk, "confirm_ruling")
    while open_new(timezone.now()):
        pass


if __name__ == "__main__":
    {"start": start}[sys.argv[1]]()
