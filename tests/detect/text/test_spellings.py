"""What scammers do to words so that a filter misses them, way by way, and other words that look so."""

import json
from pathlib import Path

import pytest

from qingdun.detect.text.normalise import normalise

WAYS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("spellings.json").read_text("utf-8"))
ORDINARY = Path(__file__).with_name("left_alone.txt").read_text("utf-8").split()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_done_to_words_is_undone(way: str) -> None:
    assert {written: normalise(written) for written in WAYS[way]} == WAYS[way]
    assert {plain: normalise(plain) for plain in WAYS[way].values()} == {p: p for p in WAYS[way].values()}


def test_there_are_examples_of_every_way() -> None:
    assert sum(map(len, WAYS.values())) >= 130
    assert {way for way, pairs in WAYS.items() if len(pairs) < 5} == set()


def test_ordinary_words_that_look_so_are_left_alone() -> None:
    assert len(ORDINARY) >= 60
    assert {text: normalise(text) for text in ORDINARY} == {text: text for text in ORDINARY}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1TB硬盘", "◇tb硬盘"),
        ("第5代款", "第◇代款"),
        ("今晚8点live直播", "今晚◇点live直播"),
        ("下午3点VIP客户", "下午◇点vip客户"),
        ("I know. Me too", "iknowmetoo"),
        ("苹果，net含量500g", "苹果net含量◇g"),
        ("us、cn、jp", "uscnjp"),
        ("O2O平台", "o◇o平台"),
        ("5L6瓶装", "◇l◇瓶装"),
        ("CO2浓度", "co◇浓度"),
        ("hello world! so easy.", "helloworldsoeasy"),
        ("B款还是D款", "b款还是d款"),
    ],
)
def test_ordinary_numbers_dots_and_letters_are_no_disguise(text: str, plain: str) -> None:
    assert normalise(text) == plain
