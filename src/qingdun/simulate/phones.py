"""Every line that calls or is called in the simulation: residents' and all others', column by column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qingdun.contract.codes import Origin
from qingdun.simulate.numbers import (
    CARRIER_SHARES,
    Ints,
    carriers,
    fixed_numbers,
    mobile_numbers,
    overseas_numbers,
    read_rows,
    service_numbers,
)

ORIGINS = (Origin.DOMESTIC, Origin.OVERSEAS, Origin.VOIP)
DOMESTIC, OVERSEAS, VOIP = range(3)

SHORT_CODES = (
    "10086",
    "10010",
    "10000",
    "12345",
    "12315",
    "114",
    "110",
    "120",
    "96110",
    "11185",
    "95338",
    "95311",
    "95554",
    "950618",
    "95188",
    "95017",
    "12306",
    "95500",
    "95511",
    "95518",
)
"""Public service numbers besides the banks' hotlines."""


@dataclass(frozen=True)
class Phones:
    """All lines by index. `span` names ranges of indices.

    `resident`: one line per person, in their order. `second`: second cards of residents, `holder` says
    whose. `outside`: friends and strangers elsewhere. `overseas`: relatives and firms abroad. `centre`:
    short codes and 400 numbers. `fixed`: firms, clinics, internet lines. `room`: sales rooms whose cards
    share devices. `masked`: middle numbers of delivery and ride platforms. `reserve`: free numbers, mobile,
    from which gangs are supplied.
    """

    number: pa.Array
    carrier: Ints
    origin: Ints
    device: Ints
    cell: Ints
    network: Ints
    holder: Ints
    span: dict[str, tuple[int, int]]

    def pick(self, group: str, count: int, rng: np.random.Generator) -> Ints:
        """Indices of `count` lines of a group, drawn at random."""
        first, last = self.span[group]
        return rng.integers(first, last, count)


def build_phones(
    calling_code: str, home_cell: Ints, outside_cells: tuple[int, int], rng: np.random.Generator
) -> Phones:
    """The lines for residents with those home cells, and everybody else's.

    `outside_cells` is the range of cells elsewhere. Sizes follow the number of residents.
    """
    residents = len(home_cell)
    sizes = {
        "resident": residents,
        "second": residents // 12 + 20,
        "outside": residents * 6 // 10 + 500,
        "overseas": residents // 80 + 60,
        "centre": 150 + residents // 2_000,
        "fixed": 200 + residents // 100,
        "room": 64 + residents // 400,
        "masked": 200 + residents // 100,
        "reserve": 20_000 + residents // 20,
    }
    ends = np.cumsum(list(sizes.values()))
    span = {name: (int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)}
    total = int(ends[-1])
    carrier = rng.choice(len(CARRIER_SHARES), total, p=CARRIER_SHARES).astype(np.int64)
    virtual = len(carriers()) - 1
    for group, share in (("room", 0.4), ("masked", 0.6), ("reserve", 0.4)):
        first, last = span[group]
        carrier[first:last][rng.random(last - first) < share] = virtual
    origin = np.zeros(total, np.int64)
    origin[slice(*span["overseas"])] = OVERSEAS
    fixed = span["fixed"]
    origin[slice(*fixed)] = np.where(rng.random(fixed[1] - fixed[0]) < 0.4, VOIP, DOMESTIC)
    device = np.full(total, -1, np.int64)
    cell = np.full(total, -1, np.int64)
    holder = np.full(total, -1, np.int64)
    first, last = span["resident"]
    device[first:last] = np.arange(residents)
    cell[first:last] = home_cell
    holder[first:last] = np.arange(residents)
    first, last = span["second"]
    holder[first:last] = (
        rng.permutation(residents)[: last - first]
        if last - first <= residents
        else (rng.integers(0, residents, last - first))
    )
    device[first:last] = holder[first:last]
    cell[first:last] = home_cell[holder[first:last]]
    first, last = span["outside"]
    seen = rng.random(last - first) < 0.6
    device[first:last] = np.where(seen, np.arange(first, last), -1)
    cell[first:last] = np.where(seen, rng.integers(*outside_cells, last - first), -1)
    first, last = span["room"]
    desk = np.arange(last - first) // 8
    local = desk % 2 == 0
    device[first:last] = first + desk
    at = np.where(
        local, rng.choice(home_cell, desk.max() + 1)[desk], rng.integers(*outside_cells, desk.max() + 1)[desk]
    )
    cell[first:last] = at
    return Phones(
        _numbers(calling_code, span, carrier, rng),
        carrier,
        origin,
        device,
        cell,
        _network(span, total, rng),
        holder,
        span,
    )


def _numbers(
    calling_code: str, span: dict[str, tuple[int, int]], carrier: Ints, rng: np.random.Generator
) -> pa.Array:
    mobile = mobile_numbers(calling_code, carrier)
    codes = [row["hotline"] for row in read_rows("banks.csv")]
    codes = list(dict.fromkeys([*codes, *SHORT_CODES]))
    first, last = span["centre"]
    centre = pa.concat_arrays([pa.array(codes), service_numbers(last - first - len(codes), rng)])
    made = {
        "overseas": overseas_numbers(span["overseas"][1] - span["overseas"][0], rng),
        "centre": centre,
        "fixed": fixed_numbers(calling_code, span["fixed"][1] - span["fixed"][0], rng),
    }
    return pa.concat_arrays([made.get(name, mobile[a:b]) for name, (a, b) in span.items()])


def _network(span: dict[str, tuple[int, int]], total: int, rng: np.random.Generator) -> Ints:
    """The line that the network knows behind a presented one: middle numbers, centres, some others."""
    network = np.full(total, -1, np.int64)
    first, last = span["masked"]
    network[first:last] = rng.integers(*span["outside"], last - first)
    first, last = span["centre"]
    behind = rng.integers(*span["fixed"], last - first)
    network[first:last] = np.where(rng.random(last - first) < 0.5, behind, -1)
    for group, share in (("fixed", 0.2), ("overseas", 0.15)):
        first, last = span[group]
        own = rng.integers(first, last, last - first)
        network[first:last] = np.where(rng.random(last - first) < share, own, -1)
    return network
