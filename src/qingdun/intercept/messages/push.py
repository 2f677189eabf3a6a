"""What a WAP push says: an address that a phone opens or offers to open, with a line of text about it.

An 8-bit message of WSP (a transaction, the type *push*, headers) with a document of WBXML in it, Service
Indication (WAP-167) or Service Loading (WAP-168), or one that is written out in XML.
"""

from __future__ import annotations

from typing import Final

_PUSH: Final = 0x06
_SI, _SL = 0x05, 0x06
"""Public identifiers of the two documents."""
_BEGINNINGS: Final = {
    _SI: {0x0C: "http://", 0x0D: "http://www.", 0x0E: "https://", 0x0F: "https://www."},
    _SL: {0x09: "http://", 0x0A: "http://www.", 0x0B: "https://", 0x0C: "https://www."},
}
"""By the token of an attribute, what its value begins with."""
_ENDINGS: Final = {0x85: ".com/", 0x86: ".edu/", 0x87: ".net/", 0x88: ".org/"}
_END, _ENTITY, _STRING, _LITERAL, _TABLE, _OPAQUE = 0x01, 0x02, 0x03, 0x04, 0x83, 0xC3
_ATTRIBUTES: Final = 0x80
"""The bit of a tag that says attributes follow."""
_CODECS: Final = {3: "ascii", 4: "latin-1", 113: "gbk", 114: "gb18030", 2025: "gb2312"}
"""By the number of a character set; of any other UTF-8."""
_MOST: Final = 10_000
"""Characters that are taken from a document's table: two octets may stand for all of it, again and again. Of
more the table is read once, as it stands.
"""


def words(octets: bytes) -> str:
    """The addresses and the text of a push; empty for what is none. Of one that is cut short what is there.

    >>> head, document = b"\\1\\6\\1\\xae", b"\\2\\5\\x6a\\0\\x45\\xc6"
    >>> words(head + document + b"\\x0d\\3pay\\0\\x85\\3x\\0\\1\\3" + "退款".encode() + b"\\0\\1\\1")
    'http://www.pay.com/x 退款'
    """
    if len(octets) < 4 or octets[1] != _PUSH:
        return ""
    try:
        length, at = _number(octets, 2)
        at += length
        if octets[at] == ord("<"):
            return octets[at:].decode("utf-8", "replace")
        public, at = _number(octets, at + 1)
        if public == 0:
            _place, at = _number(octets, at)
        charset, at = _number(octets, at)
        size, at = _number(octets, at)
    except IndexError:
        return ""
    beginnings = _BEGINNINGS.get(public, {})
    return " ".join(_document(octets, at + size, octets[at : at + size], charset, beginnings).split())


def _document(octets: bytes, at: int, table: bytes, charset: int, beginnings: dict[int, str]) -> str:
    codec = _CODECS.get(charset, "utf-8")
    found: list[str] = []
    taken, in_attributes = 0, False
    try:
        while at < len(octets):
            token = octets[at]
            at += 1
            if token == _END:
                in_attributes = False
                found.append(" ")
            elif token == _STRING:
                end = octets.find(0, at)
                end = len(octets) if end < 0 else end
                found.append(octets[at:end].decode(codec, "replace"))
                at = end + 1
            elif token == _TABLE:
                place, at = _number(octets, at)
                if taken < _MOST:
                    end = table.find(0, place)
                    found.append(table[place : end if end >= 0 else None].decode(codec, "replace"))
                    taken += len(found[-1])
            elif token == _OPAQUE:
                size, at = _number(octets, at)
                at += size
            elif token == _ENTITY:
                code, at = _number(octets, at)
                found.append(chr(code) if code < 0xD800 else "\ufffd")
            elif token & 0x3F == _LITERAL:
                _place, at = _number(octets, at)
                in_attributes = in_attributes or token >= _ATTRIBUTES
            elif in_attributes:
                found.append(
                    _ENDINGS.get(token, "") if token >= _ATTRIBUTES else " " + beginnings.get(token, "")
                )
            else:
                in_attributes = token >= _ATTRIBUTES
    except IndexError:
        pass  # it is cut short
    if taken >= _MOST:
        found.append(" " + table.replace(b"\0", b" ").decode(codec, "replace"))
    return "".join(found)


def _number(octets: bytes, at: int) -> tuple[int, int]:
    """The number that stands at `at`, seven bits an octet, and where it ends. Errors: IndexError."""
    found = 0
    for place in range(at, at + 5):
        found = found << 7 | octets[place] & 0x7F
        if octets[place] < 0x80:
            return found, place + 1
    raise IndexError
