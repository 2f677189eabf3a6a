"""What the audit page masks: personal data, and not whatever has many digits."""

from __future__ import annotations

import pytest

from qingdun.console.kernel.templatetags.masks import masked_field


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("loss_avoided_fen", 12_352_353, "12352353"),
        ("owner", "demo-station-441881001132", "demo-station-441881001132"),
        ("note", "转给6222021234567890", "转给****7890"),
        ("msisdn", "+8613800001234", "+86 138****1234"),
        ("unheard_of", "6222021234567890", "****7890"),
        ("owner", None, ""),
    ],
)
def test_a_field_of_ours_is_legible_and_a_persons_is_not(field: str, value: object, shown: str) -> None:
    assert masked_field(value, field) == shown
