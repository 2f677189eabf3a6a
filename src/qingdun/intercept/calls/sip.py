"""Requests of SIP taken apart by slices, and answers put together (RFC 3261); only what a server must know
that redirects or refuses.

Octets are read as Latin-1, so that whatever was sent goes back as it came.
"""

from __future__ import annotations

from typing import NamedTuple

LONGEST = 65_535
"""Octets of a request; a longer one is not read."""
MOST_LINES = 256
"""Header lines of a request; one that has more is malformed."""
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "l": "content-length"}
_ONCE = frozenset(("from", "to", "call-id", "cseq", "max-forwards", "content-length"))
_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~")
_MOST_HOPS, _MOST_CSEQ = 255, 2**31


class Malformed(Exception):
    """The request cannot be read; `request` is what is known of it, None if it cannot even be answered."""

    def __init__(self, why: str, request: Request | None = None, status: int = 400) -> None:
        super().__init__(why)
        self.request, self.status = request, status


class Via(NamedTuple):
    """The first hop of a request's way back."""

    sent_by: str
    """Host and perhaps port, lower case."""
    branch: str
    rport: bool
    """Whether it asks to be answered at the port it sent from (RFC 3581)."""


class Request(NamedTuple):
    """A request, as far as it matters here. Header names are lower case, values as they came."""

    method: str
    uri: str
    vias: tuple[str, ...]
    """The values of all Via lines, the first hop first."""
    via: Via
    headers: dict[str, str]
    """The first value of every other header."""

    @property
    def in_dialog(self) -> bool:
        """Whether it belongs to a call that stands: its To has a tag."""
        return bool(parameter(self.headers.get("to", ""), "tag"))


def parse(data: bytes) -> Request | None:
    """The request; None for what needs no answer: a response, or empty lines that keep a line open.

    Errors: Malformed.
    """
    text = data.decode("latin-1").lstrip("\r\n")
    if not text.strip("\0") or text.startswith("SIP/2.0 "):
        return None
    head, blank, body = text.partition("\r\n\r\n")
    if "\r\n " in head or "\r\n\t" in head:
        head = head.replace("\r\n ", " ").replace("\r\n\t", " ")
    first, _, rest = head.partition("\r\n")
    words = first.split(" ")
    lines = rest.split("\r\n")
    if len(words) != 3 or not blank or len(lines) > MOST_LINES:
        raise Malformed("no request line, no end of the header, or too long a header")
    # What went back with an end of line of its own in it could be read as a header more.
    if head.count("\n") != len(lines) or head.count("\r") != len(lines) or "\0" in head:
        raise Malformed("an end of line within a line")
    headers, vias, faults = _headers(lines)
    if not vias:
        raise Malformed("no Via")
    request = Request(words[0], words[1], tuple(vias), _via(vias[0]), headers)
    if words[2].upper() != "SIP/2.0":
        raise Malformed(f"version {words[2]!r}", request, 505)
    faults = faults or _faults(request, len(body))
    if faults:
        raise Malformed(faults, request)
    return request


def parameter(value: str, name: str) -> str:
    """The parameter behind an address or a hop; empty if it has none.

    >>> parameter('"a;tag=0" <sip:b@c;tag=1>;Tag=2', "tag")
    '2'
    """
    for one in value[value.rfind(">") + 1 :].split(";")[1:]:
        key, _, found = one.partition("=")
        if key.strip().lower() == name:
            return found.strip()
    return ""


def answer(
    request: Request, status: int, phrase: str, tag: str, peer: tuple[str, int], extra: str = ""
) -> bytes:
    """The whole answer to the request that came from `peer`; `extra`: header lines, each with its end."""
    headers = request.headers
    to = headers.get("to", "")
    if tag and to and not request.in_dialog:
        to = f"{to};tag={tag}"
    known = (("From", headers.get("from")), ("To", to), ("Call-ID", headers.get("call-id")))
    lines = "".join(f"{name}: {value}\r\n" for name, value in known if value)
    cseq = f"CSeq: {headers['cseq']}\r\n" if "cseq" in headers else ""
    vias = "".join(f"Via: {one}\r\n" for one in _seen(request, peer))
    return f"SIP/2.0 {status} {phrase}\r\n{vias}{lines}{cseq}{extra}Content-Length: 0\r\n\r\n".encode(
        "latin-1"
    )


def return_address(request: Request, peer: tuple[str, int]) -> tuple[str, int]:
    """Where the answer goes over UDP (RFC 3261, 18.2.2): to the address it came from, and to the port that
    the first hop names unless it asks for the one it sent from. Nobody else is answered, whatever a Via says.
    """
    if request.via.rport:
        return peer
    _host, _, port = request.via.sent_by.rpartition(":")
    named = int(port) if port.isdecimal() and len(port) <= 5 and _host and not port.startswith("0") else 0
    return peer[0], named if 0 < named <= LONGEST else 5060


def _headers(lines: list[str]) -> tuple[dict[str, str], list[str], str]:
    headers: dict[str, str] = {}
    vias: list[str] = []
    faults = ""
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or not name:
            faults = faults or "a line that is no header"
            continue
        name, value = _COMPACT.get(name, name), value.strip()
        if name == "via":
            vias += _apart(value)
        elif name not in headers:
            headers[name] = value
        elif name in _ONCE:
            faults = faults or f"{name} twice"
    return headers, vias, faults


def _apart(vias: str) -> list[str]:
    return [vias] if "," not in vias else [one.strip() for one in vias.split(",") if one.strip()]


def _via(value: str) -> Via:
    """Errors: Malformed if it is no hop: without it nobody can be answered."""
    hop, _, parameters = value.partition(";")
    protocol, _, sent_by = hop.rstrip().rpartition(" ")
    # White space around the slashes is allowed (RFC 3261, 25.1).
    if not sent_by or not protocol.replace(" ", "").upper().startswith("SIP/2.0/"):
        raise Malformed("a Via that is no hop")
    branch, rport = "", False
    for one in parameters.split(";"):
        key, _, found = one.partition("=")
        key = key.strip().lower()
        if key == "branch":
            branch = found.strip()
        elif key == "rport":
            rport = True
    return Via(sent_by.lower(), branch, rport)


def _faults(request: Request, body: int) -> str:
    """What is wrong with it; empty if nothing is."""
    headers = request.headers
    if not _TOKEN.issuperset(request.method) or not request.method:
        return "a method that is no token"
    missing = [name for name in ("from", "to", "call-id", "cseq") if not headers.get(name)]
    if missing:
        return f"no {missing[0]}"
    number, _, method = headers["cseq"].partition(" ")
    if not _is_number(number, _MOST_CSEQ) or method.strip() != request.method:
        return "a CSeq of another request"
    if not _is_number(headers.get("max-forwards", "70"), _MOST_HOPS):
        return "Max-Forwards that is no number of hops"
    length = headers.get("content-length")
    if length is not None and not _is_number(length, body):
        return "a body that is shorter than it says"
    uri = request.uri
    if not (uri.isascii() and uri.isprintable()) or "<" in uri or ">" in uri or '"' in uri:
        return "an address that is no URI"
    return ""


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= most


def _seen(request: Request, peer: tuple[str, int]) -> list[str]:
    """The hops, the first with where it was seen (RFC 3261, 18.2.1; RFC 3581)."""
    first, via = request.vias[0], request.via
    host = via.sent_by.rpartition(":")[0] if via.sent_by.rpartition(":")[2].isdecimal() else via.sent_by
    if via.rport:
        kept = [one for one in first.split(";") if one.partition("=")[0].strip().lower() not in _SEEN]
        first = f"{';'.join(kept)};received={peer[0]};rport={peer[1]}"
    elif host != peer[0]:
        first = f"{first};received={peer[0]}"
    return [first, *request.vias[1:]]


_SEEN = frozenset(("rport", "received"))
