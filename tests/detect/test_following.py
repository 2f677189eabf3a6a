"""Who is followed, and that no detector asks for what rows are not shown for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.correlate import Correlator
from qingdun.detect.evidence import HOUR_US, MINUTE_US, Signal
from qingdun.detect.following import LATELY_US, LEAST
from qingdun.detect.weights import load_weights

_WEIGHTS = load_weights()
_ASKS_FOR_EVIDENCE = (
    "person.shared_contact",
    "transfer.consolidation",
    "transfer.first_payee",
    "transfer.small_inflow",
)


def _signal(detector: str, at: int, millibits: int, entity: str, direct: bool = True) -> Signal:
    return Signal(
        detector,
        at,
        "P1",
        "+8617000000001",
        "number",
        entity,
        millibits,
        "contact",
        (),
        "",
        "",
        direct=direct,
    )


def test_detectors_that_ask_for_evidence_ask_for_as_much_as_makes_one_followed() -> None:
    for code in _ASKS_FOR_EVIDENCE:
        assert _WEIGHTS.detectors[code].settings["least_bits"] * 1000 >= LEAST


def test_steps_after_a_lure_are_waited_for_no_longer_than_lately() -> None:
    settings = _WEIGHTS.detectors["visit.after_lure"].settings
    longest_min = max(value for name, value in settings.items() if name.endswith("_min"))
    assert longest_min * MINUTE_US + _WEIGHTS.lateness_s * 1_000_000 < LATELY_US


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(_WEIGHTS.detectors)),
            st.integers(0, 200 * HOUR_US),
            st.integers(-4000, 9000),
            st.sampled_from("abc"),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 100 * HOUR_US),
)
def test_whoever_has_as_much_evidence_in_any_sum_is_followed_and_time_makes_nobody_so(
    said: list[tuple[str, int, int, str, bool]], later: int
) -> None:
    correlator = Correlator(_WEIGHTS)
    for one in sorted(said, key=lambda entry: entry[1]):
        correlator.take(_signal(*one), one[1])
    now = max(at for _, at, _, _, _ in said)
    most = max(correlator.millibits("P1", now), correlator.most_millibits("P1", now))
    assert correlator.follows("P1", now, LEAST) or most < LEAST
    assert correlator.follows("P1", now, LEAST) or not correlator.follows("P1", now + later, LEAST)
    assert correlator.latest("P1") <= now
