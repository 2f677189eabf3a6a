"""Whom a host imitates: a protected name stands in it, plainly or nearly, and the domain is not theirs."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from qingdun.detect.sites.hosts import registered_domain

_SKELETON = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "8": "b", "i": "l"})
_SHORTEST_NEAR = 6
"""Names of fewer letters lie one letter from too many honest words."""
_SHORTEST_INSIDE = 5
"""Shorter names count only as a whole label or word between hyphens."""


class Brand(NamedTuple):
    """A name worth imitating."""

    zh: str
    en: str
    names: tuple[str, ...]
    domains: frozenset[str]


class Likeness(NamedTuple):
    """Which brand a host is like, and how: `word`, `inside` a word, or `near` in spelling."""

    brand: Brand
    how: str


@lru_cache(maxsize=1 << 14)
def likeness(host: str) -> Likeness | None:
    """Whom the host imitates, or None: also none for the brand's own domains.

    >>> likeness("login-icbc.example.top").brand.en, likeness("icbc.com.cn")
    ('ICBC', None)
    >>> likeness("paypa1.example").how
    'near'
    """
    index = _index()
    domain = registered_domain(host)
    if domain in index.owned:
        return None
    for word in _words_of(host):
        brand = index.names.get(word)
        if brand is not None:
            return Likeness(brand, "word")
    inside = index.inside.search(host)
    if inside is not None:
        return Likeness(index.names[inside.group()], "inside")
    for word in _words_of(host):
        if len(word) >= _SHORTEST_NEAR:
            brand = index.near.get(_skeleton(word)) or next(
                (index.near[cut] for cut in _cuts(_skeleton(word)) if cut in index.near), None
            )
            if brand is not None:
                return Likeness(brand, "near")
    return None


def brands() -> tuple[Brand, ...]:
    """The protected names, in the order of the file."""
    return _index().brands


class _Index(NamedTuple):
    brands: tuple[Brand, ...]
    names: dict[str, Brand]
    near: dict[str, Brand]
    inside: re.Pattern[str]
    owned: frozenset[str]


@cache
def _index() -> _Index:
    raw = json.loads(resources.files("qingdun.detect.sites").joinpath("brands.json").read_text("utf-8"))
    listed = tuple(Brand(zh, en, tuple(n.split()), frozenset(d.split())) for zh, en, n, d in raw["brands"])
    names = {name: brand for brand in listed for name in brand.names}
    near: dict[str, Brand] = {}
    for name, brand in names.items():
        if len(name) >= _SHORTEST_NEAR and name.isalpha():
            for cut in (_skeleton(name), *_cuts(_skeleton(name))):
                near.setdefault(cut, brand)
    long = sorted((name for name in names if len(name) >= _SHORTEST_INSIDE), key=len, reverse=True)
    owned = frozenset(domain for brand in listed for domain in brand.domains)
    return _Index(listed, names, near, re.compile("|".join(long)), owned)


def _words_of(host: str) -> list[str]:
    """The words of the host: labels but the last, and what stands between their hyphens."""
    labels = host.split(".")[:-1] or [host]
    return [word for label in labels for word in label.split("-")]


def _skeleton(word: str) -> str:
    return word.translate(_SKELETON).replace("rn", "m").replace("vv", "w")


def _cuts(word: str) -> list[str]:
    """The word with each letter left out once."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]
