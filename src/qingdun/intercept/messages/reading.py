"""Octets that do not say how they are written: 8-bit messages, in which gateways send texts of UTF-8, GBK or
UCS-2, and texts that replace others.
"""

from __future__ import annotations

import re
from typing import Final

from qingdun.intercept.messages import push
from qingdun.intercept.messages.alphabet import text

_CODECS: Final = ("utf-8", "gb18030", "utf-16-be", "utf-16-le")
_LEAST: Final = 0.8
"""The share of characters that any text is made of; fewer, and it is read in a wrong way, or no text."""
_COMMON_HANZI: Final = bytes(
    octet for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for octet in (row, cell)
).decode("gb2312", "ignore")
"""The 3,755 of the first level of GB 2312: what Chinese texts are made of, and few misread ones."""
_COMMON: Final = re.compile(rf"[\t\n\r -~\u2010-\u2026\u3000-\u303f\uff01-\uff5e\uffe5{_COMMON_HANZI}]+")
_WRITTEN: Final = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]+")
"""What UTF-8 says is no accident, whatever letters it has."""


def read(octets: bytes, default: str = "") -> str:
    """The text of the octets, or that of a push in them; without one what they are in the codec `default`, or
    nothing. With a `default` nothing says that they are no plain text, and a push is read beside it.

    >>> read("退款请加群".encode("gbk")), read("您的快递".encode("utf-16-be")), read(bytes(range(128, 160)))
    ('退款请加群', '您的快递', '')
    """
    pushed = push.words(octets)
    if pushed and not default:
        return pushed
    best, most = "", _LEAST
    for codec in _CODECS:
        found = octets.decode(codec, "replace").lstrip("\ufeff").rstrip("\0")
        share = _share(found, _WRITTEN if codec == "utf-8" else _COMMON)
        if share > most:
            best, most = found, share
        if share == 1:
            break
    # What nothing speaks for is read as a phone would that shows it in either alphabet of most messages.
    found = best or (f"{text(octets, 'utf-16-be')} {text(octets, default)}" if default else "")
    return f"{found} {pushed}" if pushed else found


def _share(found: str, pattern: re.Pattern[str]) -> float:
    return 1 - len(pattern.sub("", found)) / len(found) if found else 0.0
