"""Numbers that belong to nobody: phones in unassigned segments, cards and devices with a wrong check digit.

Mobile numbers come from seven-digit segments that no operator had been assigned by December 2023
(`data/segments.csv`). Numbers abroad begin with a 0 after the country code, which no national plan hands out.
Fixed lines begin with 9 after the area code, 400 numbers with 4003: neither is in use. Cards carry the public
issuer number of their bank, but fail the Luhn check, and so do device numbers.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]

_STEP = 7_368_787
"""A prime that no pool's size divides: steps through a pool in an order that looks like none."""
_MODELS = 400
"""How many models of devices there are; any run of serials has them all alike."""


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a data file of the simulator."""
    text = resources.files("qingdun.simulate").joinpath("data", name).read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True)
class Carrier:
    """An operator and the free segments from which its numbers are made."""

    name: str
    virtual: bool
    segments: Ints


@cache
def carriers() -> tuple[Carrier, ...]:
    """The operators of `data/segments.csv`; the virtual ones, taken together, come last."""
    rows = read_rows("segments.csv")
    found = []
    for name in dict.fromkeys(row["carrier"] for row in rows):
        own = [row for row in rows if row["carrier"] == name]
        parts = [np.arange(int(r["first"]), int(r["last"]) + 1, dtype=np.int64) for r in own]
        found.append(Carrier(name, own[0]["virtual"] == "true", np.concatenate(parts)))
    return tuple(found)


CARRIER_SHARES = (0.56, 0.21, 0.20, 0.015, 0.015)
"""Shares of subscribers by carrier, in the order of `carriers()`."""


def mobile_numbers(calling_code: str, carrier: Ints) -> pa.Array:
    """A different mobile number for each element of `carrier` (index into `carriers()`), E.164."""
    national = np.zeros(len(carrier), np.int64)
    for index, operator in enumerate(carriers()):
        mine = np.flatnonzero(carrier == index)
        serial = (np.arange(len(mine), dtype=np.int64) * _STEP) % (len(operator.segments) * 10_000)
        national[mine] = operator.segments[serial // 10_000] * 10_000 + serial % 10_000
    return _prefixed(calling_code, national)


def overseas_numbers(count: int, rng: np.random.Generator) -> pa.Array:
    """Numbers abroad that no plan hands out; a tenth are presented as `00` or `+00` and not in E.164."""
    plans = read_rows("overseas.csv")
    weight = np.array([float(row["weight"]) for row in plans])
    chosen = rng.choice(len(plans), count, p=weight / weight.sum())
    digits = np.array([int(row["national_digits"]) - 1 for row in plans])[chosen]
    local = rng.integers(10 ** (digits - 1), 10**digits)
    codes = pa.array([row["calling_code"] for row in plans]).take(pa.array(chosen))
    front = pa.array(["+", "+00", "00"]).take(pa.array(rng.choice(3, count, p=(0.9, 0.06, 0.04))))
    return pc.binary_join_element_wise(front, codes, "0", pa.array(local).cast(pa.string()), "")


def fixed_numbers(calling_code: str, count: int, rng: np.random.Generator) -> pa.Array:
    """Fixed lines of large cities; local numbers begin with 9, which is kept for services."""
    areas = pa.array(["10", "20", "21", "22", "23", "24", "25", "27", "28", "29", "755", "571", "769"])
    area = areas.take(pa.array(rng.integers(0, len(areas), count)))
    local = 90_000_000 + (np.arange(count, dtype=np.int64) * _STEP + int(rng.integers(10**7))) % 10_000_000
    return pc.binary_join_element_wise(calling_code, area, pa.array(local).cast(pa.string()), "")


def service_numbers(count: int, rng: np.random.Generator) -> pa.Array:
    """Numbers of the 400 kind, bare digits."""
    return pa.array(4_003_000_000 + rng.permutation(1_000_000)[:count]).cast(pa.string())


def device_numbers(serial: Ints) -> pa.Array:
    """Fifteen-digit device numbers with a wrong check digit; null for serials below 0.

    The eight digits of the model are drawn alike for all serials, so that they tell nothing of the holder;
    serials below `_MODELS` millions give different numbers.
    """
    model, unit = np.divmod((np.abs(serial) * _STEP) % (_MODELS * 1_000_000), 1_000_000)
    body = (86_000_000 + model * 2_477) * 1_000_000 + unit
    text = pa.array(body * 10 + (_luhn(body, 14) + 1) % 10).cast(pa.string())
    return pc.if_else(pa.array(serial >= 0), text, pa.scalar(None, pa.string()))


def row_ids(prefix: str, serial: Ints) -> pa.Array:
    """Ids that show nothing of their serials; different for different serials (the mixing of splitmix64)."""
    mixed = serial.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return pc.binary_join_element_wise(prefix, pa.array(mixed).cast(pa.string()), "")


def row_id(prefix: str, key: str) -> str:
    """An id that looks like those of `row_ids`, from a key in words."""
    return f"{prefix}{int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), 'big')}"


def cell_ids(cell: Ints) -> pa.Array:
    """Ids of cells; null below 0."""
    text = pc.binary_join_element_wise("cell-", pa.array(cell + 100_000).cast(pa.string()), "")
    return pc.if_else(pa.array(cell >= 0), text, pa.scalar(None, pa.string()))


def card_numbers(issuer: Ints, serial: Ints) -> pa.Array:
    """Nineteen-digit card numbers of those issuers with a wrong check digit."""
    body = issuer * 10**12 + (serial * _STEP) % 10**12
    return pa.array(body * 10 + (_luhn(body, 18) + 1) % 10).cast(pa.string())


def _luhn(body: Ints, digits: int) -> Ints:
    """The check digit that would make `body` valid."""
    total = np.zeros(len(body), np.int64)
    rest = body.copy()
    for place in range(digits):
        digit = rest % 10
        rest //= 10
        if place % 2 == 0:
            digit = digit * 2
            digit = np.where(digit > 9, digit - 9, digit)
        total += digit
    return (10 - total % 10) % 10


def _prefixed(prefix: str, numbers: Ints) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")
