"""Rankings: what they count, that they stay as they were published, and come out again to the digit."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from qingdun.console.assessment import actions, queries, recomputing, ticking, unattended
from qingdun.console.assessment.models import CountedRow, Line, Ranking, Residents, Ruling
from qingdun.console.assessment.periods import before, last_over, period_of, year_before
from qingdun.console.assessment.rules import rule_on
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import IllegalMove, InputError, NotPermitted
from qingdun.ranking.composite import Month, ranking
from tests.console.assessment.conftest import Lose, month_back
from tests.console.conftest import MakeUser
from tests.console.places import CITY, COUNTY_A, TOWN_A

Regions = dict[str, Region]


def towns_of(regions: Regions) -> list[Region]:
    return sorted((one for one in regions.values() if one.level == "town"), key=lambda one: one.path)


def test_a_line_is_what_the_pure_ranking_makes_of_the_counts(
    regions: Regions, analyst: User, lose: Lose, counted_people: None
) -> None:
    towns, day = towns_of(regions), month_back(1)
    dice = Random(5)
    told: dict[str, list[int]] = {town.path: [] for town in towns}
    for town in towns:
        for _each in range(dice.randrange(12)):
            yuan = dice.choice((800, 30_000, 500_000, 1_000_000))
            lose(town.code, day, yuan)
            told[town.path].append(yuan * 100)
    lose(towns[0].code, day, 0)
    lose(towns[0].code, before("town", period_of("town", day)).since, 70)
    lose(towns[0].code, year_before("town", period_of("town", day)).until, 90)
    made = actions.reckon(analyst, "town", day)
    wanted = ranking(
        [
            Month(
                town.path, town.parent.path if town.parent else "", 40_000, len(told[town.path]),
                sum(told[town.path]), sum(fen >= 50_000_000 for fen in told[town.path]),
                sum(fen >= 100_000_000 for fen in told[town.path]),
            )
            for town in towns
        ],
        rule_on(day).weights,
    )  # fmt: skip
    lines = {line.region_path: line for line in made.lines.all()}
    assert [
        (line.rank, line.points, line.raw, line.shrunk, line.low, line.high)
        for line in (lines[one.town] for one in wanted)
    ] == [
        (one.rank, one.points, one.rate.raw, one.rate.shrunk, one.rate.low, one.rate.high) for one in wanted
    ]
    first = lines[towns[0].path]
    assert (first.cases, first.cases_before, first.cases_year) == (len(told[towns[0].path]), 1, 1)
    assert (first.loss_before_fen, first.loss_year_fen) == (7_000, 9_000)
    assert (made.state, made.version, made.estimated) == ("draft", 1, 0)


def test_a_random_ledger_is_counted_as_sql_counts_it(
    regions: Regions, analyst: User, lose: Lose, counted_people: None
) -> None:
    dice, day = Random(11), month_back(1)
    period = period_of("town", day)
    places = list(regions.values())
    for _each in range(150):
        place = dice.choice(places)
        on = period.since + dt.timedelta(days=dice.randrange(-40, 40))
        if on <= timezone.localdate():
            lose(place.code, on, dice.choice((0, 5_000, 600_000)))
    made = actions.reckon(analyst, "town", day)
    statement = (
        "SELECT count(*), coalesce(sum(loss_fen), 0) FROM cases_incident WHERE loss_fen > 0 "
        "AND region_path LIKE %s AND reported_at >= %s AND reported_at < %s"
    )
    zone = timezone.get_current_timezone()
    since = dt.datetime.combine(period.since, dt.time(), zone).astimezone(dt.UTC)
    until = dt.datetime.combine(period.until + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)
    if connection.vendor == "sqlite":
        since, until = since.replace(tzinfo=None), until.replace(tzinfo=None)  # as SQLite keeps them
    with connection.cursor() as cursor:
        for line in made.lines.all():
            cursor.execute(statement, [f"{line.region_path}%", since, until])
            assert tuple(map(int, cursor.fetchone())) == (line.cases, line.loss_fen)
        cursor.execute(statement, ["%", since, until])
        assert int(cursor.fetchone()[0]) == made.cases + made.unplaced
    assert made.unplaced > 0
    assert CountedRow.objects.filter(ranking=made, span="now").count() == made.cases + made.unplaced


def test_a_published_ranking_stays_and_a_correction_tells_the_difference(
    regions: Regions, analyst: User, lose: Lose, counted_people: None
) -> None:
    towns, day = towns_of(regions), month_back(1)
    for town in towns:
        lose(town.code, day)
    made = actions.publish_ranking(analyst, actions.reckon(analyst, "town", day).pk)
    seal = made.digest
    late = lose(towns[1].code, day, 700_000)
    assert recomputing.recompute(made) == []
    drift = recomputing.drift(made)
    assert [(one.span, one.incident, one.before) for one in drift] == [("now", late.pk, None)]
    again = actions.reckon(analyst, "town", day)
    assert (again.version, again.replaces_id, again.state) == (2, made.pk, "draft")
    with pytest.raises(InputError):
        actions.publish_ranking(analyst, again.pk)
    actions.publish_ranking(analyst, again.pk, "补录一起重大案件")
    made.refresh_from_db()
    assert (made.state, made.digest) == ("replaced", seal)
    assert recomputing.recompute(made) == []
    changed = recomputing.difference(Ranking.objects.get(pk=again.pk))
    assert [one.incident for one in changed.rows] == [late.pk]
    mended = next(one for one in changed.lines if one.after and one.after.region_path == towns[1].path)
    assert mended.before is not None
    assert mended.after is not None
    assert (mended.before.cases, mended.after.cases) == (1, 2)
    assert mended.after.rank == 1
    verbs = AuditRow.objects.filter(subject_kind="ranking").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["reckon_ranking", "publish_ranking"] * 2
    assert seal in AuditRow.objects.filter(verb="publish_ranking").earliest("seq").after


@pytest.mark.parametrize(
    ("model", "changes", "named"),
    [
        (Line, {"cases": 9}, "cases"),
        (Line, {"points": 1.25}, "points"),
        (Line, {"residents": 39_999}, "raw"),
        (CountedRow, {"loss_fen": 5}, "loss_fen"),
        (Ranking, {"digest": "0"}, "digest"),
    ],
    ids=["cases", "points", "residents", "row", "seal"],
)
def test_whatever_is_changed_in_a_published_ranking_is_named(
    model: type[Line], changes: dict[str, object], named: str,
    regions: Regions, analyst: User, lose: Lose, counted_people: None,
) -> None:  # fmt: skip
    for town in towns_of(regions):
        lose(town.code, month_back(1))
    made = actions.publish_ranking(analyst, actions.reckon(analyst, "town", month_back(1)).pk)
    touched = model.objects.order_by("pk").first()
    assert touched is not None
    model.objects.filter(pk=touched.pk).update(**changes)
    found = recomputing.recompute(Ranking.objects.get(pk=made.pk))
    assert named in {one.value for one in found}


def test_who_may_rank_and_when(
    regions: Regions, analyst: User, cadre: User, make_user: MakeUser, lose: Lose
) -> None:
    lose(TOWN_A, month_back(1))
    for actor in (cadre, make_user(Role.COUNTY_OFFICER, COUNTY_A), make_user(Role.CITY_ANALYST, COUNTY_A)):
        with pytest.raises(NotPermitted):
            actions.reckon(actor, "town", month_back(1))
    with pytest.raises(InputError):
        actions.reckon(analyst, "town", timezone.localdate())
    with pytest.raises(InputError):
        actions.reckon(analyst, "county", month_back(1))
    made = actions.reckon(analyst, "town", month_back(1))
    assert not queries.rankings(cadre).exists()
    with pytest.raises(NotPermitted):
        actions.publish_ranking(cadre, made.pk)
    actions.publish_ranking(analyst, made.pk)
    assert queries.rankings(cadre).get().pk == made.pk
    with pytest.raises(IllegalMove):
        actions.publish_ranking(analyst, made.pk)
    assert not Ranking.objects.filter(region_path="").exists()


def test_an_estimate_is_said_and_proposes_nothing_until_figures_come(
    regions: Regions, analyst: User, lose: Lose
) -> None:
    towns, day = towns_of(regions), month_back(1)
    for _each in range(80):
        lose(towns[0].code, day)
    for town in towns:
        lose(town.code, day)
    made = actions.publish_ranking(analyst, actions.reckon(analyst, "town", day).pk)
    assert made.estimated == len(towns)
    assert not Ruling.objects.exists()
    figures = [
        Residents(
            region_path=town.path, residents=30_000, as_of=day, source="公安户籍年报", by=analyst,
            at=timezone.now(),
        )
        for town in towns
    ]  # fmt: skip
    Residents.objects.bulk_create(figures[:1])
    alone = actions.publish_ranking(analyst, actions.reckon(analyst, "town", day).pk, "首批真实人口数")
    assert alone.estimated == len(towns) - 1
    assert not Ruling.objects.exists(), "a town with real figures is not held against an estimated city"
    Residents.objects.bulk_create(figures[1:])
    again = actions.publish_ranking(analyst, actions.reckon(analyst, "town", day).pk, "导入真实人口数")
    assert again.estimated == 0
    assert again.population != made.population
    assert [(one.kind, one.region_path) for one in Ruling.objects.all()] == [("yellow", towns[0].path)]


def test_a_figure_of_a_later_day_counts_for_later_periods_alone(
    regions: Regions, analyst: User, lose: Lose
) -> None:
    town = towns_of(regions)[0]
    lose(town.code, month_back(1))
    lose(town.code, month_back(2))
    Residents.objects.create(
        region_path=town.path, residents=12_345, as_of=month_back(1), source="年报", by=analyst,
        at=timezone.now(),
    )  # fmt: skip
    early, late = (actions.reckon(analyst, "town", month_back(back)) for back in (2, 1))
    assert early.lines.get(region_path=town.path).residents == town.population
    line = late.lines.get(region_path=town.path)
    assert (line.residents, line.estimated) == (12_345, False)


def test_villages_rank_by_week(regions: Regions, analyst: User, lose: Lose) -> None:
    villages = [one for one in regions.values() if one.level == "village"]
    week = last_over("village", timezone.localdate())
    assert week.since.weekday() == 0
    lose(villages[0].code, week.since)
    lose(villages[0].code, week.until)
    lose(TOWN_A, week.until)
    made = actions.reckon(analyst, "village", week.since)
    assert made.lines.get(region_path=villages[0].path).cases == 2
    assert made.lines.count() == len(villages) - len(made.empty)
    assert made.unplaced == 1


def test_rules_hold_from_a_day_to_come_and_old_rankings_keep_theirs(
    regions: Regions, analyst: User, lose: Lose, counted_people: None
) -> None:
    for town in towns_of(regions):
        lose(town.code, month_back(1))
    made = actions.reckon(analyst, "town", month_back(1))
    rule = rule_on(timezone.localdate())
    body = {**rule.body, "weights": {**rule.body["weights"], "cases": 60, "mean_loss": 20, "major": 20}}
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    with pytest.raises(FieldFaults) as wrong:
        actions.set_rules(analyst, rule.version, timezone.localdate(), rule.body, "重名")
    assert set(wrong.value.faults) == {"version", "valid_from"}
    crooked = {**body, "weights": {**body["weights"], "major": 30}}
    with pytest.raises(FieldFaults):
        actions.set_rules(analyst, "2027-1", tomorrow, crooked, "合计不对")
    actions.set_rules(analyst, "2027-1", tomorrow, body, "联席会议议定")
    assert rule_on(timezone.localdate()).version == rule.version
    assert rule_on(tomorrow).weights.cases == 60
    assert recomputing.recompute(made) == []


def test_the_tick_makes_one_draft_of_each_kind(regions: Regions, analyst: User, lose: Lose) -> None:
    now = timezone.now()
    assert ticking.tick(now) == 0
    lose(TOWN_A, month_back(1))
    assert ticking.tick(now) == 2
    assert ticking.tick(now) == 0
    assert set(Ranking.objects.values_list("level", "state", "by")) == {
        ("town", "draft", None), ("village", "draft", None),
    }  # fmt: skip
    assert not unattended.published().exists()
    assert regions[CITY].path == Ranking.objects.filter(level="town").get().region_path
