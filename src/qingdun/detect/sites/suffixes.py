"""Below which names anybody may have one of their own: the public suffix list, and providers it lacks."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

PLATFORMS: Final = {"website": 1, "storage": 2, "dynamic_dns": 3, "tunnel": 4}
"""Numbers of the kinds of what a provider gives to anybody; 0 where it is not known."""


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
            exceptions.add(_in_ascii(line[1:]))
        elif line.startswith("*."):
            below[_in_ascii(line[2:])] = provider
        elif line:
            names[_in_ascii(line)] = provider
    return Rules(names | dict.fromkeys(platforms(), True), below, frozenset(exceptions))


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


def _in_ascii(name: str) -> str:
    labels = name.split(".")
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels
    )
