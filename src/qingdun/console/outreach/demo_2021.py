"""The part of outreach in the ledger of 2021: registrations of the app, the rank, units, people, venues,
events, pledges and commendations, as many as were published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo_2021 import MARK, Plan
from qingdun.console.kernel.storing import store
from qingdun.console.outreach.codes import Count, EventKind, PartnerKind
from qingdun.console.outreach.demo import CITIES, WON
from qingdun.console.outreach.demo_matrix import FIELDS, GIVEN, NAMES, SURNAMES
from qingdun.console.outreach.models import (
    Ambassador,
    AppCount,
    Commendation,
    Event,
    Partner,
    Pledge,
    ProvinceRank,
    Unit,
    Venue,
)
from qingdun.console.outreach.registering import count_key
from qingdun.regions.population import apportion

ENTERPRISES, PLEDGES = 20, 17
KINDS = (EventKind.STALL, EventKind.TALK, EventKind.SHOW, EventKind.FILM, EventKind.ENTERPRISE)


@transaction.atomic
def create_2021(plan: Plan) -> int:
    """The rows stand; how many rows of registrations."""
    rows = store(_registrations(plan))
    ProvinceRank.objects.create(
        region_path=plan.actor.region_path, day=plan.until, count=Count.INSTALLED, by=plan.actor,
        rank=plan.totals["province_rank"], of=max(CITIES, plan.totals["province_rank"]),
        source=f"{MARK}通报", at=timezone.now(),
    )  # fmt: skip
    units = _units(plan)
    _people(plan, units)
    _venues(plan)
    partners = _partners(plan)
    _events(plan, units, partners)
    _papers(plan, [one for one in partners if one.kind == PartnerKind.ENTERPRISE])
    record(None, "enter_app_count", ("outreach", "demo-2021"), None, {"rows": rows})
    return rows


def _registrations(plan: Plan) -> Iterator[AppCount]:
    """What was new in each town on one day of each week."""
    weeks = [
        plan.since + dt.timedelta(days=7 * number)
        for number in range((plan.until - plan.since).days // 7 + 1)
    ]
    cells = [(town, day) for town in plan.towns for day in weeks]
    shares = [(town.population or 1) * plan.random.uniform(0.5, 1.5) for town, _day in cells]
    ways, odds, now = list(WON), list(WON.values()), timezone.now()
    for (town, day), installed in zip(cells, apportion(plan.totals["installed"], shares), strict=True):
        won_at = plan.random.choices(ways, odds)[0]
        real = round(installed * plan.random.uniform(0.72, 0.84))
        if installed:
            yield AppCount(
                key=count_key(day, town.path, None, won_at), day=day, region_path=town.path, won_at=won_at,
                installed=installed, real_name=real, warning_on=round(real * 0.66), by=plan.actor, at=now,
            )  # fmt: skip


def _units(plan: Plan) -> list[Unit]:
    """Some were of the leading group before the period, the others came in the month before its last."""
    named = [(name, kind) for kind, names in NAMES["bodies"].items() for name in names]
    totals, joined = plan.totals, plan.until.replace(day=1) - dt.timedelta(days=14)
    group, matrix = totals["units"], totals["matrix_units"]
    days = [plan.since - dt.timedelta(days=200)] * totals["units_before"] + [joined] * group
    return Unit.objects.bulk_create(
        Unit(
            name=f"{name}（{MARK}2021）", kind=kind, region_path=plan.actor.region_path, by=plan.actor,
            joined_on=days[number] if number < group else None,
            matrix_on=joined if number < matrix else None,
        )
        for number, (name, kind) in enumerate(named[: max(group, matrix)])
    )  # fmt: skip


def _people(plan: Plan, units: list[Unit]) -> None:
    pick = plan.random.choice
    Ambassador.objects.bulk_create(
        Ambassador(
            name=f"{MARK}{pick(SURNAMES)}{pick(GIVEN)}21{number:02}", field=pick(FIELDS), unit=pick(units),
            region_path=plan.actor.region_path, appointed_on=plan.day(), by=plan.actor,
        )
        for number in range(plan.totals["ambassadors"])
    )  # fmt: skip


def _venues(plan: Plan) -> None:
    kinds = NAMES["venues"]
    Venue.objects.bulk_create(
        Venue(
            name=f"{kinds[number % len(kinds)][0]}（{MARK}2021-{number + 1}）",
            kind=kinds[number % len(kinds)][1], region_path=plan.town().path, opened_on=plan.day(),
            by=plan.actor,
        )
        for number in range(plan.totals["venues"])
    )  # fmt: skip


def _partners(plan: Plan) -> list[Partner]:
    kinds = (
        (PartnerKind.UNIVERSITY, f"{MARK}高校", plan.totals["universities"], 9000),
        (PartnerKind.TECHNICIAN, f"{MARK}技师学院", plan.totals["technicians"], 6000),
        (PartnerKind.ENTERPRISE, f"{MARK}企业", ENTERPRISES, 400),
    )
    return Partner.objects.bulk_create(
        Partner(name=f"{name} 2021-{number + 1:02}", kind=kind, people=people, region_path=plan.town().path,
                by=plan.actor)
        for kind, name, rows, people in kinds
        for number in range(rows)
    )  # fmt: skip


def _events(plan: Plan, units: list[Unit], partners: list[Partner]) -> None:
    """All of them are in the period; the last is the one on the campus, to which every college came."""
    rows = plan.totals["events"]
    made = [
        Event(
            title=f"{MARK}反诈宣传活动 2021-{number + 1:03}", kind=KINDS[number % len(KINDS)], on=plan.day(),
            region_path=plan.town().path, heads=plan.random.randint(20, 400), unit=plan.random.choice(units),
            by=plan.actor,
        )
        for number in range(max(0, rows - 1))
    ]  # fmt: skip
    if rows:
        made.append(
            Event(
                title=f"{MARK}反诈宣传走进职教城 2021", kind=EventKind.CAMPUS, on=plan.day(), by=plan.actor,
                region_path=plan.town().path, heads=plan.totals["campus_heads"], place=f"{MARK}礼堂",
            )
        )  # fmt: skip
    events = Event.objects.bulk_create(made)
    links = Event.partners.through
    guests = [one for one in partners if one.kind != PartnerKind.ENTERPRISE]
    hosts = [one for one in partners if one.kind == PartnerKind.ENTERPRISE]
    links.objects.bulk_create(
        [
            *(links(event_id=events[-1].pk, partner_id=one.pk) for one in guests if events),
            *(
                links(event_id=one.pk, partner_id=hosts[number % len(hosts)].pk)
                for number, one in enumerate(events)
                if one.kind == EventKind.ENTERPRISE
            ),
        ]
    )


def _papers(plan: Plan, enterprises: list[Partner]) -> None:
    Pledge.objects.bulk_create(
        Pledge(partner=one, region_path=one.region_path, signed_on=plan.day(), document=f"{MARK}责任书",
               by=plan.actor)
        for one in enterprises[:PLEDGES]
    )  # fmt: skip
    Commendation.objects.bulk_create(
        Commendation(
            name=f"{MARK}{SURNAMES[number % len(SURNAMES)]}某 2021-{number + 1}", partner=enterprises[0],
            region_path=enterprises[0].region_path, on=plan.day(),
            deed="与民警联手劝阻正遭诈骗的同事", by=plan.actor,
        )
        for number in range(plan.totals["commended"])
    )  # fmt: skip
