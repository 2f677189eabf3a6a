"""`qingdun score`: every row, in order, with a probability."""

import csv
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from qingdun.errors import EmptyFile, InputError, MissingColumn, MissingFile, UnreadableFile, WrongType
from qingdun.evaluate import csv_text
from qingdun.evaluate.score import KINDS, score
from qingdun.evaluate.tabular import moments, numbers
from tests.hearing import Hearing

TEXTS = [
    "您的手机银行将于今日失效，请登录URL激活",
    "",
    "妈我到家了",
    '他说"好",\n然后走了',
    "您的手机银行将于今日失效，请登录URL激活",
]


def _write_csv(path: Path, header: list[str], rows: list[list[str]], encoding: str = "utf-8") -> Path:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def _read(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(column_types={"id": pa.string()}, strings_can_be_null=False),
    )


@pytest.mark.parametrize("source", ["in.csv", "in.csv.gz", "in.parquet"])
@pytest.mark.parametrize("out", ["out.csv", "out.csv.gz", "out.parquet"])
def test_every_row_keeps_its_place_and_columns(tmp_path: Path, source: str, out: str) -> None:
    ids = ["007", "1e5", "", "NA", "5"]
    if source.endswith("parquet"):
        pq.write_table(pa.table({"id": ids, "text": TEXTS}), tmp_path / source)
    else:
        _write_csv(tmp_path / source, ["id", "text"], [list(row) for row in zip(ids, TEXTS, strict=True)])
    told = Hearing()
    assert score("messages", tmp_path / source, tmp_path / "new" / out, told) == 5
    assert told.rises()
    found = _read(tmp_path / "new" / out)
    assert found.column_names == ["id", "text", "probability", "scam_type"]
    assert found["id"].to_pylist() == ids
    assert found["text"].to_pylist() == TEXTS
    probability = found["probability"].to_numpy()
    assert found["probability"].type == pa.float64()
    assert found["probability"].null_count == 0
    assert probability[0] == probability[4] > 0.5 > probability[2]
    assert found["scam_type"].to_pylist()[0] == "phishing"
    assert told.shares[-1] == 1.0


def test_nulls_and_other_types_are_kept(tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int64()),
            "text": pa.array([None, "", "好"], pa.string()).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    assert score("messages", tmp_path / "in.parquet", tmp_path / "out.parquet") == 3
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["n"].to_pylist() == [1, None, 3]
    assert found["text"].to_pylist() == [None, "", "好"]
    assert found["probability"].null_count == 0


def test_a_header_alone_is_scored_as_no_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n")
    assert score("messages", tmp_path / "in.csv", tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text() == '"id","text","probability","scam_type"\n'


_LINES = ["", "妈我到家了", "", '他说"好",\n\n然后走了', "a,b", "", ""]
_WRITTEN = '\n妈我到家了\n\n"他说""好"",\n\n然后走了"\n"a,b"\n""\n\n'


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("last", ["", "end"], ids=["ended", "open"])
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_a_blank_line_of_a_single_column_is_a_row(
    tmp_path: Path, mark: str, end: str, last: str, name: str
) -> None:
    opened = gzip.open if name.endswith(".gz") else open
    with opened(tmp_path / name, "wt", encoding="utf-8", newline="") as file:
        file.write(f"{mark}text\n{_WRITTEN}{last}".replace("\n", end))
    expected = [*(line.replace("\n", end) for line in _LINES), *([last] if last else [])]
    assert score("messages", tmp_path / name, tmp_path / "out.parquet") == len(expected)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["text"].to_pylist() == expected
    assert found["probability"].null_count == 0


@pytest.mark.parametrize("block", [64, 97, 1 << 12])
def test_no_row_is_lost_where_blocks_meet(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_text, "_BLOCK", block)
    (tmp_path / "in.csv").write_text("text\n" + _WRITTEN * 50, "utf-8")
    score("messages", tmp_path / "in.csv", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["text"].to_pylist() == _LINES * 50


def test_a_blank_line_of_several_columns_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n1,a\n\n2,b\n\n", "utf-8")
    assert score("messages", tmp_path / "in.csv", tmp_path / "out.csv") == 2


@pytest.mark.parametrize("kind", [pa.null(), pa.string(), pa.large_string()])
def test_a_column_of_nulls_has_probabilities(tmp_path: Path, kind: pa.DataType) -> None:
    pq.write_table(pa.table({"text": pa.nulls(3, kind)}), tmp_path / "in.parquet")
    assert score("messages", tmp_path / "in.parquet", tmp_path / "out.csv") == 3
    assert _read(tmp_path / "out.csv")["probability"].null_count == 0


def test_a_null_among_the_values_of_a_dictionary_has_a_probability(tmp_path: Path) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int32()), pa.array(["妈我到家了", None]))
    batch = pa.RecordBatch.from_arrays([texts], ["text"])
    scores = KINDS["messages"](batch, tmp_path)
    assert np.isfinite(scores[0]).all()


def test_a_list_column_is_refused_in_csv_and_kept_in_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tags": [["a"], []], "text": ["好", ""]}), tmp_path / "in.parquet")
    with pytest.raises(InputError, match=r"out\.csv: column tags is list.* write to \.parquet"):
        score("messages", tmp_path / "in.parquet", tmp_path / "out.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet"}
    assert score("messages", tmp_path / "in.parquet", tmp_path / "out.parquet") == 2
    assert pq.read_table(tmp_path / "out.parquet")["tags"].to_pylist() == [["a"], []]


_NO_UTF8 = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(np.array([0, 2, 4], np.int32).tobytes()), pa.py_buffer(b"\xff\xfeok")]
)


@pytest.mark.parametrize("kind", ["messages", "dialogues", "sites", "accounts"])
@pytest.mark.parametrize(
    ("column", "error", "words"),
    [
        (pa.array([["a"], []]), WrongType, "expected str, found list<"),
        (pa.array([{"a": 1}, None]), WrongType, "expected str, found struct<"),
        (pa.array([b"\xff\xfe", b"ok"]), UnreadableFile, "expected text in UTF-8; Invalid UTF8"),
        (_NO_UTF8, UnreadableFile, "expected text in UTF-8; Invalid"),
    ],
    ids=["list", "struct", "bytes", "broken"],
)
def test_what_is_no_text_is_named(
    tmp_path: Path, kind: str, column: pa.Array, error: type[Exception], words: str
) -> None:
    name = {"sites": "host", "accounts": "nodeid"}.get(kind, "text")
    pq.write_table(pa.table({name: column}), tmp_path / "nodes.parquet")
    _write_csv(tmp_path / "transactions.csv", ["sourceNodeId", "targetNodeId"], [["3", "7"]])
    source = tmp_path if kind == "accounts" else tmp_path / "nodes.parquet"
    with pytest.raises(error, match=rf"nodes\.parquet: column {name}: {words}"):
        score(kind, source, tmp_path / "out.csv")


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_texts_of_every_type_are_read_and_kept(tmp_path: Path, kind: pa.DataType, out: str) -> None:
    texts = ["请登录 http://icbc-safe.example 领取", None, ""]
    pq.write_table(pa.table({"text": pa.array(texts).cast(kind)}), tmp_path / "in.parquet")
    for asked in ("messages", "dialogues"):
        assert score(asked, tmp_path / "in.parquet", tmp_path / out) == 3
    assert _read(tmp_path / out).column("text").cast(pa.string()).to_pylist()[0] == texts[0]


@pytest.mark.parametrize(
    "column", [pa.array([b"\xff"]), pa.array([b"0" * 16], pa.uuid())], ids=["bytes", "uuid"]
)
def test_what_csv_cannot_hold_is_refused(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(pa.table({"text": ["您好"], "odd": column}), tmp_path / "in.parquet")
    with pytest.raises(InputError, match=r"out\.csv: .*; write to \.parquet"):
        score("messages", tmp_path / "in.parquet", tmp_path / "out.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet"}
    assert score("messages", tmp_path / "in.parquet", tmp_path / "out.parquet") == 1


def test_a_parquet_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"])
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(InputError, match=r"in\.parquet: column text: expected once, found 2 times"):
        score("messages", tmp_path / "in.parquet", tmp_path / "out.parquet")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_that_nobody_reads_may_stand_twice(tmp_path: Path, suffix: str) -> None:
    if suffix == "csv":
        _write_csv(
            tmp_path / "in.csv",
            ["probability", "", "text", "", "probability"],
            [["1", "a", "您好", "b", "2"]],
        )
    else:
        columns = [pa.array([one]) for one in ("1", "a", "您好", "b", "2")]
        names = ["probability", "", "text", "", "probability"]
        pq.write_table(pa.Table.from_arrays(columns, names), tmp_path / "in.parquet")
    assert score("messages", tmp_path / f"in.{suffix}", tmp_path / "out.csv") == 1
    lines = list(csv.reader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    assert lines[0] == ["", "text", "", "probability", "scam_type"]
    assert lines[1][:3] == ["a", "您好", "b"]
    with pytest.raises(
        InputError, match=r"out\.parquet: column : expected once, found twice; write to \.csv"
    ):
        score("messages", tmp_path / f"in.{suffix}", tmp_path / "out.parquet")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
@pytest.mark.parametrize(
    ("header", "row", "found"),
    [
        ("text", "您好", {"text": ["您好"]}),
        ("text", "", {"text": []}),
        ("\ntext", "您好", {"text": ["您好"]}),
        ("\n\n\nid,text", "007,您好", {"id": ["007"], "text": ["您好"]}),
        ('"no\nid","te""xt",text', '007,"a""",您好', {"no\nid": ["007"], 'te"xt': ['a"'], "text": ["您好"]}),
        ("id,text", "", {"id": [], "text": []}),
    ],
)
def test_a_header_however_it_stands(
    tmp_path: Path, header: str, row: str, found: dict[str, list[str]], name: str, mark: str, end: str
) -> None:
    opened = gzip.open if name.endswith(".gz") else open
    for last in ("\n", ""):
        lines = f"{header}\n{row}{last}" if row else f"{header}{last}"
        with opened(tmp_path / name, "wt", encoding="utf-8", newline="") as file:
            file.write(f"{mark}{lines}".replace("\n", end))
        wanted = {key.replace("\n", end): values for key, values in found.items()}
        assert score("messages", tmp_path / name, tmp_path / "out.parquet") == len(wanted["text"])
        assert (
            pq.read_table(tmp_path / "out.parquet").drop_columns(["probability", "scam_type"]).to_pydict()
            == wanted
        )


@pytest.mark.parametrize("block", [7, 1 << 12])
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
@pytest.mark.parametrize(
    "text",
    ['text\na\n"b\nc\n', 'id,text\n1,"b\n2,c', 'id,text\n1,"', 'text\n"""\n', 'id,text\n1,a\n2,"b""\n\n'],
)
def test_a_quote_that_is_never_closed_is_told(
    tmp_path: Path, text: str, name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_text, "_BLOCK", block)
    opened = gzip.open if name.endswith(".gz") else open
    with opened(tmp_path / name, "wt", encoding="utf-8", newline="") as file:
        file.write(text)
    with pytest.raises(UnreadableFile, match=r"in\.csv.*: expected a whole .*file; "):
        score("messages", tmp_path / name, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_spreadsheet_in_gb18030_is_read(tmp_path: Path) -> None:
    source = _write_csv(tmp_path / "in.csv", ["text"], [["您的快递到了"]], "gb18030")
    assert score("messages", source, tmp_path / "out.csv") == 1
    assert "您的快递到了" in (tmp_path / "out.csv").read_text("utf-8")


def test_scoring_again_replaces_the_columns(tmp_path: Path) -> None:
    source = _write_csv(tmp_path / "in.csv", ["text", "probability"], [["您好", "x"]])
    score("messages", source, tmp_path / "out.csv")
    assert _read(tmp_path / "out.csv").column_names == ["text", "probability", "scam_type"]


def test_who_speaks_says_nothing(tmp_path: Path) -> None:
    turns = ["喂您好我是客服", "什么事"]
    rows = [["\n".join(f"{a}{t}" for a, t in zip(names, turns, strict=True))]
            for names in (("left: ", "right: "), ("客服：", "用户："), ("", ""))]  # fmt: skip
    score("dialogues", _write_csv(tmp_path / "in.csv", ["text"], rows), tmp_path / "out.parquet")
    assert len(set(pq.read_table(tmp_path / "out.parquet")["probability"].to_pylist())) == 1


@pytest.mark.parametrize("header", [["host"], ["url"], ["host", "url"]])
def test_sites(tmp_path: Path, header: list[str]) -> None:
    values = {"host": ["login-icbc-update.top", "mp.weixin.qq.com", ""],
              "url": ["http://login-icbc-update.top/", "https://mp.weixin.qq.com/s/1", ""]}  # fmt: skip
    rows = [list(row) for row in zip(*(values[name] for name in header), strict=True)]
    rows = rows if len(header) > 1 else rows[:2]
    assert score("sites", _write_csv(tmp_path / "in.csv", header, rows), tmp_path / "out.csv") == len(rows)
    found = _read(tmp_path / "out.csv")
    assert found["probability"].to_pylist()[0] > 0.5 > 0.01 > found["probability"].to_pylist()[1]
    assert found["scam_type"].to_pylist()[0] == "phishing"


def test_an_address_says_the_same_however_its_host_is_written(tmp_path: Path) -> None:
    hosts = [
        "xn---safe-4d3h561e.com",
        "例子-safe.com",
        "例子－ｓａｆｅ。ＣＯＭ",
        "user@例\u00ad子-safe.com:8080",
    ]
    urls = [f"http://{host}/login.php?account=1" for host in hosts]
    _write_csv(tmp_path / "in.csv", ["host", "url"], [[" ", url] for url in urls])
    assert score("sites", tmp_path / "in.csv", tmp_path / "out.parquet") == 4
    found = pq.read_table(tmp_path / "out.parquet")["probability"].to_pylist()
    _write_csv(tmp_path / "in.csv", ["host", "url"], [[host, ""] for host in hosts])
    score("sites", tmp_path / "in.csv", tmp_path / "out.parquet")
    bare = pq.read_table(tmp_path / "out.parquet")["probability"].to_pylist()
    assert len(set(found)) == len(set(bare)) == 1
    assert found[0] > bare[0]


def test_callers_with_any_subset_of_columns(tmp_path: Path) -> None:
    source = _write_csv(
        tmp_path / "in.csv",
        ["opposite_count", "call_dur_mean", "who"],
        [["900", "20.5", "a"], ["", "abc", "b"], ["12", "95", "c"]],
    )
    assert score("callers", source, tmp_path / "out.csv") == 3
    assert np.isfinite(_read(tmp_path / "out.csv")["probability"].to_numpy()).all()


def test_accounts(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    _write_csv(flows / "nodes.csv", ["nodeid", "note"], [["7", "x"], ["3", "y"], ["9", "never paid"]])
    _write_csv(
        flows / "transactions.csv", ["sourceNodeId", "targetNodeId", "value", "time"],
        [["3", "7", "100", "1"], ["7", "4", "99.5", "2"], ["4", "3", "90", "3"]],
    )  # fmt: skip
    assert score("accounts", flows, tmp_path / "out.csv") == 3
    found = _read(tmp_path / "out.csv")
    assert [str(n) for n in found["nodeid"].to_pylist()] == ["7", "3", "9"]
    assert found["note"].to_pylist() == ["x", "y", "never paid"]
    assert np.isfinite(found["probability"].to_numpy()).all()
    _write_csv(flows / "transactions.csv", ["sourceNodeId", "targetNodeId", "value", "time"], [])
    assert score("accounts", flows, tmp_path / "out.csv") == 3


@pytest.mark.parametrize(
    "columns",
    [
        {"source": ["3", "7", None], "value": ["1,000", "", "x"]},
        {"time": ["2026-01-01T00:00:00Z", "2026-01-01T08:00:00+08:00", "2026-01-02"]},
        {"value": [100, 99, 90], "time": np.array(["2026-01-01", "2026-01-02", "NaT"], "datetime64[us]")},
        {},
    ],
)
def test_accounts_of_which_less_is_known(tmp_path: Path, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table({"note": ["x"] * 3, "nodeid": [7, 3, 9]}), tmp_path / "nodes.parquet")
    ends = {"targetNodeId": ["7", "4", "3"], "sourceNodeId": columns.pop("source", ["3", "7", "4"])}
    pq.write_table(pa.table({**ends, **columns, "more": [1, 2, 3]}), tmp_path / "transactions.parquet")
    assert score("accounts", tmp_path, tmp_path / "out.parquet") == 3
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["nodeid"].to_pylist() == [7, 3, 9]
    assert np.isfinite(found["probability"].to_numpy()).all()


@pytest.mark.parametrize("kind", [pa.float64(), pa.decimal128(24, 2), pa.string(), pa.string_view()])
def test_accounts_are_known_by_numbers_of_every_type(tmp_path: Path, kind: pa.DataType) -> None:
    accounts = [6_222_020_000_000_001, 6_222_020_000_000_002, 6_222_020_000_000_003]
    pq.write_table(pa.table({"nodeid": accounts}), tmp_path / "nodes.parquet")
    found = []
    for stored in (pa.int64(), kind):
        payers = pa.array([accounts[0], None, accounts[1]], pa.int64()).cast(stored)
        moves = {"sourceNodeId": payers, "targetNodeId": accounts, "value": [5, 500, 5], "time": [1, 2, 3]}
        pq.write_table(pa.table(moves), tmp_path / "transactions.parquet")
        score("accounts", tmp_path, tmp_path / "out.csv")
        found.append(_read(tmp_path / "out.csv")["probability"].to_pylist())
    assert found[0] == found[1]
    assert len(set(found[0])) > 1


@pytest.mark.parametrize("name", ["nodes.csv", "NODES.CSV", "2026_nodes.csv"])
def test_the_table_of_the_name_is_taken(tmp_path: Path, name: str) -> None:
    _write_csv(tmp_path / name, ["nodeid"], [["7"], ["3"]])
    _write_csv(tmp_path / "transactions.csv", ["sourceNodeId", "targetNodeId"], [["3", "7"]])
    (tmp_path / "._nodes.csv").write_bytes(b"\0\5\x16\7")  # as some systems leave beside what they pack
    if not name.startswith("2026"):
        _write_csv(tmp_path / "a_nodes.csv", ["nodeid"], [["1"]])
    assert score("accounts", tmp_path, tmp_path / "out.parquet") == 2


def test_of_several_tables_none_is_taken(tmp_path: Path) -> None:
    for name in ("may_nodes.csv", "june_nodes.parquet", "may_transactions.csv"):
        (tmp_path / name).write_text("nodeid\n")
    with pytest.raises(InputError, match=r"expected one nodes, found june_nodes\.parquet, may_nodes\.csv"):
        score("accounts", tmp_path, tmp_path / "out.parquet")


def test_sums_beyond_all_numbers_are_unknown(tmp_path: Path) -> None:
    _write_csv(tmp_path / "nodes.csv", ["nodeid", "note"], [["7", ""], ["3", ""]])
    _write_csv(
        tmp_path / "transactions.csv", ["sourceNodeId", "targetNodeId", "value", "time"],
        [["3", "7", "1e308", "1e308"], ["3", "7", "1e308", "-1e308"], ["7", "3", "-5", "0"]],
    )  # fmt: skip
    assert score("accounts", tmp_path, tmp_path / "out.csv") == 2
    assert np.isfinite(_read(tmp_path / "out.csv")["probability"].to_numpy()).all()


def test_moments_are_numbers_dates_or_times() -> None:
    assert moments(pa.array(["7", "x", None]))[0] == 7
    for dates in (["2026-01-01", "2026-01-02"], ["2026-01-01T00:00:00Z", "2026-01-02T08:00:00+08:00"]):
        assert np.diff(moments(pa.array(dates))) == 86_400_000_000
    assert np.diff(moments(pa.array([dt.date(2026, 1, 1), dt.date(2026, 1, 2)]))) == 86_400_000_000
    assert np.isnan(numbers(pa.array([[1], [2]]))).all(), "a list is no number"


WRITTEN = [
    "2026-01-05",
    "2026-01-05 00:00",
    "2026/1/5 8:00:00+0800",
    "2026-01-04T20:00:00.0-04:00",
    " 2026-01-05T00:00Z ",
]


@pytest.mark.parametrize("odd", ["", "soon", "2026-13-01", "2026-01-05 25:00", "7", None])
def test_one_odd_time_takes_no_other_away(odd: str | None) -> None:
    found = moments(pa.array([*WRITTEN, odd]))
    assert found.tolist()[:-1] == [1_767_571_200_000_000.0] * len(WRITTEN)
    assert np.isnan(found[-1])


@pytest.mark.parametrize(
    "column",
    [
        pa.array(WRITTEN[:2]).dictionary_encode(),
        pa.array(WRITTEN[:2], pa.string_view()),
        pa.chunked_array(
            [pa.array(WRITTEN[:1]).dictionary_encode(), pa.array(WRITTEN[1:2]).dictionary_encode()]
        ),
        pa.array([1_767_571_200_000_000_001] * 2, pa.timestamp("ns", "Asia/Shanghai")),
        pa.array([1_767_571_200_000] * 2, pa.date64()),
    ],
    ids=lambda column: str(column.type),
)
def test_times_of_every_type_are_read(column: pa.Array) -> None:
    assert moments(column).tolist() == [1_767_571_200_000_000.0] * 2


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_numbers_with_thousands_marked_are_numbers(kind: pa.DataType) -> None:
    found = numbers(pa.array(["12,345.50", "1,234,567", "+3", "1,23", "12,3456", ",123", "1e3", "元"], kind))
    assert found[[0, 1, 2, 6]].tolist() == [12_345.5, 1_234_567.0, 3.0, 1000.0]
    assert np.isnan(found[[3, 4, 5, 7]]).all()


@pytest.mark.parametrize(
    ("kind", "name", "content", "error", "words"),
    [
        ("messages", "in.csv", b"", EmptyFile, "is empty"),
        ("messages", "in.csv", b"\n\n", EmptyFile, "found no line; expected a header and rows"),
        ("messages", "in.csv", b"\xef\xbb\xbf", EmptyFile, "found no line; expected a header and rows"),
        ("sites", "in.csv", b"url,url\na,b\n", InputError, "column url: expected once, found 2 times"),
        ("callers", "in.csv", b"imeis,imeis\n1,2\n", InputError, "column imeis: expected once"),
        ("messages", "in.csv", b"body\nx\n", MissingColumn, "expected column text; found body"),
        ("sites", "in.csv", b"name\nx\n", MissingColumn, "expected column host or url; found name"),
        ("callers", "in.csv", b"name\nx\n", MissingColumn, "expected column any of opposite_count"),
        ("messages", "in.csv", b"a,text\n1,2\n1,2,3\n", UnreadableFile, "Expected 2 columns, got 3"),
        ("messages", "in.csv", b"text,text\na,b\n", InputError, "column text: expected once, found 2 times"),
        ("messages", "in.csv", "text\n您好\n".encode("utf-16"), UnreadableFile, "in UTF-8 or GB18030"),
        ("messages", "in.csv", b"text\n\xff\xff\xff\n", UnreadableFile, "in UTF-8 or GB18030"),
        ("messages", "in.csv", b"text\n" + b"a\n" * 200_000 + b"\xc4\xfa\n", UnreadableFile, "UTF-8"),
        ("messages", "in.parquet", b"PAR1 no", UnreadableFile, "in.parquet: expected a whole .parquet file"),
        ("messages", "in.csv.gz", b"no gzip", UnreadableFile, "in.csv.gz"),
        ("messages", "in.txt", b"text\nx\n", InputError, r"ends in \.csv"),
        ("faces", "in.csv", b"text\nx\n", InputError, "faces: no such kind; expected one of messages"),
        ("accounts", "in.csv", b"nodeid\n", MissingFile, "expected a folder with nodes and transactions"),
    ],
)
def test_bad_input_is_named(
    tmp_path: Path, kind: str, name: str, content: bytes, error: type[Exception], words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=words):
        score(kind, tmp_path / name, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"nowhere\.csv: no such file"):
        score("messages", tmp_path / "nowhere.csv", tmp_path / "out.csv")
    (tmp_path / "flows").mkdir()
    with pytest.raises(MissingFile, match="no nodes"):
        score("accounts", tmp_path / "flows", tmp_path / "out.csv")


def test_a_truncated_parquet_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": TEXTS * 100}), tmp_path / "whole.parquet")
    (tmp_path / "in.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match=r"in\.parquet"):
        score("messages", tmp_path / "in.parquet", tmp_path / "out.parquet")
