"""The sites people open: well-known hosts, thousands of small made-up ones, and how scams name theirs."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.simulate.numbers import Ints, read_rows

_TLDS = {
    "com": 46,
    "cn": 20,
    "com.cn": 8,
    "net": 6,
    "top": 5,
    "shop": 3,
    "vip": 3,
    "xyz": 2.5,
    "cc": 2.5,
    "club": 1.5,
    "online": 1.4,
    "site": 1.4,
    "icu": 1.4,
    "work": 1.4,
    "life": 1.4,
    "fun": 1.4,
    "ltd": 1.4,
    "store": 1.4,
}
_CHEAP = {
    "com": 24,
    "top": 16,
    "vip": 11,
    "cc": 10,
    "xyz": 9,
    "shop": 7,
    "club": 4,
    "cn": 5,
    "net": 4,
    "icu": 4,
    "online": 3,
    "site": 3,
    "work": 2,
    "fun": 2,
    "life": 1.5,
    "ltd": 1,
    "store": 1,
    "com.cn": 1,
}


def _words() -> dict[str, Any]:
    text = resources.files("qingdun.simulate").joinpath("data", "host_words.toml").read_text("utf-8")
    return tomllib.loads(text)


_SYLLABLES = _words()["syllables"].split()
_WORDS = _words()["words"].split()
_BRANDS = {theme: names.split() for theme, names in _words()["brands"].items()}
"""What names of scam sites play on, by theme."""


@dataclass(frozen=True)
class Hosts:
    """All ordinary hosts; an even draw from `table` gives them by popularity."""

    name: pa.Array
    category: dict[str, Ints]
    table: npt.NDArray[np.int32]

    def draw(self, count: int, rng: np.random.Generator) -> Ints:
        """Hosts drawn by popularity."""
        drawn: Ints = self.table[rng.integers(0, len(self.table), count)].astype(np.int64)
        return drawn


def build_hosts(people: int, seed: int) -> Hosts:
    """The ordinary hosts of a city of that many people."""
    rows = read_rows("hosts.csv")
    banks = read_rows("banks.csv")
    known = [(r["host"], r["category"], float(r["weight"])) for r in rows]
    known += [(r["host"], "bank", float(r["weight"]) * 2) for r in banks]
    names = {host for host, _, _ in known}
    rng = random.Random(f"hosts/{seed}")
    for rank in range(min(20_000, 800 + people // 40)):
        name = small_site(rng)
        if name not in names:
            names.add(name)
            known.append((name, "small", 30 / (rank + 12)))
    weight = np.array([row[2] for row in known])
    share = np.cumsum(weight / weight.sum())
    table = np.searchsorted(share, (np.arange(1 << 20) + 0.5) / (1 << 20)).astype(np.int32)
    category = {
        name: np.array([i for i, row in enumerate(known) if row[1] == name], np.int64)
        for name in dict.fromkeys(row[1] for row in known)
    }
    return Hosts(pa.array([row[0] for row in known]), category, table)


def registrable(host: str) -> str:
    """The part of a host's name that somebody registers.

    >>> registrable("m.ccb.com"), registrable("mybank.icbc.com.cn")
    ('ccb.com', 'icbc.com.cn')
    """
    labels = host.split(".")
    return ".".join(labels[-3 if labels[-2:] == ["com", "cn"] else -2 :])


@cache
def _well_known() -> frozenset[str]:
    """What the well-known hosts have registered: no made-up site is called so."""
    return frozenset(
        registrable(row["host"]) for name in ("hosts.csv", "banks.csv") for row in read_rows(name)
    )


def small_site(rng: random.Random) -> str:
    """The made-up name of an ordinary small site."""
    while registrable(name := _small_site(rng)) in _well_known():
        continue
    return name


def scam_site(theme: str, rng: random.Random) -> str:
    """The made-up name of a scam's site: a look-alike of its theme, letters and digits, or quite ordinary."""
    while registrable(name := _scam_site(theme, rng)) in _well_known():
        continue
    return name


def _small_site(rng: random.Random) -> str:
    style = rng.random()
    if style < 0.55:
        name = "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 2, 3))))
        name += rng.choice(("", "", "-")) + rng.choice(_WORDS) if rng.random() < 0.5 else ""
    elif style < 0.8:
        name = rng.choice(_SYLLABLES) + rng.choice(_WORDS) + str(rng.randrange(1, 1000))
    elif style < 0.93:
        name = "".join(rng.choices("abcdefghjklmnpqrstwxyz", k=rng.randint(2, 4))) + str(
            rng.randrange(10, 99999)
        )
    else:
        name = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=rng.randint(7, 12)))
    front = rng.choice(("www.", "m.", "h5.", "shop.", "", "", "api.", "wap."))
    return f"{front}{name}.{_tld(rng, _TLDS)}"


def _scam_site(theme: str, rng: random.Random) -> str:
    style = rng.random()
    brand = rng.choice(_BRANDS[theme])
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    if style < 0.3:
        name = f"{brand}-{''.join(rng.choices(letters, k=rng.randint(4, 7)))}"
    elif style < 0.45:
        name = f"{rng.choice(('m', 'vip', 'www', 'app', 'safe'))}.{brand}{rng.randrange(100, 99999)}"
    elif style < 0.55:
        name = f"{brand}.{rng.choice(('com', 'cn', 'gov'))}-{''.join(rng.choices(letters, k=6))}"
    elif style < 0.75:
        name = "".join(rng.choices(letters, k=rng.randint(6, 12)))
    elif style < 0.88:
        return small_site(rng)
    else:
        name = "".join(rng.choices(_SYLLABLES, k=2)) + brand + str(rng.randrange(1, 100))
    front = rng.choice(("", "", "www.", "h5.", "m.", "app."))
    return f"{front}{name}.{_tld(rng, _CHEAP)}"


def _tld(rng: random.Random, weights: dict[str, float]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
