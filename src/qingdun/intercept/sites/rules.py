"""From a listed host to the names of a response policy zone, and why some hosts get none."""

from __future__ import annotations

from qingdun.contract.lists import ListedEntry
from qingdun.detect.sites.hosts import is_address
from qingdun.intercept.never import NeverBlock

LONGEST_WIRE = 255
_LONGEST_LABEL = 63


def is_rule(entry: ListedEntry) -> bool:
    """Whether the entry asks for a host to be rewritten: the grey list is people's alone."""
    return entry.list_name == "black" and entry.entity_kind == "host"


def refusal(never: NeverBlock, host: str, room: int) -> str:
    """Why no rule is made of the host, a code; empty if one is. `room`: octets of the zone's own name.

    >>> never = NeverBlock()
    >>> [refusal(never, host, 20) for host in ("bad.example", "com.cn", "xyz", "203.0.113.7", "x.gov.cn")]
    ['', 'hosting', 'suffix', 'address', 'government']
    """
    if is_address(host):
        return "address"  # many hosts share one
    if "." not in host:
        return "suffix"
    wire = packed(host)
    # With `*.` before it and the zone behind it, it must still be a name.
    if wire is None or len(wire) + 2 + room > LONGEST_WIRE:
        return "name"
    return never.group("host", host)


def packed(host: str) -> bytes | None:
    """The labels of the host as they go over the line, without the root; None if it is no name.

    >>> packed("pay.bad.example"), packed("a..b"), packed("例.example")
    (b'\\x03pay\\x03bad\\x07example', None, None)
    """
    try:
        labels = [label.encode("ascii") for label in host.lower().split(".")]
    except UnicodeEncodeError:
        return None
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        return None
    return b"".join(bytes((len(label),)) + label for label in labels)


def unpacked(wire: bytes) -> str:
    """The host of such labels.

    >>> unpacked(packed("pay.bad.example"))
    'pay.bad.example'
    """
    labels, at = [], 0
    while at < len(wire):
        labels.append(wire[at + 1 : at + 1 + wire[at]].decode("ascii"))
        at += 1 + wire[at]
    return ".".join(labels)
