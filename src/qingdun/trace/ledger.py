"""Transfers that moved money, in order of time, with an index from every account to its own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.compiled import njit
from qingdun.contract.codes import AccountKind, TransferPhase

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

UNKNOWN = np.iinfo(np.int64).min
"""Of an opening balance: no statement says it."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Settled and returned transfers; row `i` is the i-th in time, equal times in the order they came in.

    Accounts are codes 0 … n−1 of `names`. The rows of account `a`, in and out, in order of time, are
    `rows[first[a]:first[a + 1]]`.
    """

    names: pa.Array
    ids: pa.Array
    at_us: Ints
    payer: Codes
    payee: Codes
    fen: Ints
    first: Ints
    rows: Codes
    merchant: npt.NDArray[np.bool_]
    balance_fen: Ints
    """What a statement says the account held at `balance_us`; UNKNOWN if none does."""
    balance_us: Ints

    def code(self, account: str) -> int | None:
        """The account's code; None if no row knows it."""
        found = pc.index(self.names, pa.scalar(account, self.names.type)).as_py()
        return None if found < 0 else int(found)

    def name(self, code: int) -> str:
        """The account of a code."""
        return str(self.names[code].as_py())

    def rows_of(self, transfer_ids: Sequence[str]) -> list[int | None]:
        """The rows of transfers, None for each that moved no money; the first move if it came back."""
        wanted = pa.array(transfer_ids, self.ids.type)
        found: dict[str, int] = {}
        for row in pc.indices_nonzero(pc.is_in(self.ids, value_set=wanted)).to_pylist():
            found.setdefault(self.ids[row].as_py(), row)
        return [found.get(transfer_id) for transfer_id in transfer_ids]

    def of_account(self, code: int) -> Codes:
        """The account's rows in order of time."""
        return self.rows[self.first[code] : self.first[code + 1]]


def build_ledger(transfers: pa.Table, accounts: pa.Table | None = None) -> Ledger:
    """The ledger of a `transfers` table and, where there is one, of what an `accounts` table says of them.

    Money moves when a transfer is settled; a return moves it back. Other phases move nothing. Columns as in
    `contract.tables.Transfer` and `Account`; accounts no transfer names are left out.
    """
    phase = _plain(transfers["phase"])
    returned = pc.equal(phase, TransferPhase.RETURNED.value)
    moved = pc.or_(pc.equal(phase, TransferPhase.SETTLED.value), returned)
    kept = transfers.append_column("back", returned).filter(moved)
    at_us = kept["at"].cast(pa.int64()).to_numpy()
    order = np.argsort(at_us, kind="stable")
    ends = pa.chunked_array([*_plain(kept["payer_account"]).chunks, *_plain(kept["payee_account"]).chunks])
    coded = ends.combine_chunks().dictionary_encode()
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    source, target = codes[: len(at_us)][order], codes[len(at_us) :][order]
    back = kept["back"].to_numpy()[order]
    payer, payee = np.where(back, target, source), np.where(back, source, target)
    count = len(coded.dictionary)
    first, rows = _index(payer, payee, count)
    merchant, balance, balance_us = _statements(coded.dictionary, accounts)
    return Ledger(
        coded.dictionary, _plain(kept["transfer_id"]).combine_chunks().take(pa.array(order)),
        at_us[order], payer, payee, kept["amount_fen"].to_numpy()[order],
        first, rows, merchant, balance, balance_us,
    )  # fmt: skip


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same strings, without a dictionary and with room for more than 2 GiB of them."""
    return column.cast(pa.large_string())


def _statements(names: pa.Array, accounts: pa.Table | None) -> tuple[npt.NDArray[np.bool_], Ints, Ints]:
    merchant = np.zeros(len(names), np.bool_)
    balance, balance_us = np.full(len(names), UNKNOWN), np.zeros(len(names), np.int64)
    if accounts is None or accounts.num_rows == 0:
        return merchant, balance, balance_us
    code = pc.index_in(_plain(accounts["account"]).combine_chunks(), value_set=names)
    known = pc.is_valid(code).to_numpy(zero_copy_only=False)
    at = code.filter(pa.array(known)).to_numpy(zero_copy_only=False)
    rows = accounts.filter(pa.array(known))
    merchant[at] = pc.equal(_plain(rows["kind"]), AccountKind.MERCHANT.value).to_numpy()
    stated = pc.and_(pc.is_valid(rows["balance_fen"]), pc.is_valid(rows["balance_at"])).to_numpy()
    balance[at[stated]] = pc.fill_null(rows["balance_fen"], 0).to_numpy()[stated]
    balance_us[at[stated]] = pc.fill_null(rows["balance_at"].cast(pa.int64()), 0).to_numpy()[stated]
    return merchant, balance, balance_us


@njit(cache=True)
def _index(payer: Codes, payee: Codes, count: int) -> tuple[Ints, Codes]:  # pragma: no cover
    """Counting sort of every row under both its accounts; a row from an account to itself stands once."""
    first = np.zeros(count + 1, np.int64)
    for row in range(len(payer)):
        first[payer[row] + 1] += 1
        if payee[row] != payer[row]:
            first[payee[row] + 1] += 1
    for code in range(count):
        first[code + 1] += first[code]
    free = first[:-1].copy()
    rows = np.empty(first[count], np.int32)
    for row in range(len(payer)):
        rows[free[payer[row]]] = row
        free[payer[row]] += 1
        if payee[row] != payer[row]:
            rows[free[payee[row]]] = row
            free[payee[row]] += 1
    return first, rows
