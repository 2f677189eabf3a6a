"""Training on made-up data: what comes out can be loaded, and its card is whole."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from qingdun.detect.sites.model import SiteModel
from qingdun.detect.text.model import TextModel, feature_rows
from qingdun.errors import EmptyFile, MissingColumn, MissingExtra, MissingFile
from qingdun.evaluate.accounts import ACCOUNT_FEATURES
from qingdun.evaluate.tabular import CALLER_FEATURES
from qingdun.evaluate.training import SHIPPED, TRAINERS
from qingdun.evaluate.training_card import ModelCard, Source, measure
from qingdun.evaluate.training_groups import folds, near_duplicates
from qingdun.evaluate.training_texts import train_dialogues, train_messages
from qingdun.evaluate.trees import Trees
from tests.evaluate.made_up import write_rows, write_sites, write_tables, write_texts
from tests.hearing import Hearing

SMALL = {
    **TRAINERS,
    "messages": partial(train_messages, own=("calls",)),
    "dialogues": partial(train_dialogues, own=[("calls",)]),
}
"""The trainers, learning from the smallest file of our corpus: the whole of it takes minutes."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of made-up data in the form of the real."""
    folder = tmp_path / "data"
    folder.mkdir()
    write_texts(folder)
    write_sites(folder)
    write_tables(folder)
    return folder


@pytest.mark.parametrize("kind", TRAINERS)
def test_a_trained_model_loads_and_has_a_card(kind: str, data: Path, tmp_path: Path) -> None:
    told = Hearing()
    card = SMALL[kind](data, tmp_path / "out", told)
    assert told.rises()
    assert len(set(told.words)) > 5
    assert all(0 <= row["auc"] <= 1 for row in card.measures.values() if "auc" in row)
    written = json.loads((tmp_path / "out" / f"{kind}.card.json").read_text("utf-8"))
    assert written["sources"] == [
        {"name": s.name, "licence": s.licence, "rows": s.rows} for s in card.sources
    ]
    assert (tmp_path / "out" / f"{kind}.card.md").read_text("utf-8") == card.markdown()
    path = tmp_path / "out" / f"{kind}.npz"
    assert path.stat().st_size < 3_000_000
    if kind == "sites":
        probability = SiteModel.read(path).score(["bara-secure-42.top", "minohaus.com"]).probability
    elif kind in ("messages", "dialogues"):
        probability = TextModel.read(path).score(["密码器失效，点击激活", "全场五折，欢迎光临"]).probability
    else:
        trees = Trees.read(path)
        probability = trees.score(np.full((2, len(trees.features)), np.nan))
        assert trees.features == (CALLER_FEATURES if kind == "callers" else ACCOUNT_FEATURES)
        assert np.isfinite(probability).all()
        return
    assert probability[0] > probability[1]


@pytest.mark.parametrize("kind", TRAINERS)
def test_without_data_the_file_is_named(kind: str, tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"\.csv\.gz: no such file; expected a CSV with the columns"):
        TRAINERS[kind](tmp_path, tmp_path / "out")


def test_bad_data_is_named(data: Path, tmp_path: Path) -> None:
    (data / "messages_fbs.csv.gz").write_bytes(b"")
    with pytest.raises(EmptyFile, match="messages_fbs"):
        TRAINERS["messages"](data, tmp_path)
    write_rows(data / "messages_fbs.csv.gz", ["group", "body"], [["FR", "x"]])
    with pytest.raises(MissingColumn, match="no column category, text; found group, body"):
        TRAINERS["messages"](data, tmp_path)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"pip install 'qingdun\[train\]'"):
        TRAINERS["sites"](tmp_path, tmp_path)


@pytest.mark.parametrize("kind", SHIPPED)
def test_every_kind_ships(kind: str) -> None:
    import qingdun

    folder = Path(str(qingdun.__file__)).parent / SHIPPED[kind]
    assert set(SHIPPED) == set(TRAINERS)
    assert (folder / f"{kind}.npz").stat().st_size < 3_000_000
    assert "## Limits" in (folder / f"{kind}.card.md").read_text("utf-8")


def test_measures_of_a_known_case() -> None:
    found = measure([0] * 100 + [1, 1], np.array([*np.linspace(0, 0.4, 100), 0.9, 0.3]))
    assert found["auc"] == pytest.approx(0.875, abs=0.01)
    assert found["recall_at_1pct"] == 0.5
    assert found["f1"] == pytest.approx(2 / 3, abs=1e-3)


def test_a_card_is_a_page() -> None:
    page = ModelCard(
        "x", "P.", "M.", [Source("s", "l", 1200)], {"held": {"auc": 0.5, "rows": 1200.0}}, ["L."]
    ).markdown()
    assert "| s | l | 1,200 |" in page
    assert "| held | 0.5 | 1,200 |" in page


def test_near_duplicates_share_a_group_and_a_fold() -> None:
    texts = [
        "尊敬的用户您的密码器将于次日失效请登录网站升级",
        "尊敬的用户您的密码器将于今日失效请登录网站升级",
        "晚上回家吃饭吗",
    ]
    groups = near_duplicates(feature_rows(texts))
    assert groups[0] == groups[1] != groups[2]
    fold = folds(np.repeat(np.arange(30), 4), 3)
    assert all(len(set(fold[i : i + 4])) == 1 for i in range(0, 120, 4))
    assert np.bincount(fold).tolist() == [40, 40, 40]
