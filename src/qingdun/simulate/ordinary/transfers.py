"""Ordinary money: shopping, red packets, wages, rents, bills, trade, and large sums for good reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qingdun.contract.codes import Channel, TransferPhase
from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.tables import TRANSFERS
from qingdun.simulate.accounts import Accounts
from qingdun.simulate.city import Population, Trade
from qingdun.simulate.numbers import Ints, device_numbers, row_ids
from qingdun.simulate.ordinary import rhythm

PER_DAY = 0.108
"""Transfers ordered per person and day; nearly each has two rows."""

_CHANNELS = pa.array(list(Channel))
_PHASES = pa.array(list(TransferPhase))
_REQUESTED, _SETTLED, _HELD, _CANCELLED, _RETURNED = range(5)
_ENDINGS = ((_SETTLED,), (_HELD, _SETTLED), (_HELD, _CANCELLED), (_CANCELLED,), (_SETTLED, _RETURNED))
_ENDING_SHARES = (0.984, 0.003, 0.002, 0.007, 0.004)
_PLACES_ELSEWHERE = (
    "440100",
    "440300",
    "441900",
    "440600",
    "310000",
    "110000",
    "350200",
    "330100",
    "430100",
    "450100",
    "360100",
    "510100",
    "420100",
    "530100",
    "520100",
    "350500",
    "341000",
    "410100",
)


@dataclass(frozen=True, slots=True)
class TransferKind:
    """A sort of transfer: its share, who pays whom, amounts (yuan, lognormal), channels, rounding."""

    name: str
    share: float
    payer: str
    payee: str
    median: float
    sigma: float
    channels: tuple[float, float, float, float, float]
    rounded: float = 0.01


_APP = (0.78, 0.05, 0.03, 0.02, 0.12)
_SHOP = (0.05, 0.05, 0.0, 0.0, 0.9)
_FIRM = (0.1, 0.75, 0.15, 0.0, 0.0)
_MIXED = (0.55, 0.1, 0.15, 0.15, 0.05)

KINDS: tuple[TransferKind, ...] = (
    TransferKind("shopping", 0.52, "own", "merchant", 42, 1.2, _SHOP),
    TransferKind("red_packet", 0.14, "own", "circle", 30, 0.9, (0.1, 0, 0, 0, 0.9), 0.1),
    TransferKind("to_friend", 0.05, "own", "circle", 800, 1.2, _APP, 10),
    TransferKind("to_outside", 0.065, "own", "outside", 500, 1.3, _APP, 10),
    TransferKind("from_outside", 0.05, "outside", "own", 600, 1.3, _APP, 10),
    TransferKind("wages", 0.035, "firm", "own", 4_600, 0.6, _FIRM),
    TransferKind("rent", 0.012, "own", "outside", 1_300, 0.5, _APP, 50),
    TransferKind("own_small", 0.03, "own", "own_other", 1_500, 1.3, _MIXED, 100),
    TransferKind("own_large", 0.002, "own", "own_other", 90_000, 0.9, _MIXED, 1_000),
    TransferKind("bills", 0.035, "own", "firm", 120, 0.9, (0.4, 0.1, 0.02, 0.03, 0.45)),
    TransferKind("supplies", 0.014, "shopkeeper", "firm", 5_000, 1.1, _APP, 10),
    TransferKind("takings", 0.01, "merchant", "shopkeeper", 1_800, 1.1, _FIRM),
    TransferKind("trade", 0.012, "firm", "firm", 30_000, 1.5, _FIRM),
    TransferKind("firm_outside", 0.005, "firm", "outside", 9_000, 1.4, _FIRM, 10),
    TransferKind("refund", 0.01, "merchant", "own", 60, 1.2, _SHOP),
    TransferKind("probe", 0.006, "own", "outside", 5, 1.0, _APP, 1),
    TransferKind("outside_trade", 0.0045, "outside", "outside", 3_000, 1.4, _APP, 10),
    TransferKind("purchase", 0.0005, "own", "firm", 120_000, 0.8, (0.4, 0.15, 0.4, 0, 0.05), 1_000),
)


class Paying:
    """Makes the transfer rows of an hour."""

    def __init__(self, people: Population) -> None:
        """Find the shopkeepers and the towns' codes."""
        keepers = np.flatnonzero(people.trade == Trade.SHOP)
        self._people = people
        self._keepers = keepers if len(keepers) else np.zeros(1, np.int64)
        towns = [place.code for place in people.city.towns]
        self._places = pa.array([*towns, *_PLACES_ELSEWHERE])
        self._towns = len(towns)

    def hour(self, hour: rhythm.Hour, rng: np.random.Generator) -> pa.Table:
        """Rows of the transfers ordered in that hour, what became of them included."""
        payers, payees, amounts, channels = [], [], [], []
        for kind in KINDS:
            count = int(rng.poisson(self._people.size * PER_DAY * kind.share * rhythm.TRANSFERS[hour.of_day]))
            payer, payee = self._pairs(kind, count, rng)
            yuan = kind.median * np.exp(rng.normal(0, kind.sigma, count))
            fen = np.maximum(1, np.rint(yuan / kind.rounded)) * round(kind.rounded * 100)
            weight = np.array(kind.channels)
            payers.append(payer)
            payees.append(payee)
            amounts.append(np.minimum(fen, 500_000_000).astype(np.int64))
            channels.append(rng.choice(5, count, p=weight / weight.sum()).astype(np.int64))
        payer, payee, amount, channel = (np.concatenate(c) for c in (payers, payees, amounts, channels))
        keep = payer != payee
        at = hour.moments(int(keep.sum()), rng)
        return self._table(hour, at, payer[keep], payee[keep], amount[keep], channel[keep], rng)

    def _pairs(self, kind: TransferKind, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        accounts = self._people.accounts
        person = self._people.some(count, rng)
        if kind.payer == "shopkeeper" or kind.payee == "shopkeeper":
            person = rng.choice(self._keepers, count)
        sides = []
        for group in (kind.payer, kind.payee):
            if group in ("own", "shopkeeper"):
                sides.append(accounts.own(person, rng))
            elif group == "circle":
                sides.append(self._friends(person, rng))
            elif group == "own_other":
                sides.append(accounts.first[person] + rng.integers(0, 4, count) % accounts.count[person])
            else:
                sides.append(accounts.pick(group, count, rng))
        return sides[0], sides[1]

    def _friends(self, person: Ints, rng: np.random.Generator) -> Ints:
        """An account of somebody each person knows; that of a stranger where the line is not a resident's."""
        accounts: Accounts = self._people.accounts
        line = self._people.circle[person, rng.integers(0, 7, len(person))].astype(np.int64)
        first, last = accounts.span["outside"]
        elsewhere = first + line % (last - first)
        here = line < self._people.size
        return np.where(here, accounts.first[np.where(here, line, 0)], elsewhere)

    def _table(
        self,
        hour: rhythm.Hour,
        at: Ints,
        payer: Ints,
        payee: Ints,
        amount: Ints,
        channel: Ints,
        rng: np.random.Generator,
    ) -> pa.Table:
        accounts, count = self._people.accounts, len(at)
        holder = accounts.holder[payer]
        device = np.where(holder >= 0, holder, np.where(rng.random(count) < 0.4, payer + 50_000_000, -1))
        device[(channel == 2) | (channel == 3) | (rng.random(count) < 0.03)] = -1
        away = rng.integers(self._towns, len(self._places), count)
        at_home = (holder >= 0) & (rng.random(count) < 0.93)
        place = np.where(at_home, accounts.town[payer], away)
        place[rng.random(count) < 0.1] = -1
        ending = rng.choice(len(_ENDINGS), count, p=_ENDING_SHARES)
        waits = (3 + rng.exponential(8, count), 600 + rng.exponential(3_000, count))
        row, phase, moment = [np.arange(count)], [np.zeros(count, np.int64)], [at]
        for number, steps in enumerate(_ENDINGS):
            mine = np.flatnonzero(ending == number)
            when = at[mine]
            for step, wait in zip(steps, waits, strict=False):
                when = when + (wait[mine] * rhythm.SECOND).astype(np.int64)
                row.append(mine)
                phase.append(np.full(len(mine), step, np.int64))
                moment.append(when)
        rows = np.concatenate(row)
        taken = pa.array(rows)
        serial = np.arange(count) + hour.number * 10_000_000
        return pa.Table.from_arrays(
            [
                row_ids("t", serial).take(taken),
                pa.array(np.concatenate(moment)).cast(TIMESTAMP),
                _PHASES.take(pa.array(np.concatenate(phase))),
                accounts.number.take(pa.array(payer[rows])),
                accounts.number.take(pa.array(payee[rows])),
                pa.array(amount[rows]),
                _CHANNELS.take(pa.array(channel[rows])),
                device_numbers(device).take(taken),
                self._places.take(pa.array(place, mask=place < 0)).take(taken),
            ],
            schema=TRANSFERS.schema,
        )
