"""The people of the source document's story, made up: `python -m tests.browser.seed_xiniu start|order`.

Nobody here exists. The place is the source's (a town of its own station), so are the hour, the sum and the
three cards; names, numbers and accounts are made up.
"""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.alerts import intake  # noqa: E402
from qingdun.console.alerts.intake import Around  # noqa: E402
from qingdun.console.duty import actions as duty  # noqa: E402
from qingdun.console.kernel.models import (  # noqa: E402
    Organisation,
    Person,
    PersonAccount,
    PersonNumber,
    PersonRelation,
    Region,
    User,
)
from qingdun.console.kernel.roles import Role  # noqa: E402
from qingdun.console.whereabouts.models import Branch, Cell  # noqa: E402
from qingdun.contract.tables import Alert, Evidence  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402

NUMBER, OFFICER, DAUGHTER = "+8617258015290", "+8617258901529", "+8617258015291"
CALLER = "+00852170991529"
CELL = "演练基站西牛一"


def at(minute: float) -> int:
    """Microseconds of the last 15:29 that has passed in the city, and so many minutes."""
    now = timezone.localtime()
    then = now.replace(hour=15, minute=29, second=0, microsecond=0)
    if then > now:
        then -= dt.timedelta(days=1)
    return made.us(then + dt.timedelta(minutes=minute))


def start() -> None:
    """The town, its station with an officer on duty, its county, and somebody called 林 who lives there."""
    town = Region.objects.get(level="town", name="西牛镇")
    station = Organisation.objects.get(towns=town)
    station.name = "西牛派出所"
    station.save()
    officer = made.make_user("xiniu", Role.STATION_OFFICER, town, "西牛所民警", station)
    made.make_user("yingde", Role.COUNTY_OFFICER, Region.objects.get(pk=town.parent_id), "英德民警")
    analyst = User.objects.get(username="city")
    duty.set_number(analyst, station.code, officer.pk, OFFICER)
    begins = timezone.now() - dt.timedelta(hours=1)
    duty.add_shift(analyst, station.code, officer.pk, begins, begins + dt.timedelta(hours=12))
    lin, daughter = (
        Person.objects.create(
            person_id=ident, name=name, birth_year=born, sex="f", floating=False, region=town,
            region_path=town.path, home_lng=town.lng + east, home_lat=town.lat, home_address=home,
        )
        for ident, name, born, east, home in (
            ("lin", "林演秋", 1975, 0.012, "西牛镇演练路15号"),
            ("lin2", "林演冬", 1999, 0.02, "西牛镇演练路29号"),
        )
    )  # fmt: skip
    for person, number in ((lin, NUMBER), (daughter, DAUGHTER)):
        PersonNumber.objects.create(
            msisdn=number, person=person, carrier="x", virtual_operator=False, activated_on="2019-05-01"
        )
    PersonRelation.objects.create(person=lin, relative=daughter, relation="child")
    for card in range(3):
        PersonAccount.objects.create(
            account=f"62000000000015{card}", person=lin, kind="personal", bank="演练银行"
        )
    Cell.objects.create(cell=CELL, lng=town.lng + 0.01, lat=town.lat + 0.002)
    Branch.objects.create(
        branch_code="xiniu",
        bank="演练银行",
        name="演练银行西牛支行",
        lng=town.lng + 0.011,
        lat=town.lat + 0.001,
    )


def order() -> None:
    """15:29: a long call from abroad, others refused, the screen-sharing app. The alert is high."""
    pieces = tuple(
        Evidence(detector, at(minute), kind, entity, bits, zh, en)
        for detector, minute, kind, entity, bits, zh, en in (
            (
                "call.overseas",
                -14,
                "number",
                CALLER,
                3.2,
                "境外来电，号码此前未与本人通话",
                "Call from abroad",
            ),
            ("call.long_live", -2, "number", CALLER, 4.1, "通话已持续 12 分钟，仍未挂断", "It goes on"),
            ("call.other_refused", -1, "number", CALLER, 2.6, "其他来电全部被拒接", "Others are refused"),
            (
                "visit.screen_share_in_call",
                0,
                "host",
                made.SCREEN_HOST,
                4.4,
                "访问屏幕共享软件下载页",
                "Screen",
            ),
        )
    )
    alert = made.alert(0, "high", "police", "control", pieces, episode="xiniu")
    alert = Alert(*alert)._replace(person_id="lin", msisdn=NUMBER, raised_at=at(0))
    around = [
        Around(at(-14), "calls", "call", CALLER, "境外来电，持续中", "A call from abroad", True, 840, CELL),
        Around(at(-6), "calls", "call", DAUGHTER, "家人来电，被拒接", "Family calls, refused", True, 0, CELL),
        Around(at(0), "sites", "visit", made.SCREEN_HOST, "访问屏幕共享软件下载页", "Screen sharing", True),
    ]
    intake.ingest_alerts(None, [alert], {alert.alert_id: around})


if __name__ == "__main__":
    acts = {"start": start, "order": order}
    for name in sys.argv[1:]:
        acts[name]()
