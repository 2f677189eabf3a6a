"""The ordinary half of our own corpus: enough of every kind, no scam among it, nothing live in it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from qingdun.contract.codes import ScamType
from qingdun.evaluate.training_examples import corpus

MIXED = ["messages", "messages_2026", "calls", "long_calls"]
ORDINARY = ["ordinary_messages", "ordinary_calls"]
UNLAWFUL = {"gambling", "illegal"}
"""No scam, and yet not what an honest sender writes: not counted among the ordinary texts."""
RESERVED = re.compile(r"\.(example|invalid|test)$")
DOMAIN = re.compile(r"[A-Za-z0-9][\w-]*(?:\.[A-Za-z][\w-]*)+", re.ASCII)
TELEPHONE = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)|(?<!\d)[48]00-?\d{3}-?\d{4}(?!\d)"
)


def _ordinary() -> Counter[str]:
    kinds = Counter(kind for name in [*MIXED, *ORDINARY] for kind in corpus(name).kinds)
    return Counter({k: n for k, n in kinds.items() if k not in set(ScamType) | UNLAWFUL})


def test_there_are_three_thousand_ordinary_texts_and_a_hundred_of_each_kind() -> None:
    kinds = _ordinary()
    assert kinds.total() >= 3000
    assert {kind: count for kind, count in kinds.items() if count < 100} == {}


def test_the_page_says_what_every_kind_is() -> None:
    page = (Path(__file__).parents[2] / "docs/models.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(_ordinary())


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_files_hold_no_scam_and_nothing_twice(name: str) -> None:
    examples = corpus(name)
    assert set(examples.types) == {""}
    assert not examples.fraud.any()
    assert len(set(examples.texts)) == len(examples.texts)
    assert [text for text in examples.texts if not 8 <= len(text) <= 150] == []


@pytest.mark.parametrize("name", ORDINARY)
def test_no_address_or_number_of_an_ordinary_text_is_live(name: str) -> None:
    texts = corpus(name).texts
    found = [host for text in texts for host in DOMAIN.findall(text)]
    assert [host for host in found if not RESERVED.search(host)] == []
    assert [text for text in texts if TELEPHONE.search(text) or "http" in text or "www." in text] == []
