"""Strings no database of ours can hold: each is rejected alone, with the reason, whatever type carries it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.contract.checking import check_rows
from qingdun.contract.columns import LONGEST, Table
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import (
    ALERTS,
    MESSAGES,
    STATIONS,
    SUSPECTS,
    TABLES,
    VISITS,
    Alert,
    Evidence,
    Message,
    Station,
    Suspect,
)
from tests.contract.test_directory import T0, flow_directory

NUL = (b"10\x0086", "found a NUL character, expected text without")
LONG = (("长" * (LONGEST + 1)).encode(), f"found {LONGEST + 1} characters, expected at most {LONGEST}")
SURROGATE = (b"10\xed\xa0\x8086", "found bytes that are no UTF-8")
CUT_OFF = ("长".encode()[:2], "found bytes that are no UTF-8")
CARRIERS = ["string", "large_string", "string_view", "dictionary"]


def strings(values: list[bytes | None], carrier: str = "string") -> pa.Array:
    """The bytes as an array of strings, as a careless writer leaves them in a file."""
    if carrier == "large_string":
        return pa.array(values, pa.large_binary()).view(pa.large_string())
    plain = pa.array(values, pa.binary()).view(pa.string())
    if carrier == "string_view":
        return pa.array(values, pa.binary_view()).view(pa.string_view())
    if carrier == "dictionary":
        found = pa.array(values, pa.binary()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(found.indices, found.dictionary.view(pa.string()))
    return plain


def with_column(table: Table, rows: list[Any], name: str, values: pa.Array) -> pa.Table:
    whole = table.from_rows(rows)
    return whole.set_column(whole.schema.get_field_index(name), name, values)


def messages(count: int) -> list[Message]:
    return [Message(f"m{n}", T0 + n, "10086", "+8613900000001", "好") for n in range(count)]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(("raw", "words"), [NUL, LONG, SURROGATE, CUT_OFF])
def test_a_bad_string_is_rejected_alone_with_the_reason(raw: bytes, words: str, carrier: str) -> None:
    senders = strings([b"10086", raw, b"10086", raw, ("长" * LONGEST).encode()], carrier)
    checked = check_rows(MESSAGES, with_column(MESSAGES, messages(5), "sender", senders), 100, "messages")
    assert checked.table["message_id"].to_pylist() == ["m0", "m2", "m4"]
    assert checked.table["sender"].cast(pa.string()).to_pylist() == ["10086", "10086", "长" * LONGEST]
    assert [(r.flow, r.row) for r in checked.rejects] == [("messages", 101), ("messages", 103)]
    assert all(r.reason.startswith(f"sender: {words}") for r in checked.rejects)


@pytest.mark.parametrize(("raw", "words"), [NUL, LONG, SURROGATE])
def test_no_bad_string_is_left_in_a_dictionary(tmp_path: Path, raw: bytes, words: str) -> None:
    flow_directory(tmp_path)
    hosts = strings([b"a.example", raw, b"b.example", b"a.example"], "dictionary")
    visits = pa.table(
        {
            "at": pa.array(range(T0, T0 + 4), VISITS.column("at").type),
            "subscriber": ["+8613900000001"] * 4,
            "host": hosts,
        }
    )
    pq.write_table(visits, tmp_path / "visits.parquet")
    directory = FlowDirectory(tmp_path)
    (window,) = directory.windows(60_000_000)
    entries = [chunk.dictionary.to_pylist() for chunk in window.flows["visits"]["host"].chunks]
    assert {entry for some in entries for entry in some} == {"a.example", "b.example"}
    assert [(r.row, words in r.reason) for r in directory.rejects] == [(1, True)]


def test_rules_and_codes_name_a_bad_string_without_stumbling_over_it() -> None:
    recipients = strings([SURROGATE[0], b"\x00", b"x" * 5000, b"not a number"])
    checked = check_rows(MESSAGES, with_column(MESSAGES, messages(4), "recipient", recipients), 0, "messages")
    assert not checked.table.num_rows
    assert all(len(r.reason) < 200 for r in checked.rejects)
    for reject in checked.rejects:
        reject.reason.encode()
        assert "\x00" not in reject.reason


def test_strings_inside_lists_and_structs_are_looked_at_too() -> None:
    piece = Evidence("call.x", T0, "number", "+861", 1.0, "句", "words")
    alert = Alert("a", "e", "p", "+8613900000001", "police", "high", "lure", 0.5, T0, (piece,))
    rows = [
        alert,
        alert._replace(evidence=(piece, piece._replace(entity="x" * (LONGEST + 1)))),
        alert._replace(evidence=(piece._replace(text_zh="长" * (LONGEST + 1)),)),
        alert._replace(evidence=(piece._replace(text_en="a\x00b"),)),
        alert._replace(person_id="p" * 65),
    ]
    checked = check_rows(ALERTS, ALERTS.from_rows(rows), 0, "alerts")
    assert [(r.row, r.reason.split(":")[0]) for r in checked.rejects] == [
        (1, "evidence.entity"),
        (3, "evidence.text_en"),
        (4, "person_id"),
    ]
    suspects = [
        Suspect("number", "1", 0.5, None, T0, ("为何", "a\x00")),
        Suspect("number", "2", 0.5, None, T0, ()),
    ]
    checked = check_rows(SUSPECTS, SUSPECTS.from_rows(suspects), 0, "suspects")
    assert [(r.row, r.reason) for r in checked.rejects] == [(0, f"reasons: {NUL[1]}")]
    towns = [
        Station("s", "所", ("441881101", "x" * 300), 113.0, 24.0),
        Station("t", "所", ("441881101",), 113.0, 24.0),
    ]
    checked = check_rows(STATIONS, STATIONS.from_rows(towns), 0, "stations")
    assert [r.row for r in checked.rejects] == [0]


@given(st.lists(st.one_of(st.none(), st.binary(max_size=12)), max_size=20), st.integers(0, 5), st.data())
def test_whatever_is_taken_is_text_and_whatever_is_text_is_taken(
    raw: list[bytes | None], skipped: int, data: st.DataObject
) -> None:
    carrier = data.draw(st.sampled_from(CARRIERS))
    urls = strings(raw, carrier)[skipped:]
    count = len(urls)
    visits = pa.table(
        {
            "at": pa.array([T0] * count, VISITS.column("at").type),
            "subscriber": pa.array(["+8613900000001"] * count, pa.string()),
            "host": pa.array(["a.example"] * count, pa.string()),
            "url": urls,
        }
    )
    checked = check_rows(VISITS, visits, 0, "visits")
    good = [value for value in raw[skipped:] if value is None or _is_text(value)]
    taken = checked.table["url"].cast(pa.string()).to_pylist()
    assert taken == [None if value is None else value.decode() for value in good]
    assert len(checked.rejects) == count - len(good)


def _is_text(value: bytes) -> bool:
    try:
        return "\x00" not in value.decode()
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_string_has_a_bound(table: Table) -> None:
    for column in table.columns:
        for part in column.inner or (column,):
            assert 0 < part.most <= 20_000, (column.name, part.name)
