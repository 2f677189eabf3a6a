"""What well-known hosts are: banks, meetings, screen sharing; as data in `host_kinds.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def _kinds() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    raw = json.loads(resources.files(__package__).joinpath("host_kinds.json").read_text("utf-8"))
    by_domain: dict[str, tuple[str, ...]] = {}
    by_label: dict[str, tuple[str, ...]] = {}
    for found, table in ((by_domain, raw["domains"]), (by_label, raw["labels"])):
        for kind, names in table.items():
            for name in names:
                found[name] = (*found.get(name, ()), kind)
    return by_domain, by_label


def kinds_of(host: str) -> tuple[str, ...]:
    """What the host is known as, by its domain or a parent, else by one of its labels.

    >>> kinds_of("m.icbc.com.cn")
    ('bank',)
    >>> kinds_of("icbc-secure.example")
    ()
    """
    by_domain, by_label = _kinds()
    domain = _domain(host)
    if domain:
        return by_domain[domain]
    return tuple(dict.fromkeys(kind for label in host.split(".")[:-1] for kind in by_label.get(label, ())))


def is_well_known(host: str) -> bool:
    """Whether the host is known by its domain or a parent: a label alone, which anybody may take, is not
    enough.

    >>> is_well_known("us02web.zoom.us"), is_well_known("zoom.boc-loan.example")
    (True, False)
    """
    return bool(_domain(host))


def _domain(host: str) -> str:
    """The host or its nearest parent that is known; empty if none is."""
    by_domain, name = _kinds()[0], host
    while "." in name and name not in by_domain:
        name = name.partition(".")[2]
    return name if name in by_domain else ""


def known_domains(kind: str) -> tuple[str, ...]:
    """The domains that are known as that.

    >>> "icbc.com.cn" in known_domains("bank")
    True
    """
    return tuple(name for name, kinds in _kinds()[0].items() if kind in kinds)
