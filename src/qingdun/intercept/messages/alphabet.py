"""Octets of a message as text, by its data_coding (SMPP 3.4, 5.2.19; 3GPP TS 23.038)."""

from __future__ import annotations

from typing import Final

_PLAIN: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = {
    "\x0a": "\f", "\x14": "^", "\x28": "{", "\x29": "}", "\x2f": "\\", "\x3c": "[", "\x3d": "~", "\x3e": "]",
    "\x40": "|", "\x65": "€",
}  # fmt: skip
_GSM: Final = "".join((*_PLAIN, *(chr(code) for code in range(128, 256))))
"""By octet. What a network sends above 127 is no GSM-7; most mean Latin-1 by it."""
_AFTER_ESCAPE: Final = {_PLAIN[ord(code)]: letter for code, letter in _EXTENDED.items()}
_TABLE: Final = bytes(range(256)).decode("latin-1").maketrans({chr(i): _GSM[i] for i in range(256)})

_CODECS: Final = {1: "ascii", 3: "latin-1", 5: "iso2022_jp", 6: "iso8859-5", 7: "iso8859-8", 8: "utf-16-be",
                  10: "iso2022_jp", 13: "iso2022_jp_1", 14: "euc_kr", 15: "gb18030"}  # fmt: skip
_BINARY: Final = frozenset((2, 4, 9))
GSM: Final = "gsm"
UNKNOWN: Final = -1
"""The coding of a text that names none: of one that replaces another (4.10)."""


def codec(coding: int, default: str = GSM) -> str:
    """What the octets are written in: a codec of Python, `gsm`, or empty for binary, and for what is unknown.
    `default`: what 0 means.

    >>> [codec(one) for one in (0, 8, 4, 0xF0, 0xF4, 0x18, 15)]
    ['gsm', 'utf-16-be', '', 'gsm', '', 'utf-16-be', 'gb18030']
    """
    if coding == UNKNOWN:
        return ""
    if coding == 0:
        return default
    if coding < 16:
        return "" if coding in _BINARY else _CODECS.get(coding, "latin-1")
    if coding >= 0xF0:
        return "" if coding & 4 else default
    if coding >= 0xC0:
        return "utf-16-be" if coding & 0xF0 == 0xE0 else default
    return (default, "", "utf-16-be", default)[coding >> 2 & 3]


def text(octets: bytes, written: str) -> str:
    """The octets as text, whatever they are; what is none in that codec becomes the mark for it.

    >>> text(b"\\x00\\x1be 5\\x02", "gsm"), text("退款".encode("utf-16-be"), "utf-16-be")
    ('@€ 5$', '退款')
    """
    if written != GSM:
        return octets.decode(written, "replace")
    found = octets.decode("latin-1").translate(_TABLE)
    if "\x1b" not in found:
        return found
    head, *rest = found.split("\x1b")
    return head + "".join(_AFTER_ESCAPE.get(one[:1], one[:1]) + one[1:] for one in rest)
