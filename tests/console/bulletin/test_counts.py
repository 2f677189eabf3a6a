"""Every figure of a bulletin over a random ledger, against an independent count in SQL."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from qingdun.cli.bulletin import create_parts
from qingdun.console.alerts.models import Contact, Task
from qingdun.console.assessment.models import Ruling
from qingdun.console.bulletin.counting import Reader
from qingdun.console.bulletin.periods import Period
from qingdun.console.bulletin.sources import RATES, ledgers
from qingdun.console.bulletin.template import shipped, slots
from qingdun.console.cases.models import Case, Gang, Incident, Measure, Part, Seizure, Trip
from qingdun.console.funds.models import Freeze
from qingdun.console.industry.models import BlacklistEntry, Finding, Interview, Restriction
from qingdun.console.kernel.demo import create_demo_accounts
from qingdun.console.kernel.demo_2021 import create_stations, plan_2021
from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
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
from qingdun.console.supervision.models import Commissioner, Round
from tests.console.places import CITY, COUNTY_A, small_city

pytestmark = pytest.mark.django_db
PERIOD = Period(dt.date(2021, 2, 3), dt.date(2021, 5, 17))
SEED = 20210623
DAYS: tuple[tuple[type[models.Model], str], ...] = (
    (Incident, "reported_at"), (Case, "filed_on"), (Case, "solved_on"), (Measure, "on"), (Part, "on"),
    (Gang, "broken_up_on"), (Seizure, "on"), (Trip, "left_on"), (Freeze, "frozen_at"),
    (Restriction, "since"), (BlacklistEntry, "listed_on"), (Finding, "pushed_at"), (Interview, "held_on"),
    (AppCount, "day"), (Unit, "joined_on"), (Unit, "matrix_on"), (Ambassador, "appointed_on"),
    (Venue, "opened_on"), (Event, "on"), (Pledge, "signed_on"), (Commendation, "on"), (Task, "received_at"),
    (Ruling, "proposed_at"), (Commissioner, "appointed_on"),
)  # fmt: skip
"""Tables and their days, which are scattered over two years."""
PLACED = (
    Incident, Case, Gang, Freeze, Restriction, BlacklistEntry, Finding, Interview, AppCount, Unit, Ambassador,
    Venue, Event, Partner, Pledge, Commendation, Task, Commissioner,
)  # fmt: skip
ENDED: tuple[tuple[type[models.Model], str], ...] = (
    (Unit, "left_on"), (Ambassador, "ended_on"), (Venue, "closed_on"), (Commissioner, "ended_on"),
)  # fmt: skip


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Region]:
    """A ledger of random numbers of rows whose days, places and kinds were scattered afterwards."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        load_regions(small_city())
        luck = random.Random(SEED)
        create_stations()
        create_demo_accounts()
        plan = plan_2021(User.objects.get(username="demo-city"), User.objects.get(username="demo-deputy"))
        totals = {name: luck.randint(20, 90) for name in plan.totals} | {"provinces": 9, "cities": 3}
        totals |= {"units_before": 20, "units": 40, "frozen_fen": 10**9 + 7, "towns_interviewed": 4}
        totals |= {"persons_warned": 300}
        towns = [town.code for town in plan.towns]
        rescue = {**plan.rescue, "town": towns[0]}
        create_parts(replace(plan, totals=totals, listed=tuple(towns[:2]), rescue=rescue))
        _scatter(luck, [town.path for town in plan.towns])
        yield Region.objects.get(code=CITY)
        transaction.set_rollback(True)


def _scatter(luck: random.Random, paths: list[str]) -> None:
    for model, field in DAYS:
        moment = isinstance(model._meta.get_field(field), models.DateTimeField)
        for one in list(model._base_manager.order_by("pk")):
            if luck.random() < 0.5 and getattr(one, field) is not None:
                day = dt.date(2020, 1, 1) + dt.timedelta(days=luck.randint(0, 720))
                at = midnight(day) + dt.timedelta(minutes=luck.choice((0, 1, 719, 1439)))
                _set(one, **{field: at if moment else day})
    for placed in PLACED:
        for one in list(placed._base_manager.order_by("pk")):
            if luck.random() < 0.5:
                _set(one, region_path=luck.choice(paths))
    for model, field in ENDED:
        for one in list(model._base_manager.order_by("pk")):
            if luck.random() < 0.2:
                _set(one, **{field: dt.date(2021, 2, 1) + dt.timedelta(days=luck.randint(0, 200))})
    for contact in Contact.objects.order_by("pk"):
        if luck.random() < 0.3:
            _set(contact, withdrawn_at=midnight(PERIOD.since))
    Event.objects.filter(kind="campus").update(on=PERIOD.until)
    _set(Trip.objects.filter(province="44")[0], left_on=PERIOD.since)
    Round.objects.update(confirmed_at=midnight(PERIOD.since))
    rank = ProvinceRank.objects.get()
    for number in range(12):
        rank.pk, rank.day, rank.rank = None, dt.date(2020, 1, 5) + dt.timedelta(days=45 * number), number + 1
        rank.save(force_insert=True)
    tasks = list(Task.objects.order_by("pk"))
    for task in tasks:
        _set(
            task, verdict=luck.choice(("", "awakened", "false_alarm")), cards_protected=luck.randint(0, 4),
            person_id=luck.choice(tasks).person_id,
        )  # fmt: skip
    for case in Case.objects.order_by("pk"):
        _set(case, two_cards=luck.random() < 0.5)
    for entry in BlacklistEntry.objects.order_by("pk"):
        _set(entry, waits=luck.random() < 0.2)
    for held in Interview.objects.order_by("pk"):
        _set(held, name=f"演示 {luck.randint(1, 9)}")


def _set(one: models.Model, **values: Any) -> None:
    type(one)._base_manager.filter(pk=one.pk).update(**values)


MOMENTS, DAYS_ON = "{0} >= %(begin)s AND {0} < %(end)s", "{0} >= %(since)s AND {0} <= %(until)s"
HERE = "{0}region_path LIKE %(path)s"


def _sql(select: str, table: str, *conditions: str) -> str:
    return f"SELECT {select} FROM {table} WHERE {' AND '.join(conditions)}"


def _measured(kinds: str, case: str) -> str:
    return _sql(
        "COUNT(DISTINCT m.person_id)", "cases_measure m JOIN cases_case c ON c.id = m.case_id",
        f"m.kind IN ({kinds})", DAYS_ON.format('m."on"'), HERE.format("c."), case,
    )  # fmt: skip


def _interviewed(kind: str) -> str:
    return _sql(
        "COUNT(DISTINCT name)", "industry_interview", f"kind = '{kind}'", DAYS_ON.format("held_on"),
        HERE.format(""),
    )  # fmt: skip


def _restricted(kind: str, condition: str) -> str:
    return _sql(
        "COUNT(*)", "industry_restriction", f"kind = '{kind}'", condition, MOMENTS.format("since"),
        HERE.format(""),
    )  # fmt: skip


def _listed(kind: str) -> str:
    return _sql(
        "COUNT(*)", "industry_blacklistentry", f"kind = '{kind}'", "NOT waits", DAYS_ON.format("listed_on"),
        HERE.format(""),
    )  # fmt: skip


def _partners(kind: str) -> str:
    held = _sql(
        "l.partner_id", "outreach_event_partners l JOIN outreach_event e ON e.id = l.event_id",
        DAYS_ON.format('e."on"'),
    )  # fmt: skip
    return _sql("COUNT(*)", "outreach_partner", f"kind = '{kind}'", f"id IN ({held})", HERE.format(""))


def _standing(table: str, begun: str, ended: str) -> str:
    return _sql(
        "COUNT(*)",
        table,
        f"{begun} <= %(until)s",
        f"({ended} IS NULL OR {ended} > %(until)s)",
        HERE.format(""),
    )


def _ruled(kind: str, state: str) -> str:
    return _sql(
        "COUNT(DISTINCT region_path)", "assessment_ruling", f"kind = '{kind}'", f"state = '{state}'",
        MOMENTS.format("proposed_at"), HERE.format(""),
    )  # fmt: skip


def _supervised(kind: str) -> str:
    return _sql(
        "COUNT(*)", "supervision_charge c JOIN supervision_round r ON r.id = c.round_id",
        f"c.kind = '{kind}'", "c.change <> 'held'", "r.confirmed_at < %(end)s",
        "(r.ended_at IS NULL OR r.ended_at >= %(end)s)", HERE.format("c."),
    )  # fmt: skip


ATTACKED = "c.campaign_id IS NOT NULL"
CALLED = "EXISTS (SELECT 1 FROM alerts_contact k WHERE k.task_id = t.id AND k.withdrawn_at IS NULL)"
WORKED = (
    "alerts_task t", MOMENTS.format("t.received_at"), HERE.format("t."), "t.merged_into_id IS NULL",
    f"(t.verdict <> '' OR {CALLED})",
)  # fmt: skip
RESCUE = " ORDER BY t.cards_protected DESC, t.loss_avoided_fen DESC, t.received_at DESC, t.id DESC LIMIT 1"
SAVED = ("t.verdict = 'awakened'", "t.cards_protected > 0", "t.loss_avoided_fen > 0")
TRIP = "cases_trip r JOIN cases_team m ON m.id = r.team_id JOIN cases_campaign g ON g.id = m.campaign_id"
SQL: dict[str, str] = {
    "cases.incidents": _sql("COUNT(*)", "cases_incident", MOMENTS.format("reported_at"), HERE.format("")),
    "cases.loss": _sql("SUM(loss_fen)", "cases_incident", MOMENTS.format("reported_at"), HERE.format("")),
    "cases.filed": _sql("COUNT(*)", "cases_case", DAYS_ON.format("filed_on"), HERE.format("")),
    "cases.solved": _sql("COUNT(*)", "cases_case", DAYS_ON.format("solved_on"), HERE.format("")),
    "cases.detained": _measured("'detained'", "c.two_cards"),
    "cases.punished": _measured("'punished'", "c.two_cards"),
    "cases.caught": _measured("'caught'", ATTACKED),
    "cases.coercive": _measured("'detained', 'bailed', 'confined', 'arrested'", ATTACKED),
    "cases.card_gangs": _sql(
        "COUNT(*)", "cases_gang", "kind = 'cards'", DAYS_ON.format("broken_up_on"), HERE.format("")
    ),
    "cases.insiders": _sql(
        "COUNT(DISTINCT p.person_id)", "cases_part p JOIN cases_case c ON c.id = p.case_id",
        "p.role = 'insider'", DAYS_ON.format('p."on"'), HERE.format("c."),
    ),
    "cases.phone_cards_at_once": _sql(
        "MAX(s.count)", "cases_seizure s JOIN cases_case c ON c.id = s.case_id", "s.kind = 'phone_card'",
        DAYS_ON.format('s."on"'), HERE.format("c."),
    ),
    "cases.provinces": _sql(
        "COUNT(DISTINCT r.province)", TRIP, "r.province <> '44'", DAYS_ON.format("r.left_on"),
        HERE.format("g."),
    ),
    "cases.cities": _sql(
        "COUNT(DISTINCT r.city)", TRIP, "r.province = '44'", DAYS_ON.format("r.left_on"), HERE.format("g.")
    ),
    "cases.frozen": _sql(
        "SUM(f.amount_fen)", "funds_freeze f", MOMENTS.format("f.frozen_at"), HERE.format("f."),
        "EXISTS (SELECT 1 FROM funds_freezepart p JOIN cases_case_incidents j"
        " ON j.incident_id = p.incident_id JOIN cases_case c ON c.id = j.case_id"
        " WHERE p.freeze_id = f.id AND c.campaign_id IS NOT NULL)",
    ),
    "industry.numbers_shut": _restricted("shut", "subject_kind = 'number'"),
    "industry.corporate_controlled": _restricted("control", "corporate"),
    "industry.corporate_cleared": _restricted("clear", "corporate"),
    "industry.findings": _sql(
        "COUNT(*)", "industry_finding f JOIN kernel_organisation o ON o.id = f.party_id",
        "f.kind = 'number' AND o.kind = 'operator'", MOMENTS.format("f.pushed_at"), HERE.format("f."),
    ),
    "industry.blacklisted_persons": _listed("person"),
    "industry.blacklisted_enterprises": _listed("enterprise"),
    "industry.banks_interviewed": _interviewed("bank"),
    "industry.departments_interviewed": _interviewed("department"),
    "industry.universities_interviewed": _interviewed("university"),
    "industry.enterprises_interviewed": _interviewed("enterprise"),
    "bulletin.persons": _sql("COUNT(DISTINCT t.person_id)", *WORKED),
    "bulletin.dissuaded": _sql("COUNT(DISTINCT t.person_id)", *WORKED, "t.verdict = 'awakened'"),
    "bulletin.avoided": _sql("SUM(t.loss_avoided_fen)", *WORKED, "t.verdict <> 'false_alarm'"),
    "bulletin.rescue_fen": _sql("t.loss_avoided_fen", *WORKED, *SAVED) + RESCUE,
    "bulletin.rescue_cards": _sql("t.cards_protected", *WORKED, *SAVED) + RESCUE,
    "assessment.ranked": _sql(
        "COUNT(*)", "assessment_line", HERE.format(""),
        "ranking_id = (SELECT id FROM assessment_ranking WHERE level = 'town' AND state = 'published'"
        " AND until <= %(until)s ORDER BY since DESC LIMIT 1)",
    ),
    "assessment.listed": _ruled("listing", "confirmed"),
    "assessment.interviewed": _ruled("interview", "ended"),
    "bulletin.provisions": _sql(
        "COUNT(*)", "command_provision", "since <= %(until)s", "ended_on IS NULL", HERE.format("")
    ),
    "bulletin.county_heads": _sql(
        "COUNT(DISTINCT p.region_path)",
        "command_tenure t JOIN command_post p ON p.id = t.post_id"
        " JOIN kernel_region r ON r.path = p.region_path",
        "r.level = 'county'", "p.kind = 'principal'", "t.standing = 'holder'", "t.since < %(end)s",
        "(t.until IS NULL OR t.until >= %(end)s)", HERE.format("p."),
    ),
    "supervision.commissioners": _standing("supervision_commissioner", "appointed_on", "ended_on"),
    "supervision.towns": _supervised("town"),
    "supervision.enterprises": _supervised("enterprise"),
    "outreach.installed@until": _sql(
        "SUM(installed)", "outreach_appcount", "day <= %(until)s", HERE.format("")
    ),
    "outreach.rank": _sql(
        "rank", "outreach_provincerank", "count = 'installed'", DAYS_ON.format("day"), HERE.format("")
    ) + " ORDER BY day DESC, id DESC LIMIT 1",
    "outreach.units": _standing("outreach_unit", "joined_on", "left_on"),
    "outreach.units_joined": _sql("COUNT(*)", "outreach_unit", DAYS_ON.format("joined_on"), HERE.format(""),
        "(left_on IS NULL OR left_on > %(until)s)",
    ),
    "outreach.matrix_units": _standing("outreach_unit", "matrix_on", "left_on"),
    "outreach.ambassadors": _standing("outreach_ambassador", "appointed_on", "ended_on"),
    "outreach.venues": _standing("outreach_venue", "opened_on", "closed_on"),
    "outreach.events": _sql("COUNT(*)", "outreach_event", DAYS_ON.format('"on"'), HERE.format("")),
    "outreach.universities": _partners("university"),
    "outreach.technicians": _partners("technician"),
    "outreach.campus_heads": _sql(
        "SUM(heads)", "outreach_event", "kind = 'campus'", DAYS_ON.format('"on"'), HERE.format("")
    ),
    "outreach.pledges": _sql("COUNT(*)", "outreach_pledge", DAYS_ON.format("signed_on"), HERE.format("")),
    "outreach.commended": _sql("COUNT(*)", "outreach_commendation", DAYS_ON.format('"on"'), HERE.format("")),
}  # fmt: skip


def count(code: str, region: Region, period: Period) -> int:
    """What the database says."""
    asked = {
        "path": f"{region.path}%", "since": period.since, "until": period.until,
        "begin": connection.ops.adapt_datetimefield_value(midnight(period.since)),
        "end": connection.ops.adapt_datetimefield_value(midnight(period.until + dt.timedelta(days=1))),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SQL[code], asked)
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def test_every_figure_of_the_template_is_counted_here() -> None:
    codes = {slot.code for slot in slots() if "." in slot.code and not slot.code.startswith(RATES)}
    needed = {
        code
        for section in shipped().sections
        for paragraph in section.paragraphs
        for one in paragraph
        for code in one.need
        if not code.startswith(RATES)
    }
    assert codes | needed == set(SQL)


def test_every_figure_that_can_be_named_has_a_ledger() -> None:
    for ledger in ledgers().values():
        for figure in ledger.figures.values():
            assert figure.table in ledger.tables


@pytest.mark.parametrize("code", SQL)
def test_a_figure_of_a_random_ledger_is_what_sql_counts(city: Region, code: str) -> None:
    viewer = User.objects.get(username="demo-city")
    assert count(code, city, PERIOD), "a ledger with nothing to count proves nothing"
    for region in (city, Region.objects.get(code=COUNTY_A)):
        told = Reader(viewer, region, PERIOD).told(code)
        found = [count(code, region, one) for one in (PERIOD, PERIOD.before, PERIOD.year_before)]
        assert [told.value, told.before, told.year] == found, region
