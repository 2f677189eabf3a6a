"""What a name says without asking anybody: the host of an address, whose domain it is, its parents."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from qingdun.detect.sites.anatomy import DOMAIN, IS_ADDRESS, IS_KNOWN, IS_PROVIDER, OF_SUFFIX, PARTS, cut
from qingdun.detect.sites.names import names
from qingdun.detect.text.fold import FILLERS

_PLAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_ADDRESS = re.compile(
    r"^\s*(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@\s\\]*@)?(\[[^\]]*\]|[^/?#:\s\\]*)", re.IGNORECASE
)
_NUMERIC = re.compile(r"[0-9a-f:.]+", re.IGNORECASE)
_PORT = re.compile(r"^\s*([^/?#:\s@]+):\d+(?:[/?#]|$)")
_SAME = ("www", "m", "h5", "wap")
_NETWORKS: Final = tuple(
    ipaddress.ip_network(home)
    for home in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
                 "::1/128", "fc00::/7", "fe80::/10")
)  # fmt: skip
"""RFC 1918, 1122, 3927, 4193, 4291."""
_HOMES = ("10.", "172.", "192.168.", "127.", "169.254.", "::1", "fc", "fd", "fe")
IGNORED: Final = (
    "\u00ad\u034f\u061c\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    f"\ufe00-\ufe0f\ufeff{FILLERS}\U000e0000-\U000e0fff"
)
"""Ranges of what nobody need see (Unicode: default ignorable): browsers take addresses without."""
UNSEEN: Final = re.compile(f"[{IGNORED}]+")


def host_of(address: str | None) -> str:
    """The host of a URL or a bare host, lower case, without port, user or final dot; empty if there is none.

    Full-width letters are plain ones, as browsers take them; letters of other alphabets stay what they are.

    >>> host_of("HTTPS://user@Pay.Example.COM:8443/a?b"), host_of("example.cn/x"), host_of(None)
    ('pay.example.com', 'example.cn', '')
    >>> host_of("ｅｘａｍｐｌｅ。ｃｎ")
    'example.cn'
    """
    if address and _PLAIN.fullmatch(address):
        return address
    return parted(address or "")[0]


def parted(address: str) -> tuple[str, str]:
    """The host of a URL as `host_of` gives it, and what stands behind it, lower case.

    >>> parted("http://例子．ｃｏｍ:80/Login")
    ('例子.com', ':80/login')
    """
    text = address.replace("hxxp", "http").replace("[.]", ".")
    if not text.isascii():
        text = unicodedata.normalize("NFKC", UNSEEN.sub("", text)).replace("。", ".")
    if text.count(":") > 1 and _NUMERIC.fullmatch(text.strip()):
        return text.strip().lower(), ""  # IPv6 without its brackets
    bare = _PORT.match(text)
    found = bare or _ADDRESS.match(text)
    return (found.group(1).strip("[].").lower(), text[found.end(1) :].lower()) if found else ("", "")


class Whose(NamedTuple):
    """Whose a host is."""

    domain: str
    """The registered domain."""
    suffix: str
    """The longest public suffix that the host stands below, or is."""
    provider: bool
    """Whether somebody gives names to anybody below the suffix, who is no registry."""
    known: bool
    """Whether it belongs to a domain everybody uses."""
    address: bool
    """Whether it is a bare IP address."""


@lru_cache(maxsize=1 << 14)
def whose(host: str) -> Whose:
    """Whose the host is, by the public suffix list and what `platforms.json` and `known.txt` add.

    >>> [whose(host).suffix for host in ("a.b.com.cn", "me.github.io", "x.y.ck", "www.ck", "a.unheard")]
    ['com.cn', 'github.io', 'y.ck', 'ck', 'unheard']
    """
    raw = host.encode("utf-8", "surrogatepass")
    parts = np.zeros(PARTS, np.int64)
    suffix = cut(np.frombuffer(raw or b"\0", np.uint8), 0, len(raw), names(), parts)
    return Whose(
        raw[parts[DOMAIN] :].decode("utf-8", "surrogatepass"),
        raw[suffix:].decode("utf-8", "surrogatepass"),
        bool(parts[OF_SUFFIX] & IS_PROVIDER),
        bool(parts[IS_KNOWN]),
        bool(parts[IS_ADDRESS]),
    )


def registered_domain(host: str) -> str:
    """The domain somebody registered, or the name a platform gave them; the host itself if it is an address.

    >>> [registered_domain(host) for host in ("a.b.example.com.cn", "shop.me.github.io", "10.1.2.3")]
    ['example.com.cn', 'me.github.io', '10.1.2.3']
    """
    return whose(host).domain


def is_own_domain(host: str) -> bool:
    """Whether the host is the domain that somebody registered, or its www, m, h5 or wap.

    >>> [is_own_domain(host) for host in ("example.com.cn", "m.example.cn", "img7.example.cn")]
    [True, True, False]
    """
    domain = whose(host).domain
    return host == domain or (host.endswith(domain) and host[: -len(domain) - 1] in _SAME)


def is_public_suffix(host: str) -> bool:
    """Whether anybody may have a name of their own right below the host.

    >>> [is_public_suffix(host) for host in ("com.cn", "github.io", "example.com", "cn")]
    [True, True, False, True]
    """
    return whose(host).suffix == host


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
    return whose(host).address


def is_at_home(host: str) -> bool:
    """Whether the host is an address of the asker's own network or machine, where no stranger serves.

    >>> [is_at_home(host) for host in ("192.168.1.1", "fe80::1", "8.8.8.8", "10.example")]
    [True, True, False, False]
    """
    if not host.startswith(_HOMES) or not (":" in host or host[-1].isdigit()):
        return False
    try:
        at = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(at in home for home in _NETWORKS)


def is_known(host: str) -> bool:
    """Whether the host belongs to a domain everybody uses, and is not a page that anybody may put there."""
    return whose(host).known
