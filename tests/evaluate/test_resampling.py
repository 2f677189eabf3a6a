"""Measures with intervals: what they are on cases that can be counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.evaluate.resampling import MEASURES, Asked, estimates, threshold_at
from qingdun.evaluate.training_card import measure

SCORES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 20).map(lambda score: score / 20)), min_size=2, max_size=60
).filter(lambda rows: len({fraud for fraud, _ in rows}) == 2)


def _asked(fraud: list[bool], probability: list[float], threshold: float = 0.5) -> Asked:
    truth = np.array(fraud)
    groups = np.arange(len(fraud))
    return Asked(truth, ~truth, np.array(probability, float), groups, threshold, 0.1)


def test_what_is_told_of_a_known_case() -> None:
    found = estimates(_asked([False] * 98 + [True] * 2, [*np.linspace(0, 0.97, 98), 0.98, 0.2]), 50)
    assert tuple(found) == MEASURES
    assert found["recall_at_1pct"].value == 0.5
    assert found["recall_frozen"].value == 0.5
    assert found["false_positives_frozen"].value == pytest.approx(48 / 98)
    assert found["false_positives_adverts"].value == pytest.approx(48 / 98)


@given(SCORES)
def test_agrees_with_the_measures_of_cards(rows: list[tuple[bool, float]]) -> None:
    fraud, probability = [fraud for fraud, _ in rows], [score for _, score in rows]
    found = estimates(_asked(fraud, probability), 0)
    assert found["auc"].value == pytest.approx(
        measure(np.array(fraud, int), np.array(probability))["auc"], abs=1e-4
    )


def test_one_group_alone_gives_no_width_and_more_groups_give_some() -> None:
    fraud, probability = [False, True] * 20, [*np.linspace(0, 1, 40)]
    asked = _asked(fraud, probability)
    alone = Asked(asked.fraud, asked.advert, asked.probability, np.zeros(40, np.int64), 0.5, 0.1)
    assert len(set(estimates(alone, 20)["auc"])) == 1
    one = estimates(asked, 100)["auc"]
    assert one.low < one.value < one.high


def test_without_scams_only_false_alarms_are_told() -> None:
    found = estimates(_asked([False] * 4, [0.1, 0.2, 0.6, 0.9]), 10)
    assert found["false_positives_frozen"].value == 0.5
    assert np.isnan([found["auc"].value, found["recall_frozen"].low, found["calibration_error"].high]).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=80), st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_a_threshold_flags_no_more_than_its_share(ordinary: list[float], share: float) -> None:
    scores = np.array(ordinary)
    weight = np.linspace(1, 2, len(scores))
    flagged = scores >= threshold_at(scores, weight, share)
    assert weight[flagged].sum() <= share * weight.sum() + 1e-9
