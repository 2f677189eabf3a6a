"""A SIP server that redirects calls or refuses them, and lets nothing through itself (RFC 3261, 8.3).

It keeps no calls: what was decided of a request is remembered for as long as it may be sent again, and its
answer is made anew, alike.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from qingdun.intercept.calls.numbers import emergency
from qingdun.intercept.calls.sip import Malformed, Request, answer, parse
from qingdun.intercept.calls.verdicts import Judge

MOST_REMEMBERED = 100_000
"""Requests whose outcome is remembered; the oldest is forgotten first."""
REMEMBERED_S = 32.0
"""For how long: 64 times T1 (RFC 3261, 17.2.1)."""
_MAGIC = "z9hG4bK"
_ALLOWED = "INVITE, ACK, CANCEL, OPTIONS"
_KNOWN = frozenset(
    ("BYE", "REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "REFER", "MESSAGE", "UPDATE")
)
_LONGEST_USER = 256


class Outcome(NamedTuple):
    """What a request is answered."""

    status: int
    phrase: str
    extra: str = ""
    """Header lines, each with its end."""


_OK = Outcome(200, "OK")
_ABLE = Outcome(200, "OK", f"Allow: {_ALLOWED}\r\nAccept: application/sdp\r\n")
_GONE = Outcome(481, "Call/Transaction Does Not Exist")
_HOPS = Outcome(483, "Too Many Hops")
_TOO_LONG = Outcome(414, "Request-URI Too Long")
_SCHEME = Outcome(416, "Unsupported URI Scheme")
_NOT_ALLOWED = Outcome(405, "Method Not Allowed", f"Allow: {_ALLOWED}\r\n")
_UNKNOWN = Outcome(501, "Not Implemented", f"Allow: {_ALLOWED}\r\n")
_MALFORMED = Outcome(400, "Bad Request")
_VERSION = Outcome(505, "Version Not Supported")


class Redirect:
    """Answers requests, whatever carries them."""

    def __init__(self, judge: Judge, onward: str, clock: Callable[[], float]) -> None:
        """`onward`: the address of the next hop, in which {user} stands for whom the call asks."""
        self._judge, self._onward, self._clock = judge, onward, clock
        self._secret = secrets.token_bytes(16)
        self._remembered: dict[bytes, tuple[float, Outcome]] = {}
        self.counts: Counter[str] = Counter()
        """Requests that were redirected and others, those sent again, those that could not be read."""

    def answer(self, data: bytes, peer: tuple[str, int]) -> tuple[bytes, Request] | None:
        """What the request is answered that came from the peer, and the request; None: nothing."""
        # An ACK is never answered, whatever is wrong with it (RFC 3261, 17).
        if data.startswith(b"ACK "):
            return None
        try:
            request = parse(data)
        except Malformed as error:
            self.counts["malformed"] += 1
            if error.request is None or error.request.method == "ACK":
                return None
            request, outcome = error.request, _VERSION if error.status == 505 else _MALFORMED
        else:
            if request is None or request.method == "ACK":
                return None
            outcome = self._outcome(request, peer)
        tag = self._tag(request)
        return answer(request, outcome.status, outcome.phrase, tag, peer, outcome.extra), request

    def _outcome(self, request: Request, peer: tuple[str, int]) -> Outcome:
        key = _key(request)
        now = self._clock()
        known = self._remembered.get(key)
        if known is not None and now - known[0] < REMEMBERED_S:
            self.counts["sent_again"] += 1
            return known[1]
        if request.method == "CANCEL":
            return self._cancelled(request, now)
        outcome = self._decided(request, peer)
        self.counts["redirected" if outcome.status == 302 else "not_redirected"] += 1
        self._remember(key, outcome, now)
        return outcome

    def _decided(self, request: Request, peer: tuple[str, int]) -> Outcome:
        method = request.method
        if request.in_dialog:
            return _GONE
        if method == "OPTIONS":
            return _ABLE
        if method != "INVITE":
            return _NOT_ALLOWED if method in _KNOWN else _UNKNOWN
        scheme, _, rest = request.uri.partition(":")
        if scheme.lower() == "urn" and (called := emergency(request.uri)):
            scheme, rest = "tel", called
        if scheme.lower() not in ("sip", "sips", "tel") or not rest:
            return _SCHEME
        # It is for the next hop to count down; whoever comes back to us without any left goes in a circle.
        if request.headers.get("max-forwards") == "0":
            return _HOPS
        verdict = self._judge.of(request, peer[0])
        if verdict.status:
            info = f"Call-Info: {verdict.card}\r\n" if verdict.card else ""
            return Outcome(verdict.status, verdict.phrase, info)
        user = rest.rpartition("@")[0] if scheme.lower() != "tel" else rest
        if len(user) > _LONGEST_USER:
            return _TOO_LONG
        contact = self._onward.replace("{user}", user) if user else self._onward.replace("{user}@", "")
        return Outcome(302, "Moved Temporarily", f"Contact: <{contact}>\r\n")

    def _cancelled(self, request: Request, now: float) -> Outcome:
        """Too late for anything: the call has its answer already (RFC 3261, 9.2)."""
        known = self._remembered.get(_key(request, "INVITE"))
        return _OK if known is not None and now - known[0] < REMEMBERED_S else _GONE

    def _remember(self, key: bytes, outcome: Outcome, now: float) -> None:
        kept = self._remembered
        kept.pop(key, None)
        kept[key] = now, outcome
        # In the order of time: whatever is too old stands first.
        for _ in range(2):
            first = next(iter(kept))
            if len(kept) <= MOST_REMEMBERED and now - kept[first][0] < REMEMBERED_S:
                break
            del kept[first]

    def remembered(self) -> int:
        """How many outcomes are remembered."""
        return len(self._remembered)

    def _tag(self, request: Request) -> str:
        """The same for a request that is sent again, also when it was forgotten."""
        words = f"{request.headers.get('call-id')} {request.headers.get('from')} {request.via.branch}"
        return hashlib.blake2s(words.encode("latin-1"), key=self._secret, digest_size=8).hexdigest()


def _key(request: Request, method: str = "") -> bytes:
    """What a request and those sent again have in common, and no other (RFC 3261, 17.2.3), in 16 octets."""
    via, method = request.via, method or request.method
    if via.branch.startswith(_MAGIC):
        words = f"{via.branch} {via.sent_by} {method}"
    else:
        headers = request.headers
        number = headers["cseq"].partition(" ")[0]
        words = f"{request.uri} {headers['from']} {headers['call-id']} {number} {request.vias[0]} {method}"
    return hashlib.blake2s(words.encode("latin-1"), digest_size=16).digest()
