"""A day at the desk: who is reached in time pays no more, and every policy meets the same luck."""

from __future__ import annotations

import pytest

from qingdun.dispatch.helping import shipped_helping
from qingdun.dispatch.priority import Known
from qingdun.dispatch.way import Point
from qingdun.evaluate.desk import MINUTE_US, POLICIES, Case, Day, Rates, run_day
from qingdun.evaluate.dispatching import Interval, play, report, trials
from qingdun.evaluate.helping import estimate_helping

HOME = Point(113.0, 24.0)
SURE = Rates(answered=1, persuaded_by_phone=1, at_home=1, persuaded_at_the_door=1)
NOBODY = Rates(answered=0, persuaded_by_phone=0, at_home=0, persuaded_at_the_door=0)


def alert(minute: float, level: str = "high", probability: float = 0.9, kind: str = "police") -> Known:
    return Known(probability, kind, "control", level, round(minute * MINUTE_US))


def case(key: str, minute: float, pays: float, fen: int = 100_000, **alerted: object) -> Case:
    known = alert(minute, **alerted)  # type: ignore[arg-type]
    return Case(key, True, HOME, True, (known,), ((round(pays * MINUTE_US), fen),))


def day(*cases: Case) -> Day:
    return Day(cases, (HOME,), sum(fen for one in cases for _, fen in one.payments))


@pytest.mark.parametrize("policy", POLICIES)
def test_a_call_in_time_saves_and_one_too_late_does_not(policy: str) -> None:
    in_time, late = case("a", 0, pays=5), case("b", 0, pays=3)
    assert run_day(day(in_time), 1, policy, shipped_helping(), 1, SURE).avoided_fen == 100_000
    assert run_day(day(late), 1, policy, shipped_helping(), 1, SURE).avoided_fen == 0


def test_a_busy_line_is_not_reached_but_the_door_is() -> None:
    quiet = case("a", 0, pays=20)
    busy = Case("a", True, HOME, True, quiet.alerts, quiet.payments, ((0, 30 * MINUTE_US),))
    saved = run_day(day(busy), 1, "priority", shipped_helping(), 1, SURE)
    assert (saved.avoided_fen, saved.visits, saved.met) == (100_000, 1, 1)


def test_nobody_persuaded_saves_nothing() -> None:
    many = day(*(case(f"c{number}", number, pays=number + 60) for number in range(20)))
    for policy in POLICIES:
        saved = run_day(many, 5, policy, shipped_helping(), 1, NOBODY)
        assert (saved.avoided_fen, saved.persuaded, saved.untouched) == (0, 0, 0)


def test_medium_tasks_are_called_twice_and_never_visited() -> None:
    saved = run_day(day(case("a", 0, pays=5, level="medium")), 1, "by_level", shipped_helping(), 1, NOBODY)
    assert (saved.calls, saved.visits) == (2, 0)


def test_one_officer_and_many_tasks_save_more_in_the_order_of_the_rule() -> None:
    hopeless = [
        case(f"h{number}", number / 10, pays=1, probability=0.05, kind="game") for number in range(30)
    ]
    worth = case("w", 3.5, pays=40, fen=5_000_000)
    whole = day(*hopeless, worth)
    saved = {policy: run_day(whole, 1, policy, shipped_helping(), 1, SURE).avoided_fen for policy in POLICIES}
    assert saved["priority"] == 5_000_000
    assert saved["first_come"] == 0


def test_the_same_seed_gives_the_same_day_and_a_higher_level_reopens_a_task() -> None:
    risen = Case("a", True, HOME, True, (alert(0, "low"), alert(120, "urgent")), ((200 * MINUTE_US, 7_000),))
    only_the_door = Rates(answered=0, at_home=1, persuaded_at_the_door=1)
    runs = [run_day(day(risen), 2, "priority", shipped_helping(), 4, only_the_door) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].avoided_fen == 7_000


def test_the_report_holds_every_policy_interval_and_assumption() -> None:
    days = [(seed, day(case("a", 0, pays=5 + seed), case("b", 1, pays=90))) for seed in (1, 2, 3)]
    settings = trials((1, 2))
    played = [play(one, seed, settings, shipped_helping()) for seed, one in days]
    found = report(played, settings, "test").json()
    assert set(found["officers"]) == {"1", "2"}
    for line in found["officers"].values():
        assert set(line) == set(POLICIES)
        share = line["priority"]["loss_avoided_share"]
        assert 0 <= share["low"] <= share["mean"] <= share["high"] <= 1
        assert line["first_come"]["over_first_come"]["mean"] == 0
        assert len(line["priority"]["by_seed"]) == 3
    assert {row["assumption"] for row in found["sensitivity"]} >= {"answered", "persuaded_at_the_door"}
    assert "3 simulated days" in report(played, settings, "test").text()


def test_an_interval_of_one_seed_is_unknown() -> None:
    assert Interval.of([0.5]).json() == {"mean": 0.5, "low": None, "high": None}


def test_the_table_is_estimated_from_what_was_paid_after_the_alert() -> None:
    paying = [case(f"p{number}", 0, pays=15, fen=1_000_000) for number in range(400)]
    free = [Case(f"f{number}", False, HOME, True, (alert(0, kind="loan"),)) for number in range(400)]
    table = estimate_helping([*paying, *free], "test")
    assert table["still"]["police"][3] == 1.0
    assert table["still"]["police"][5] == 0.0
    assert table["loss_fen"]["police"]["control"] == pytest.approx(1_000_000, rel=0.1)
    assert table["loss_fen"]["police"]["control"] >= table["loss_fen"]["loan"]["contact"]
