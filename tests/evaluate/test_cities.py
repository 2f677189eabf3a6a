from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qingdun.contract.tables import Alert, Evidence, Truth
from qingdun.detect.weights import load_weights
from qingdun.evaluate.cities import (
    FITTED_ON,
    NEVER_TUNED_ON,
    RARELY_ATTACKED,
    SETTLED_DAYS,
    TUNED_ON,
    Judged,
    Measured,
    prove,
)
from qingdun.evaluate.cities_page import Cities, Setting, section
from qingdun.evaluate.leaving_out import HALVES, HALVES_FITTED_ON, held_out, pairs_of
from qingdun.evaluate.measures import DAY_US, HOUR_US
from qingdun.simulate.scams.catalogue import SCRIPTS

PERSONS = {f"1/p{i}": (1960 if i % 4 == 0 else 1990, i % 2 == 0) for i in range(1000)}


def truth(person: str, transfer: int | None, kind: str = "police", contact: int = 0) -> Truth:
    return Truth(f"1/{person}", kind, contact, transfer, 0, ("+1",), ("bad.cn",), ("A1",))


def alert(person: str, at: int, level: str = "low", probability: float = 0.5) -> Alert:
    evidence = tuple(
        Evidence(code, at, "number", "+1", bits, "改号", "spoofed")._asdict()
        for code, bits in (("call.spoofed", 4.0), ("call.live_long", 3.0))
    )
    return Alert(
        f"1/{person}-{level}", f"1/{person}", f"1/{person}", "", "police", level, "contact", probability, at,
        evidence,  # type: ignore[arg-type]  # read from a file, evidence comes as dictionaries
    )  # fmt: skip


def judged(rows: list[Truth], alerts: list[Alert]) -> Judged:
    return Judged(
        PERSONS, len(PERSONS) * (5.0 + SETTLED_DAYS), rows, alerts, {"1": -SETTLED_DAYS * DAY_US}, 2026
    )


def value(found: Measured) -> float:
    return found.estimate.value


def test_no_seed_is_both_tuned_on_and_measured_and_each_script_is_left_out_once() -> None:
    assert not {*TUNED_ON, *FITTED_ON} & {*NEVER_TUNED_ON, *RARELY_ATTACKED}
    assert set(HALVES_FITTED_ON) <= set(FITTED_ON)
    assert sorted(kind for half in HALVES for kind in half) == sorted(SCRIPTS)


def test_found_is_who_was_alerted_before_the_first_payment() -> None:
    rows = [truth(f"p{i}", 2 * HOUR_US) for i in range(4)] + [truth("p9", None)]
    under_way = truth("p8", 2 * HOUR_US, contact=-HOUR_US)
    alerts = [
        alert("p0", HOUR_US),
        alert("p1", 2 * HOUR_US, "urgent"),
        alert("p2", HOUR_US + HOUR_US // 2, "high"),
        alert("p9", HOUR_US),
    ]
    city = judged(rows, alerts)
    found = prove(city, judged([], []))
    assert value(found.recall["all"]["all"]) == 0.5
    assert value(found.recall["all"]["with the request at the latest"]) == 0.75
    assert value(found.recall["all"]["at urgent or high"]) == 0.25
    with_that = prove(judged([*rows, under_way], alerts), judged([], [])).recall["all"]
    assert with_that["all"].rows == 4
    assert value(with_that["with scams under way when the flows began"]) == 0.4
    low, high = found.recall["all"]["all"].estimate[1:]
    assert 0 <= low < 0.5 < high <= 1
    assert found.recall["type"]["police"].rows == 4
    assert value(found.recall["age"]["60+"]) == 1.0
    assert value(found.recall["floating"]["resident"]) == 0.0
    assert value(found.lead_min["where a call carries the scam"]) == 0.0, "those not found count as none"


def test_false_are_episodes_with_no_scam_near_by_the_highest_of_their_levels() -> None:
    rows = [truth("p1", None)]
    alerts = [alert("p1", HOUR_US, "urgent"), alert("p2", HOUR_US), alert("p2", 2 * HOUR_US, "high")]
    alerts += [alert("p3", HOUR_US), alert("p1", 20 * DAY_US, "medium")]
    found = prove(judged([], []), judged(rows, alerts)).false_alerts
    assert found["urgent and high"].rows == 1
    assert value(found["urgent and high"]) == pytest.approx(2.0)
    assert value(found["all"]) == pytest.approx(4.0)


def test_what_scams_that_go_on_make_right_is_told() -> None:
    going_on = truth("p1", None)._replace(last_seen_at=10 * DAY_US)
    found = prove(judged([], []), judged([going_on], [alert("p1", 10 * DAY_US, "high")]))
    assert found.false_alerts["urgent and high"].rows == 0
    assert found.ended_early["false urgent and high per 10,000 persons and day"].rows == 1
    assert value(found.calibration_error) == 0.5 == value(found.ended_early["expected calibration error"])


def test_precision_and_calibration_are_told_where_attacks_are_rare() -> None:
    rare = judged([truth("p1", None)], [alert("p1", HOUR_US, probability=0.75), alert("p2", HOUR_US)])
    found = prove(judged([], [alert("p3", HOUR_US)]), rare)
    assert value(found.precision["low"]) == 0.5
    assert value(found.calibration_error) == pytest.approx((0.25 + 0.5) / 2)
    assert 0.25 < found.error_by_chance < 0.6, "two rows tell little"


def test_each_half_is_measured_under_the_weights_fitted_to_the_other() -> None:
    rows = [truth("p1", 2 * HOUR_US, HALVES[0][0]), truth("p2", 2 * HOUR_US, HALVES[1][0])]
    by_first_half = judged(rows, [alert("p1", HOUR_US)])
    by_second_half = judged(rows, [alert("p1", HOUR_US), alert("p2", HOUR_US)])
    found = held_out([by_first_half, by_second_half])
    assert value(found[HALVES[1][0]]) == 0.0
    assert value(found[HALVES[0][0]]) == 1.0
    assert value(found["all"]) == 0.5


def test_the_section_tells_each_measure_with_its_interval() -> None:
    rows = [truth(f"p{i}", 2 * HOUR_US, kind) for i, kind in enumerate(("police", "brushing") * 20)]
    city = judged(rows, [alert(f"p{i}", HOUR_US) for i in range(30)])
    pairs = pairs_of(city, load_weights())
    assert [(p.one, p.other, p.group, p.both) for p in pairs] == [
        ("call.live_long", "call.spoofed", None, 30)
    ]
    setting = Setting(
        Cities(NEVER_TUNED_ON, 1000, 5, 0.01), Cities((8,), 1000, 5, 0.002), Cities((9,), 1, 1, 0.1), "1"
    )
    text = section(setting, prove(city, city), held_out([city, city]), pairs)
    assert "| recall before the first payment, all types | .750 (" in text
    assert "| `call.live_long`, `call.spoofed` |" in text


def test_cities_together_keep_their_persons_apart() -> None:
    other = replace(judged([], []), persons={"2/p1": (1990, True)}, began={"2": 7})
    both = Judged.together([judged([truth("p1", None)], []), other])
    assert len(both.persons) == 1001
    assert both.began == {"1": -SETTLED_DAYS * DAY_US, "2": 7}
    assert math.isnan(prove(both, both).recall["all"]["all"].estimate.value)
