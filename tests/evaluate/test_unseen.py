"""Every source is left out once, by a threshold set before; the page and the cards say what came of it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from qingdun.detect.text.acts import act_names
from qingdun.detect.text.model import TYPE_BUCKETS, TextModel
from qingdun.errors import MissingFile
from qingdun.evaluate.page import write_section
from qingdun.evaluate.speakers import without_speakers
from qingdun.evaluate.training_examples import corpus
from qingdun.evaluate.training_pool import learn, pool_of
from qingdun.evaluate.training_texts import Kind, dialogues, messages
from qingdun.evaluate.unseen import TITLE, TOGETHER, evaluate_texts
from tests.evaluate.made_up import write_texts
from tests.hearing import Hearing

SMALL = [messages(own=("calls",)), dialogues(own=[("calls",), ("messages",)])]
CARDS = Path(__file__).parents[2] / "src/qingdun/detect/text"


def test_page_and_cards_tell_of_every_source_left_out(tmp_path: Path) -> None:
    write_texts(tmp_path)
    for name in ("messages", "dialogues"):
        shutil.copy(CARDS / f"{name}.card.json", tmp_path)
    page = tmp_path / "evaluation.md"
    write_section(page, "Accounts", "As before.")
    told = Hearing()
    found = evaluate_texts(tmp_path, page, tmp_path, told, SMALL)
    assert told.rises()
    assert {(one.model, one.method) for one in found} == {
        (model, method) for model in ("messages", "dialogues") for method in ("shipped", "plain")
    }
    together = [one for one in found if one.source.endswith(TOGETHER)]
    assert {(one.model, one.method) for one in together} == {("dialogues", "shipped"), ("dialogues", "plain")}
    for one in together:  # asked of the same rows, by who has read nothing of ours
        alone = next(o for o in found if o.method == one.method and o.source + TOGETHER == one.source)
        assert (one.rows, one.scams) == (alone.rows, alone.scams)
        assert one.measures["auc"] != alone.measures["auc"]
    written = page.read_text("utf-8")
    assert written.index("## Accounts\n\nAs before.") < written.index(f"## {TITLE}")
    card = json.loads((tmp_path / "messages.card.json").read_text("utf-8"))
    for one in found:
        assert one.source in written
        if (one.model, one.method) == ("messages", "shipped"):
            row = card["measures"][f"{one.source}, unseen"]
            assert row["false_positives_frozen"] == round(one.measures["false_positives_frozen"].value, 4)
            assert ("auc" in row) == (one.scams > 0)


def test_without_the_data_nothing_is_changed(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"messages_fbs\.csv\.gz.*nothing was changed"):
        evaluate_texts(tmp_path / "none", tmp_path / "page.md", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", SMALL, ids=["messages", "dialogues"])
def test_scoring_reads_what_was_learnt_from(kind: Kind) -> None:
    examples = corpus("calls")
    pool = pool_of([examples], kind.method)
    linear, _ = learn(pool, np.ones(len(pool.fraud), bool))
    types = np.zeros((TYPE_BUCKETS + len(act_names()), 1), np.float32)
    model = TextModel(
        linear.weights, types, np.zeros(1, np.float32), ("other",), linear.slope, linear.intercept, 0.1,
        linear.act_weights, linear.pair_weights, kind.method.counted,
    )  # fmt: skip
    scored = model.score(without_speakers(pa.array(examples.texts))).probability
    np.testing.assert_allclose(scored, linear.probability(linear.margin(pool.x)), rtol=1e-4, atol=1e-6)
