"""What a name says without asking anybody: the host of an address, whose domain it is, its parents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

from qingdun.detect.sites.brands import owned_domains
from qingdun.detect.sites.suffixes import is_public_suffix, public_suffix

_ADDRESS = re.compile(
    r"^\s*(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@\s]*@)?(\[[^\]]*\]|[^/?#:\s\\]*)", re.IGNORECASE
)
_PORT = re.compile(r"^\s*([^/?#:\s@]+):\d+(?:[/?#]|$)")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")


def host_of(address: str | None) -> str:
    """The host of a URL or a bare host, lower case, without port, user or final dot; empty if there is none.

    Full-width letters are plain ones, as browsers take them; letters of other alphabets stay what they are.

    >>> host_of("HTTPS://user@Pay.Example.COM:8443/a?b"), host_of("example.cn/x"), host_of(None)
    ('pay.example.com', 'example.cn', '')
    >>> host_of("ｅｘａｍｐｌｅ。ｃｎ")
    'example.cn'
    """
    text = (address or "").replace("hxxp", "http").replace("[.]", ".")
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).replace("。", ".")
    bare = _PORT.match(text)
    found = bare or _ADDRESS.match(text)
    return found.group(1).strip("[].").lower() if found else ""


@lru_cache(maxsize=1 << 14)
def registered_domain(host: str) -> str:
    """The domain somebody registered, or the name a platform gave them; the host itself if it is an address.

    >>> [registered_domain(host) for host in ("a.b.example.com.cn", "shop.me.github.io", "10.1.2.3")]
    ['example.com.cn', 'me.github.io', '10.1.2.3']
    """
    if is_address(host):
        return host
    suffix = public_suffix(host).name
    if len(suffix) >= len(host):
        return host
    return host[host.rfind(".", 0, -len(suffix) - 1) + 1 :]


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
        is_public_suffix(parent) for parent in parents(host) if parent not in known_domains()
    )


@cache
def known_domains() -> frozenset[str]:
    """Domains that everybody uses, and those of protected names."""
    raw = resources.files("qingdun.detect.sites").joinpath("known.txt").read_text("utf-8")
    listed = frozenset(word for line in raw.splitlines() if not line.startswith("#") for word in line.split())
    return listed | owned_domains()
