"""A chain, provisions and what is overdue for the browser: `python -m tests.browser.seed_command start`."""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.cases.models import Incident  # noqa: E402
from qingdun.console.command import actions, undertaking  # noqa: E402
from qingdun.console.command.actions import Appointment, PostForm  # noqa: E402
from qingdun.console.command.models import Provision, Undertaking  # noqa: E402
from qingdun.console.command.undertaking import UndertakingForm  # noqa: E402
from qingdun.console.funds.models import StopPayment  # noqa: E402
from qingdun.console.kernel.localtime import midnight  # noqa: E402
from qingdun.console.kernel.models import Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from qingdun.console.outreach.models import Unit  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402

POSTS = (("city", "市委书记"), ("county", "县委书记"), ("town", "镇党委书记"))


def start() -> None:
    """Posts of the city, the counties and some towns; the drafted provisions, two of them undertaken by every
    county, one overdue; a year of incidents; a stop that holds.
    """
    analyst, city = User.objects.get(username="city"), Region.objects.get(level="city")
    county = User.objects.get(username="county").region
    assert county is not None
    towns = list(Region.objects.filter(parent=county, level="town").order_by("path"))
    made.make_user("second", Role.CITY_ANALYST, city, "研判员乙")
    made.make_user("cadre", Role.TOWN_CADRE, towns[0], "镇街干部甲")
    now, today = timezone.now(), timezone.localdate()
    counties = list(Region.objects.filter(level="county").order_by("path"))
    places = {"city": [city], "county": counties, "town": towns}
    for level, title in POSTS:
        for number, place in enumerate(places[level]):
            post = actions.open_post(analyst, PostForm(title, "principal", place.path))
            if level == "town" and number % 4 == 3:
                continue
            since = now - dt.timedelta(days=300)
            actions.hand_over(analyst, post.pk, Appointment(f"演示{title[:1]}{number + 1}", since))
            actions.name_deputy(analyst, post.pk, Appointment(f"演示副{number + 1}", since))
    actions.open_post(analyst, PostForm("领导小组组长", "leader", city.path))
    for name in ("市教育局（演示）", "市总工会（演示）"):
        Unit.objects.create(
            name=name,
            kind="party",
            region_path=city.path,
            joined_on=today - dt.timedelta(days=90),
            by=analyst,
        )
    undertaking.take_drafted(analyst)
    for number in (3, 6):
        provision = Provision.objects.get(number=number)
        paths = [one.path for one in counties]
        form = UndertakingForm(provision.pk, provision.title, provision.demand, today, (), paths)
        undertaking.set_undertakings(analyst, form)
    Undertaking.objects.filter(provision__number=3).update(due_on=today - dt.timedelta(days=5))
    rows = []
    for days in range(0, 720, 6):
        town = towns[days % len(towns)]
        at = midnight(today - dt.timedelta(days=days)) + dt.timedelta(hours=1)
        rows.append(
            Incident(
                person_id=f"number:c-{days}", msisdn="", region_path=town.path, reported_at=at, entered_at=at,
                scam_type="brushing", loss_fen=(3_000 + 40 * days) * 100, key=f"c-{days}", by=analyst,
            )
        )  # fmt: skip
    Incident.objects.bulk_create(rows)
    StopPayment.objects.create(
        account="6200", account_name="甲", bank="演练银行", amount_fen=670_000_00, paid_at=now,
        requested_at=now, held_at=now, ends_at=now + dt.timedelta(hours=5), state="held", turn=1,
        region_path=towns[0].path, key="seed-command", by=analyst,
    )  # fmt: skip


if __name__ == "__main__":
    {"start": start}[sys.argv[1]]()
