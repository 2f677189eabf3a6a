"""What scammers do to words so that a filter misses them, way by way, and other words that look so."""

import json
from pathlib import Path

import pytest

from qingdun.detect.text.normalise import normalise

WAYS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("spellings.json").read_text("utf-8"))


@pytest.mark.parametrize("way", WAYS)
def test_what_is_done_to_words_is_undone(way: str) -> None:
    assert {written: normalise(written) for written in WAYS[way]} == WAYS[way]
    assert {plain: normalise(plain) for plain in WAYS[way].values()} == {p: p for p in WAYS[way].values()}


def test_there_are_examples_of_every_way() -> None:
    assert sum(map(len, WAYS.values())) >= 60
    assert {way for way, pairs in WAYS.items() if len(pairs) < 5} == set()
