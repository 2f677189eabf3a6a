"""What is never blocked, whatever a list says: emergency and service numbers, banks, government, hosts that
many share. Where lists are made it refuses entries; where they are enforced it wins over them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from qingdun.detect.host_kinds import known_domains
from qingdun.detect.sites.hosts import is_known, is_public_suffix, parents

_PHONES = ("number", "sender")
_COUNTRY = re.compile(r"(?:\+|00)?86(?=\d)", re.ASCII)
_AREA = re.compile(r"0?(?:10|2\d|[3-9]\d\d)(?=\d{3,6}$)", re.ASCII)
"""An area's code before a short code: no subscriber has so few digits."""


@dataclass(frozen=True, slots=True)
class NeverBlock:
    """What ships, and what the city has put on its own list."""

    own: frozenset[tuple[str, str]] = frozenset()
    own_parents: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, own: Iterable[tuple[str, str]]) -> NeverBlock:
        """With the city's own entries (kind, entity)."""
        entries = frozenset(own)
        hosts = (entity for kind, entity in entries if kind == "host")
        return cls(entries, frozenset(parent for host in hosts for parent in parents(host)))

    def group(self, kind: str, entity: str) -> str:
        """As what the entity is never blocked, a code; empty if it may be.

        >>> [NeverBlock().group(*one) for one in (("number", "96110"), ("host", "qq.com.fake.invalid"))]
        ['anti_fraud', '']
        """
        if (kind, entity) in self.own:
            return "own"
        if kind in _PHONES:
            return _phone(entity)
        return self._host(entity) if kind == "host" else ""

    def _host(self, host: str) -> str:
        names = list(parents(host))
        if host in self.own_parents or any(("host", name) in self.own for name in names):
            return "own"
        domains, above, apexes = _hosts()
        group = next((domains[name] for name in names if name in domains), "")
        if not group and (host in apexes or is_public_suffix(host)):
            group = "hosting"
        # A listed host covers the hosts below it: what lies above a protected one is protected as well.
        group = group or above.get(host, "")
        published = any(name in apexes for name in names)
        return group or ("services" if not published and is_known(host) else "")


def dialled(number: str) -> str:
    """The number as it is dialled at home, without the country, and of a short code without its area.

    >>> [dialled(one) for one in ("+8695588", "0086110", "8612345", "+8675712345", "0757110", "02195588")]
    ['95588', '110', '12345', '12345', '110', '95588']
    >>> dialled("+8613800138000"), dialled("+8675781234567"), dialled("+44110")
    ('13800138000', '75781234567', '+44110')
    """
    country = _COUNTRY.match(number)
    rest = number[country.end() :] if country else number
    area = _AREA.match(rest) if country or rest.startswith("0") else None
    return rest[area.end() :] if area else rest


def is_emergency(number: str) -> bool:
    """Whether it is the number of the police, of the fire brigade, of an ambulance, in any writing.

    >>> [is_emergency(one) for one in ("110", "+86120", "010119", "96110", "+8613800000110")]
    [True, True, True, False, False]
    """
    return _phones()[0].get(dialled(number)) == "emergency"


def service(number: str) -> str:
    """Whose number it is, dialled so at home: the police's, a bank's, any short code; empty for a person's.

    >>> [service(one) for one in ("110", "95588", "0757-12345".replace("-", ""), "1069", "13800138000")]
    ['emergency', 'bank', 'government', 'short_code', '']
    """
    return _phone(number)


def _phone(entity: str) -> str:
    if entity.startswith("+"):
        return ""
    if entity.startswith("0") and entity.isdecimal():
        # At home with the code of an area before it; with that of a country it may imitate one from abroad.
        entity = dialled(entity) if not entity.startswith("00") else entity
    exact, patterns = _phones()
    if entity in exact:
        return exact[entity]
    for pattern, group in patterns:
        if pattern.fullmatch(entity):
            return group
    short = entity.isdecimal() and len(entity) <= _data()["short_code_digits"]
    return "short_code" if short else ""


@cache
def _phones() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    raw = _data()
    exact = {number: group for group, numbers in raw["numbers"].items() for number in numbers}
    patterns = [(re.compile(p), group) for group, found in raw["patterns"].items() for p in found]
    return exact, tuple(patterns)


@cache
def _hosts() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """Protected domains, what lies above one, and apexes below which anybody publishes."""
    raw = _data()
    domains = {name: kind for kind in ("bank", "payment") for name in known_domains(kind)}
    domains |= {name: group for group, names in raw["domains"].items() for name in names}
    above = {parent: domains[name] for name in domains for parent in parents(name)}
    return domains, above, frozenset(name for names in raw["apexes"].values() for name in names)


@cache
def _data() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("never_block.json").read_text("utf-8")
    )
    return raw
