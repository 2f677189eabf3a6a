"""Reading and checking a flow directory: what is taken, what is refused, and with which words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.contract.checking import check_rows
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ALERTS,
    CALLS,
    FLOWS,
    REQUIRED_REFERENCES,
    SUBSCRIBERS,
    TABLES,
    VISITS,
    Alert,
    Call,
    Evidence,
    Subscriber,
    Visit,
)
from qingdun.errors import EmptyFile, InputError, MissingColumn, MissingFile, UnreadableFile, WrongType

T0 = 1_750_000_000_000_000
SECOND = 1_000_000


def call(number: int, at: int, phase: str = "missed", **changes: Any) -> Call:
    row = Call(f"c{number}", at, phase, "+8613900000001", "+8613900000002", 0, "domestic", *[None] * 5)
    return row._replace(**changes)


def flow_directory(folder: Path, calls: Iterable[Call] = (), visits: Iterable[Visit] = ()) -> Path:
    for table in (*FLOWS, *REQUIRED_REFERENCES):
        write_table(table, [], folder / f"{table.name}.parquet")
    write_table(CALLS, list(calls), folder / "calls.parquet")
    write_table(VISITS, list(visits), folder / "visits.parquet")
    return folder


def read_calls(directory: FlowDirectory) -> list[Call]:
    return [row for w in directory.windows(60 * SECOND) for row in CALLS.to_rows(w.flows["calls"])]


def test_every_row_comes_once_in_order_of_time_and_id(tmp_path: Path) -> None:
    calls = [call(n, T0 + (n * 37 % 11) * 20 * SECOND) for n in range(40)]
    directory = FlowDirectory(flow_directory(tmp_path, calls))
    assert read_calls(directory) == sorted(calls, key=lambda c: (c.at, c.call_id))
    assert directory.span() == (T0, T0 + 200 * SECOND)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 500), max_size=60), st.integers(1, 7), st.integers(1, 300))
def test_row_groups_and_windows_do_not_change_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int], group: int, window_s: int
) -> None:
    folder = flow_directory(tmp_path_factory.mktemp("flows"))
    calls = [call(n, T0 + s * SECOND) for n, s in enumerate(seconds)]
    pq.write_table(CALLS.from_rows(calls), folder / "calls.parquet", row_group_size=group)
    windows = list(FlowDirectory(folder).windows(window_s * SECOND))
    rows = [row for w in windows for row in CALLS.to_rows(w.flows["calls"])]
    assert rows == sorted(calls, key=lambda c: (c.at, c.call_id))
    assert all(w.start <= row.at < w.end for w in windows for row in CALLS.to_rows(w.flows["calls"]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=80), st.integers(1, 90), st.integers(1, 30))
def test_visits_of_the_same_instant_keep_their_order_however_they_lie_in_groups(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int], group: int, window_s: int
) -> None:
    folder = flow_directory(tmp_path_factory.mktemp("flows"))
    visits = [Visit(T0 + s * SECOND, "+8613900000001", f"h{n}.example", None) for n, s in enumerate(seconds)]
    pq.write_table(VISITS.from_rows(visits), folder / "visits.parquet", row_group_size=group)
    windows = list(FlowDirectory(folder).windows(window_s * SECOND))
    assert [v for w in windows for v in VISITS.to_rows(w.flows["visits"])] == sorted(
        visits, key=lambda v: v.at
    )
    rows = [row for w in windows for row in w.flows["visits"]["row"].to_pylist()]
    assert [visits[row].host for row in rows] == [f"h{row}.example" for row in rows]
    assert sorted(rows) == list(range(len(visits)))


def test_a_stray_row_of_long_ago_costs_no_empty_windows(tmp_path: Path) -> None:
    directory = FlowDirectory(flow_directory(tmp_path, [call(1, 946_684_800_000_005), call(2, T0)]))
    assert len(list(directory.windows(SECOND))) == 2


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize("at", [5, 2**62, -(2**62), 6_249_223_180_800_000_000])
def test_a_time_out_of_bounds_is_rejected_and_stretches_no_span(tmp_path: Path, at: int, suffix: str) -> None:
    flow_directory(tmp_path)
    (tmp_path / "visits.parquet").unlink()
    visits = [Visit(t, "+8613900000001", "h.example", None) for t in (T0, at, T0 + SECOND)]
    write_table(VISITS, visits, tmp_path / f"visits.{suffix}")
    directory = FlowDirectory(tmp_path)
    assert directory.span() == (T0, T0 + SECOND)
    rows = [row for w in directory.windows(60 * SECOND) for row in VISITS.to_rows(w.flows["visits"])]
    assert rows == [visits[0], visits[2]]
    (reject,) = directory.rejects
    assert (reject.flow, reject.row) == ("visits", 1)
    assert reject.reason == f"at: found {at} us since 1970, expected a time from 2000 to 2099"


@pytest.mark.parametrize(("unit", "at"), [("s", 2**62), ("ms", 2**62), ("ns", 5)])
def test_a_time_out_of_bounds_does_not_wrap_round_in_another_unit(unit: str, at: int) -> None:
    table = CALLS.from_rows([call(1, T0), call(2, T0)])
    good = table["at"].cast(pa.timestamp(unit, "UTC")).cast(pa.int64()).to_pylist()[0]
    times = pa.array([good, at], pa.int64()).cast(pa.timestamp(unit, "UTC"))
    checked = check_rows(CALLS, table.set_column(1, "at", times), 0, "calls")
    assert [c.at for c in CALLS.to_rows(checked.table)] == [T0]
    assert [r.row for r in checked.rejects] == [1]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_a_day_out_of_bounds_is_rejected(kind: pa.DataType) -> None:
    rows = [
        Subscriber(
            f"+861390000000{n}", f"p{n}", dt.date(2020, 1, 1), None, "c", False, "1", None, False, 1980, "f"
        )
        for n in range(3)
    ]
    table = SUBSCRIBERS.from_rows(rows)
    days = [dt.date(2020, 1, 1).toordinal() - dt.date(1970, 1, 1).toordinal(), 2_000_000_000, -200_000]
    numbers = pa.array(days, pa.int32()) if kind == pa.date32() else pa.array([d * 86_400_000 for d in days])
    table = table.set_column(2, "activated_on", numbers.cast(kind))
    checked = check_rows(SUBSCRIBERS, table, 0, "subscribers")
    assert SUBSCRIBERS.to_rows(checked.table) == rows[:1]
    assert [r.row for r in checked.rejects] == [1, 2]
    assert all("activated_on" in r.reason and "from 1900 to 2099" in r.reason for r in checked.rejects)


def test_a_null_among_the_values_of_a_dictionary_is_a_null() -> None:
    table = CALLS.from_rows([call(1, T0), call(2, T0), call(3, T0)])
    senders = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 0], pa.int32()), pa.array(["+8613900000001", None])
    )
    checked = check_rows(CALLS, table.set_column(3, "caller", senders), 0, "calls")
    assert checked.table["call_id"].to_pylist() == ["c1", "c3"]
    assert [(r.row, r.reason[:12]) for r in checked.rejects] == [(1, "caller: null")]


def test_a_column_that_stands_twice_is_refused_with_file_and_column(tmp_path: Path) -> None:
    flow_directory(tmp_path)
    table = CALLS.from_rows([call(1, T0)])
    write_table(CALLS, table.append_column("caller", table["caller"]), tmp_path / "calls.parquet")
    with pytest.raises(InputError, match=r"calls\.parquet: column caller: expected once, found 2 times"):
        FlowDirectory(tmp_path)


@pytest.mark.parametrize("other", ["calls/part.parquet", "calls.arrow"])
def test_a_table_that_is_there_twice_is_refused(tmp_path: Path, other: str) -> None:
    flow_directory(tmp_path, [call(1, T0)])
    write_table(CALLS, [call(2, T0)], tmp_path / other)
    with pytest.raises(InputError, match=r"table calls is there more than once \(calls\.parquet, calls"):
        FlowDirectory(tmp_path)


BAD_ALERTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"probability": math.nan}, {}, "probability: found nan, expected a finite number"),
    ({"probability": 7.0}, {}, "probability: found 7.0, expected a probability from 0 to 1"),
    ({"probability": -0.1}, {}, "probability: found -0.1"),
    ({}, {"bits": math.inf}, "evidence.bits: found inf, expected a finite number"),
    ({}, {"at": T0 + 1}, "evidence.at: later than raised_at"),
    ({}, {"at": 2**62}, "evidence.at: found 4611686018427387904 us since 1970"),
]


@pytest.mark.parametrize(("of_alert", "of_evidence", "words"), BAD_ALERTS)
def test_an_alert_that_cannot_be_is_rejected_alone(
    of_alert: dict[str, Any], of_evidence: dict[str, Any], words: str
) -> None:
    piece = Evidence("call.fanout", T0, "number", "1", 2.0, "一", "one")
    good = Alert("a1", "e1", "p1", "1", "police", "high", "contact", 0.5, T0, (piece,))
    bad = good._replace(alert_id="a2", evidence=(piece, piece._replace(**of_evidence)))._replace(**of_alert)
    rows = [good, bad, good._replace(alert_id="a3", evidence=())]
    checked = check_rows(ALERTS, ALERTS.from_rows(rows), 0, "alerts")
    assert checked.table["alert_id"].to_pylist() == ["a1", "a3"]
    assert [r.row for r in checked.rejects] == [1]
    assert checked.rejects[0].reason.startswith(words)


def test_evidence_of_another_shape_is_refused(tmp_path: Path) -> None:
    table = ALERTS.from_rows([]).drop_columns(["evidence"])
    other = pa.list_(pa.struct([("detector", pa.string())]))
    with pytest.raises(WrongType, match="column evidence"):
        check_rows(ALERTS, table.append_column("evidence", pa.array([], other)), 0, "alerts")


def test_arrow_files_and_folders_of_files_are_read(tmp_path: Path) -> None:
    flow_directory(tmp_path)
    (tmp_path / "calls.parquet").unlink()
    write_table(CALLS, [call(1, T0)], tmp_path / "calls" / "hour=1" / "a.parquet")
    write_table(CALLS, [call(2, T0 + 1)], tmp_path / "calls" / "hour=2" / "b.arrow")
    assert [c.call_id for c in read_calls(FlowDirectory(tmp_path))] == ["c1", "c2"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_any_unit_and_zone_of_time_is_kept_as_utc_microseconds(tmp_path: Path, unit: str) -> None:
    flow_directory(tmp_path)
    table = CALLS.from_rows([call(1, T0)])
    at = table["at"].cast(pa.timestamp(unit, "UTC")).cast(pa.timestamp(unit, "Asia/Shanghai"))
    table = table.set_column(1, "at", at)
    pq.write_table(table.append_column("unknown", pa.array([1])), tmp_path / "calls.parquet")
    assert [c.at for c in read_calls(FlowDirectory(tmp_path))] == [T0]


def test_large_strings_dictionaries_and_absent_optional_columns_are_taken(tmp_path: Path) -> None:
    flow_directory(tmp_path)
    table = CALLS.from_rows([call(1, T0)]).drop_columns(["caller_imei", "network_number"])
    table = table.set_column(0, "call_id", table["call_id"].cast(pa.large_string()))
    table = table.set_column(2, "phase", table["phase"].dictionary_encode())
    pq.write_table(table, tmp_path / "calls.parquet")
    assert read_calls(FlowDirectory(tmp_path)) == [call(1, T0)]


WRONG_TYPES = [
    ("duration_s", pa.array(["12"]), "expected int32, found string"),
    ("at", pa.array([dt.datetime(2026, 1, 1)], pa.timestamp("us")), "expected a timestamp with a zone"),  # noqa: DTZ001
    ("at", pa.array([1.5]), "found double"),
    ("caller", pa.array([13900000001]), "found int64"),
]


@pytest.mark.parametrize(("column", "values", "words"), WRONG_TYPES)
def test_a_wrong_type_is_refused_with_file_column_expected_and_found(
    tmp_path: Path, column: str, values: pa.Array, words: str
) -> None:
    flow_directory(tmp_path)
    table = CALLS.from_rows([call(1, T0)])
    table = table.set_column(table.schema.get_field_index(column), column, values)
    pq.write_table(table, tmp_path / "calls.parquet")
    with pytest.raises(WrongType, match=words) as refused:
        FlowDirectory(tmp_path)
    assert "calls.parquet" in str(refused.value)
    assert f"column {column}" in str(refused.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    flow_directory(tmp_path)
    pq.write_table(CALLS.from_rows([]).drop_columns(["callee"]), tmp_path / "calls.parquet")
    with pytest.raises(MissingColumn, match=r"calls\.parquet: column callee is missing"):
        FlowDirectory(tmp_path)


def test_missing_empty_and_truncated_files_each_have_their_own_words(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no such folder"):
        FlowDirectory(tmp_path / "nowhere")
    flow_directory(tmp_path, [call(n, T0 + n) for n in range(100)])
    whole = (tmp_path / "calls.parquet").read_bytes()
    (tmp_path / "calls.parquet").unlink()
    with pytest.raises(MissingFile, match=r"needs calls\.parquet; found accounts\.parquet"):
        FlowDirectory(tmp_path)
    (tmp_path / "calls.parquet").write_bytes(b"")
    with pytest.raises(EmptyFile, match=r"calls\.parquet: the file is empty"):
        FlowDirectory(tmp_path)
    (tmp_path / "calls.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile, match=r"calls\.parquet: not a whole Parquet file"):
        FlowDirectory(tmp_path)


BAD_ROWS = [
    ({"call_id": ""}, "call_id"),
    ({"duration_s": -1}, "duration_s: found -1, expected 0 or more"),
    ({"callee": "张三"}, "callee: found '张三', expected a dialled number"),
    ({"phase": "ringing"}, "phase: found 'ringing', expected one of answered"),
    ({"origin": "mars"}, "origin: found 'mars'"),
]


@pytest.mark.parametrize(("changes", "words"), BAD_ROWS)
def test_a_bad_row_is_rejected_alone_with_its_reason(changes: dict[str, Any], words: str) -> None:
    rows = [call(1, T0), call(2, T0, **changes), call(3, T0)]
    checked = check_rows(CALLS, CALLS.from_rows(rows), 10, "calls")
    assert checked.table["call_id"].to_pylist() == ["c1", "c3"]
    assert [(r.flow, r.row) for r in checked.rejects] == [("calls", 11)]
    assert words in checked.rejects[0].reason


def test_null_ids_are_rejected_and_spoofed_callers_are_kept() -> None:
    rows = [call(1, T0, caller="+00110"), call(2, T0, caller="未知号码"), call(3, T0, call_id=None)]
    table = pa.Table.from_pylist([r._asdict() for r in rows])
    table = table.set_column(1, "at", table["at"].cast(CALLS.column("at").type))
    nulls = {n: pa.nulls(3, pa.string()) for n in table.schema.names if pa.types.is_null(table[n].type)}
    for name, values in nulls.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    checked = check_rows(CALLS, table, 0, "calls")
    assert checked.table["caller"].to_pylist() == ["+00110", "未知号码"]
    assert checked.rejects[0].reason.startswith("call_id: null")


def test_an_end_before_the_answer_is_rejected(tmp_path: Path) -> None:
    calls = [call(1, T0, "answered"), call(1, T0 - SECOND, "ended", duration_s=9), call(2, T0, "ended")]
    directory = FlowDirectory(flow_directory(tmp_path, calls))
    assert [(c.call_id, c.phase) for c in read_calls(directory)] == [("c1", "answered"), ("c2", "ended")]
    assert [(r.row, "ends before" in r.reason) for r in directory.rejects] == [(1, True)]


def test_hosts_are_read_as_dictionaries(tmp_path: Path) -> None:
    visits = [Visit(T0 + n, "+8613900000001", f"h{n % 3}.example", None) for n in range(9)]
    (window,) = FlowDirectory(flow_directory(tmp_path, visits=visits)).windows(60 * SECOND)
    assert window.flows["visits"]["host"].type == pa.dictionary(pa.int32(), pa.string())
    assert VISITS.to_rows(window.flows["visits"]) == visits


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_is_written_as_its_schema_says(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"t.{suffix}"
    write_table(TABLES[name], [], path)
    found = pq.read_table(path) if suffix == "parquet" else pa.ipc.open_file(path).read_all()
    assert found.schema.equals(TABLES[name].schema)


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a name ending in"):
        write_table(CALLS, [], tmp_path / "calls.docx")
