"""What a message names, written as lists write it: who sends, who is written to, which hosts stand in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

INTERNATIONAL: Final = 1
"""The type of number that says a country's code comes first."""
# Not in the midst of letters: whoever writes a hundred thousand of them shall cost no more than others.
_HOST: Final = re.compile(
    r"(?<![a-z0-9_])[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)+"
)
_DOTTED: Final = re.compile(r"[.．。｡․﹒]\s*[^\s\u3000-\u9fff，！？：；（）]")
"""What any host has, and most texts have not: a dot before something that is no Chinese."""
_MOST: Final = 32
"""Hosts of a text that are looked for."""
_LONGEST: Final = 253
"""Characters of a host; of more, as many from its end: it is looked up with all that lie above it."""
_PIECE: Final = 1000
"""Characters that are spelt plainly at once: in one piece a text all of accents would take seconds."""


def forms(ton: int, address: str) -> tuple[str, ...]:
    """How lists may write the address, a mobile of the country with +86.

    >>> forms(0, "13800138000"), forms(1, "8613800138000"), forms(1, "13105550100"), forms(5, "Bank-24")
    (('+8613800138000',), ('+8613800138000',), ('+13105550100', '13105550100'), ('Bank24',))
    >>> forms(0, "106900001234"), forms(0, "0085212345678")
    (('106900001234',), ('+85212345678', '85212345678'))
    """
    if len(address) == 13 and address.startswith("861") and address.isdecimal() and address[3] >= "3":
        return ("+" + address,)  # most are so
    digits = address.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return ("".join(address.replace("-", "").split()),)
    abroad = ton == INTERNATIONAL or len(digits) < len(address)
    if digits.startswith("00"):
        abroad, digits = True, digits[2:]
    if len(digits) == 13 and digits.startswith("861") and digits[3] >= "3":
        return ("+" + digits,)
    if abroad:
        return ("+" + digits, digits)
    if len(digits) == 11 and digits[0] == "1" and digits[1] >= "3":
        return ("+86" + digits,)
    return (digits,)


def form(ton: int, address: str) -> str:
    """The one of the forms under which all writings of an address are alike."""
    return forms(ton, address)[0]


def hosts(text: str) -> Iterator[str]:
    """Every host that stands in the text, also with wide letters or with room about its dots.

    >>> list(hosts("请登录ｗｗｗ．Pay-a.example。com/x 或 b .example")), list(hosts("3。谢谢。"))
    (['www.pay-a.example.com', 'www.pay-a.example.com', 'b.example'], [])
    """
    if _DOTTED.search(text) is None:
        return
    plain = (text if text.isascii() else _plain(text)).lower()
    yield from _written(plain)
    closed = ".".join(map(str.strip, plain.split(".")))
    if closed != plain:
        yield from _written(closed)


def _written(text: str) -> Iterator[str]:
    for host in _HOST.findall(text)[:_MOST]:
        yield host if len(host) <= _LONGEST else host[-_LONGEST:].partition(".")[2]


def _plain(text: str) -> str:
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    return "".join(unicodedata.normalize("NFKC", piece) for piece in pieces).replace("。", ".")
