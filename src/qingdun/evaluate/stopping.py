"""What the order of stop-payments saves, replayed over the money of simulated gangs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingdun.contract.codes import TransferPhase
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.progress import Share, unheard
from qingdun.contract.tables import ACCOUNTS, TRANSFERS, TRUTH
from qingdun.trace.following import DEPTH, Trace, follow
from qingdun.trace.ledger import Ledger, build_ledger
from qingdun.trace.stopping import TURN_MIN, in_layers, stop_order

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
_AFTER_US = 24 * _HOUR_US
"""How long after the report money is watched."""

Policy = Callable[[Trace, Sequence[str]], Sequence[int]]
"""Accounts to stop, first to last, by the trace at that moment and the payments in order of report."""


def _report_by_report(trace: Trace, payments: Sequence[str]) -> list[int]:
    turn = {payment: place for place, payment in enumerate(payments)}
    first: dict[int, int] = {}
    for hop in trace.hops:
        first.setdefault(hop.payee, min(turn[payment] for payment in hop.shares))
    layered = in_layers(trace)
    return sorted(layered, key=lambda code: first[code])


def _first_layer(trace: Trace, payments: Sequence[str]) -> list[int]:
    return [code for code in _report_by_report(trace, payments) if trace.standings[code].level == 1]


def _most_money(trace: Trace, _payments: Sequence[str]) -> list[int]:
    return [standing.account for standing in trace.still_there()]


def _money_and_minutes(trace: Trace, _payments: Sequence[str]) -> list[int]:
    return [order.account for order in stop_order(trace)]


POLICIES: dict[str, Policy] = {
    "in_order": _report_by_report,
    "first_layer": _first_layer,
    "most_money": _most_money,
    "money_and_minutes": _money_and_minutes,
}
"""Report by report and layer by layer; the accounts victims paid alone; what holds most; ours."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What one person lost to scam accounts."""

    payments: tuple[str, ...]
    first_us: int
    fen: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """One day of a city under one policy."""

    paid_fen: int
    """What had been paid when the reports came."""
    held_fen: int
    """What of it is held a day after the last report."""
    orders: int


def read_ledger(directory: Path, told: Share = unheard) -> Ledger:
    """The ledger of a flow directory. Errors: those of `FlowDirectory`."""
    return _read(FlowDirectory(directory), told)[0]


def _read(flows: FlowDirectory, told: Share) -> tuple[Ledger, pa.Table, pa.Table]:
    first, last = flows.span()
    tables = []
    for window in flows.windows(_HOUR_US):
        told(max(0, window.start - first) / max(1, last - first))
        tables.append(window.flows["transfers"])
    transfers = (
        pa.concat_tables(tables, promote_options="permissive") if tables else TRANSFERS.schema.empty_table()
    )
    accounts = flows.reference(ACCOUNTS)
    return build_ledger(transfers, accounts), transfers, accounts


def read_losses(directory: Path, told: Share = unheard) -> tuple[Ledger, list[Loss]]:
    """The ledger of a flow directory with truth, and each person's payments to scam accounts."""
    flows = FlowDirectory(directory)
    ledger, transfers, accounts = _read(flows, told)
    owned: dict[str, set[str]] = {}
    for account, person in zip(
        accounts["account"].to_pylist(), accounts["person_id"].to_pylist(), strict=True
    ):
        if person is not None:
            owned.setdefault(person, set()).add(account)
    fooled = [row for row in flows.reference(TRUTH).to_pylist() if row["loss_fen"] > 0]
    scam = {account for row in fooled for account in row["scam_accounts"]}
    paid: dict[str, list[tuple[str, int, int, str]]] = {}
    for row in _settled_to(transfers, scam):
        paid.setdefault(row["payer_account"], []).append(
            (row["transfer_id"], row["at"], row["amount_fen"], row["payee_account"])
        )
    losses = []
    for row in fooled:
        own, listed = owned.get(row["person_id"], set()), set(row["scam_accounts"])
        found = sorted(
            (p for account in own for p in paid.get(account, []) if p[3] in listed), key=lambda p: p[1]
        )
        if found:
            losses.append(Loss(tuple(p[0] for p in found), found[0][1], sum(p[2] for p in found)))
    return ledger, losses


def of_the_first_day(ledger: Ledger, losses: Sequence[Loss], delay_min: float) -> list[Loss]:
    """The losses that are reported a day or longer before the flows end: of the others nobody knows what
    became of the money.
    """
    last_us = int(ledger.at_us[-1]) - _AFTER_US - round(delay_min * _MINUTE_US)
    return [loss for loss in losses if loss.first_us <= last_us]


def _settled_to(transfers: pa.Table, accounts: set[str]) -> Iterator[dict[str, Any]]:
    import pyarrow.compute as pc

    names = ["transfer_id", "at", "amount_fen", "payer_account", "payee_account", "phase"]
    rows = transfers.select(names)
    rows = rows.set_column(1, "at", rows["at"].cast(pa.int64()))
    to_scam = pc.is_in(
        rows["payee_account"].cast(pa.large_string()), pa.array(sorted(accounts), pa.large_string())
    )
    settled = pc.equal(rows["phase"].cast(pa.large_string()), TransferPhase.SETTLED.value)
    yield from rows.filter(pc.and_(to_scam, settled)).to_pylist()


def replay(
    ledger: Ledger,
    losses: Sequence[Loss],
    policy: Policy,
    delay_min: float,
    clerks: int | None,
    turn_min: float = TURN_MIN,
) -> Replayed:
    """A day of the city's stop-payment desk: each loss is reported `delay_min` after its first payment.

    A free clerk traces everything reported so far, gives the order the policy names, and is free again
    `turn_min` later, when the bank acts on it; who finds nothing to stop looks again a minute later. Without
    `clerks` nothing waits for one: every account the policy names is ordered at once, each minute, so that
    no order of accounts can hold more. Only what was paid before its report counts.
    """
    turn_us, delay_us = round(turn_min * _MINUTE_US), round(delay_min * _MINUTE_US)
    reported = sorted((loss.first_us + delay_us, _paid_by(ledger, loss, delay_us)) for loss in losses)
    end_us = reported[-1][0] + _AFTER_US
    stops: dict[int, int] = {}
    free = [reported[0][0]] * (clerks or 1)
    while (now := min(free)) + turn_us < end_us:
        free.remove(now)
        known = [payment for at_us, payments in reported if at_us <= now for payment in payments]
        wanted = policy(follow(ledger, known, DEPTH, now, stops), known)
        ordered = [code for code in wanted if code not in stops][: None if clerks is None else 1]
        stops.update(dict.fromkeys(ordered, now + turn_us))
        free.append(now + (turn_us if ordered and clerks is not None else _MINUTE_US))
    known = [payment for _at, payments in reported for payment in payments]
    end = follow(ledger, known, DEPTH, end_us, stops)
    held = sum(standing.there_fen for standing in end.still_there() if standing.account in stops)
    paid = sum(int(ledger.fen[row]) for row in ledger.rows_of(known) if row is not None)
    return Replayed(paid, held, len(stops))


def _paid_by(ledger: Ledger, loss: Loss, delay_us: int) -> tuple[str, ...]:
    """The payments of a loss that had moved money when it was reported."""
    rows = ledger.rows_of(loss.payments)
    return tuple(
        payment
        for payment, row in zip(loss.payments, rows, strict=True)
        if row is not None and int(ledger.at_us[row]) <= loss.first_us + delay_us
    )
