"""What a name says without asking anybody: the host of an address, whose domain it is, its parents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

_ADDRESS = re.compile(
    r"^\s*(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@\s]*@)?(\[[^\]]*\]|[^/?#:\s\\]*)", re.IGNORECASE
)
_PORT = re.compile(r"^\s*([^/?#:\s@]+):\d+(?:[/?#]|$)")
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")


def host_of(address: str | None) -> str:
    """The host of a URL or a bare host, lower case, without port, user or final dot; empty if there is none.

    >>> host_of("HTTPS://user@Pay.Example.COM:8443/a?b"), host_of("example.cn/x"), host_of(None)
    ('pay.example.com', 'example.cn', '')
    """
    text = (address or "").replace("。", ".").replace("．", ".").replace("hxxp", "http").replace("[.]", ".")
    bare = _PORT.match(text)
    found = bare or _ADDRESS.match(text)
    return found.group(1).strip("[].").lower() if found else ""


@lru_cache(maxsize=1 << 14)
def registered_domain(host: str) -> str:
    """The domain somebody registered, or the name a platform gave them; the host itself if it is an address.

    >>> [registered_domain(host) for host in ("a.b.example.com.cn", "shop.me.github.io", "10.1.2.3")]
    ['example.com.cn', 'me.github.io', '10.1.2.3']
    """
    labels = host.split(".")
    if len(labels) < 3 or is_address(host):
        return host
    suffixes = shared_suffixes()
    for width in (3, 2):
        if len(labels) > width and ".".join(labels[-width:]) in suffixes:
            return ".".join(labels[-width - 1 :])
    return host if ".".join(labels) in suffixes else ".".join(labels[-2:])


def parents(host: str) -> Iterator[str]:
    """The host and every domain above it of two labels or more, nearest first.

    >>> list(parents("a.b.example.com"))
    ['a.b.example.com', 'b.example.com', 'example.com']
    """
    yield host
    # Cut, not put together again: strangers ask about names of a hundred labels.
    at = host.find(".")
    while (dot := host.find(".", at + 1)) >= 0:
        yield host[at + 1 :]
        at = dot


def is_address(host: str) -> bool:
    """Whether the host is a bare IP address."""
    return bool(_IPV4.fullmatch(host)) or ":" in host


@lru_cache(maxsize=1 << 14)
def is_known(host: str) -> bool:
    """Whether the host belongs to a domain everybody uses, and is not a page that anybody may put there."""
    if registered_domain(host) in known_domains():
        return True
    return any(parent in known_domains() for parent in parents(host)) and not any(
        parent in shared_suffixes() for parent in parents(host) if parent not in known_domains()
    )


@cache
def shared_suffixes() -> frozenset[str]:
    """Names below which everybody may have one of their own."""
    return _words("suffixes.txt")


@cache
def known_domains() -> frozenset[str]:
    """Domains that everybody uses."""
    return _words("known.txt")


def _words(name: str) -> frozenset[str]:
    raw = resources.files("qingdun.detect.sites").joinpath(name).read_text("utf-8")
    return frozenset(word for line in raw.splitlines() if not line.startswith("#") for word in line.split())
