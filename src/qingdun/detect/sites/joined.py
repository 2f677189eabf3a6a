"""Which names of a text are one host, by the sign between them and by what stands around."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from qingdun.detect.sites.signs import APART, CLOSED, ODD, WEAK
from qingdun.detect.sites.suffixes import is_registry
from qingdun.detect.text.fold import TOP_LEVEL

_PROSE = re.compile(" [a-z]")
_BEFORE_NUMBER = re.compile("([a-z]+)[0-9_-][a-z0-9_-]*")
_SAME: Final = ("www", "wap", "m", "h5")
_NO_LABEL: Final = ("the", "a", "an", "that", "this", "of", "and", "or", "our", "your", "my")
"""Before a spelt `dot com` none is meant."""
_SURE: Final = ("com", "org", "xyz", "icu", "top", "example", "invalid")
_WORDS: Final = (  # noqa: SIM905
    "vip app tv pro me live work win link men bid io la test us uk hk tw jp kr sh ly gl im ws life world "
    "today space beauty hair autos skin click monster bond quest loan"
).split()
"""Top-level domains that a sentence may begin with, or one of a list be."""


class Name(NamedTuple):
    """Labels with full stops between them."""

    name: str
    sign: int
    """What stands before."""
    end: int
    """Where it ends in the text."""


def leads_on(text: str, end: int) -> bool:
    """Whether a path or a port stands there."""
    behind = text[end : end + 2]
    return behind[:1] in ("/", ":") and behind.isascii() and behind[1:].isalnum()


def cut(label: str) -> str:
    """The top-level domain with which the label begins before a number (a.com8月1日), or the label."""
    begun = _BEFORE_NUMBER.fullmatch(label)
    return begun[1] if begun and begun[1] in TOP_LEVEL else label


def joined(names: list[Name], addressed: bool, text: str) -> list[Name]:
    """The names, put together where a sign between two is a dot."""
    found = [names[0]]
    for at, name in enumerate(names[1:], 1):
        held = found[-1].name
        sure = (addressed and len(found) == 1) or held.partition(".")[0] == "www"
        if _belongs(held, names[at : at + 2], sure, text):
            found[-1] = found[-1]._replace(name=f"{held}.{name.name}", end=name.end)
        else:
            found.append(name)
    return found


def _belongs(held: str, following: list[Name], sure: bool, text: str) -> bool:
    """Whether the first name that follows is one with what is held before it."""
    name, rest = following[0], following[1:]
    begin, _, last = held.rpartition(".")
    if name.sign == CLOSED:
        return True
    if begin and last in TOP_LEVEL:  # a whole host: only com.cn may come of it
        return is_registry(f"{last}.{name.name}")
    if _ends(last, name, sure, text):
        return True
    if held in _SAME:
        return sure or name.sign > WEAK
    return bool(rest) and rest[0].sign == name.sign and _ends(name.name, rest[0], sure, text)


def _ends(label: str, name: Name, sure: bool, text: str) -> bool:
    """Whether the name is a public suffix, and the sign between it and the label a dot."""
    suffix = "com" if name.name == "c0m" else name.name
    suffix = suffix if is_registry(suffix) else cut(suffix)
    if not is_registry(suffix):
        return False
    if sure or (name.sign > WEAK and leads_on(text, name.end)):
        return True
    if name.sign < ODD and (label in _NO_LABEL or _PROSE.match(text, name.end)):
        return False
    top = suffix.rpartition(".")[2]
    long = len(label) > 2 and label not in TOP_LEVEL
    if label.isdigit() and not long:
        return False
    if top in _SURE or "." in suffix:
        return name.sign > WEAK or (long and top != "top")
    likely = top in TOP_LEVEL and top not in _WORDS
    return long and likely and (name.sign == ODD or (name.sign == APART and top == "cn"))
