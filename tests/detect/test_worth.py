"""What a detector's bits are worth in the sum, and who is told sooner."""

from __future__ import annotations

import copy
from typing import Any

from qingdun.detect.correlate import Correlator
from qingdun.detect.evidence import Signal
from qingdun.detect.weights import Weights, load_weights, parse_weights

NOW = 1_772_416_800_000_000


def weights(**changed: Any) -> Weights:
    source = copy.deepcopy(dict(load_weights().source))
    source["sum"]["prior_bits"] = -6.0
    for entry in source["detectors"].values():
        entry["worth"] = 1.0
    source["detectors"]["call.spoofed"]["worth"] = changed.get("worth", 1.0)
    source["thresholds"] |= {"low": 0.4, "lured": 0.1, "controlled": 0.05}
    return parse_weights(source)


def signal(bits: float, stage: str) -> Signal:
    return Signal(
        "call.spoofed", NOW, "p1", "+1", "number", "+2", round(bits * 1000), stage, (), "改号", "spoofed"
    )


def test_the_bits_an_alert_shows_are_the_detectors_own_times_its_worth() -> None:
    alert = Correlator(weights(worth=0.5)).take(signal(13.0, "contact"), NOW)
    assert alert is not None
    assert [piece.bits for piece in alert.evidence] == [6.5]
    assert alert.probability == 1 / (1 + 2**-0.5)


def test_detectors_ask_for_the_bits_before_their_worth() -> None:
    correlator = Correlator(weights(worth=0.5))
    correlator.take(signal(3.0, "contact"), NOW)
    assert correlator.millibits("p1", NOW) == 3000


def test_whoever_is_past_the_first_contact_is_told_sooner() -> None:
    assert Correlator(weights()).take(signal(4.0, "contact"), NOW) is None
    lured = Correlator(weights()).take(signal(4.0, "lure"), NOW)
    assert lured is not None
    assert lured.level == "low"
    assert Correlator(weights()).take(signal(2.0, "lure"), NOW) is None


def test_whoever_does_as_they_are_told_is_told_soonest() -> None:
    assert Correlator(weights()).take(signal(2.0, "control"), NOW) is not None
    assert Correlator(weights()).take(signal(1.5, "control"), NOW) is None
    assert Correlator(weights()).take(signal(2.0, "transfer"), NOW) is None, "most money moves for nothing"


def test_a_step_that_counts_less_than_half_a_bit_takes_nobody_further() -> None:
    correlator = Correlator(weights())
    assert correlator.take(signal(4.0, "contact"), NOW) is None
    little = Signal("visit.bank_in_call", NOW, "p1", "+1", "host", "b.cn", 200, "control", (), "银行", "bank")
    assert correlator.take(little, NOW) is None
    assert correlator.take(little._replace(millibits=600), NOW) is not None


def test_who_listens_hears_every_weighing_and_is_in_no_snapshot() -> None:
    correlator, heard = Correlator(weights()), []
    correlator.listen(lambda person, at, found: heard.append((person, at, [w.millibits for w in found])))
    correlator.take(signal(2.0, "contact"), NOW)
    correlator.take(signal(1.0, "contact"), NOW)
    assert heard == [("p1", NOW, [2000])], "a weaker signal of the same kind is not weighed"
    assert correlator.__getstate__()["_heard"] is None
