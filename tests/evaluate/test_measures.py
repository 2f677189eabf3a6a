from __future__ import annotations

import json
from pathlib import Path

import pytest

from qingdun.contract.storage import write_table
from qingdun.contract.tables import ALERTS, SUSPECTS, TRUTH, Alert, Evidence, Suspect, Truth
from qingdun.errors import InputError, MissingFile
from qingdun.evaluate.figures import Calibration, Quartiles, Share
from qingdun.evaluate.measures import EPISODE_US, HOUR_US, evaluate, measure
from qingdun.evaluate.refit import refit
from tests.hearing import Hearing
from tests.run.world import START, World, run

PERSONS = {f"p{i}": (1990, i % 2 == 0) for i in range(100)}
DAY = 24 * HOUR_US


def truth(person: str, contact: int, transfer: int | None, kind: str = "police") -> Truth:
    return Truth(person, kind, contact, transfer, 0, ("+1",), ("bad.cn",), ("A1", "A2"))


def alert(person: str, at: int, level: str = "medium", probability: float = 0.5, number: int = 0) -> Alert:
    evidence = (Evidence("call.spoofed", at, "number", "+1", 4.0, "改号", "spoofed"),)
    episode = f"{person}-{number}"
    return Alert(
        f"{episode}-{level}", episode, person, "", "police", level, "contact", probability, at, evidence
    )


def test_recall_counts_alerts_after_contact_and_before_the_transfer() -> None:
    rows = [truth("p1", 0, 10 * HOUR_US), truth("p2", 0, 10 * HOUR_US), truth("p3", 0, 10 * HOUR_US)]
    alerts = [
        alert("p1", 4 * HOUR_US, "high"),
        alert("p2", 10 * HOUR_US, "urgent"),
        alert("p3", 11 * HOUR_US),
    ]
    found = measure(rows, alerts, [], PERSONS, 0, DAY)
    assert found.recall.before == Share(1, 3)
    assert found.recall.at_or_before == Share(2, 3)
    assert found.recall_by_level["urgent"].before == Share(0, 3)
    assert found.recall_by_level["high"].before == Share(1, 3)
    assert found.lead_hours == Quartiles(1, 6.0, 6.0, 6.0)


def test_scams_that_were_not_paid_are_no_denominator_but_their_alerts_are_right() -> None:
    found = measure([truth("p1", 0, None)], [alert("p1", HOUR_US)], [], PERSONS, 0, DAY)
    assert found.recall.before == Share(0, 0)
    assert found.precision == Share(1, 1)
    assert found.false_episodes == 0


def test_false_episodes_are_counted_per_ten_thousand_persons_and_day() -> None:
    alerts = [alert("p5", HOUR_US), alert("p5", 2 * HOUR_US, "high"), alert("p6", HOUR_US)]
    found = measure([], alerts, [], PERSONS, 0, 2 * DAY)
    assert found.false_episodes == 2
    assert found.false_per_10k_days == pytest.approx(100.0)
    assert found.false_by_floating["floating"] == Share(1, 50)


def test_an_alert_more_than_72_hours_from_the_scam_is_false() -> None:
    found = measure([truth("p1", 0, None)], [alert("p1", EPISODE_US + 1)], [], PERSONS, 0, DAY)
    assert found.false_episodes == 1


def test_an_alert_is_right_for_72_hours_after_the_scam_was_last_seen() -> None:
    going_on = truth("p1", 0, HOUR_US)._replace(last_seen_at=100 * HOUR_US)
    alerts = [alert("p1", 100 * HOUR_US + EPISODE_US), alert("p1", 101 * HOUR_US + EPISODE_US, number=1)]
    found = measure([going_on], alerts, [], PERSONS, 0, 10 * DAY)
    assert found.false_episodes == 1
    assert found.precision == Share(1, 2)


def test_suspects_are_judged_by_kind() -> None:
    suspects = [
        Suspect("account", "A1", 0.9, None, 0, ()),
        Suspect("account", "B1", 0.9, None, 0, ()),
        Suspect("device", "X", 0.9, None, 0, ()),
    ]
    found = measure([truth("p1", 0, None)], [], suspects, PERSONS, 0, DAY)
    assert found.suspects["account"].precision == Share(1, 2)
    assert found.suspects["account"].recall == Share(1, 2)
    assert found.suspects["host"].recall == Share(0, 1)


def test_callers_are_to_be_found_as_numbers_and_writers_as_senders() -> None:
    reached = Truth("p1", "police", 0, None, 0, ("+1", "+2", "+3", "1069"), (), ())
    suspects = [
        Suspect("number", "+1", 0.9, None, 0, ()),
        Suspect("number", "95588", 0.9, None, 0, ()),
        Suspect("sender", "1069", 0.9, None, 0, ()),
        Suspect("sender", "+1", 0.9, None, 0, ()),
    ]
    seen = {"number": frozenset({"+1", "+2", "+9"}), "sender": frozenset({"1069", "+3", "+2", "95588"})}
    found = measure([reached], [], suspects, PERSONS, 0, DAY, seen).suspects
    assert found["number"].recall == Share(1, 2)
    assert found["sender"].recall == Share(1, 3)
    assert found["number"].precision == Share(1, 2)
    assert found["sender"].precision == Share(2, 2)


def test_rows_no_engine_writes_are_refused_with_their_place(tmp_path: Path) -> None:
    flows, results = world_with_results(tmp_path)
    bad = alert("p1", START, probability=7.0)
    write_table(ALERTS, [alert("p1", START), bad], results / "alerts.parquet")
    with pytest.raises(InputError, match=r"alerts\.parquet: row 1: probability: found 7\.0"):
        evaluate(flows, results)


def test_calibration_is_perfect_where_shares_meet_probabilities() -> None:
    found = Calibration.of([(0.75, True), (0.75, True), (0.75, True), (0.75, False)])
    assert found.ece == pytest.approx(0.0)
    assert found.brier == pytest.approx(0.1875)


def test_nothing_at_all_is_measured_without_a_crash() -> None:
    found = measure([], [], [], {}, 0, 0)
    assert "no alerts" in found.text()
    assert json.loads(json.dumps(found.json()))["false_per_10k_days"] is None


def world_with_results(folder: Path) -> tuple[Path, Path]:
    world = World(30)
    for seed in range(3):
        world.everyday(seed, hours=20, events=500)
    world.police_story()
    flows = world.write(folder / "flows")
    rows = [truth(f"p{i}", START, START + DAY) for i in range(0, 30, 2)]
    write_table(TRUTH, rows, flows / "truth.parquet")
    engine = world.engine()
    write_table(ALERTS, run(engine, [world.batch()]), folder / "out" / "alerts.parquet")
    write_table(SUSPECTS, engine.suspects(), folder / "out" / "suspects.parquet")
    return flows, folder / "out"


def test_evaluates_folders(tmp_path: Path) -> None:
    flows, results = world_with_results(tmp_path)
    told = Hearing()
    found = evaluate(flows, results, told)
    assert told.rises()
    assert told.words[-1] == "comparing"
    assert found.recall.before.whole == 15
    assert found.precision.whole > 0
    assert "recall before the first transfer" in found.text()
    json.dumps(found.json())


def test_missing_truth_and_missing_results_say_so(tmp_path: Path) -> None:
    world = World(2)
    world.police_story()
    world.everyday(1)
    flows = world.write(tmp_path / "flows")
    with pytest.raises(MissingFile, match="truth"):
        evaluate(flows, tmp_path)
    write_table(TRUTH, [], flows / "truth.parquet")
    with pytest.raises(MissingFile, match="alerts"):
        evaluate(flows, tmp_path)


def test_a_refit_writes_weights_that_fit_better(tmp_path: Path) -> None:
    flows, results = world_with_results(tmp_path)
    told = Hearing()
    report = refit(flows, results, tmp_path / "weights.json", told=told)
    assert told.rises()
    assert report.by == "truth"
    assert report.after.brier is not None
    assert report.before.brier is not None
    assert report.after.brier < report.before.brier
    from qingdun.detect.weights import load_weights

    after = load_weights(tmp_path / "weights.json")
    assert after.prior_bits == report.prior_after
    assert after.version != load_weights().version
    assert "prior" in report.text()


def test_a_refit_on_next_to_nothing_is_refused(tmp_path: Path) -> None:
    flows, _ = world_with_results(tmp_path)
    write_table(ALERTS, [], tmp_path / "none" / "alerts.parquet")
    with pytest.raises(InputError, match="at least 20"):
        refit(flows, tmp_path / "none", tmp_path / "weights.json")
