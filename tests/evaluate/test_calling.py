"""What a busy line tells: who is rung up when, what is found, and how it is counted."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingdun.cli.program import app
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ALERTS, SUSPECTS, TRUTH, Alert, Suspect, Truth
from qingdun.evaluate.calling import (
    BY,
    GRADES,
    Chance,
    Day,
    Likelihood,
    Talk,
    Worth,
    likelihoods,
    of_others,
    of_victims,
    read_lines,
    report,
    told,
    tries,
    worth,
)
from tests.run.world import START, H, M, World

SCAMMER, OTHER, NOON = "+99917099001", "+8617100000009", START + 30 * H
VICTIM, WRONG, ORDINARY, QUIET = range(4)


def alert(person: int, at: int, level: str, number: int = 0) -> Alert:
    episode = f"p{person}-{number}"
    number_of = World().number(person)
    return Alert(
        f"{episode}-{level}", episode, f"p{person}", number_of, "police", level, "control", 0.9, at, ()
    )


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A victim held on the line for an hour, and somebody who talks to a stranger for a quarter of one."""
    world = World(4)
    world.call(START + H, OTHER, world.number(QUIET), 30 * 60)
    world.call(NOON, SCAMMER, world.number(VICTIM), 60 * 60, "overseas")
    world.call(NOON + 2 * H, OTHER, world.number(ORDINARY), 15 * 60)
    world.call(NOON + 9 * H, OTHER, world.number(QUIET), 60)
    path = world.write(tmp_path / "flows")
    write_table(
        TRUTH,
        [Truth(f"p{VICTIM}", "police", NOON, NOON + 2 * H, 100, (SCAMMER,), (), ())],
        path / "truth.parquet",
    )
    return path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """An urgent alert on the victim, a high one on nobody's scam, and a low one."""
    alerts = [
        alert(VICTIM, NOON + 20 * M, "urgent"),
        alert(WRONG, NOON, "high"),
        alert(WRONG, NOON + 5 * M, "urgent"),
        alert(QUIET, NOON, "low"),
    ]
    write_table(ALERTS, alerts, tmp_path / "out" / "alerts.parquet")
    write_table(SUSPECTS, [], tmp_path / "out" / "suspects.parquet")
    return tmp_path / "out"


def test_lines_hold_every_answered_call_of_the_city_with_its_grade(flows: Path, results: Path) -> None:
    lines = read_lines(flows, results)
    world = World(4)
    assert lines.talks[world.number(VICTIM)] == [Talk("outside", NOON, NOON + H)]
    assert lines.talks[world.number(ORDINARY)] == [Talk("stranger", NOON + 2 * H, NOON + 2 * H + 15 * M)]
    # With whom they spoke more than a day ago, they have spoken before.
    assert [talk.grade for talk in lines.talks[world.number(QUIET)]] == ["stranger", "known"]
    assert OTHER not in lines.talks


def test_a_number_is_marked_from_when_it_was_suspected_on(flows: Path, results: Path) -> None:
    for since, grade in ((NOON - 1, "marked"), (NOON + 1, "outside")):
        suspect = Suspect("number", SCAMMER, 0.9, "police", since, ())
        write_table(SUSPECTS, [suspect], results / "suspects.parquet")
        (talk,) = read_lines(flows, results).talks[World().number(VICTIM)]
        assert talk.grade == grade


def test_everybody_but_the_low_is_rung_up_at_the_end_of_the_clock_and_a_busy_line_once_more(
    flows: Path, results: Path
) -> None:
    tried = tries(flows, results, read_lines(flows, results))
    assert [(one.person_id, one.at, one.busy, one.again, one.scammed) for one in tried] == [
        # Reached at the first call: the second alert of the episode brings none.
        ("p1", NOON + 10 * M, "", "", False),
        ("p0", NOON + 23 * M, "outside", "", True),
        ("p0", NOON + 33 * M, "outside", "outside", True),
    ]
    assert tried[1].had == {"outside"}
    heard = told(tried)
    assert [(one.person_id, one.at, one.result, one.by) for one in heard] == [
        ("p0", NOON + 23 * M, "busy", BY),
        ("p0", NOON + 33 * M, "busy", BY),
    ]


def test_victims_are_counted_by_case_and_others_by_the_minute(flows: Path, results: Path) -> None:
    lines = read_lines(flows, results)
    victims = of_victims(tries(flows, results, lines))
    assert victims["outside"] == Chance(1, 1)
    assert victims["again"] == Chance(1, 1)
    assert victims["stranger"] == Chance(0, 0)
    others = of_others(flows, lines)
    # The victim's own call is no ordinary one, and on the first day everybody is a stranger.
    assert others["outside"] == Chance(0, 0)
    assert others["stranger"] == Chance(15, 60)
    assert others["again"] == Chance(5, 15)


def test_bits_are_the_ratio_and_what_was_never_seen_is_no_certainty() -> None:
    assert Likelihood(Chance(49.5, 99), Chance(99, 398)).bits == pytest.approx(math.log2(0.5 / 0.25))
    assert Likelihood(Chance(0, 0), Chance(0, 0)).bits == 0
    assert math.isfinite(Likelihood(Chance(5, 5), Chance(0, 1000)).bits)


def test_an_alert_is_worth_what_it_says_before_the_money_goes(flows: Path, results: Path) -> None:
    found = worth(flows, results)
    assert found.scams == 1
    assert found.leads_min["urgent"] == (100.0,)
    assert found.leads_min["high"] == (100.0,), "an urgent alert is at least high"
    assert found.wrong == {"urgent": 1, "high": 1, "medium": 1, "low": 2}


def test_the_report_compares_the_same_days_without_and_with_hearing() -> None:
    none = dict.fromkeys((*GRADES, "again"), Chance(0, 0))
    levels = ("urgent", "high", "medium", "low")

    def at(lead: tuple[float, ...]) -> Worth:
        return Worth(2, dict.fromkeys(levels, lead), dict.fromkeys(levels, 3))

    days = [
        Day(1, 10, 4, none | {"net": Chance(3, 4)}, none | {"net": Chance(10, 100)}, at(()), at((9.0,))),
        Day(2, 20, 1, none | {"net": Chance(1, 4)}, none | {"net": Chance(10, 100)}, at((5.0,)), at((7.0,))),
    ]
    assert likelihoods(days)["net"] == Likelihood(Chance(4, 8), Chance(20, 200))
    found = report(days)
    assert (found["seeds"], found["calls"], found["busy"]) == ([1, 2], 30, 5)
    urgent = found["levels"]["urgent"]
    assert (urgent["recall_without"]["part"], urgent["recall_heard"]["part"]) == (1, 2)
    assert urgent["recall_gain"]["mean"] == pytest.approx(0.25)
    assert (urgent["wrong_without"], urgent["wrong_heard"]) == (6, 6)
    json.dumps(found)


def test_the_command_plays_a_city_twice_and_writes_what_it_found(tmp_path: Path) -> None:
    out = tmp_path / "calls.json"
    asked = ["evaluate-calls", "--seeds", "1", "--population", "1000", "--days", "2", "--out", str(out)]
    answer = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    found = json.loads(out.read_text("utf-8"))
    assert set(found["likelihoods"]) == {*GRADES, "again"}
    assert found["seeds"] == [201]
    assert found["population"] == 1000
    assert "calls of officers in 1 cities" in answer.output
