"""Every figure counts exactly the rows of its list, whoever looks, wherever, for whatever days."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Sum

from qingdun.console.alerts.models import Task
from qingdun.console.kernel.models import Region, User
from qingdun.console.measures.definitions import FIGURES, SHARES
from qingdun.console.measures.periods import Period
from qingdun.console.measures.queries import CLOCKS, LEVELS, RESULTS, Ask, Report, report, rows
from tests.console.alerts.world import World

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
QUARTER = Period(dt.date(2026, 1, 10), dt.date(2026, 3, 31))
PLAIN = [code for code, figure in FIGURES.items() if not figure.split]


def looks(world: World) -> list[tuple[User, str]]:
    county = world.town.parent_id or ""
    return [
        (world.analyst, ""), (world.analyst, county), (world.analyst, world.town.pk),
        (world.county, ""), (world.officer, ""), (world.other_county, ""),
    ]  # fmt: skip


def listed(viewer: User, code: str, ask: Ask) -> int:
    found = rows(viewer, code, ask)
    number = found.count()
    assert len(list(found)) == number
    return number


@pytest.mark.parametrize("period", [MARCH, QUARTER])
def test_every_figure_is_as_many_as_its_rows(month: World, period: Period) -> None:
    seen: set[str] = set()
    for viewer, region in looks(month):
        made = report(viewer, Ask(region, period))
        for code in PLAIN:
            number = made.counts.now[code]
            assert number == listed(viewer, code, Ask(region, period)), (viewer, region, code)
            assert made.counts.before[code] == listed(viewer, code, Ask(region, period.before)), code
            seen |= {code} if number else set()
        split_holds(viewer, region, made)
    assert seen == set(PLAIN)  # a law over zeros proves nothing


def split_holds(viewer: User, region: str, made: Report) -> None:
    period = made.period
    total = 0
    for clock in CLOCKS:
        for level in LEVELS:
            for code in ("clocks", "clocks_kept"):
                ask = Ask(region, period, split={"clocks__name": clock, "level": level})
                assert made.clocks[(code, clock, level)] == listed(viewer, code, ask)
    for result in RESULTS:
        ask = Ask(region, period, split={"contacts__result": result})
        assert made.contacts[("contacts", result)] == listed(viewer, "contacts", ask)
        total += made.contacts[("contacts", result)]
    assert total == listed(viewer, "contacts", Ask(region, period))


def test_every_place_and_every_part_of_the_period_is_as_many_as_its_rows(month: World) -> None:
    for viewer, region in ((month.analyst, ""), (month.analyst, month.town.parent_id or "")):
        made = report(viewer, Ask(region, MARCH))
        for code in PLAIN:
            for line in made.places:
                assert line.place is not None
                assert line.counts[code] == listed(viewer, code, Ask(line.place.code, MARCH)), line.place
            here = made.elsewhere.counts[code] if made.elsewhere else 0
            assert here == listed(viewer, code, Ask(region, MARCH, here=True))
            assert sum(line.counts[code] for line in made.places) + here == made.counts.now[code]
            for line in made.parts[:10]:
                assert line.period is not None
                assert line.counts[code] == listed(viewer, code, Ask(region, line.period)), line.period
            assert sum(line.counts[code] for line in made.parts) == made.counts.now[code]
    assert made.places
    assert report(month.analyst, Ask("", MARCH)).elsewhere is not None


def test_the_sum_of_loss_avoided_is_that_of_its_rows(month: World) -> None:
    for viewer, region in looks(month):
        made = report(viewer, Ask(region, QUARTER))
        keys = [row["pk"] for row in rows(viewer, "avoided", Ask(region, QUARTER))]
        total = Task.objects.filter(pk__in=keys).aggregate(total=Sum("loss_avoided_fen"))["total"] or 0
        assert made.counts.now["avoided_fen"] == total


def test_the_part_of_a_share_is_among_its_whole(month: World) -> None:
    for share in SHARES:
        whole = {row["pk"] for row in rows(month.analyst, share.whole, Ask("", QUARTER))}
        part = {row["pk"] for row in rows(month.analyst, share.part, Ask("", QUARTER))}
        assert part < whole
        if share.open:
            assert {row["pk"] for row in rows(month.analyst, share.open, Ask("", QUARTER))} <= whole


def test_the_lead_is_the_middle_one(month: World) -> None:
    made = report(month.analyst, Ask("", QUARTER))
    keys = {row["pk"] for row in rows(month.analyst, "money", Ask("", QUARTER))}
    leads = sorted(
        min(a.raised_at for a in task.alerts.all() if a.stage in ("transfer", "laundering")) - task.raised_at
        for task in Task.objects.filter(pk__in=keys).prefetch_related("alerts")
    )
    middle = leads[(len(leads) - 1) // 2 : len(leads) // 2 + 1]
    assert made.lead is not None
    assert abs(made.lead - sum(middle, dt.timedelta()) / len(middle)) < dt.timedelta(milliseconds=1)


def test_figures_say_what_the_naive_count_says(month: World) -> None:
    made = report(month.analyst, Ask("", QUARTER))
    tasks = Task.objects.filter(
        merged_into=None, received_at__gte=QUARTER.begins, received_at__lt=QUARTER.ends
    ).prefetch_related("clocks", "events")
    from tests.console.measures.conftest import NOW

    required = met = in_time = 0
    for task in tasks:
        meets = [clock for clock in task.clocks.all() if clock.name == "meet"]
        late = [c for c in meets if (c.stopped_at or NOW) > c.due_at]
        required += bool(late or any(clock.kept for clock in meets))
        met += any(clock.kept for clock in meets)
        in_time += any(clock.kept for clock in meets) and not late
    now = made.counts.now
    assert (now["required"], now["met_required"], now["met_in_time"]) == (required, met, in_time)
    assert now["verified"] == sum(bool(task.verdict) for task in tasks)
    assert now["received"] == len(tasks)
    saved = [task for task in tasks if task.loss_avoided_fen and task.verdict != "false_alarm"]
    assert now["avoided"] == len(saved) < sum(bool(task.loss_avoided_fen) for task in tasks)
    assert now["avoided_fen"] == sum(task.loss_avoided_fen for task in saved)


def test_a_station_below_another_region_sees_nothing_of_it(month: World) -> None:
    other = Region.objects.filter(level="county").exclude(pk=month.town.parent_id)[0]
    assert report(month.officer, Ask(other.pk, QUARTER)).region == month.officer.region
