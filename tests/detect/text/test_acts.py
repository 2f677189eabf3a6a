"""Acts are found by their wordings, however these are written, and count as training counts them."""

import json
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.text.acts import ENOUGH, act_columns, act_names, acts_worth, pairs_of
from qingdun.detect.text.model import features

ACTS = json.loads(resources.files("qingdun.detect.text").joinpath("acts.json").read_text("utf-8"))["acts"]
COUNT = len(act_names())


def _does(text: str) -> set[str]:
    return {name for name, found in zip(act_names(), features([text])[1][0], strict=True) if found}


def test_every_wording_is_found_where_it_stands() -> None:
    rows = [(name, word) for name, act in ACTS.items() for word in act["words"].split()]
    found = features([f"好，{word}，好" for _, word in rows])[1]
    numbers = {name: number for number, name in enumerate(act_names())}
    assert [row for row, does in zip(rows, found, strict=True) if not does[numbers[row[0]]]] == []
    assert all(act["about"] for act in ACTS.values())


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("兼值日結，➕V：abc", {"task_pay", "move_chat"}),
        (
            "您涉嫌洗钱，把錢转到安\u200b全账户，不许挂电话",
            {"legal_threat", "transfer", "safe_account", "secrecy"},
        ),
        ("下载向日葵，共享屏幕给客服", {"remote", "fake_service"}),
        ("登录 a . example 领取，今日24点前", {"click_link", "link", "prize"}),
        ("晚上一起去吃饭吗", {"chat"}),
    ],
)
def test_a_text_does_what_it_says(text: str, acts: set[str]) -> None:
    assert acts <= _does(text)


def test_a_wording_is_no_part_of_a_longer_character_run_by_chance() -> None:
    assert _does("这里什么也没有做") == set()


@given(st.lists(st.integers(0, COUNT - 1), max_size=12), st.integers(0, 99))
def test_scoring_counts_acts_as_training_does(done: list[int], seed: int) -> None:
    found = np.zeros((1, COUNT), np.bool_)
    found[0, done] = True
    draw = np.random.default_rng(seed)
    single, double = draw.normal(size=COUNT), np.zeros((COUNT, COUNT))
    double[pairs_of(COUNT)] = draw.normal(size=COUNT * (COUNT - 1) // 2)
    learnt = act_columns(found)[0] @ np.concatenate([single, double[pairs_of(COUNT)]])
    assert acts_worth(found[0], single, double) == pytest.approx(learnt, abs=1e-4)
    if len(set(done)) > ENOUGH:
        assert act_columns(found)[0, :COUNT].sum() == pytest.approx(ENOUGH, rel=1e-5)
