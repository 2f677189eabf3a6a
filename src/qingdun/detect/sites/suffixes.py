"""Below which names anybody may have one of their own: the public suffix list, and providers it lacks."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

_MOST_LABELS = 6
"""No suffix has as many; strangers ask about names of a hundred labels."""


class Suffix(NamedTuple):
    """What stands above a registered name."""

    name: str
    provider: bool
    """Whether somebody gives names to anybody there, who is no registry."""


@lru_cache(maxsize=1 << 14)
def public_suffix(host: str) -> Suffix:
    """The longest suffix that the host stands below, or is.

    >>> [public_suffix(host).name for host in ("a.b.com.cn", "me.github.io", "x.y.ck", "www.ck", "a.unheard")]
    ['com.cn', 'github.io', 'y.ck', 'ck', 'unheard']
    """
    rules = _rules()
    name = host
    for _ in range(max(host.count(".") + 1 - _MOST_LABELS, 0)):
        name = name.partition(".")[2]
    while True:
        above = name.partition(".")[2]
        if name in rules.exceptions:
            return Suffix(above, False)
        provider = rules.names.get(name)
        if provider is None and above:
            provider = rules.below.get(above)
        if provider is not None or not above:
            return Suffix(name, bool(provider))
        name = above


def is_public_suffix(host: str) -> bool:
    """Whether anybody may have a name of their own right below the host.

    >>> [is_public_suffix(host) for host in ("com.cn", "github.io", "example.com", "cn")]
    [True, True, False, True]
    """
    return public_suffix(host).name == host


def platform(suffix: str) -> str:
    """What is given to anybody below that name; empty where it is not known.

    >>> platform("duckdns.org"), platform("com.cn")
    ('dynamic_dns', '')
    """
    return _platforms().get(suffix, "")


def is_shortener(domain: str) -> bool:
    """Whether addresses of that registered domain lead elsewhere."""
    return domain in _shorteners()


class _Rules(NamedTuple):
    names: dict[str, bool]
    """Whether it is a provider's."""
    below: dict[str, bool]
    """Every name right below these is a suffix."""
    exceptions: frozenset[str]


@cache
def _rules() -> _Rules:
    # Of its package only the list: it asks about one host at a time, and slower.
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    names, below, exceptions = dict[str, bool](), dict[str, bool](), set[str]()
    provider = False
    for line in text.splitlines():
        if line.startswith("//"):
            provider = provider or "BEGIN PRIVATE" in line
        elif line.startswith("!"):
            exceptions.add(_in_ascii(line[1:]))
        elif line.startswith("*."):
            below[_in_ascii(line[2:])] = provider
        elif line:
            names[_in_ascii(line)] = provider
    return _Rules(names | dict.fromkeys(_platforms(), True), below, frozenset(exceptions))


@cache
def _platforms() -> dict[str, str]:
    raw = json.loads(_read("platforms.json"))
    kinds = [kind for kind in raw if kind not in ("about", "shortener")]
    return {name: kind for kind in kinds for line in raw[kind] for name in line.split()}


@cache
def _shorteners() -> frozenset[str]:
    return frozenset(
        name for line in json.loads(_read("platforms.json"))["shortener"] for name in line.split()
    )


def _read(name: str) -> str:
    return resources.files("qingdun.detect.sites").joinpath(name).read_text("utf-8")


def _in_ascii(name: str) -> str:
    labels = name.split(".")
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels
    )
