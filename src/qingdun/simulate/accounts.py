"""Every account money moves between: residents', strangers', merchants' and firms', column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from qingdun.contract.codes import AccountKind
from qingdun.simulate.numbers import Ints, card_numbers, read_rows

KINDS = (AccountKind.PERSONAL, AccountKind.CORPORATE, AccountKind.MERCHANT)
PERSONAL, CORPORATE, MERCHANT = range(3)
_OLD_DAYS = 400


@dataclass(frozen=True)
class Accounts:
    """All accounts by index. `first` and `count` give a person's own; `span` names ranges of indices.

    `own`: residents', ordered by person. `outside`: persons elsewhere, holder unknown. `merchant`, `firm`;
    `resting`, if any (`with_resting`).
    `opened` is in days since 1970, `balance` in fen, -1 where the bank has not said.
    """

    number: pa.Array
    holder: Ints
    kind: Ints
    bank: Ints
    opened: Ints
    town: Ints
    balance: Ints
    first: Ints
    count: Ints
    span: dict[str, tuple[int, int]]

    def pick(self, group: str, amount: int, rng: np.random.Generator) -> Ints:
        """Indices of accounts of a group, drawn at random."""
        first, last = self.span[group]
        return rng.integers(first, last, amount)

    def own(self, person: Ints, rng: np.random.Generator) -> Ints:
        """For each person one of their accounts, mostly the first."""
        extra = (rng.random(len(person)) ** 2 * self.count[person]).astype(np.int64)
        return self.first[person] + extra


def build_accounts(
    wealth: Ints, birth_year: Ints, town: Ints, today: int, rng: np.random.Generator
) -> Accounts:
    """Accounts for residents of that wealth (fen), and everybody else's.

    `today` is in days since 1970; some accounts are days old, most are years old.
    """
    people = len(wealth)
    count = 1 + rng.binomial(3, np.where(wealth > 1_000_000, 0.4, 0.1)).astype(np.int64)
    first = np.cumsum(count) - count
    own = int(count.sum())
    sizes = {
        "own": own,
        "outside": people // 2 + 400,
        "merchant": people // 50 + 60,
        "firm": people // 80 + 60,
    }
    ends = np.cumsum(list(sizes.values()))
    span = {name: (int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)}
    total = int(ends[-1])
    holder = np.full(total, -1, np.int64)
    holder[:own] = np.repeat(np.arange(people), count)
    kind = np.full(total, PERSONAL, np.int64)
    kind[slice(*span["merchant"])] = MERCHANT
    kind[slice(*span["firm"])] = CORPORATE
    banks = read_rows("banks.csv")
    weight = np.array([float(row["weight"]) for row in banks])
    bank = rng.choice(len(banks), total, p=weight / weight.sum()).astype(np.int64)
    # A person's accounts are in different banks: the second and later ones step on from the first.
    order = np.arange(own) - first[holder[:own]]
    bank[:own] = (bank[first[holder[:own]]] + order * 3) % len(banks)
    opened = today - np.minimum(rng.exponential(2_200, total), 9_000).astype(np.int64) - 2
    opened[rng.random(total) < 0.01] = today - 1 - rng.integers(1, 40)
    opened[:own] = np.maximum(opened[:own], (birth_year[holder[:own]] - 1970) * 365 + 365 * 8)
    place = rng.integers(0, int(town.max()) + 1, total)
    place[:own] = town[holder[:own]]
    place[slice(*span["outside"])] = -1
    far = rng.random(total) < 0.3
    far[:own] = False
    place[far] = -1
    balance = np.full(total, -1, np.int64)
    part = rng.dirichlet((1.2, 0.6, 0.4, 0.3), people)
    part[np.arange(4)[None, :] >= count[:, None]] = 0
    part /= part.sum(axis=1, keepdims=True)
    balance[:own] = (part[holder[:own], order] * wealth[holder[:own]]).astype(np.int64)
    issuer = np.array([int(row["iin"]) for row in banks])[bank]
    number = card_numbers(issuer, np.arange(total, dtype=np.int64))
    return Accounts(number, holder, kind, bank, opened, place, balance, first, count, span)


def with_resting(accounts: Accounts, count: int, rng: np.random.Generator) -> Accounts:
    """The same, and behind them so many old accounts of persons elsewhere that nobody uses: `resting`."""
    total = len(accounts.kind)
    alike = accounts.pick("outside", count, rng)
    issuer = np.array([int(row["iin"]) for row in read_rows("banks.csv")])[accounts.bank[alike]]
    numbers = card_numbers(issuer, np.arange(total, total + count, dtype=np.int64))
    opened = np.minimum(accounts.opened[alike], int(accounts.opened.max()) - _OLD_DAYS)
    return replace(
        accounts,
        number=pa.concat_arrays([accounts.number, numbers]),
        opened=np.concatenate([accounts.opened, opened]),
        span={**accounts.span, "resting": (total, total + count)},
        **{
            name: np.concatenate([getattr(accounts, name), getattr(accounts, name)[alike]])
            for name in ("holder", "kind", "bank", "town", "balance")
        },
    )
