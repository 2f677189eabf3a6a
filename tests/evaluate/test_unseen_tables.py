"""Callers and accounts are asked of models that have not learnt from them, with intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qingdun.errors import MissingFile
from qingdun.evaluate.training_tables import Learnt
from qingdun.evaluate.unseen_tables import evaluate_tables, unseen
from tests.evaluate.made_up import write_tables
from tests.hearing import Hearing


def test_the_page_tells_of_both_with_intervals(tmp_path: Path) -> None:
    write_tables(tmp_path)
    told = Hearing()
    page = tmp_path / "evaluation.md"
    found = evaluate_tables(tmp_path, page, told)
    assert told.rises()
    written = page.read_text("utf-8")
    assert list(found) == ["Callers", "Accounts"]
    for title, body in found.items():
        assert f"## {title}\n\n{body}" in written
        assert body.count("\n| ") == 4, "a heading and three splits"
        assert " to " in body.splitlines()[-1]


def test_rows_that_are_alike_are_drawn_together() -> None:
    draw = np.random.default_rng(1)
    x, y = draw.random((60, 3)), np.arange(60) % 2
    said = np.clip(0.5 + 0.2 * (y - 0.5) + draw.normal(0, 0.2, 60), 0, 1)
    spans = []
    for times in (1, 8):
        rows = np.arange(60 * times)
        learnt = Learnt(
            np.tile(x, (times, 1)), np.tile(y, times), {"all": (rows, np.tile(said, times))}, 1, 0
        )
        auc = unseen(learnt)["all"].measures["auc"]
        spans.append(auc.high - auc.low)
    assert spans[1] == pytest.approx(spans[0], rel=0.05), "copies make nothing surer"


def test_without_the_data_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="callers_sichuan"):
        evaluate_tables(tmp_path, tmp_path / "evaluation.md")
