"""A dashboard's figures are counted over exactly the rows their links show, here, below and by month."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from qingdun.console.alerts.models import Task
from qingdun.console.cases.models import Incident
from qingdun.console.command import board, figures
from qingdun.console.command.figures import BY_CODE, TILES
from qingdun.console.command.models import Provision, Undertaking
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.measures import queries as measures
from qingdun.console.measures.periods import Period
from tests.console.command.conftest import Held
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A
from tests.laws.scope_worlds import alerts

DAY = dt.timedelta(days=1)


@pytest.fixture
def year(analyst: User, regions: dict[str, Region], make_user: MakeUser) -> None:
    """Two incidents a month for two years in one town, one in another county; a stop, an alert dissuaded."""
    make_user(Role.CITY_ANALYST, name="sample-analyst")
    today = timezone.localdate()
    other = next(one for one in regions.values() if one.parent_id == COUNTY_B)
    rows = []
    for days in range(0, 720, 15):
        for code, fen in ((TOWN_A, 100_000), (TOWN_A, 50_000), (other.code, 7_000)):
            at = midnight(today - dt.timedelta(days=days)) + dt.timedelta(hours=1)
            rows.append(
                Incident(
                    person_id=f"n-{len(rows)}", msisdn="", region_path=regions[code].path, reported_at=at,
                    scam_type="brushing", loss_fen=fen, key=f"n-{len(rows)}", by=analyst, entered_at=at,
                )
            )  # fmt: skip
    Incident.objects.bulk_create(rows)
    now = timezone.now()
    StopPayment.objects.create(
        account="6200", account_name="甲", bank="演练银行", amount_fen=670_000, paid_at=now, requested_at=now,
        held_at=now, ends_at=now + DAY, state="held", turn=1, region_path=regions[TOWN_A].path, key="s",
        by=analyst,
    )  # fmt: skip
    alerts(TOWN_A)
    Task.objects.update(verdict="awakened", verdict_at=now, loss_avoided_fen=6_700_000)
    provision = Provision.objects.create(
        number=3, title="推广", demand="…", system="outreach", region_path=regions["441800"].path,
        since=today, by=analyst,
    )  # fmt: skip
    Undertaking.objects.create(
        provision=provision, region_path=regions[TOWN_A].path, title="入户", goal="…", due_on=today - DAY,
        set_by=analyst, set_at=now,
    )  # fmt: skip


def test_each_figure_counts_the_rows_of_its_link(
    analyst: User, cadre: User, year: None, held: Held, log_in: LogIn, make_user: MakeUser
) -> None:
    held(TOWN_A, "镇党委书记", "")
    today = timezone.localdate()
    ask = Ask(since=today - 29 * DAY, until=today)
    found = board.board(analyst, ask)
    shown = {one.tile.figure.code: one for one in found.shown}
    assert (shown["incidents"].value, shown["incidents"].before) == (6, 6)
    assert (shown["loss"].value, shown["loss"].year) == (2 * 157_000, shown["loss"].year)
    assert (shown["stopped"].value, shown["avoided"].value) == (670_000, 6_700_000)
    assert (shown["late"].value, shown["nobody"].value) == (1, 1)
    assert "ranked" not in shown
    client = log_in(analyst)
    for one in found.shown:
        page = client.get(one.url)
        assert page.status_code == 200, one.url
        figure = one.tile.figure
        if not figure.total:
            rows = re.search(r'role="status">\s*(\d+)', page.content.decode())
            assert rows is not None
            assert int(rows[1]) == one.value, figure.code
    measured = measures.rows(analyst, "dissuaded", measures.Ask("", Period(ask.since, ask.until)))  # type: ignore[arg-type]
    assert shown["dissuaded"].value == measured.count() == 1
    leader = make_user(Role.LEADER, name="leader")
    read = {one.tile.figure.code: one for one in board.board(leader, ask).shown}
    assert {"incidents", "stopped", "avoided", "late"} <= set(read)
    assert "frozen" not in read
    theirs = log_in(leader)
    for code, one in read.items():
        assert one.value == shown[code].value
        page = theirs.get(one.url)
        assert page.status_code == 200
        assert not re.search(r'href="/(alerts|incidents|funds)/\d+/"', page.content.decode()), code
    assert theirs.get("/").url == "/command/"  # type: ignore[attr-defined]
    for address in ("/alerts/", "/incidents/", "/funds/"):
        assert theirs.get(address).status_code == 403
    mine = {one.tile.figure.code for one in board.board(cadre, ask).shown}
    assert mine == {"ranked", "ranked_loss", "registered", "cards", "late", "accepted", "nobody"}


def test_places_below_and_months_add_up(analyst: User, county: User, year: None) -> None:
    today = timezone.localdate()
    ask = Ask(since=today - 179 * DAY, until=today)
    whole = board.board(analyst, ask, "loss")
    told = {one.place.code: [value for value, _url in one.values] for one in whole.below}
    first = [tile.figure.code for tile in whole.compared].index("incidents")
    assert told[COUNTY_A][first] == 2 * told[COUNTY_B][first] == 24
    assert sum(values[first] for values in told.values()) == whole.shown[0].value
    below = next(one for one in whole.below if one.place.code == COUNTY_A)
    assert below.rate == pytest.approx(10_000 * 24 / below.place.population)
    assert len(whole.months) == 12
    assert whole.months[-1].first == today.replace(day=1)
    for month in whole.months:
        last = board.period_of(Ask(since=month.first, until=month.first + 27 * DAY))
        assert last.since == month.first
        query = re.search(r"since=([\d-]+)&until=([\d-]+)", month.url)
        assert query is not None
        span = Ask(since=dt.date.fromisoformat(query[1]), until=dt.date.fromisoformat(query[2]))
        assert figures.valued(analyst, BY_CODE["loss"], span) == month.value
    assert sum(month.value for month in whole.months) > 0
    mine = board.board(county, ask)
    assert mine.shown[0].value == 24
    assert {one.place.parent_id for one in mine.below} == {COUNTY_A}
    town = board.board(county, Ask(TOWN_A, ask.since, ask.until))
    assert town.shown[0].value == 24
    assert len({tile.figure.code for tile in TILES}) == len(TILES)


def test_the_page_of_each_level(analyst: User, cadre: User, year: None, log_in: LogIn) -> None:
    client = log_in(analyst)
    for query in (
        {},
        {"region": COUNTY_A},
        {"region": TOWN_A, "trend": "dissuaded"},
        {"since": "2026-01-01"},
    ):
        answer = client.get(reverse("command:home"), query)
        assert answer.status_code == 200
    page = client.get(reverse("command:home"), {"region": TOWN_A}).content.decode()
    assert "¥6.7万" not in page
    assert page.count("measure-value") == len(list(figures.usable(analyst)))
    assert log_in(cadre).get(reverse("command:home")).status_code == 200
    assert client.get(reverse("command:table", args=["nothing"])).status_code == 403
