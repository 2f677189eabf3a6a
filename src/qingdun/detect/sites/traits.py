"""What can be told of a host and an address at a glance, as numbered traits that a model gives weights to."""

from __future__ import annotations

import math
import re
import string
from typing import Final
from zlib import crc32

from qingdun.detect.sites.hosts import is_address, registered_domain, shared_suffixes
from qingdun.detect.sites.lookalike import likeness

TOP_LEVELS: Final = 64
"""Top-level names share this many slots by hash."""
COUNT: Final = 64 + TOP_LEVELS

_SHAPE = str.maketrans(
    dict.fromkeys(string.digits, "d")
    | dict.fromkeys(string.ascii_lowercase, "c")
    | dict.fromkeys("aeiou", "v")
)
_CONSONANTS = re.compile("c+")

URL_WORDS: Final = (
    "login", "signin", "verify", "account", "secure", "update", "confirm", "webmail", "password", "wallet",
    "bank", "invoice", "payment", "support", "customer", "wp-content", "wp-includes", "wp-admin", ".php",
    ".exe", ".apk", "cmd=", "session", "token", "redirect", "?email", "@", "//",
)  # fmt: skip
"""What addresses of look-alike pages like to hold after the host; lengths and depth are left out, since
honest addresses in the training data come from search results and are long."""


def traits(host: str) -> list[int]:
    """The numbers of the host's traits, each below `COUNT`."""
    domain = registered_domain(host)
    label = domain.partition(".")[0]
    suffix = domain.partition(".")[2] or domain
    shape = label.translate(_SHAPE)
    vowels, digits = shape.count("v"), shape.count("d")
    letters = vowels + shape.count("c")
    like = likeness(host)
    found = [
        min(len(label) // 3, 7),
        8 + min(host.count("-"), 4),
        13 + min(host.count(".") - domain.count("."), 4),
        18 + min(digits, 5),
        24 + min(int(_entropy(label) * 2), 8),
        33 + {"word": 1, "inside": 2, "near": 3}.get(like.how if like else "", 0),
        37 + min(max(map(len, _CONSONANTS.findall(shape)), default=0), 6),
        44 + min(int(4 * vowels / max(letters, 1)), 3),
        64 + crc32(suffix.encode()) % TOP_LEVELS,
    ]
    found += (
        [48] * is_address(host)
        + [49] * ("xn--" in host)
        + [50] * (suffix in shared_suffixes() and not _official(suffix))
    )
    found += (
        [51] * (letters > 0 and digits > 0)
        + [52] * (letters == 0)
        + [53] * (like is not None and domain != host)
    )
    return found


def url_words(url: str | None, host: str) -> list[int]:
    """Which of `URL_WORDS` stand in the address after the host."""
    rest = (url or "").lower().partition(host)[2] if host else ""
    return [number for number, word in enumerate(URL_WORDS) if word in rest] if rest else []


def _official(suffix: str) -> bool:
    """Whether the suffix is a registry's (com.cn), not a platform's (github.io)."""
    return len(suffix.partition(".")[0]) <= 3 or suffix.count(".") == 0


def _entropy(text: str) -> float:
    counts = map(text.count, set(text))
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts) if text else 0.0
