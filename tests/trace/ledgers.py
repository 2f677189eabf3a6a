"""Small ledgers for the tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from qingdun.contract.tables import ACCOUNTS, TRANSFERS
from qingdun.trace.ledger import Ledger, build_ledger

MINUTE_US = 60_000_000


class Move(NamedTuple):
    payer: str
    payee: str
    fen: int
    minute: int
    phase: str = "settled"
    name: str = ""


def ledger_of(
    moves: Iterable[Move], merchants: Iterable[str] = (), balances: dict[str, tuple[int, int]] | None = None
) -> Ledger:
    """Transfers t0, t1 … unless named; `balances`: fen and minute by account."""
    rows = [
        {
            "transfer_id": move.name or f"t{i}", "at": move.minute * MINUTE_US, "phase": move.phase,
            "payer_account": move.payer, "payee_account": move.payee, "amount_fen": move.fen,
            "channel": "app",
        }
        for i, move in enumerate(moves)
    ]  # fmt: skip
    stated = balances or {}
    shops = set(merchants)
    people = [
        {
            "account": name, "kind": "merchant" if name in shops else "personal", "bank": "演练银行",
            "balance_fen": stated[name][0] if name in stated else None,
            "balance_at": stated[name][1] * MINUTE_US if name in stated else None,
        }
        for name in sorted(shops | set(stated))
    ]  # fmt: skip
    return build_ledger(_table(TRANSFERS, rows), _table(ACCOUNTS, people))


def _table(table: object, rows: list[dict[str, object]]) -> pa.Table:
    schema = table.schema  # type: ignore[attr-defined]
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    for row in rows:
        for column in ("at", "balance_at"):
            if isinstance(row.get(column), int):
                row[column] = epoch + dt.timedelta(microseconds=row[column])  # type: ignore[arg-type]
    return pa.Table.from_pylist(rows, schema=schema)
