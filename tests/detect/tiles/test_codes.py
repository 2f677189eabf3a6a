"""Strings numbered as they come, against a dictionary."""

from __future__ import annotations

import pickle

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.detect.tiles.codes import Codes
from qingdun.detect.tiles.letters import digest, digests_of

words = st.text(max_size=6) | st.integers(0, 40).map(lambda n: f"+86170{n:04d}")
columns = st.lists(st.lists(words | st.none(), max_size=30), max_size=4)


@settings(max_examples=60)
@given(st.lists(st.tuples(columns, st.integers(0, 6)), max_size=4))
def test_numbers_are_those_of_a_dictionary(batches: list[tuple[list[list[str | None]], int]]) -> None:
    codes, naive = Codes(), dict[str, int]()
    for chunks, keep_each in batches:
        rows = [word for chunk in chunks for word in chunk]
        wanted = [-1 if word is None else naive.setdefault(word, len(naive)) for word in rows]
        assert codes.of(pa.chunked_array(chunks, pa.string())).tolist() == wanted
        if keep_each:
            kept = [word for number, word in enumerate(naive) if number % keep_each == 0]
            codes.only(np.array([naive[word] for word in kept], np.int64))
            naive = {word: number for number, word in enumerate(kept)}
            codes = pickle.loads(pickle.dumps(codes))
        assert len(codes) == len(naive)
        assert [codes.name(number) for number in naive.values()] == list(naive)
        assert [codes.find(word) for word in naive] == list(naive.values())
        assert codes.find("none of them") == -1


@given(st.lists(words, min_size=1, max_size=20, unique=True), st.data())
def test_names_of_one_digest_are_told_apart(names: list[str], data: st.DataObject) -> None:
    """Whoever was given the digest of another, first, is passed over for it."""
    codes, column = Codes(), pa.chunked_array([names], pa.string())
    codes.of(column)
    own = data.draw(st.integers(0, len(names) - 1))
    codes.digests[: len(names)] = digest(names[own])
    codes._table_anew(len(names))
    assert codes.find(names[own]) == own
    assert codes.of(pa.chunked_array([[names[own]]], pa.string())).tolist() == [own]
    assert codes.seek(column, np.array([own])).number.tolist() == [own]
    assert codes.names(np.array([own])) == [names[own]]


@settings(max_examples=20)
@given(st.lists(words, max_size=20))
def test_a_digest_is_that_of_its_column(texts: list[str]) -> None:
    column = pa.chunked_array([texts[:3], texts[3:]], pa.string())
    assert digests_of(column).tolist() == [digest(text) for text in texts]
    assert digests_of(column.dictionary_encode()).tolist() == digests_of(column).tolist()
