"""Where nobody is robbed, no number, account or device is a suspect, whoever looks like it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq

from qingdun.regions.city import load_city
from qingdun.run.directory import run_directory
from qingdun.simulate.generate import simulate


def test_a_city_without_scams_has_no_suspects_among_callers_and_accounts(tmp_path: Path) -> None:
    flows, results = tmp_path / "flows", tmp_path / "results"
    simulate(load_city("441800"), 4_000, 2, 71, dt.date(2026, 6, 1), flows, scams=())
    shared: dict[str, set[str]] = {}
    for row in pq.read_table(flows / "transfers.parquet").to_pylist():
        if row["device"] is not None:
            shared.setdefault(row["device"], set()).add(row["payer_account"])
    assert max(len(accounts) for accounts in shared.values()) >= 4, "somebody pays for several"
    run_directory(flows, results)
    found = pq.read_table(results / "suspects.parquet").to_pylist()
    assert [(s["entity"], s["reasons_en"]) for s in found if s["entity_kind"] != "host"] == []
