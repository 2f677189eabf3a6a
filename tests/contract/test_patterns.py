"""A glance at whole buffers finds the same misfits as the pattern asked of every row."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.contract.columns import DIALLED_NUMBER, NOT_EMPTY, SUBSCRIBER_NUMBER, Rule
from qingdun.contract.patterns import misfits

numbers = st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True)
near = st.text(alphabet="+0129 \n*#a长\t", max_size=18)
words = st.one_of(numbers, numbers, near, st.sampled_from(["", " ", "\u3000", "+8613800000000"]), st.none())


@pytest.mark.parametrize(
    "rule", [NOT_EMPTY, SUBSCRIBER_NUMBER, DIALLED_NUMBER], ids=lambda rule: rule.expected
)
@given(st.lists(st.one_of(st.lists(words, max_size=8), st.lists(numbers, max_size=8)), max_size=3))
def test_misfits_are_those_of_the_pattern(rule: Rule, chunks: list[list[str | None]]) -> None:
    values = [value for chunk in chunks for value in chunk]
    pattern = (rule.pattern or "").replace("$", r"\Z")
    wrong = [i for i, v in enumerate(values) if v is not None and not re.search(pattern, v, re.ASCII)]
    plain = pa.chunked_array(
        [pa.array(["+1", *chunk], pa.string()).slice(1) for chunk in chunks], pa.string()
    )
    assert list(misfits(rule.pattern or "", plain)) == wrong
    assert list(misfits(rule.pattern or "", plain.dictionary_encode())) == wrong
