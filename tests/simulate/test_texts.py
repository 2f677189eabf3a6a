"""Texts are many, whole, and carry no link or number of anybody."""

from __future__ import annotations

import random
import re

import pytest

from qingdun.errors import ConfigurationError
from qingdun.simulate.texts.disguise import disguise
from qingdun.simulate.texts.grammar import Grammar, grammar

HOST = "made-up-host.top"
KINDS = [(source, kind) for source in ("ordinary", "scam") for kind in grammar(source).kinds]


@pytest.mark.parametrize(("source", "kind"), KINDS)
def test_a_kind_has_a_thousand_texts_without_open_slots_links_or_phone_numbers(
    source: str, kind: str
) -> None:
    rng = random.Random(1)
    texts = {grammar(source).grow(kind, rng, host=HOST) for _ in range(3_000)}
    assert len(texts) > 1_000
    for text in texts:
        rest = text.replace(HOST, "")
        assert not re.search(r"[{}\[\]|]", rest), text
        assert not re.search(r"https?:|www\.|\.(com|cn|top|net|cc)\b", rest), text
        assert not re.search(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|400[0-9]{7}", rest), text


def test_choices_may_hold_slots() -> None:
    found = Grammar({"greeting": {"text": ["[a{x}|b]"], "x": ["1"]}})
    assert {found.grow("greeting", random.Random(seed)) for seed in range(20)} == {"a1", "b"}


def test_a_slot_that_nobody_fills_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigurationError, match=r"kind k uses \{nothing\}"):
        Grammar({"k": {"text": ["{nothing}"]}}).grow("k", random.Random(1))


def test_a_disguise_changes_words_and_leaves_the_host() -> None:
    text = f"加微信领返利，登录 {HOST} 投资"
    found = {disguise(text, random.Random(seed), keep=HOST) for seed in range(50)}
    assert len(found) > 20
    assert all(HOST in changed for changed in found)
