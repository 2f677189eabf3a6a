"""The rest of a demonstration's year: units, people, places, events, doors, a mailing; all marked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.models import Person, User
from qingdun.console.outreach import mailing, ticking
from qingdun.console.outreach.audience import Wanted, size
from qingdun.console.outreach.codes import (
    Arm,
    EventKind,
    MaterialKind,
    Outcome,
    PartnerKind,
    UnitKind,
    VenueKind,
)
from qingdun.console.outreach.models import (
    Ambassador,
    Commendation,
    Door,
    Event,
    Grid,
    Material,
    MaterialVersion,
    Partner,
    Pledge,
    QuizSheet,
    Unit,
    Venue,
)
from qingdun.console.outreach.moves import MailingState
from qingdun.console.outreach.quiz import quiz

if TYPE_CHECKING:
    from qingdun.console.outreach.demo import Year

UNITS, UNITS_BEFORE, AMBASSADORS, VENUES, EVENTS = 50, 31, 65, 10, 108
UNIVERSITIES, CAMPUS_HEADS, ENTERPRISES, COMMENDED = 9, 412, 20, 3
PLEDGES, SHEETS, DOORS = 17, 300, 480
SURNAMES = "陈李张黄何罗梁刘邓林朱欧谢曾冯潘钟郑范温"
GIVEN = "志伟建国明辉俊杰嘉豪晓峰文斌永强海涛丽华秀英桂兰春梅"
FIELDS = ("教师", "医生", "主持人", "村支书", "企业家", "歌手", "快递员", "银行职员")
TITLES = {
    EventKind.STALL: "演示摆摊咨询", EventKind.TALK: "演示反诈讲座", EventKind.SHOW: "演示反诈文艺演出",
    EventKind.ENTERPRISE: "演示走进企业", EventKind.OTHER: "演示宣传活动",
}  # fmt: skip
MATERIALS = (
    ("演示折页：十类高发诈骗", MaterialKind.LEAFLET), ("演示海报：不听不信不转账", MaterialKind.POSTER),
    ("演示短片：安全账户不存在", MaterialKind.VIDEO), ("演示入户讲解词", MaterialKind.SCRIPT),
)  # fmt: skip


def create_matrix(year: Year) -> None:
    """Units, ambassadors, venues, partners, events, pledges, commendations, materials, sheets and doors
    stand.
    """
    city = year.actor.region_path
    units = _units(year, city)
    _people(year, city, units)
    venues = _venues(year)
    partners = _partners(year)
    events = _events(year, units, venues, partners)
    _papers(year, partners)
    _materials(year, city)
    _sheets(year, events)
    _doors(year)


def create_mailing(actor: User) -> None:
    """A mailing to the floating population of five weeks ago has been read for its three weeks; its messages
    have long expired and are not made.
    """
    publicist = User.objects.filter(demo=True, username="demo-publicist").first()
    if publicist is None or not Person.objects.filter(floating=True).exists():
        return
    now = timezone.now()
    wanted = Wanted("floating")
    with clock_at(now - dt.timedelta(days=36)):
        if not size(publicist, wanted).left:
            return
        form = mailing.MailingForm("demo-mailing", "演示：流动人口防诈提醒", wanted, "education.other", 10, 3)
        made = mailing.prepare(publicist, form)
    with clock_at(now - dt.timedelta(days=35)):
        mailing.approve(actor, made.pk)
    made.recipients.filter(arm=Arm.SENT).update(outcome=Outcome.QUEUED)
    made.refresh_from_db()
    made.state, made.done_at = MailingState.SENT, made.approved_at
    made.save(update_fields=["state", "done_at"])
    ticking.read_effects(now)


def _units(year: Year, city: str) -> list[Unit]:
    kinds = list(UnitKind.values)
    return Unit.objects.bulk_create(
        Unit(
            name=f"演示成员单位 {number + 1:02}", kind=kinds[number % len(kinds)], region_path=city,
            joined_on=year.today - dt.timedelta(days=330 if number < UNITS_BEFORE else 180), by=year.actor,
        )
        for number in range(UNITS)
    )  # fmt: skip


def _people(year: Year, city: str, units: list[Unit]) -> None:
    pick = year.random.choice
    Ambassador.objects.bulk_create(
        Ambassador(
            name=f"演示{pick(SURNAMES)}{pick(GIVEN)}{number:02}", field=pick(FIELDS), unit=pick(units),
            region_path=city, appointed_on=year.day(300, 20), by=year.actor,
        )
        for number in range(AMBASSADORS)
    )  # fmt: skip


def _venues(year: Year) -> list[Venue]:
    kinds = list(VenueKind.values)
    return Venue.objects.bulk_create(
        Venue(
            name=f"演示宣防阵地 {number + 1:02}", kind=kinds[number % len(kinds)],
            region_path=year.town().path, opened_on=year.day(320, 60), by=year.actor,
        )
        for number in range(VENUES)
    )  # fmt: skip


def _partners(year: Year) -> dict[str, list[Partner]]:
    named = [
        *((f"演示高校 {number + 1}", PartnerKind.UNIVERSITY, 9000) for number in range(UNIVERSITIES)),
        ("演示技师学院", PartnerKind.TECHNICIAN, 6000),
        *((f"演示企业 {number + 1:02}", PartnerKind.ENTERPRISE, 400) for number in range(ENTERPRISES)),
    ]
    made = Partner.objects.bulk_create(
        Partner(name=name, kind=kind, region_path=year.town().path, people=people, by=year.actor)
        for name, kind, people in named
    )
    return {kind: [one for one in made if one.kind == kind] for kind in PartnerKind.values}


def _events(
    year: Year, units: list[Unit], venues: list[Venue], partners: dict[str, list[Partner]]
) -> list[Event]:
    kinds = list(TITLES)
    made = [
        Event(
            title=f"{TITLES[kinds[number % len(kinds)]]} {number + 1:03}", kind=kinds[number % len(kinds)],
            on=year.day(330, 1), region_path=year.town().path, heads=year.random.randint(20, 400),
            unit=year.random.choice(units), venue=year.random.choice(venues) if number % 4 == 0 else None,
            by=year.actor,
        )
        for number in range(EVENTS - 1)
    ]  # fmt: skip
    campus = Event(
        title="演示反诈宣传走进省职教城", kind=EventKind.CAMPUS, on=year.day(170, 150), heads=CAMPUS_HEADS,
        region_path=year.town().path, unit=units[0], place="演示礼堂", by=year.actor,
    )  # fmt: skip
    events = Event.objects.bulk_create([*made, campus])
    links = Event.partners.through
    guests = [*partners[PartnerKind.UNIVERSITY], *partners[PartnerKind.TECHNICIAN]]
    enterprises = [one for one in events if one.kind == EventKind.ENTERPRISE]
    links.objects.bulk_create(
        [
            *(links(event_id=events[-1].pk, partner_id=one.pk) for one in guests),
            *(
                links(event_id=one.pk, partner_id=year.random.choice(partners[PartnerKind.ENTERPRISE]).pk)
                for one in enterprises
            ),
        ]
    )
    return events


def _papers(year: Year, partners: dict[str, list[Partner]]) -> None:
    enterprises = partners[PartnerKind.ENTERPRISE]
    Pledge.objects.bulk_create(
        Pledge(
            partner=one, region_path=one.region_path, signed_on=year.day(200, 10), document="演示责任书",
            until=year.today + dt.timedelta(days=200), by=year.actor,
        )
        for one in enterprises[:PLEDGES]
    )  # fmt: skip
    Commendation.objects.bulk_create(
        Commendation(
            name=f"演示{SURNAMES[number]}某", partner=enterprises[0], region_path=enterprises[0].region_path,
            on=year.today - dt.timedelta(days=140), deed="与民警联手劝阻正遭诈骗的同事", by=year.actor,
        )
        for number in range(COMMENDED)
    )  # fmt: skip


def _materials(year: Year, city: str) -> None:
    for number, (title, kind) in enumerate(MATERIALS):
        versions = 1 + number % 3
        material = Material.objects.create(
            title=title, kind=kind, region_path=city, version=versions, by=year.actor
        )
        MaterialVersion.objects.bulk_create(
            MaterialVersion(
                material=material, version=version, words=f"{title}（第 {version} 版，演示文字）",
                change="" if version == 1 else "按近期高发类案更新",
                on=year.today - dt.timedelta(days=60 * (versions - version + 1)), by=year.actor,
            )
            for version in range(1, versions + 1)
        )  # fmt: skip


def _sheets(year: Year, events: list[Event]) -> None:
    version, questions = quiz()
    made = []
    for number in range(SHEETS):
        event = year.random.choice(events)
        answers = {
            one.words.code: one.right
            if year.random.random() < 0.82
            else year.random.choice([answer.code for answer in one.answers])
            for one in questions
        }
        right = sum(answers[one.words.code] == one.right for one in questions)
        made.append(
            QuizSheet(
                key=f"demo-{number}", region_path=event.region_path, event=event, version=version,
                answers=answers, right=right, of=len(questions), on=event.on,
            )
        )  # fmt: skip
    QuizSheet.objects.bulk_create(made)


def _doors(year: Year) -> None:
    grids = list(Grid.objects.order_by("code"))
    if not grids:
        return
    made = []
    for number in range(DOORS):
        grid, met = grids[number % len(grids)], year.random.random() < 0.7
        at = timezone.now() - dt.timedelta(days=year.random.randint(1, 300), minutes=number)
        told = year.random.randint(1, 4) if met else 0
        installed = year.random.randint(0, told)
        made.append(
            Door(
                key=f"demo-{number:06}", grid=grid, region_path=grid.region_path,
                place=f"演示{number % 30 + 1}栋{number % 18 + 101}",
                result="met" if met else year.random.choice(("nobody", "declined")), told=told,
                installed=installed, real_name=installed, warning_on=installed // 2, leaflet=met,
                visited_at=at, by=year.actor, at=at,
            )
        )  # fmt: skip
    Door.objects.bulk_create(made)
