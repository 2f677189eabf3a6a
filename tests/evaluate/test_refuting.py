"""A false alarm teaches by its reason: what the reason explains loses weight, the rest keeps its own."""

from __future__ import annotations

from pathlib import Path

from qingdun.console.alerts.rules import false_alarms
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ACCOUNTS, ALERTS, FLOWS, OUTCOMES, SUBSCRIBERS, Alert, Evidence, Outcome
from qingdun.detect.weights import load_weights
from qingdun.evaluate.refit import Refit, refit
from qingdun.evaluate.refuting import table
from tests.run.world import START

CALL, TALK, SITE = "call.fanout", "call.live_long", "visit.suspect_host"


def refitted(folder: Path, reasons: list[str | None], codes: tuple[str, ...] = (CALL, TALK, SITE)) -> Refit:
    """The refit of sixty alerts that rest on a call and a site: the first are false for these reasons, the
    others were right.
    """
    alerts, outcomes = [], []
    for number in range(60):
        at = START + number * 1_000_000
        pieces = tuple(Evidence(code, at, "number", "+1", 4.0, "证据", "evidence") for code in codes)
        alerts.append(
            Alert(f"a{number}", f"e{number}", f"p{number}", "", "police", "high", "contact", 0.9, at, pieces)
        )
        false = number < len(reasons)
        outcomes.append(
            Outcome(
                f"p{number}", at + 1, f"a{number}", "false_alarm" if false else "awakened", "officer",
                reasons[number] if false else None,
            )
        )  # fmt: skip
    flows, results = folder / "flows", folder / "results"
    for one in (*FLOWS, SUBSCRIBERS, ACCOUNTS):
        write_table(one, [], flows / f"{one.name}.parquet")
    write_table(OUTCOMES, outcomes, flows / "outcomes.parquet")
    write_table(ALERTS, alerts, results / "alerts.parquet")
    return refit(flows, results, folder / "weights.json")


def scales(report: Refit) -> dict[str, float]:
    return {one.code: one.scale for one in report.detectors}


def test_a_couriers_call_speaks_against_the_call_and_not_against_the_site(tmp_path: Path) -> None:
    report = refitted(tmp_path, ["delivery"] * 30)
    found = scales(report)
    assert found[CALL] < 0.9
    assert found[TALK] < 0.9
    assert found[SITE] > found[CALL] + 0.1
    by_code = {one.code: one for one in report.detectors}
    assert (by_code[CALL].alerts, by_code[CALL].confirmed, by_code[CALL].refuted) == (60, 30, 30)
    assert (by_code[SITE].alerts, by_code[SITE].confirmed, by_code[SITE].refuted) == (60, 30, 0)
    assert [(one.reason, one.alarms, one.in_part) for one in report.reasons] == [("delivery", 30, 30)]
    assert "delivery: 30, of which 30" in report.text()


def test_another_reason_and_none_at_all_speak_against_everything(tmp_path: Path) -> None:
    found = scales(refitted(tmp_path / "other", ["other"] * 30))
    assert found[CALL] == found[SITE] < 1
    unsaid = refitted(tmp_path / "unsaid", [None] * 15 + ["of-another-list"] * 15)
    assert scales(unsaid) == found
    assert [(one.reason, one.alarms, one.in_part) for one in unsaid.reasons] == [("unsaid", 30, 0)]


def test_a_number_that_somebody_else_uses_speaks_against_nothing(tmp_path: Path) -> None:
    report = refitted(tmp_path, ["other_user"] * 30)
    assert (report.alerts, report.confirmed, report.left_out) == (30, 30, 30)
    assert min(scales(report).values()) >= 1


def test_a_reason_that_fits_nothing_of_the_alert_speaks_against_all_of_it(tmp_path: Path) -> None:
    report = refitted(tmp_path, ["own_transfer"] * 30)
    found = scales(report)
    assert found[CALL] == found[SITE] < 1
    assert report.reasons[0].in_part == 0


def test_every_reason_of_the_console_is_weighed_and_every_group_is_one_of_the_weights() -> None:
    assert list(table()) == list(false_alarms())
    groups = {detector.group for detector in load_weights().detectors.values()}
    assert {group for against in table().values() for group in against or ()} <= groups
