"""Receipts of what a person released name it as its sender was told: the centre gave it another name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qingdun.intercept.messages import content, pdu

_NAME = re.compile(rb"\bid:(\S+)")
_RECEIPTED, _PAYLOAD = 0x001E, 0x0424
_MOST = 254
"""Octets of a short message."""


def renamed(octets: bytes, names: Mapping[bytes, bytes]) -> bytes | None:
    """The receipt (a deliver_sm or data_sm) with our name for the message instead of the centre's, which
    `names` are by; None if it is of no such message.
    """
    found = content.places(octets, 0, len(octets), pdu.FRAME.unpack_from(octets)[1])
    if found is None:
        return None
    text, options = octets[found.begin : found.tail], list(pdu.parameters(octets, found.tail, len(octets)))
    words = _in_words(text, names)
    if len(words) > _MOST:
        return None
    head = octets[pdu.SHORTEST : found.begin]
    if found.tail > found.begin:
        head = head[:-1] + bytes((len(words),))
    parameters = [(tag, _in_parameter(tag, value, names)) for tag, value in options]
    if (words, parameters) == (text, options):
        return None
    body = b"".join((head, words, *(pdu.parameter(*one) for one in parameters)))
    length = pdu.SHORTEST + len(body)
    changed = pdu.LENGTH.pack(length) + octets[4 : pdu.SHORTEST] + body
    return changed if length <= pdu.LONGEST else None


def _in_words(words: bytes, names: Mapping[bytes, bytes]) -> bytes:
    return _NAME.sub(lambda it: b"id:" + names.get(it[1], it[1]), words, count=1)


def _in_parameter(tag: int, value: bytes, names: Mapping[bytes, bytes]) -> bytes:
    if tag == _RECEIPTED:
        name = value.rstrip(b"\0")
        return names[name] + b"\0" if name in names else value
    return _in_words(value, names) if tag == _PAYLOAD else value
