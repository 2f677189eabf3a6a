"""What is never blocked: emergency and service numbers, banks, government, and hosts that many share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.lists.codes import EntityKind
from qingdun.detect.host_kinds import known_domains
from qingdun.detect.sites.hosts import is_known, parents, shared_suffixes

_WORDS: dict[str, str | Promise] = {
    "emergency": _("an emergency number"),
    "anti_fraud": _("a number of the anti-fraud centre"),
    "government": _("a service of the government"),
    "operators": _("a service of an operator"),
    "bank": _("a bank's own"),
    "payment": _("a payment service's own"),
    "schools": _("a school's own"),
    "hospitals": _("a hospital's own"),
    "services": _("a large service that millions use"),
    "hosting": _("a name below which many unrelated people publish; list the host below it"),
    "short_code": _("a short code, which is a service and nobody's"),
    "own": _("on our own list of what is never blocked"),
}
_PHONES = (EntityKind.NUMBER, EntityKind.SENDER)


@dataclass(frozen=True, slots=True)
class NeverBlock:
    """What ships, and what the city has put on its own list."""

    own: frozenset[tuple[str, str]] = frozenset()
    own_parents: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, own: Iterable[tuple[str, str]]) -> NeverBlock:
        """With the city's own entries (kind, entity)."""
        entries = frozenset(own)
        hosts = (entity for kind, entity in entries if kind == EntityKind.HOST)
        return cls(entries, frozenset(parent for host in hosts for parent in parents(host)))

    def why(self, kind: str, entity: str) -> str:
        """Why the entity is never blocked, in the reader's language; empty if it may be.

        >>> NeverBlock().why("number", "96110") != "", NeverBlock().why("host", "qq.com.fake.invalid")
        (True, '')
        """
        group = self._group(kind, entity)
        return "" if not group else gettext("Never blocked: this is %(what)s.") % {"what": _WORDS[group]}

    def _group(self, kind: str, entity: str) -> str:
        if (kind, entity) in self.own:
            return "own"
        if kind in _PHONES:
            return _phone(entity)
        return self._host(entity) if kind == EntityKind.HOST else ""

    def _host(self, host: str) -> str:
        names = list(parents(host))
        if host in self.own_parents or any((EntityKind.HOST, name) in self.own for name in names):
            return "own"
        domains, above, apexes = _hosts()
        group = next((domains[name] for name in names if name in domains), "")
        if not group and (host in apexes or host in shared_suffixes()):
            group = "hosting"
        # A listed host covers the hosts below it: what lies above a protected one is protected as well.
        group = group or above.get(host, "")
        published = any(name in apexes for name in names)
        return group or ("services" if not published and is_known(host) else "")


def _phone(entity: str) -> str:
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
