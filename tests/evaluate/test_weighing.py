"""The worth of detectors, fitted to what an engine weighed."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import numpy as np
import pytest

from qingdun.contract.tables import Truth
from qingdun.detect.weights import load_weights, parse_weights
from qingdun.evaluate.cities import FITTED_ON
from qingdun.evaluate.cities_page import Cities
from qingdun.evaluate.measures import HOUR_US
from qingdun.evaluate.weighing import Examples, Weighings, card_of, fit


class Signal(NamedTuple):
    detector: str


class Counted(NamedTuple):
    signal: Signal
    millibits: int


def weighed(*bits: tuple[str, float]) -> list[Counted]:
    return [Counted(Signal(code), round(value * 1000)) for code, value in bits]


def city(seed: int, persons: int = 3000) -> Examples:
    """A truthful detector, one that says the same again, and one that claims six bits and knows nothing."""
    draw, told = np.random.default_rng(seed), Weighings(load_weights())
    truth = []
    for i in range(persons):
        scammed = draw.random() < 0.02
        if scammed:
            truth.append(Truth(f"p{i}", "police", 0, None, 0, (), (), ()))
        spoofed = draw.random() < (0.64 if scammed else 0.01)
        found = [("call.spoofed", 6.0), ("call.suspect_contact", 6.0)] if spoofed else []
        found += [("visit.suspect_host", 6.0)] if draw.random() < 0.1 else []
        told.heard(f"p{i}", HOUR_US, weighed(("visit.bank_in_call", 0.1), *found))
    return told.examples(truth)


def test_what_is_said_twice_is_worth_half_and_what_knows_nothing_the_least() -> None:
    found = fit([city(1), city(2)], load_weights())
    assert found.worth["call.spoofed"] + found.worth["call.suspect_contact"] == pytest.approx(1.05, abs=0.25)
    assert found.worth["visit.suspect_host"] == 0.1
    assert found.worth["message.bulk"] == 1.0, "nothing was heard of it"
    assert found.prior_bits == pytest.approx(np.log2(0.02 * 0.36 / (0.98 * 0.99)), abs=0.8)


def test_the_new_source_differs_in_prior_and_worth_alone() -> None:
    weights = load_weights()
    fitted = fit([city(1)], weights)
    new = parse_weights(fitted.source(weights))
    assert new.version.startswith(f"{weights.version}+fit.")
    assert new.prior_bits == fitted.prior_bits
    assert {code: one.worth for code, one in new.detectors.items()} == fitted.worth
    assert new.detectors["call.spoofed"].millibits == weights.detectors["call.spoofed"].millibits
    assert new.thresholds == weights.thresholds


def test_weighings_come_back_person_by_person_with_their_truth() -> None:
    told = Weighings(load_weights())
    told.heard("p2", 5 * HOUR_US, weighed(("call.spoofed", 2.0), ("call.spoofed", 1.5)))
    told.heard("p1", 6 * HOUR_US, weighed(("message.bulk", -1.0)))
    told.heard("p2", 900 * HOUR_US, [])
    found = told.examples([Truth("p2", "police", HOUR_US, None, 0, (), (), ())])
    assert found.at.tolist() == [6 * HOUR_US, 5 * HOUR_US, 900 * HOUR_US]
    assert found.right.tolist() == [False, True, False]
    assert found.bits.sum(axis=1).tolist() == [-1.0, 3.5, 0.0]
    assert found.person.tolist() == [0, 1, 1]


def test_the_card_names_cities_examples_and_every_detector() -> None:
    found = fit([city(1)], load_weights())
    text = card_of(found, Cities((5, 6), 3000, 1, 0.02))
    assert "seeds 5, 6, 3,000 persons" in text
    assert f"{found.examples:,} examples, {found.right:,} of persons" in text
    assert all(f"| `{code}` |" in text for code in load_weights().detectors)


def test_the_card_is_that_of_the_shipped_weights() -> None:
    weights = load_weights()
    card = (resources.files("qingdun.detect") / "weights.card.md").read_text("utf-8")
    for code, one in weights.detectors.items():
        assert f"| `{code}` | {one.worth:.2f} |" in card
    assert f"Prior {weights.prior_bits:.2f} bits" in card
    assert all(str(seed) in card for seed in FITTED_ON)
