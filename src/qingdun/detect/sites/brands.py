"""Who is worth imitating, and the words that imitators put beside a name; as data in `brands.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from qingdun.detect.sites.spelling import cuts, skeleton

SHORTEST_NEAR = 6
"""Names of fewer letters lie one letter from too many honest words."""
_SHORTEST_INSIDE = 6
_LONG_HAN = 4


class Brand(NamedTuple):
    """A name worth imitating."""

    kind: str
    zh: str
    en: str
    domains: frozenset[str]


class Token(NamedTuple):
    """What a piece of a label is: a name that tells alone, one that needs a telling word, or a word."""

    brand: Brand | None
    alone: bool
    """Of a name: it tells by itself. Of a word: it tells of a name that needs one."""


class Index(NamedTuple):
    """The data by what is looked up."""

    brands: tuple[Brand, ...]
    names: dict[str, Brand]
    """Names that tell alone."""
    tokens: dict[str, Token]
    spelt: dict[str, Token]
    """The same by their skeletons, but for numbers."""
    hint: re.Pattern[str]
    """A name of either sort: without one a label need not be taken apart."""
    spelt_hint: re.Pattern[str]
    near: dict[str, tuple[str, ...]]
    """Skeleton of a name, or that with a letter left out → the skeletons of such names."""
    inside: re.Pattern[str]
    han: re.Pattern[str]
    """A name in Chinese: a long one anywhere, a short one beside words only."""
    owned: frozenset[str]
    worldwide: frozenset[str]
    integrated: frozenset[str]
    honest: frozenset[str]
    longest: int


@cache
def owned_domains() -> frozenset[str]:
    """The registered domains that protected names truly have."""
    return frozenset(domain for *_, domains in _data()["brands"] for domain in domains.split())


@cache
def known_domains() -> frozenset[str]:
    """Domains that everybody uses, and those of protected names."""
    raw = resources.files("qingdun.detect.sites").joinpath("known.txt").read_text("utf-8")
    listed = frozenset(word for line in raw.splitlines() if not line.startswith("#") for word in line.split())
    return listed | owned_domains()


@cache
def _data() -> dict[str, Any]:
    raw = resources.files("qingdun.detect.sites").joinpath("brands.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(raw)
    return found


@cache
def index() -> Index:
    """What ships, read once."""
    raw = _data()
    tokens: dict[str, Token] = {word: Token(None, False) for word in raw["words"]["plain"].split()}
    tokens |= {word: Token(None, True) for word in raw["words"]["telling"].split()}
    listed, names, han = [], dict[str, Brand](), dict[str, Brand]()
    for kind, zh, en, alone, needing, domains in raw["brands"]:
        brand = Brand(kind, zh.split()[0], en, frozenset(domains.split()))
        listed.append(brand)
        tokens |= {name: Token(brand, False) for name in needing.split()}
        names |= dict.fromkeys(alone.split(), brand)
        han |= {name: brand for name in zh.split() if not name.isascii()}
    tokens |= {name: Token(brand, True) for name, brand in names.items()}
    kept = set(raw["inside_words"].split())
    inside = [name for name in names if len(name) >= _SHORTEST_INSIDE and name.isalpha() and name not in kept]
    return Index(
        tuple(listed),
        names | han,
        tokens,
        {skeleton(word): token for word, token in tokens.items() if not word.isdecimal()},
        re.compile(_trie(name for name, token in tokens.items() if token.brand)),
        re.compile(
            _trie(skeleton(name) for name, token in tokens.items() if token.brand and not name.isdecimal())
        ),
        _near(name for name in names if len(name) >= SHORTEST_NEAR and name.isalpha()),
        re.compile(_trie(inside)),
        _han(han, raw["words"]["han"].split()),
        owned_domains(),
        frozenset(raw["worldwide"].split()),
        frozenset(raw["integrated"].split()),
        frozenset(raw["honest"].split()),
        max(map(len, tokens)),
    )


def _near(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        for cut in {skeleton(name), *cuts(skeleton(name))}:
            found[cut] = (*found.get(cut, ()), name)
    return found


def _han(names: Mapping[str, Brand], words: list[str]) -> re.Pattern[str]:
    long = "|".join(sorted((name for name in names if len(name) >= _LONG_HAN), key=len, reverse=True))
    short = "|".join(sorted(names, key=len, reverse=True))
    beside = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(f"{long}|(?:^(?:{beside})*)(?P<short>{short})(?=(?:{beside})*$)")


def _trie(words: Iterable[str]) -> str:
    """A pattern for any of the words that looks at each letter of a text but once at a place.

    >>> _trie(["paypal", "paypay", "boc"])
    '(?:boc|paypa(?:l|y))'
    """
    below: dict[str, list[str]] = {}
    ends = False
    for word in sorted(set(words)):
        if word:
            below.setdefault(word[0], []).append(word[1:])
        else:
            ends = True
    parts = [re.escape(letter) + _trie(rest) for letter, rest in below.items()]
    whole = parts[0] if len(parts) == 1 and not ends else f"(?:{'|'.join(parts)})" if parts else ""
    return f"(?:{whole})?" if ends and parts else whole
