"""How long a victim's payment takes to follow among 10,000,000 transfers, and what stops save.

Run by hand: ``python bench/tracing.py [FLOWS …]``; the replay makes five simulated cities if none are given.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from qingdun.trace.following import follow
from qingdun.trace.ledger import build_ledger
from qingdun.trace.stopping import stop_order

TRANSFERS, ACCOUNTS = 10_000_000, 2_000_000
LAYERS = (1, 6, 16, 28, 36)
"""Accounts of a gang by layer, 87 in all, as in the published case of 4,000,000 yuan in 290 transfers."""
GANG_TRANSFERS = 290
DAY_US = 86_400_000_000
SEEDS = range(501, 506)
"""Of the simulated cities."""
TURN_MIN = 20
"""Minutes an order takes: so many that orders queue for the one clerk."""


def main() -> None:
    transfers, gang = _transfers()
    wall, cpu = time.perf_counter(), time.process_time()
    ledger = build_ledger(transfers)
    built = f"{time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s of CPU)"
    ordinary = [f"t{i}" for i in np.random.default_rng(2).integers(0, TRANSFERS // 2, 40)]
    print(f"{TRANSFERS:,} transfers among {ACCOUNTS:,} accounts; the index of them is built in {built}.\n")
    print(
        "| a payment followed five layers deep | hops | seconds, median | highest | CPU s, median | highest |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    _row("ordinary ones, 40", ledger, ordinary)
    _row(f"into a gang of {sum(LAYERS)} accounts, {GANG_TRANSFERS} transfers", ledger, [gang] * 20)
    with tempfile.TemporaryDirectory() as folder:
        days = sys.argv[1:] or _days(Path(folder))
        command = [sys.executable, "-m", "qingdun.cli", "evaluate-stops", "--turn", f"{TURN_MIN}", *days]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    how = f"one clerk, {TURN_MIN} minutes an order, {len(days)} cities"
    print(f"\nShare of the money paid that is held a day later, {how}:\n")
    print("".join(f"    {line}\n" for line in done.stdout.splitlines()))


def _row(name: str, ledger: object, payments: list[str]) -> None:
    walls, cpus, hops = [], [], 0
    for payment in payments:
        wall, cpu = time.perf_counter(), time.process_time()
        trace = follow(ledger, [payment])  # type: ignore[arg-type]
        stop_order(trace)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        hops = max(hops, len(trace.hops))
    times = (
        f"{statistics.median(walls):.3f} | {max(walls):.3f} | {statistics.median(cpus):.3f} | {max(cpus):.3f}"
    )
    print(f"| {name} | {hops} | {times} |")


def _transfers() -> tuple[pa.Table, str]:
    """Random transfers of thirty days and a gang's among them; and the payment that feeds the gang."""
    rng = np.random.default_rng(1)
    count = TRANSFERS - GANG_TRANSFERS
    payer = rng.integers(0, ACCOUNTS - 100, count, dtype=np.int32)
    payee = rng.integers(0, ACCOUNTS - 100, count, dtype=np.int32)
    at_us = rng.integers(0, 30 * DAY_US, count)
    fen = rng.integers(100, 1_000_000, count)
    own = _gang(rng)
    columns = [np.concatenate(pair) for pair in zip((payer, payee, at_us, fen), own, strict=True)]
    names = pa.array([f"62{i:014d}" for i in range(ACCOUNTS)])
    settled = pa.DictionaryArray.from_arrays(pa.array(np.zeros(TRANSFERS, np.int8)), pa.array(["settled"]))
    table = pa.table(
        {
            "transfer_id": pa.array([f"t{i}" for i in range(TRANSFERS)]),
            "at": pa.array(columns[2]).cast(pa.timestamp("us", "UTC")), "phase": settled,
            "payer_account": pa.DictionaryArray.from_arrays(columns[0].astype(np.int32), names),
            "payee_account": pa.DictionaryArray.from_arrays(columns[1].astype(np.int32), names),
            "amount_fen": columns[3],
        }
    )  # fmt: skip
    return table, f"t{count}"


def _gang(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A payment of 4,000,000 yuan, handed down the layers in shares within two days."""
    first = ACCOUNTS - 90
    edges = np.cumsum([first, *LAYERS])
    rows = [(0, first, 15 * DAY_US, 400_000_000)]
    held, at_us = {first: 400_000_000}, 15 * DAY_US
    a_layer = (GANG_TRANSFERS - 1) // (len(LAYERS) - 1)
    for layer in range(len(LAYERS) - 1):
        onward: dict[int, int] = {}
        payers = rng.integers(edges[layer], edges[layer + 1], a_layer + (layer == 0))
        for payer in payers:
            payee, part = int(rng.integers(edges[layer + 1], edges[layer + 2])), held.get(int(payer), 0) // 4
            at_us += int(rng.integers(60, 900)) * 1_000_000
            if part:
                held[int(payer)] -= part
                onward[payee] = onward.get(payee, 0) + part
            rows.append((int(payer), payee, at_us, max(part, 100)))
        held = onward
    payer, payee, at, fen = (np.array(column) for column in zip(*rows[:GANG_TRANSFERS], strict=True))
    return payer, payee, at, fen


def _days(folder: Path) -> list[str]:
    days = [str(folder / str(seed)) for seed in SEEDS]
    for seed, day in zip(SEEDS, days, strict=True):
        subprocess.run(
            [
                sys.executable, "-m", "qingdun.cli", "simulate", "--city", "441800", "--population", "50000",
                "--days", "2", "--seed", str(seed), "--attack-rate", "0.01", "--cash-out", day,
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return days


if __name__ == "__main__":
    main()
