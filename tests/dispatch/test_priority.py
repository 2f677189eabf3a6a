"""Who goes first: laws of the rule, and its table's errors."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.contract.codes import Level, ScamType, Stage
from qingdun.contract.tables import Alert
from qingdun.dispatch.helping import KNOTS_MIN, read_helping, shipped_helping
from qingdun.dispatch.priority import Known, priority
from qingdun.dispatch.way import Point, distance_km, way_min
from qingdun.errors import InputError

MINUTE_US = 60_000_000
known = st.builds(
    Known,
    probability=st.floats(0, 1),
    scam_type=st.sampled_from([kind.value for kind in ScamType]),
    stage=st.sampled_from([stage.value for stage in Stage]),
    level=st.sampled_from([level.value for level in Level]),
    alerted_at_us=st.just(0),
)
minutes = st.floats(0, 3000)
points = st.builds(Point, st.floats(111, 114), st.floats(23, 26))


@given(known, minutes, minutes, minutes)
def test_waiting_or_a_longer_way_never_saves_more(who: Known, now: float, wait: float, way: float) -> None:
    at = round(now * MINUTE_US)
    first = priority(who, at, way)
    assert priority(who, at + round(wait * MINUTE_US), way).saves_fen <= first.saves_fen * (1 + 1e-9)
    assert priority(who, at, way + wait).saves_fen <= first.saves_fen * (1 + 1e-9)
    assert priority(who, at, way + wait).fen_per_min <= first.fen_per_min * (1 + 1e-9)


@given(known, minutes, minutes)
def test_the_factors_make_the_rank(who: Known, now: float, way: float) -> None:
    found = priority(who, round(now * MINUTE_US), way)
    assert found.saves_fen == pytest.approx(found.probability * found.expected_loss_fen * found.chance)
    assert 0 <= found.chance <= 1
    assert found.fen_per_min * found.work_min == pytest.approx(found.saves_fen)
    assert f"{found.work_min:.0f}" in found.text_zh()
    assert f"{found.work_min:.0f}" in found.text_en()


@given(known, st.floats(0, 1), minutes)
def test_a_surer_alert_goes_first(who: Known, more: float, now: float) -> None:
    surer = replace(who, probability=max(who.probability, more))
    at = round(now * MINUTE_US)
    assert priority(surer, at).fen_per_min >= priority(who, at).fen_per_min


def test_the_rule_knows_what_an_alert_says_and_nothing_else() -> None:
    names = {field.name for field in fields(Known)} - {"alerted_at_us"}
    assert names <= set(Alert._fields)


@pytest.mark.parametrize("kind", [kind.value for kind in ScamType])
def test_the_shipped_table_runs_out(kind: str) -> None:
    table = shipped_helping()
    shares = [table.chance(kind, knot) for knot in KNOTS_MIN]
    assert shares == sorted(shares, reverse=True)
    assert table.chance(kind, KNOTS_MIN[-1] + 1) == 0.0
    assert all(table.expected_loss_fen(kind, stage.value) > 0 for stage in Stage)


def test_between_two_knots_lies_a_straight_line() -> None:
    table = shipped_helping()
    ends = table.chance("police", 20), table.chance("police", 40)
    assert table.chance("police", 30) == pytest.approx(sum(ends) / 2)


@given(points, points, points)
def test_ways_are_a_metric(one: Point, other: Point, third: Point) -> None:
    assert distance_km(one, other) == pytest.approx(distance_km(other, one), abs=1e-9)
    assert distance_km(one, third) <= distance_km(one, other) + distance_km(other, third) + 1e-6


def test_an_unknown_place_takes_no_way() -> None:
    assert way_min(None, Point(113.0, 24.0), urban=True) == 0.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["still"].pop("loan"), "loan"),
        (lambda data: data["still"].update(loan=[0.1, *data["still"]["loan"][1:]]), "never rise"),
        (lambda data: data["still"].update(loan=[1.0]), "expected 12 shares"),
        (lambda data: data["loss_fen"]["police"].update(lure="much"), "police"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, change: object, said: str) -> None:
    table = shipped_helping()
    data = {
        "still": {kind: list(table.still[kind]) for kind in ScamType},
        "loss_fen": {
            kind: {stage: table.expected_loss_fen(kind, stage) for stage in Stage} for kind in ScamType
        },
    }
    assert callable(change)
    change(data)
    path = tmp_path / "helping.json"
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(InputError, match=said) as refused:
        read_helping(path)
    assert "helping.json" in str(refused.value)
