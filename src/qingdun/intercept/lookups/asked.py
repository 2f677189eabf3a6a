"""What is asked for, as the lists write it: one number, host or sender, however a client spells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from qingdun.detect import entities
from qingdun.detect.text.template import template_key

LONGEST_TEXT: Final = 4000
"""Characters of a text that is asked for; a message of 255 parts is no message."""
_SHOWN = 80


class Unclear(Exception):
    """What was asked is none of these: where it stood, what was found, what was expected."""

    def __init__(self, place: str, found: str, expected: str) -> None:
        super().__init__(f"{place}: found {found}, expected {expected}")
        self.place, self.found, self.expected = place, found, expected


class _Form(NamedTuple):
    read: Callable[[str], str | None]
    expected: str


def entity(kind: str, text: str, place: str) -> str:
    """The entity as the lists write it. Errors: Unclear.

    >>> entity("number", "138 0000-0000", "path"), entity("host", "https://Pay.Example.INVALID/a", "path")
    ('+8613800000000', 'pay.example.invalid')
    """
    found = read(kind, text)
    if found is None:
        raise Unclear(place, shown(text), _FORMS[kind].expected)
    return found


def read(kind: str, text: str) -> str | None:
    """The entity as the lists write it; None if the text is none."""
    return _FORMS[kind].read(text)


def shown(value: object) -> str:
    """What was found, short enough to be told.

    >>> shown(7), shown("a" * 100)[-5:]
    ('7', "aaa…'")
    """
    text = value if isinstance(value, str) else repr(value)
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return repr(cut) if isinstance(value, str) else cut


def _text(text: str) -> str | None:
    return template_key(text) if len(text) <= LONGEST_TEXT else None


_FORMS: Final = {
    "number": _Form(entities.number, "3 to 24 digits, perhaps after a plus (%2B in an address)"),
    "host": _Form(entities.host, "a host such as a.example.com, or an address of a page on it"),
    "sender": _Form(entities.sender, "3 to 24 letters, digits, _, # or *"),
    "text": _Form(_text, f"a text of at most {LONGEST_TEXT} characters"),
}
KINDS: Final = tuple(_FORMS)
