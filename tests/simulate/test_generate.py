"""The flow directory: its form, its order, its repeatability."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import FLOWS, OPTIONAL_REFERENCES, OUTCOMES, REQUIRED_REFERENCES, TRUTH
from qingdun.errors import InputError
from qingdun.regions.city import City, load_city
from qingdun.simulate.generate import simulate

from .conftest import START, Simulated


def digests(path: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(path.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    city = load_city("441800")
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        simulate(city, 400, 1, seed, START, tmp_path / name, attack_rate=0.1)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one")["calls.parquet"] != digests(tmp_path / "three")["calls.parquet"]


def test_every_table_has_the_schema_of_the_contract(run: Simulated) -> None:
    for table in (*FLOWS, *REQUIRED_REFERENCES, *OPTIONAL_REFERENCES, TRUTH):
        if table is not OUTCOMES:
            assert pq.read_schema(run.path / f"{table.name}.parquet").equals(table.schema), table.name


def test_the_reader_rejects_nothing_and_counts_what_the_report_says(run: Simulated) -> None:
    directory = FlowDirectory(run.path)
    assert sum(window.rows for window in directory.windows(3_600_000_000)) == run.report.total_rows
    for table in (*REQUIRED_REFERENCES, *OPTIONAL_REFERENCES, TRUTH):
        directory.reference(table)
    assert directory.rejects == []


def test_flows_are_in_order_of_time_and_id_in_row_groups_of_an_hour_at_most(run: Simulated) -> None:
    for table in FLOWS:
        rows = run.rows(table.name)
        named = table.columns[0].name.endswith("_id")
        keys = [(row.at, row[0]) if named else (row.at,) for row in rows]
        assert keys == sorted(keys)
        file = pq.ParquetFile(run.path / f"{table.name}.parquet")
        for group in range(file.num_row_groups):
            column = [c.name for c in table.columns].index("at")
            numbers = file.metadata.row_group(group).column(column).statistics
            assert numbers.max - numbers.min <= dt.timedelta(hours=1)


def test_flows_lie_in_the_local_days_asked_for(run: Simulated) -> None:
    first = int(dt.datetime.combine(START, dt.time(), load_city("441800").zone).timestamp()) * 1_000_000
    for table in FLOWS:
        rows = run.rows(table.name)
        assert first <= rows[0].at < rows[-1].at < first + 2 * 86_400_000_000


def test_every_answered_call_ends_once_unless_the_days_are_over(run: Simulated) -> None:
    calls = run.rows("calls")
    answered = {call.call_id: call for call in calls if call.phase == "answered"}
    ended = Counter(call.call_id for call in calls if call.phase == "ended")
    assert set(ended.values()) == {1}
    assert set(ended) <= set(answered)
    last = max(call.at for call in calls)
    for call_id, call in answered.items():
        assert call_id in ended or call.at > last - 4 * 3_600_000_000
    for call in calls:
        if call.phase == "ended":
            assert abs((call.at - answered[call.call_id].at) / 1e6 - call.duration_s) <= 1
        else:
            assert call.duration_s == 0


def test_ids_name_one_thing_each(run: Simulated) -> None:
    calls, transfers = run.rows("calls"), run.rows("transfers")
    assert len({m.message_id for m in run.rows("messages")}) == len(run.rows("messages"))
    assert len({(c.call_id, c.phase) for c in calls}) == len(calls)
    assert len({(t.transfer_id, t.phase) for t in transfers}) == len(transfers)
    numbers = [s.msisdn for s in run.rows("subscribers")]
    assert len(set(numbers)) == len(numbers)
    accounts = [a.account for a in run.rows("accounts")]
    assert len(set(accounts)) == len(accounts)


def test_the_mix_is_that_of_a_city_at_the_default_attack_rate(tmp_path: Path) -> None:
    rows = simulate(load_city("441800"), 5_000, 1, 1, START, tmp_path).rows
    share = {flow: count / sum(rows.values()) for flow, count in rows.items()}
    assert share["visits"] == pytest.approx(0.955, abs=0.01)
    assert share["calls"] == pytest.approx(0.02, abs=0.004)
    assert share["messages"] == pytest.approx(0.02, abs=0.004)
    assert share["transfers"] == pytest.approx(0.005, abs=0.0025)


def test_a_made_up_second_city_is_data_alone(small_city: City, tmp_path: Path) -> None:
    report = simulate(small_city, 500, 1, 1, START, tmp_path, attack_rate=0.1)
    directory = FlowDirectory(tmp_path)
    assert sum(window.rows for window in directory.windows(3_600_000_000)) == report.total_rows
    stations = Simulated(tmp_path, report).rows("stations")
    assert [station.name for station in stations] == ["丙派出所", "丁派出所"]
    assert {s.town_code for s in Simulated(tmp_path, report).rows("subscribers")} == {
        "900001001",
        "900001002",
    }
    assert all(s.msisdn.startswith("+999") for s in Simulated(tmp_path, report).rows("subscribers"))


def test_progress_is_told_hour_by_hour(tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    report = simulate(
        load_city("441800"), 200, 1, 1, START, tmp_path, progress=lambda *step: told.append(step)
    )
    assert [step[:2] for step in told] == [(hour, 24) for hour in range(1, 25)]
    assert told[-1][2] == report.total_rows


@pytest.mark.parametrize(
    ("population", "days", "rate", "scams", "named"),
    [
        (10, 1, 0.1, None, "population 10"),
        (500, 0, 0.1, None, "days 0"),
        (500, 1, 1.5, None, "rate 1.5"),
        (500, 1, 0.1, ["tea"], "unknown scams tea"),
    ],
)
def test_wrong_sizes_are_refused(
    tmp_path: Path, population: int, days: int, rate: float, scams: list[str] | None, named: str
) -> None:
    with pytest.raises(InputError, match=named):
        simulate(load_city("441800"), population, days, 1, START, tmp_path, scams, rate)
