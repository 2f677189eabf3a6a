"""The desk's strip: figures of the measures, each leading to exactly the rows it counts."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.core.cache import cache
from django.utils import timezone

from qingdun.console.alerts import figures
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.queries import Filters, level_counts, tasks
from qingdun.console.kernel.models import User
from qingdun.console.measures import queries, weekly
from qingdun.console.measures.periods import Period
from qingdun.errors import NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

LINK = re.compile(r'<a class="figure" href="(/measures/[^"]+)">([\d,]+)</a>')


@pytest.mark.parametrize("who", ["analyst", "county", "officer"])
def test_every_figure_of_the_strip_leads_to_as_many_rows(month: World, client_of: LogIn, who: str) -> None:
    cache.clear()
    client = client_of(getattr(month, who))
    links = LINK.findall(client.get("/measures/week/").content.decode())
    assert len(links) == 9
    if who == "analyst":
        assert sum(number != "0" for _address, number in links) > 6
    for address, number in links:
        page = client.get(unescape(address))
        assert page.context["page"].paginator.count == int(number.replace(",", "")), address


def test_the_strip_counts_what_the_page_of_measures_counts(month: World) -> None:
    period, counts = queries.week(month.analyst)
    made = queries.report(month.analyst, queries.Ask("", period))
    told = {code: made.counts.now[code] for code in counts if code not in ("clocks", "clocks_kept")}
    assert {code: counts[code] for code in told} == told
    assert counts["avoided_fen"] > 0
    levels = queries.LEVELS
    assert counts["clocks"] == sum(made.clocks[("clocks", "sign", level)] for level in levels)
    assert counts["clocks_kept"] == sum(made.clocks[("clocks_kept", "sign", level)] for level in levels)


def test_a_station_is_told_no_other_stations_figures(month: World, client_of: LogIn) -> None:
    """What is kept for those who see a region whole is not what an officer gets."""
    cache.clear()
    whole = client_of(month.analyst).get("/measures/week/").content.decode()
    own = client_of(month.officer).get("/measures/week/").content.decode()
    assert LINK.findall(whole) != LINK.findall(own)


def test_who_sees_no_alerts_is_told_nothing(month: World) -> None:
    cache.clear()
    for role in ("hotline_operator", "publicist", "grid_member"):
        user = User.objects.create(username=role, role=role, region=month.analyst.region)
        for ask in (queries.week, weekly.latest):
            with pytest.raises(NotPermitted):
                ask(user)
    assert Task.objects.exists()


def test_the_wall_shows_the_figures_of_the_measures_and_no_way_to_a_row(
    month: World, client_of: LogIn
) -> None:
    cache.clear()
    _period, counts = queries.week(month.viewer)
    assert counts == queries.week(month.analyst)[1]
    page = client_of(month.viewer).get("/wall/live/").content.decode()
    for _word, _part, _whole, part, whole, _clock in weekly.latest(month.viewer).shares:
        assert f"<small>{part}/{whole}</small>" in page
    assert f"<small>{counts['avoided']} " in page
    assert counts["avoided"] > 0
    assert "/measures/" not in page


def test_a_county_on_its_wall_is_told_its_own_figures_though_the_city_asked_before(month: World) -> None:
    cache.clear()
    city, own = weekly.latest(month.analyst), weekly.latest(month.county)
    assert own.counts == queries.week(month.county)[1]
    assert own.counts != city.counts


def test_the_hours_of_the_wall_are_those_of_the_measures(month: World) -> None:
    """A hundred days hour by hour are the tasks of those days, and the persons dissuaded among them."""
    hours = queries.by_hour(month.viewer, 24 * 100)
    today = timezone.localdate()
    made = queries.report(month.analyst, queries.Ask("", Period(hours[0].begins.date(), today)))
    assert sum(one.received for one in hours) == made.counts.now["received"] > 0
    # Some verdicts of the fixture lie ahead of its now.
    ahead = Task.objects.filter(verdict="awakened", merged_into=None).filter(
        verdict_at__gte=hours[-1].begins + dt.timedelta(hours=1)
    )
    assert sum(one.dissuaded for one in hours) == made.counts.now["dissuaded"] - ahead.count() > 0
    day = queries.by_hour(month.viewer)
    assert day == hours[-24:]
    own = queries.by_hour(month.county, 24 * 100)
    assert 0 < sum(one.received for one in own) < made.counts.now["received"]


def test_the_counties_of_the_wall_are_those_of_the_desk(month: World) -> None:
    told = figures.by_county(month.viewer)
    for county in told:
        asked = Filters(region=county.region.code)
        levels = level_counts(month.analyst, asked)
        assert {level: getattr(county, level) for level in levels} == levels
        assert county.late == tasks(month.analyst, Filters(region=county.region.code, late=True)).count()
    assert sum(county.total for county in told) > 0
