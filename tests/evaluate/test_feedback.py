"""A refit says what each detector brings; a comparison says what another weighing would have told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qingdun.cli.models import compare as compare_command
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ALERTS, OUTCOMES, Alert, Evidence, Outcome, Truth
from qingdun.evaluate.comparing import compare_alerts
from qingdun.evaluate.figures import Share
from qingdun.evaluate.lifting import lifts, table

H = 3_600_000_000
T0 = 450_000 * H
"""In 2021: results are of the years from 2000 on."""


def test_lift_need_and_redundancy_are_counted_by_detector() -> None:
    codes = ["call.fanout", "message.bulk", "visit.suspect_host"]
    bits = np.array([[6.0, 0, 0], [6.0, 6.0, 0], [0, 6.0, 3.0], [3.0, 0, 2.0]])
    right = np.array([1.0, 1.0, 0.0, 0.0])
    by_code = {one.code: one for one in lifts(bits, right, codes, -5.0, 0.0)}
    caller = by_code["call.fanout"]
    assert (caller.right, caller.lift, caller.needed, caller.needed_false) == (Share(2, 3), 1.333, 1, 1)
    assert caller.redundancy == pytest.approx(1 / 3, abs=1e-3)
    site = by_code["visit.suspect_host"]
    assert (site.right, site.lift, site.needed, site.needed_false) == (Share(0, 2), 0.0, 0, 1)
    assert "call.fanout" in table(list(by_code.values()))


def test_who_always_comes_together_is_named_with_how_closely() -> None:
    pairs = np.array([[4.0, 4.0, 0.0]] * 6 + [[0.0, 0.0, 4.0]] * 6)
    found = {one.code: one for one in lifts(pairs, np.ones(12), ["a.x", "b.x", "c.x"], -2.0, 0.0)}
    assert (found["a.x"].twin, found["a.x"].correlation) == ("b.x", 1.0)
    assert found["a.x"].redundancy == 1.0
    assert (found["c.x"].twin, found["c.x"].redundancy) == ("", 0.0)


def alert(person: str, at: int, level: str = "high", weights: str = "") -> Alert:
    at += T0
    evidence = (Evidence("call.spoofed", at, "number", "+1", 4.0, "改号", "spoofed"),)
    episode = f"{person}{at}{weights}"
    return Alert(f"{episode}{level}", episode, person, "", "police", level, "contact", 0.9, at, evidence)


CHAMPION = [alert("p1", 2 * H), alert("p2", 3 * H), alert("p3", 4 * H)]
CHALLENGER = [alert("p1", H, weights="b"), alert("p2", 3 * H, "low"), alert("p4", 5 * H, weights="b")]


def test_episodes_of_both_are_paired_and_judged_by_outcomes() -> None:
    outcomes = [
        Outcome("p1", T0 + 9 * H, CHAMPION[0].alert_id, "awakened", "officer"),
        Outcome("p3", T0 + 9 * H, CHAMPION[2].alert_id, "false_alarm", "officer"),
    ]
    found = compare_alerts(CHAMPION, CHALLENGER, outcomes, [])
    assert found.by == "outcomes"
    assert (found.champion.right, found.champion.false, found.champion.unknown) == (1, 1, 1)
    assert (found.both.right, found.both.unknown) == (1, 1)
    assert found.champion_alone.false == 1
    assert found.challenger_alone.unknown == 1, "nobody has looked at it"
    assert (found.earlier, found.later, found.median_s) == (1, 0, 3600.0)
    assert found.levels["high"] == (3, 2)
    assert found.before_payment is None


def test_with_truth_recall_is_compared_too() -> None:
    truth = [
        Truth("p4", "loan", T0 + 4 * H, T0 + 6 * H, 0, (), (), ()),
        Truth("p1", "loan", T0, T0 + 2 * H, 0, (), (), ()),
    ]
    found = compare_alerts(CHAMPION, CHALLENGER, [], truth)
    assert found.by == "truth"
    assert found.before_payment == (Share(0, 2), Share(2, 2))
    assert (found.challenger_alone.right, found.champion_alone.false) == (1, 1)


def test_the_command_compares_two_folders_by_the_outcomes_of_a_third(tmp_path: Path) -> None:
    for name, alerts in (("champion", CHAMPION), ("challenger", CHALLENGER)):
        write_table(ALERTS, alerts, tmp_path / name / "alerts" / "000000000001.parquet")
    outcomes = [Outcome("p1", T0 + 9 * H, CHAMPION[0].alert_id, "awakened", "officer")]
    write_table(OUTCOMES, outcomes, tmp_path / "flows" / "outcomes.parquet")
    words = [str(tmp_path / name) for name in ("champion", "challenger")]
    said = CliRunner().invoke(
        compare_command,
        [*words, "--flows", str(tmp_path / "flows"), "--json", str(tmp_path / "found.json")],
        catch_exceptions=False,
    )
    assert "judged by outcomes" in said.output
    assert json.loads((tmp_path / "found.json").read_text())["both"] == {"right": 1, "false": 0, "unknown": 1}
    assert "judged by nothing" in CliRunner().invoke(compare_command, words, catch_exceptions=False).output
