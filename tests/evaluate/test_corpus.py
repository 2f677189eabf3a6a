"""Our own corpus is large, varied and harmless, so that the scam is learnt and not the file."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse

from qingdun.contract.codes import ScamType
from qingdun.detect.text.acts import BUCKETS
from qingdun.detect.text.model import feature_rows
from qingdun.evaluate.training_examples import CALLS, MESSAGES, corpus
from qingdun.simulate.texts.grammar import grammar

CLOSE = 0.6
"""The overlap of two texts' sets of features from which on they say nearly the same."""
DRAWN = 100
"""How many texts of each of the simulator's kinds are held against ours."""

Rows = list[tuple[str, str]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    examples = corpus(*MESSAGES, *CALLS)
    return list(zip(examples.kinds, examples.texts, strict=True))


def _sets(texts: Sequence[str]) -> Any:
    """Texts × buckets: the n-grams of the plain spelling, as the model reads them."""
    found = [np.unique(row) for row in feature_rows(texts)]
    ends = np.append(0, np.cumsum([len(row) for row in found]))
    return sparse.csr_matrix((np.ones(ends[-1]), np.concatenate(found), ends), shape=(len(found), BUCKETS))


def _overlap(left: Any, right: Any) -> npt.NDArray[np.float64]:
    """Of every pair, what the two share of all that either has: what MinHash estimates, counted out."""
    shared = (left @ right.T).toarray()
    either = left.sum(axis=1) + right.sum(axis=1).T - shared
    return np.asarray(shared / either)


def test_it_holds_three_thousand_scams_over_all_types(rows: Rows) -> None:
    scams = Counter(kind for kind, _ in rows if kind in set(ScamType))
    assert scams.total() >= 3000
    assert {kind: scams[kind] for kind in ScamType if scams[kind] < 200} == {}


def test_calls_and_messages_hold_every_type_and_both_sides() -> None:
    for names in (MESSAGES, CALLS):
        examples = corpus(*names)
        assert set(examples.types) == {"", *ScamType}
        assert len(examples.texts) == len(set(examples.texts)) == examples.source.rows


def test_no_text_is_empty_and_no_link_is_live(rows: Rows) -> None:
    assert [text for _, text in rows if len(text.strip()) < 5] == []
    assert [text for _, text in rows if "http" in text or "www." in text] == []


def test_no_two_of_a_kind_say_nearly_the_same(rows: Rows) -> None:
    for kind in sorted({kind for kind, _ in rows}):
        texts = [text for found, text in rows if found == kind]
        sets = _sets(texts)
        near = np.argwhere(np.triu(_overlap(sets, sets), 1) > CLOSE)
        assert [(texts[one], texts[other]) for one, other in near] == []


def test_none_says_nearly_what_the_simulator_says(rows: Rows) -> None:
    draw = random.Random(5)
    made = [
        grammar(name).grow(kind, draw, host="a.example")
        for name in ("scam", "ordinary")
        for kind in grammar(name).kinds
        for _ in range(DRAWN)
    ]
    near = np.argwhere(_overlap(_sets([text for _, text in rows]), _sets(made)) > CLOSE)
    assert [(rows[ours][1], made[theirs]) for ours, theirs in near] == []
