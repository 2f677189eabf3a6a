"""Below which names anybody may have one of their own: the public suffix list, and providers it lacks."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

PLATFORMS: Final = {"website": 1, "storage": 2, "dynamic_dns": 3, "tunnel": 4}
"""Numbers of the kinds of what a provider gives to anybody; 0 where it is not known."""
_RESERVED: Final = ("example", "invalid", "test")
"""No registry ever gives these (RFC 2606)."""


def platform(suffix: str) -> str:
    """What is given to anybody below that name; empty where it is not known.

    >>> platform("duckdns.org"), platform("com.cn")
    ('dynamic_dns', '')
    """
    return platforms().get(suffix, "")


def is_shortener(domain: str) -> bool:
    """Whether addresses of that registered domain lead elsewhere."""
    return domain in shorteners()


class Rules(NamedTuple):
    """The list, by what a rule says."""

    names: dict[str, bool]
    """Whether it is a provider's."""
    below: dict[str, bool]
    """Every name right below these is a suffix."""
    exceptions: frozenset[str]


@cache
def rules() -> Rules:
    """The public suffix list with the providers it lacks."""
    # Of its package only the list: it asks about one host at a time, and slower.
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    names, below, exceptions = dict[str, bool](), dict[str, bool](), set[str]()
    provider = False
    for line in text.splitlines():
        if line.startswith("//"):
            provider = provider or "BEGIN PRIVATE" in line
        elif line.startswith("!"):
            exceptions.add(in_ascii(line[1:]))
        elif line.startswith("*."):
            below[in_ascii(line[2:])] = provider
        elif line:
            names[in_ascii(line)] = provider
    return Rules(names | dict.fromkeys(platforms(), True), below, frozenset(exceptions))


def is_registry(name: str) -> bool:
    """Whether a registry, and no provider, gives names below that one.

    >>> [is_registry(name) for name in ("com", "com.cn", "github.io", "example.com")]
    [True, True, False, False]
    """
    return name in registries()


@cache
def registries() -> frozenset[str]:
    """Every name below which a registry gives others, and those that are reserved for examples."""
    known = (*rules().names.items(), *rules().below.items())
    return frozenset((*(name for name, provider in known if not provider), *_RESERVED))


@cache
def platforms() -> dict[str, str]:
    """What each provider gives: a kind of `PLATFORMS`."""
    raw = json.loads(_read("platforms.json"))
    kinds = [kind for kind in raw if kind not in ("about", "shortener")]
    return {name: kind for kind in kinds for line in raw[kind] for name in line.split()}


@cache
def shorteners() -> frozenset[str]:
    """Registered domains whose addresses lead elsewhere."""
    return frozenset(
        name for line in json.loads(_read("platforms.json"))["shortener"] for name in line.split()
    )


def _read(name: str) -> str:
    return resources.files("qingdun.detect.sites").joinpath(name).read_text("utf-8")


def in_ascii(name: str) -> str:
    """The name as it goes over the line: labels of other alphabets in Punycode.

    >>> in_ascii("m.例子.example")
    'm.xn--fsqu00a.example'
    """
    if name.isascii():
        return name
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in name.split(".")
    )
