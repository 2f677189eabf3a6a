"""What happens in outreach in the browser tests' console: `python -m tests.browser.seed_outreach start`."""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.alerts.models import Task  # noqa: E402
from qingdun.console.kernel.models import Person, PersonNumber, Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from qingdun.console.outreach import matrix, registering, ticking  # noqa: E402
from qingdun.console.outreach.matrix import EventForm  # noqa: E402
from qingdun.console.outreach.models import Grid, Mailing, Recipient  # noqa: E402
from qingdun.console.outreach.registering import CountForm, TargetForm  # noqa: E402
from qingdun.console.sms.shipped import load_shipped  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402

FLOATING, COUNTIES, DAYS = 300, 3, 77


def start() -> None:
    """A publicist, a grid member with a grid, floating people of three counties, registrations of weeks."""
    load_shipped()
    city = Region.objects.get(level="city")
    publicist = made.make_user("publicist", Role.PUBLICIST, city, "宣传甲")
    counties = list(Region.objects.filter(level="county").order_by("code")[:COUNTIES])
    for county in counties:
        _people(county)
    town = Region.objects.filter(level="town", parent=counties[0]).order_by("code")[0]
    made.make_user("grid", Role.GRID_MEMBER, town, "网格员乙")
    village = Region.objects.filter(parent=town).order_by("code")[0]
    Grid.objects.create(code="g-1", name="第一网格", region_path=village.path, doors=40, residents=120)
    today = timezone.localdate()
    for back in range(DAYS):
        day = today - dt.timedelta(days=back)
        registering.enter_count(
            publicist, CountForm(day, counties[back % COUNTIES].code, "stall", 900 + 7 * (back % 7), 700, 400)
        )
    _matrix(publicist, counties[0])
    due = today + dt.timedelta(days=90)
    registering.set_target(publicist, TargetForm("", "installed", due, 120_000))


def _matrix(publicist: User, county: Region) -> None:
    """A unit whose ambassador spoke at an event in an enterprise."""
    today = timezone.localdate()
    unit = {"name": "市总工会", "kind": "people", "region": "", "joined_on": today, "matrix_on": today}
    matrix.add_unit(publicist, unit)
    matrix.add_partner(
        publicist, {"name": "演练企业", "kind": "enterprise", "region": county.code, "people": 60}
    )
    appointed = {"name": "演练甲", "field": "教师", "unit": "市总工会", "region": "", "appointed_on": today}
    matrix.appoint(publicist, appointed)
    words = {"title": "安全账户", "kind": "leaflet", "scam_type": "", "words": "公安机关没有安全账户"}
    matrix.add_material(publicist, {"region": "", **words})
    matrix.hold_event(
        publicist,
        EventForm(
            "走进企业", "enterprise", today, 60, county.code, "礼堂", "", "市总工会", ["演练企业"], ["演练甲"]
        ),
    )


def _people(county: Region) -> None:
    town = Region.objects.filter(level="town", parent=county).order_by("code")[0]
    people = Person.objects.bulk_create(
        Person(
            person_id=f"f-{county.code}-{number}", name="演练人", birth_year=1980, sex="fm"[number % 2],
            floating=True, region=town, region_path=town.path,
        )
        for number in range(FLOATING)
    )  # fmt: skip
    PersonNumber.objects.bulk_create(
        PersonNumber(
            msisdn=f"+8617{county.code[-3:]}{number:06}",
            person=person,
            carrier="x",
            virtual_operator=False,
            activated_on="2020-01-01",
        )
        for number, person in enumerate(people)
    )


def later() -> None:
    """The mailing is queued; of those held out more have had an alert since; three weeks have gone by."""
    while ticking.queue_messages():
        pass
    mailing = Mailing.objects.get()
    held = Recipient.objects.filter(mailing=mailing, arm="held").order_by("pk")[:15]
    sent = Recipient.objects.filter(mailing=mailing, arm="sent").order_by("pk")[:9]
    now = timezone.now()
    example = Task.objects.all()[0]
    for row in (*held, *sent):
        person = Person.objects.get(pk=row.person_id)
        Task.objects.create(
            episode_id=f"later-{row.pk}", person_id=person.pk, msisdn="", region_path=person.region_path,
            scam_type="police", level="low", level_rank=3, stage="lure", probability=0.2, raised_at=now,
            received_at=now, moved_at=now, expected_loss_fen=1, state=example.state,
        )  # fmt: skip
    ticking.read_effects(now + dt.timedelta(days=21, minutes=1))


if __name__ == "__main__":
    {"start": start, "later": later}[sys.argv[1]]()
