"""What can be told of a host and an address at a glance, as numbered traits that a model gives weights to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.detect.sites.anatomy import (
    COUNT,
    DOMAIN,
    IS_KNOWN,
    IS_PROVIDER,
    MAY_BE_LIKE,
    OF_LIKENESS,
    OF_SUFFIX,
    take_apart,
)
from qingdun.detect.sites.brands import index
from qingdun.detect.sites.hosts import parted
from qingdun.detect.sites.lookalike import Likeness, likeness
from qingdun.detect.sites.names import names
from qingdun.detect.sites.suffixes import in_ascii

_HOW: Final = {"word": 34, "inside": 35, "near": 36, "domain": 87, "shape": 88}
"""Traits of hosts that imitate somebody."""
_OF_MANY_HOSTS: Final = frozenset({"internet", "commerce"})
"""Kinds of brands of which others have honest hosts too: partners, admirers, services of theirs."""

URL_WORDS: Final = (
    "login", "signin", "verify", "account", "secure", "update", "confirm", "webmail", "password", "wallet",
    "bank", "invoice", "payment", "support", "customer", "wp-content", "wp-includes", "wp-admin", ".php",
    ".exe", ".apk", "cmd=", "session", "token", "redirect", "?email", "@", "//", "signon", "webscr",
    "cgi-bin", "dropbox", "index.html", "/~", ".zip", "home/", "online", "billing", "recover", "unlock",
    "auth", "limited", "denglu", "yanzheng", "renzheng", "tuikuan", "jifen", "daikuan", "chaxun", "zhuxiao",
    "kefu", "zhifu",
)  # fmt: skip
"""What addresses of look-alike pages like to hold after the host; lengths and depth are left out, since
honest addresses in the training data come from search results and are long."""


class Traits(NamedTuple):
    """What was found of some hosts, in their order."""

    numbers: npt.NDArray[np.int16]
    """Host × place: the number of a trait, below `COUNT`; `COUNT` where there is none."""
    known: npt.NDArray[np.bool_]
    """Whether everybody uses the domain."""
    resembling: npt.NDArray[np.bool_]
    """Whether the letters of a protected name stand in it, about, and it is not theirs."""
    likes: dict[int, Likeness]
    """Whom a host imitates, by its place, of those that imitate somebody."""


def traits(hosts: Sequence[str], letters: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> Traits:
    """Traits of each host; their letters in UTF-8 stand one after the other, each host between two ends."""
    numbers, parts = take_apart(letters, ends, names())
    likes = {}
    for row in np.flatnonzero(parts[:, MAY_BE_LIKE]).tolist():
        like = likeness(hosts[row])
        if like is not None:
            likes[row] = like
            numbers[row, :OF_LIKENESS] = _of_likeness(
                like, parts[row, DOMAIN] > ends[row], parts[row, OF_SUFFIX] & IS_PROVIDER != 0
            )
    return Traits(numbers, parts[:, IS_KNOWN] != 0, parts[:, MAY_BE_LIKE] != 0, likes)


def _of_likeness(like: Likeness, below: bool, provider: bool) -> tuple[int, ...]:
    """Traits of a host that imitates somebody: how, whom, with what word, with names before its domain, at a
    provider."""
    return (
        _HOW[like.how],
        89 if like.brand.kind in _OF_MANY_HOSTS else 90,
        91 if like.told else COUNT,
        53 if below else COUNT,
        68 if provider else COUNT,
    )


URL_SIGNS: Final = {
    "brand": None,
    "host": re.compile(r"[/=?&](?:www\.[a-z0-9-]+|[a-z0-9.-]+\.(?:com|net|org|cn|co\.[a-z]{2}))(?:[/&?]|$)"),
    "key": re.compile(r"[0-9a-f]{24}"),
    "id": re.compile(r"\?(?:id|rid|s|key|token|ref)=[^&]*$"),
}  # fmt: skip
"""What else addresses of such pages hold: a protected name on a domain that is not its owner's, a host of
others, a key, nothing but a number asked for."""
URL_TRAITS: Final = len(URL_WORDS) + len(URL_SIGNS)


def url_traits(url: str | None, host: str) -> list[int]:
    """The numbers of what stands in the address after the host: of `URL_WORDS`, then of `URL_SIGNS`."""
    _, spelt, rest = (url or "").lower().partition(host) if host else ("", "", "")
    if url and host and not spelt:  # in other letters
        other, behind = parted(url)
        rest = behind if in_ascii(other) == host else ""
    if len(rest) < 2:
        return []
    found = [number for number, word in enumerate(URL_WORDS) if word in rest]
    for number, pattern in enumerate(URL_SIGNS.values(), len(URL_WORDS)):
        if (pattern or index().inside).search(rest):
            found.append(number)
    return found
