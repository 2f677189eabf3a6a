"""Clocks as configuration: the nearest rule holds, from then on, and everything about it is on record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from qingdun.console.alerts import actions, clocks, intake
from qingdun.console.alerts.models import Clock, ClockRule, Task
from qingdun.console.alerts.states import Timed
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World

WHY = "专项行动期间缩短"


def sign_s(world: World, urban: bool = True) -> int | None:
    return clocks.lengths_at("urgent", world.town.path, urban, ["sign"])["sign"]


def test_without_a_rule_the_defaults_hold(world: World) -> None:
    got = clocks.lengths_at("urgent", world.town.path, False, Timed.values)
    assert got == {
        "sign": 60, "call": 180, "meet": 1800, "escalate": 60, "cap": None, "quiet": 300, "suppress": None,
    }  # fmt: skip
    assert clocks.lengths_at("low", world.town.path, True, ["sign"]) == {"sign": None}


def test_the_nearest_region_wins_and_in_it_the_kind_of_town(world: World) -> None:
    town = world.town
    for region, area, length in (
        ("", "both", 50), (settings.CITY_CODE, "both", 45), (town.parent_id, "both", 40),
        (town.parent_id, "rural", 41), (town.code, "both", 30),
    ):  # fmt: skip
        clocks.set_rule(world.analyst, "urgent", "sign", region or "", area, length, WHY)
        assert sign_s(world, urban=area != "rural") == length
    clocks.drop_rule(world.analyst, ClockRule.objects.get(region=town).pk, WHY)
    assert (sign_s(world), sign_s(world, urban=False)) == (40, 41)
    other = clocks.lengths_at("urgent", world.other_county.region_path, True, ["sign"])
    assert other == {"sign": 45}


def test_a_rule_holds_for_clocks_that_start_from_then_on(world: World, task: Task) -> None:
    running = Clock.objects.get(task=task)
    clocks.set_rule(world.analyst, "urgent", "sign", "", "both", 30, WHY)
    running.refresh_from_db()
    assert running.due_at - running.started_at == dt.timedelta(seconds=60)
    actions.dispatch(world.analyst, task.pk, None)
    fresh = Clock.objects.get(task=task, name="sign", stopped_at=None)
    assert fresh.due_at - fresh.started_at == dt.timedelta(seconds=30)


def test_a_step_may_be_given_a_clock_or_none(world: World) -> None:
    clocks.set_rule(world.analyst, "medium", "sign", "", "both", 900, WHY)
    clocks.set_rule(world.analyst, "urgent", "sign", world.town.code, "urban", None, WHY)
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    assert not Clock.objects.filter(task__level="urgent", task__town=world.town).exists()
    assert Clock.objects.filter(task__level="medium", name="sign").exists()


def test_every_change_is_on_record_with_before_after_and_reason(world: World) -> None:
    clocks.set_rule(world.analyst, "urgent", "sign", "", "both", 50, WHY)
    clocks.set_rule(world.analyst, "urgent", "sign", "", "both", 40, "试行后再缩短")
    rule = ClockRule.objects.get()
    clocks.drop_rule(world.analyst, rule.pk, "恢复默认时限")
    rows = AuditRow.objects.filter(verb__endswith="clock_rule").order_by("seq")
    assert [(row.verb, row.purpose) for row in rows] == [
        ("set_clock_rule", WHY), ("set_clock_rule", "试行后再缩短"), ("drop_clock_rule", "恢复默认时限"),
    ]  # fmt: skip
    assert ("length_s", 50, 40) in rows[1].changes
    assert not ClockRule.objects.exists()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"level": "mild"}, "等级"),
        ({"clock": "lunch"}, "环节"),
        ({"area": "sea"}, "镇街类型"),
        ({"region_code": "999999"}, "地区"),
        ({"length_s": 0}, "时长"),
        ({"length_s": 10**9}, "时长"),
        ({"reason": " "}, "purpose|用途"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, change: dict[str, object], found: str) -> None:
    whole: dict[str, object] = {
        "level": "urgent", "clock": "sign", "region_code": "", "area": "both", "length_s": 60, "reason": WHY,
    }  # fmt: skip
    with pytest.raises(InputError, match=found):
        clocks.set_rule(world.analyst, **{**whole, **change})  # type: ignore[arg-type]
    assert not ClockRule.objects.exists()


def test_only_the_city_sets_clocks(world: World) -> None:
    rule = clocks.set_rule(world.analyst, "urgent", "sign", "", "both", 50, WHY)
    for who in (world.county, world.officer, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            clocks.set_rule(who, "urgent", "sign", "", "both", 1, WHY)
        with pytest.raises(NotPermitted):
            clocks.drop_rule(who, rule.pk, WHY)
    with pytest.raises(InputError, match="已不存在"):
        clocks.drop_rule(world.analyst, rule.pk + 1, WHY)


def test_the_table_says_what_holds_and_from_where(world: World) -> None:
    rule = clocks.set_rule(world.analyst, "urgent", "meet", world.town.parent_id or "", "rural", 1200, WHY)
    here = {(line.level, line.clock, line.area): line for line in clocks.table(world.county)}
    assert here["urgent", "meet", "urban"].length_s == 900
    assert (here["urgent", "meet", "rural"].length_s, here["urgent", "meet", "rural"].rule) == (1200, rule)
    assert here["urgent", "sign", "both"].length_s == 60
    city = {(line.level, line.clock, line.area): line for line in clocks.table(world.analyst)}
    assert city["urgent", "meet", "rural"].length_s == 1800
    assert clocks.own_rules(world.other_county) == []
    assert clocks.own_rules(world.analyst) == [rule]
