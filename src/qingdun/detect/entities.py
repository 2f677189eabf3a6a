"""How an entity is written: one way for each kind, so that a list, a flow and a look-up mean the same."""

from __future__ import annotations

import re
import unicodedata

from qingdun.detect.sites.hosts import host_of

_SEPARATORS = re.compile(r"[\s\-()/.·]+")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
_NUMBER = re.compile(r"\+?\d{3,24}", re.ASCII)
_SENDER = re.compile(r"\+?[0-9A-Za-z_#*]{3,24}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_WRITTEN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}", re.ASCII)


def plain(text: str) -> str:
    """The text in its usual characters, without blanks around it.

    >>> plain(" '１７２５８０１０００１ ")
    '17258010001'
    """
    # A spreadsheet keeps long numbers whole behind an apostrophe; it is no part of them.
    return unicodedata.normalize("NFKC", text).strip().lstrip("'").strip()


def number(text: str) -> str | None:
    """A number as lists and flows write it; None if it is none.

    >>> number("172 5801-0001"), number("8617258010001"), number("+852 2345 6789"), number("tel")
    ('+8617258010001', '+8617258010001', '+85223456789', None)
    """
    # Most are written well already, and tens of thousands a second are asked for.
    if mobile := _MOBILE.fullmatch(text):
        return f"+86{mobile[1]}"
    digits = _SEPARATORS.sub("", plain(text))
    if mobile := _MOBILE.fullmatch(digits):
        return f"+86{mobile[1]}"
    return digits if _NUMBER.fullmatch(digits) else None


def sender(text: str) -> str | None:
    """The sender of a message; None if it is none.

    >>> sender("1069 0000 1"), sender("ICBC_1"), sender("a")
    ('106900001', 'ICBC_1', None)
    """
    compact = re.sub(r"[\s-]+", "", plain(text))
    if compact.lstrip("+").isdecimal():
        return number(compact)
    return compact if _SENDER.fullmatch(compact) else None


def host(text: str) -> str | None:
    """The host of an address of a page, or a bare host, in Punycode; None if it is none.

    >>> host("https://Pay.Example.INVALID:8443/a?b=c"), host("例子.example"), host("192.0.2.1"), host("com")
    ('pay.example.invalid', 'xn--fsqu00a.example', '192.0.2.1', None)
    """
    if _WRITTEN.fullmatch(text) and len(text) <= 253 and "hxxp" not in text:
        return text
    try:
        # Flows carry names as they go over the line: what is not ASCII is in Punycode there.
        name = host_of(plain(text)).encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = name.split(".")
    if _ADDRESS.fullmatch(name):
        return name
    if len(labels) < 2 or len(name) > 253 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        return None
    return name
