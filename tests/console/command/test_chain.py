"""Who answers for a place at a moment: through hand-overs and absences, from the grid to the city."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from qingdun.console.command import actions, queries
from qingdun.console.command.actions import Appointment, PostForm
from qingdun.console.command.models import Absence, Post, Tenure
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.outreach.models import Grid
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.command.conftest import Held
from tests.console.places import CITY, COUNTY_A, COUNTY_B, TOWN_A

DAY = dt.timedelta(days=1)


def names(viewer: User, path: str, at: dt.datetime) -> list[str]:
    return [one.name for one in queries.answering(viewer, [path], at)[path]]


def test_a_place_is_answered_for_up_to_the_city_in_one_statement(
    analyst: User, cadre: User, held: Held, regions: dict[str, Region],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    held(CITY, "市委书记", "甲市")
    held(COUNTY_A, "市公安局局长", "丙县", kind="direct")
    held(COUNTY_A, "县委书记", "乙县")
    held(COUNTY_B, "县委书记", "别县")
    held(TOWN_A, "镇党委书记", "丁镇", "戊副")
    held(TOWN_A, "领导小组成员", "无关", kind="member")
    now, town = timezone.now(), regions[TOWN_A].path
    assert names(analyst, town, now) == ["丁镇", "乙县", "丙县", "甲市"]
    assert names(cadre, town, now) == ["丁镇", "乙县", "丙县", "甲市"]
    assert names(cadre, regions[COUNTY_B].path, now) == ["甲市"]
    wanted = [town, regions[COUNTY_A].path, regions[COUNTY_B].path]
    viewer = User.objects.select_related("region").get(pk=analyst.pk)
    with django_assert_num_queries(1):
        found = queries.answering(viewer, wanted, now)
    assert [found[path][0].name for path in wanted] == ["丁镇", "乙县", "别县"]
    assert names(analyst, town, now - 400 * DAY) == []


def test_who_is_away_is_stood_in_for_and_history_stays(
    analyst: User, held: Held, regions: dict[str, Region]
) -> None:
    post, town, now = held(TOWN_A, "镇党委书记", "甲", "乙", "丙"), regions[TOWN_A].path, timezone.now()
    by_name = {one.name: one for one in Tenure.objects.filter(post=post)}
    for name in ("甲", "乙"):
        actions.record_absence(analyst, by_name[name].pk, now - DAY, now + DAY, "外出")
    assert names(analyst, town, now) == ["丙"]
    assert names(analyst, town, now + DAY) == ["甲"]
    with pytest.raises(IllegalMove):
        actions.record_absence(analyst, by_name["甲"].pk, now, now + 2 * DAY, "重复")
    with pytest.raises(InputError):
        actions.record_absence(analyst, by_name["丙"].pk, now, now, "没有时间")
    actions.end_absence(analyst, Absence.objects.get(tenure__name="乙").pk)
    assert names(analyst, town, timezone.now()) == ["乙"]
    later = now + 3 * DAY
    actions.hand_over(analyst, post.pk, Appointment("乙", later, "移交台账"), {"alerts": 3})
    assert names(analyst, town, now - 2 * DAY) == ["甲"]
    assert names(analyst, town, later) == ["乙"]
    assert Tenure.objects.get(name="乙", standing="deputy").until == later
    assert Tenure.objects.get(name="乙", standing="holder").matters == {"alerts": 3}
    with pytest.raises(IllegalMove):
        actions.hand_over(analyst, post.pk, Appointment("丁", later - DAY))
    row = AuditRow.objects.filter(verb="hand_over_post").order_by("-seq")[0]
    assert ('"甲"' in row.before, '"乙"' in row.after) == (True, True)
    actions.close_post(analyst, post.pk, "机构改革")
    assert names(analyst, town, timezone.now() + DAY) == []
    assert names(analyst, town, now - 2 * DAY) == ["甲"]


def test_every_moment_agrees_with_a_plain_walk(analyst: User, held: Held, regions: dict[str, Region]) -> None:
    """Hand-overs and absences at random: the one statement says what walking over all rows does."""
    draw, town, began = random.Random(3), regions[TOWN_A].path, timezone.now() - 360 * DAY
    posts = [held(TOWN_A, f"职务{number}", "甲", "乙", "丙") for number in range(2)]
    for number in range(12):
        at = began + dt.timedelta(days=25 * number + draw.randint(1, 20))
        post = draw.choice(posts)
        if number % 3 == 0:
            actions.hand_over(analyst, post.pk, Appointment(f"新{number}", at))
        else:
            there = draw.choice(list(Tenure.objects.filter(post=post, until=None)))
            since = max(at, there.since)
            try:
                until = since + dt.timedelta(days=draw.randint(1, 60))
                actions.record_absence(analyst, there.pk, since, until, "外出")
            except IllegalMove:
                continue
    tenures, absences = list(Tenure.objects.all()), list(Absence.objects.all())
    assert len(absences) >= 3

    def walk(at: dt.datetime) -> list[str]:
        said = []
        for post in posts:
            away = {one.tenure_id for one in absences if one.since <= at < one.until}
            there = [
                one for one in tenures
                if one.post_id == post.pk and one.since <= at and (one.until is None or at < one.until)
                and one.pk not in away
            ]  # fmt: skip
            there.sort(key=lambda one: (one.standing == "deputy", one.rank))
            said += [there[0].name] if there else []
        return said

    for number in range(60):
        at = began + dt.timedelta(days=7 * number)
        assert names(analyst, town, at) == walk(at)


def test_a_grid_has_its_own_head(cadre: User, regions: dict[str, Region]) -> None:
    village = next(one for one in regions.values() if one.parent_id == TOWN_A)
    grid = Grid.objects.create(code="g-1", name="第一网格", region_path=village.path)
    post = actions.open_post(cadre, PostForm("网格长", "grid", village.path, "g-1"))
    now = timezone.now()
    actions.hand_over(cadre, post.pk, Appointment("格长", now))
    assert names(cadre, village.path, now) == []
    assert [one.name for one in queries.answering(cadre, [village.path], now, grid.pk)[village.path]] == [
        "格长"
    ]
    with pytest.raises(InputError):
        actions.open_post(cadre, PostForm("网格长", "grid", village.path, "g-2"))
    with pytest.raises(IllegalMove):
        actions.open_post(cadre, PostForm("网格长", "grid", village.path, "g-1"))


def test_a_post_is_kept_from_above(county: User, cadre: User, held: Held, regions: dict[str, Region]) -> None:
    town, village = regions[TOWN_A].path, next(r for r in regions.values() if r.parent_id == TOWN_A).path
    actions.open_post(cadre, PostForm("村支书", "principal", village))
    with pytest.raises(NotPermitted):
        actions.open_post(cadre, PostForm("镇长", "direct", town))
    actions.open_post(county, PostForm("镇长", "direct", town))
    with pytest.raises(NotPermitted):
        actions.open_post(county, PostForm("县长", "direct", regions[COUNTY_A].path))
    foreign = held(COUNTY_B, "县委书记", "别县")
    with pytest.raises(NotPermitted):
        actions.hand_over(county, foreign.pk, Appointment("夺", timezone.now()))
    above = held(CITY, "市委书记", "甲市")
    assert queries.post(county, above.pk) == above
    with pytest.raises(NotPermitted):
        actions.close_post(county, above.pk, "越级")
    assert {one.title for one in queries.posts(cadre)} == {"村支书", "镇长", "市委书记"}
    assert not Post.objects.exclude(closed_on=None).exists()


def test_whoever_holds_a_post_enters_their_own_absence(
    analyst: User, cadre: User, held: Held, regions: dict[str, Region]
) -> None:
    post, now = held(TOWN_A, "镇党委书记", ""), timezone.now()
    made = actions.hand_over(analyst, post.pk, Appointment("本人", now - DAY, account="cadre"))
    actions.record_absence(cadre, made.pk, now, now + DAY, "公差")
    assert names(cadre, regions[TOWN_A].path, now) == []
    with pytest.raises(InputError):
        actions.name_deputy(analyst, post.pk, Appointment("乙", now, account="nobody"))
