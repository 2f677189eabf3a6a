"""What can be told of a host and an address at a glance, as numbered traits that a model gives weights to."""

from __future__ import annotations

import math
import re
import string
from typing import Final
from zlib import crc32

from qingdun.detect.sites.brands import index
from qingdun.detect.sites.hosts import is_address, registered_domain
from qingdun.detect.sites.lookalike import likeness
from qingdun.detect.sites.spelling import is_pinyin
from qingdun.detect.sites.suffixes import is_shortener, platform, public_suffix

SUFFIXES: Final = 160
"""Suffixes share this many slots by hash."""
_OTHER: Final = 96
COUNT: Final = _OTHER + SUFFIXES

_SHAPE = str.maketrans(
    dict.fromkeys(string.digits, "d")
    | dict.fromkeys(string.ascii_lowercase, "c")
    | dict.fromkeys("aeiou", "v")
)
_BITS = [n * math.log2(max(n, 1)) for n in range(256)]
_CONSONANTS = re.compile("c+")
_TOP_LEVELS = {
    "com",
    "cn",
    "net",
    "org",
    "co",
    "jp",
    "gov",
    "edu",
    "top",
    "vip",
    "hk",
    "uk",
    "us",
    "ne",
    "or",
}
_ORDINARY_WORDS = (
    "www m mobile wap h5 api app img image images pic static cdn res assets js css mail smtp mx news bbs "
    "blog shop store i a s t v video live music download dl log logs stat ad ads search map cloud oss docs "
    "help wiki forum open dev user my edu oa crm erp en zh jp de fr ftp ns1 ns2 webmail"
)
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_PLATFORMS = {"": 0, "website": 1, "storage": 2, "dynamic_dns": 3, "tunnel": 4}

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


def traits(host: str) -> list[int]:
    """The numbers of the host's traits, each below `COUNT`."""
    domain = registered_domain(host)
    suffix = public_suffix(host)
    label = domain.partition(".")[0]
    shape = label.translate(_SHAPE)
    vowels, digits = shape.count("v"), shape.count("d")
    letters = vowels + shape.count("c")
    run = max(map(len, _CONSONANTS.findall(shape)), default=0)
    like = likeness(host)
    how = {"word": 1, "inside": 2, "near": 3}[like.how] if like is not None else 0
    below = host[: -len(domain) - 1].split(".") if len(domain) < len(host) else []
    length, depth = min(len(label) // 3, 7), min(len(below), 4)
    kind = _kind(label, letters, digits, vowels, run)
    given = _PLATFORMS[platform(suffix.name)]
    found = [
        length,
        8 + min(host.count("-"), 4),
        13 + depth,
        18 + min(digits, 5),
        24 + min(int(_entropy(label) * 2), 8),
        33 + how,
        37 + min(run, 6),
        44 + min(int(4 * vowels / max(letters, 1)), 3),
        54 + given,
        60 + kind,
        _OTHER + crc32(suffix.name.encode()) % SUFFIXES,
    ]
    found += (
        [48] * is_address(host)
        + [49] * ("xn--" in host)
        + [50] * suffix.provider
        + [51] * (letters > 0 and digits > 0)
        + [52] * (letters == 0)
        + [53] * (like is not None and depth > 0)
        + [59] * is_shortener(domain)
        + [68] * (like is not None and suffix.provider)
    )
    found += _below(below)
    return found


def _below(labels: list[str]) -> list[int]:
    """What the names before the registered domain are like."""
    if not labels:
        return []
    longest = max(map(len, labels))
    words = [word for label in labels for word in label.split("-")]
    return (
        [70 + min(longest // 4, 7)]
        + [78] * (not _TOP_LEVELS.isdisjoint(words))
        + [79] * all(label in _ORDINARY for label in labels)
        + [80] * any(letter.isdecimal() for label in labels for letter in label)
        + [81 + min(max(label.count("-") for label in labels), 4)]
        + [86] * (len(labels) > 1 and not _TOP_LEVELS.isdisjoint(labels[1:]))
    )


def _kind(label: str, letters: int, digits: int, vowels: int, run: int) -> int:
    """What sort of name a label is: a number, mixed, words of Chinese, speakable, hardly, hyphenated."""
    if not letters:
        return 0
    if "-" in label:
        return 5 if not digits else 6
    if digits:
        return 1 if label.rstrip(string.digits).isalpha() else 2
    if is_pinyin(label):
        return 3
    return 4 if run <= 3 and vowels * 5 >= letters else 7


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
    rest = (url or "").lower().partition(host)[2] if host else ""
    if len(rest) < 2:
        return []
    found = [number for number, word in enumerate(URL_WORDS) if word in rest]
    for number, pattern in enumerate(URL_SIGNS.values(), len(URL_WORDS)):
        if (pattern or index().inside).search(rest):
            found.append(number)
    return found


def _entropy(text: str) -> float:
    """Bits a letter of the text tells, by how often each stands in it."""
    if not text:
        return 0.0
    known = math.log2(len(text)) * len(text)
    return (known - sum(_BITS[min(n, 255)] for n in map(text.count, set(text)))) / len(text)
