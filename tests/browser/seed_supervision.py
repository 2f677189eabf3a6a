"""What happens in supervision in the browser tests: `python -m tests.browser.seed_supervision start`."""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.assessment import actions as ranks  # noqa: E402
from qingdun.console.assessment.models import Residents  # noqa: E402
from qingdun.console.assessment.periods import before, last_over  # noqa: E402
from qingdun.console.cases.models import Incident  # noqa: E402
from qingdun.console.kernel.localtime import midnight  # noqa: E402
from qingdun.console.kernel.models import Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from qingdun.console.outreach.models import Partner  # noqa: E402
from qingdun.console.supervision import actions, ticking  # noqa: E402
from qingdun.console.supervision.models import Charge, Shortcoming  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def start() -> None:
    """Two months are ranked; two commissioners are in office, at home in two counties; a round rests on the
    first month, and the tick has drawn one on the second, whose first town has a cadre.
    """
    analyst, city = User.objects.get(username="city"), Region.objects.get(level="city")
    towns = list(Region.objects.filter(level="town").order_by("path"))
    today = timezone.localdate()
    homes = [towns[0].path, towns[-1].path]
    for name, home in zip(("com-a", "com-b"), homes, strict=True):
        made.make_user(name, Role.COMMISSIONER, city, f"督导专员{name[-1].upper()}")
        county = Region.objects.get(level="county", path=home[:14])
        actions.appoint(analyst, name, county.code, today - dt.timedelta(days=60))
    Residents.objects.bulk_create(
        Residents(
            region_path=town.path, residents=max(8000, town.population), as_of=dt.date(2020, 11, 1),
            source="第七次人口普查（演练）", by=analyst, at=timezone.now(),
        )
        for town in towns
    )  # fmt: skip
    for number in range(3):
        Partner.objects.create(
            name=f"演练企业{number + 1}", kind="enterprise", region_path=towns[number].path,
            people=900 - 200 * number, by=analyst,
        )  # fmt: skip
    latest = last_over("town", today)
    for turn, month in enumerate((before("town", latest), latest)):
        _lose(towns, month.since, turn, analyst)
        ranks.publish_ranking(analyst, ranks.reckon(analyst, "town", month.since).pk)
        if not turn:
            actions.confirm_round(analyst, actions.draw_round(None).pk)
    ticking.tick(timezone.now())
    first = Charge.objects.filter(round__state="draft", kind="town").order_by("position")[0]
    made.make_user("cadre", Role.TOWN_CADRE, Region.objects.get(path=first.region_path), "镇街干部甲")


def _lose(towns: list[Region], month: dt.date, turn: int, analyst: User) -> None:
    rows = []
    for number, town in enumerate(towns):
        for case in range(40 if number == 0 else 2 + (number * (3 + turn)) % 11):
            at = midnight(month + dt.timedelta(days=case % 27)) + dt.timedelta(hours=9)
            rows.append(
                Incident(
                    person_id=f"number:{month}-{number}-{case}", msisdn="", region_path=town.path,
                    reported_at=at, scam_type="brushing", loss_fen=800_000, key=f"s-{month}-{number}-{case}",
                    by=analyst, entered_at=at,
                )
            )  # fmt: skip
    Incident.objects.bulk_create(rows)


def later() -> None:
    """The deadlines of yesterday have passed, and the tick has come twice."""
    Shortcoming.objects.update(due_on=timezone.localdate() - dt.timedelta(days=1))
    told = [ticking.tell_overdue(timezone.now()) for _turn in range(2)]
    assert told == [Shortcoming.objects.count(), 0], told


if __name__ == "__main__":
    {"start": start, "later": later}[sys.argv[1]]()
