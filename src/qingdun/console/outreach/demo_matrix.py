"""The rest of a demonstration's year: units, people, places, events, doors; all marked."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import TYPE_CHECKING

from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.outreach.codes import (
    EventKind,
    PartnerKind,
)
from qingdun.console.outreach.demo_pictures import create_pictures
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
from qingdun.console.outreach.quiz import quiz

if TYPE_CHECKING:
    from qingdun.console.outreach.demo import Year

UNITS_BEFORE, AMBASSADORS, EVENTS = 31, 65, 108
UNIVERSITIES, CAMPUS_HEADS, ENTERPRISES, COMMENDED = 9, 412, 20, 3
PLEDGES, SHEETS, DOORS, PICTURED = 17, 300, 480, 24
SURNAMES = "陈李张黄何罗梁刘邓林朱欧谢曾冯潘钟郑范温"
GIVEN = "志伟建国明辉俊杰嘉豪晓峰文斌永强海涛丽华秀英桂兰春梅"
FIELDS = ("教师", "医生", "主持人", "村支书", "企业家", "歌手", "快递员", "银行职员")
GROUP = 50
"""Of the bodies so many are of the leading group; all of them are of the matrix."""
AT_WORK = (EventKind.ENTERPRISE, EventKind.FILM)
"""Kinds of events that are held in an enterprise."""
NAMES = json.loads(resources.files(__package__).joinpath("demo.json").read_text("utf-8"))
"""Bodies by kind, venues and events with their kinds, materials with their words."""


def create_matrix(year: Year) -> None:
    """Units, ambassadors, venues, partners, events, pledges, commendations, materials, sheets and doors
    stand.
    """
    city = year.actor.region_path
    units = _units(year, city)
    people = _people(year, city, units)
    venues = _venues(year)
    partners = _partners(year)
    events = _events(year, units, venues, partners)
    _speakers(year, events, people)
    create_pictures(year.actor, events[-PICTURED:])
    _papers(year, partners)
    _materials(year, city)
    _sheets(year, events)
    _doors(year)


def _units(year: Year, city: str) -> list[Unit]:
    named = [(name, kind) for kind, names in NAMES["bodies"].items() for name in names]
    began = [330 if number < UNITS_BEFORE else 180 for number in range(len(named))]
    return Unit.objects.bulk_create(
        Unit(
            name=f"{name}（演示）", kind=kind, region_path=city, by=year.actor,
            joined_on=year.today - dt.timedelta(days=began[number]) if number < GROUP else None,
            matrix_on=year.today - dt.timedelta(days=170),
        )
        for number, (name, kind) in enumerate(named)
    )  # fmt: skip


def _people(year: Year, city: str, units: list[Unit]) -> list[Ambassador]:
    pick = year.random.choice
    return Ambassador.objects.bulk_create(
        Ambassador(
            name=f"演示{pick(SURNAMES)}{pick(GIVEN)}{number:02}", field=pick(FIELDS), unit=pick(units),
            region_path=city, appointed_on=year.day(300, 20), by=year.actor,
        )
        for number in range(AMBASSADORS)
    )  # fmt: skip


def _venues(year: Year) -> list[Venue]:
    towns = [year.town() for _one in NAMES["venues"]]
    return Venue.objects.bulk_create(
        Venue(
            name=f"{town.short_name}{name}（演示）", kind=kind, region_path=town.path,
            opened_on=year.day(320, 60), by=year.actor,
        )
        for town, (name, kind) in zip(towns, NAMES["venues"], strict=True)
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
    kinds, hosts = list(NAMES["events"]), dict[str, Partner]()
    made: list[Event] = []
    towns = {town.path: town for town in year.towns}
    for number in range(EVENTS - 1):
        kind = kinds[number % len(kinds)]
        host = year.random.choice(partners[PartnerKind.ENTERPRISE]) if kind in AT_WORK else None
        venue = year.random.choice(venues) if number % 4 == 0 and host is None else None
        at = host or venue
        town = towns[at.region_path] if at else year.town()
        title = f"演示{NAMES['events'][kind]}（{town.short_name}，第 {number + 1:03} 场）"
        if host:
            hosts[title] = host
        made.append(
            Event(
                title=title, kind=kind, on=year.day(330, 1), region_path=town.path, venue=venue,
                heads=year.random.randint(20, 400), unit=year.random.choice(units), by=year.actor,
            )
        )  # fmt: skip
    campus = Event(
        title="演示反诈宣传走进省职教城", kind=EventKind.CAMPUS, on=year.day(170, 150), heads=CAMPUS_HEADS,
        region_path=year.town().path, unit=units[0], place="演示礼堂", by=year.actor,
    )  # fmt: skip
    events = Event.objects.bulk_create([*made, campus])
    links = Event.partners.through
    guests = [*partners[PartnerKind.UNIVERSITY], *partners[PartnerKind.TECHNICIAN]]
    links.objects.bulk_create(
        [
            *(links(event_id=events[-1].pk, partner_id=one.pk) for one in guests),
            *(links(event_id=one.pk, partner_id=hosts[one.title].pk) for one in made if one.title in hosts),
        ]
    )
    return events


def _speakers(year: Year, events: list[Event], people: list[Ambassador]) -> None:
    """At every second event one or two ambassadors spoke, each after the appointment."""
    links = Event.ambassadors.through
    made = []
    for event in events[::2]:
        free = [one for one in people if one.appointed_on <= event.on]
        chosen = year.random.sample(free, min(len(free), year.random.randint(1, 2)))
        made += [links(event_id=event.pk, ambassador_id=one.pk) for one in chosen]
    links.objects.bulk_create(made)


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
    for number, (title, kind, scam_type, words) in enumerate(NAMES["materials"]):
        versions = 1 + number % 3
        material = Material.objects.create(
            title=title, kind=kind, scam_type=scam_type, region_path=city, version=versions, by=year.actor
        )
        MaterialVersion.objects.bulk_create(
            MaterialVersion(
                material=material, version=version, words=f"{words}（演示，第 {version} 版）",
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
    """Doors of the demonstration's grids, in the evening, most of them by its grid member."""
    grids = list(Grid.objects.order_by("code"))
    if not grids:
        return
    member = User.objects.filter(demo=True, username="demo-grid").first() or year.actor
    made = []
    for number in range(DOORS):
        grid, met = grids[number % len(grids)], year.random.random() < 0.7
        at = midnight(year.day(300, 1)) + dt.timedelta(hours=18, minutes=year.random.randint(0, 150))
        told = year.random.randint(1, 4) if met else 0
        installed = year.random.randint(0, told)
        made.append(
            Door(
                key=f"demo-{number:06}", grid=grid, region_path=grid.region_path,
                place=f"演示{number // len(grids) % 6 + 1}栋{number % 6 + 1}0{number % 4 + 1}",
                result="met" if met else year.random.choice(("nobody", "declined")), told=told,
                installed=installed, real_name=installed, warning_on=installed // 2, leaflet=met,
                visited_at=at, by=member if number % 5 else year.actor, at=at,
            )
        )  # fmt: skip
    Door.objects.bulk_create(made)
