"""Flows over HTTP: `POST /v1/flows/calls|messages|visits|transfers` with a token. What was answered 202
stands on disk; whoever is told to wait sends the same again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from qingdun.contract.storage import FULL
from qingdun.contract.tables import FLOWS
from qingdun.contract.tokens import Tokens, digest
from qingdun.errors import InputError
from qingdun.run.receiving.bodies import (
    ARROW,
    ENCODINGS,
    LINES,
    KeyTaken,
    Sent,
    Spool,
    TooLarge,
    key_of,
    waiting,
)

MOST_BODY: Final = 256 << 20
"""Octets that a body may have as it is sent."""
PART_S: Final = 30.0
"""How long a provider may take to send the next part of a body, and may lag behind its rate."""
LEAST_RATE: Final = 64 << 10
"""Octets a second that a body comes at, at least: the longest holds its place for 69 minutes at most."""
AT_ONCE: Final = 4
"""Bodies that are received at a time."""
RETRY_S: Final = 5
LOOK_S: Final = 1.0
"""How often it is looked what waits, and whether tokens have changed."""
_FLOWS: Final = {flow.name: flow for flow in FLOWS}
_JSON: Final = [("content-type", "application/json"), ("cache-control", "no-store")]

_log = logging.getLogger("qingdun.run")


class Refused(Exception):
    """The request is not done; the answer says why."""

    def __init__(self, status: int, why: str, *headers: tuple[str, str]) -> None:
        super().__init__(why)
        self.status, self.headers = status, headers


class Receiver:
    """Answers requests."""

    def __init__(
        self,
        landing: Path,
        tokens: Tokens,
        most_waiting: int,
        least_rate: int = LEAST_RATE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`most_waiting`: octets that may wait to be taken before providers are told to wait; `least_rate`:
        octets a second that a body must come at."""
        self._landing, self._tokens, self._most_waiting, self._clock = landing, tokens, most_waiting, clock
        self._least_rate = least_rate
        self._waiting = waiting(landing)
        self._receiving: Counter[str] = Counter()
        """How many bodies, by provider."""
        self._looked = clock()
        self._complained = -math.inf
        self._reading = ThreadPoolExecutor(1, "bodies")
        self.answers: Counter[int] = Counter()
        """How often, by status."""
        self.rows = 0

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Granian calls this with each request."""
        try:
            status, said = await self._answer(scope, protocol)
            headers: tuple[tuple[str, str], ...] = ()
        except Refused as refused:
            status, said, headers = refused.status, {"error": str(refused)}, refused.headers
        self.answers[status] += 1
        protocol.response_bytes(status, [*_JSON, *headers], json.dumps(said, ensure_ascii=False).encode())

    async def _answer(self, scope: Any, protocol: Any) -> tuple[int, dict[str, Any]]:
        self._look()
        if scope.path == "/v1/health" and scope.method == "GET":
            return 200, {
                "waiting_octets": self._waiting,
                "receiving": self._receiving.total(),
                "rows": self.rows,
            }
        begin, _, name = scope.path.rpartition("/")
        if begin != "/v1/flows" or name not in _FLOWS:
            raise Refused(404, f"path: found {scope.path[:60]!r}, expected /v1/flows/{'|'.join(_FLOWS)}")
        if scope.method != "POST":
            raise Refused(405, f"method: found {scope.method}, expected POST", ("allow", "POST"))
        sent = self._sent(scope, name)
        self._refuse_too_much(sent.provider)
        self._receiving[sent.provider] += 1
        try:
            return await self._receive(sent, scope, protocol)
        finally:
            self._receiving[sent.provider] -= 1

    def _refuse_too_much(self, provider: str) -> None:
        """There is room and a place for a body of the provider. Errors: Refused."""
        receiving, own = self._receiving.total(), self._receiving[provider]
        if self._waiting > self._most_waiting or receiving >= AT_ONCE or own >= self._share(provider):
            why = (
                f"{self._waiting:,} octets wait to be judged and {receiving} bodies are being received, "
                f"{own} of them yours"
            )
            raise Refused(429, f"{why}; send the same again later", ("retry-after", str(RETRY_S)))

    def _share(self, provider: str) -> int:
        """How many bodies of the provider are received at a time: as many as if one provider more were
        sending, so that whoever sends none finds a place, or the next that falls free."""
        sending = {one for one, bodies in self._receiving.items() if bodies} | {provider}
        return max(1, AT_ONCE // (len(sending) + 1))

    async def _receive(self, sent: Sent, scope: Any, protocol: Any) -> tuple[int, dict[str, Any]]:
        length = _length(scope)
        if length > MOST_BODY:
            raise _too_long(f"{length:,}")
        try:
            spool = Spool(self._landing)
            try:
                await _spooled(protocol, spool, self._least_rate)
                if spool.size != length:
                    # Granian ends a body whose connection breaks as it ends a whole one.
                    why = f"body: {spool.size:,} octets came, expected {length:,} as Content-Length says"
                    raise Refused(400, why, ("connection", "close"))
                loop = asyncio.get_running_loop()
                name, rows = await loop.run_in_executor(self._reading, spool.land, sent)
            finally:
                spool.close()
        except TooLarge as error:
            raise Refused(413, str(error)) from error
        except KeyTaken as error:
            raise Refused(409, str(error)) from error
        except InputError as error:
            raise Refused(422, str(error)) from error
        except OSError as error:
            if error.errno not in FULL:
                raise
            _log.error("%s: what %s sends cannot be kept: %s", self._landing, sent.provider, error.strerror)
            raise Refused(
                507, "no room on this side; send the same again later", ("retry-after", "60")
            ) from error
        self.rows += rows
        return 202, {"rows": rows, "file": name}

    def _sent(self, scope: Any, flow: str) -> Sent:
        """Who sends what, and how. Errors: Refused."""
        said = scope.headers.get("authorization") or ""
        provider = self._tokens.names.get(digest(said[7:])) if said[:7].lower() == "bearer " else None
        if provider is None:
            self._complain(scope.client)
            found = "another one" if said else "none"
            expected = "Bearer and a token that `qingdun receive-token` made"
            raise Refused(
                401,
                f"header Authorization: found {found}, expected {expected}",
                ("www-authenticate", "Bearer"),
            )
        kind = (scope.headers.get("content-type") or "").partition(";")[0].strip().lower()
        if kind not in (ARROW, LINES):
            raise Refused(415, f"header Content-Type: found {kind[:60]!r}, expected {ARROW} or {LINES}")
        encoding = (scope.headers.get("content-encoding") or "").strip().lower()
        if encoding not in ENCODINGS:
            raise Refused(415, f"header Content-Encoding: found {encoding[:60]!r}, expected gzip or zstd")
        try:
            key = key_of(scope.headers.get("idempotency-key") or "")
        except InputError as error:
            raise Refused(400, str(error)) from error
        return Sent(provider, _FLOWS[flow], kind, encoding, key)

    def _look(self) -> None:
        """What waits, and who may send, once a second."""
        if self._clock() - self._looked < LOOK_S:
            return
        self._looked = self._clock()
        self._waiting = waiting(self._landing)
        if self._tokens.look():
            for fault in self._tokens.faults:
                _log.warning("%s; nobody is let in by that", fault)

    def _complain(self, client: str) -> None:
        """It is logged who was refused, once a second at most: a flood fills no disk."""
        if self._clock() - self._complained >= 1:
            self._complained = self._clock()
            _log.warning("%s is refused: it has no token of ours (%d so far)", client, self.answers[401] + 1)


def _length(scope: Any) -> int:
    """How long the body is, so that half of one is never taken for the whole. Errors: Refused."""
    said = scope.headers.get("content-length") or ""
    if not (said.isascii() and said.isdecimal() and len(said) <= 20):
        why = f"header Content-Length: found {said[:40] or 'none'!r}, expected the octets of the body"
        raise Refused(411, why, ("connection", "close"))
    return int(said)


async def _spooled(protocol: Any, spool: Spool, least_rate: int) -> None:
    """The body is on disk. Errors: Refused, OSError."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(PART_S) as patience:
            async for part in protocol:
                if spool.size + len(part) > MOST_BODY:
                    raise _too_long(f"more than {MOST_BODY:,}")
                spool.add(part)
                patience.reschedule(_waited_for(loop.time(), began, spool.size, least_rate))
    except TimeoutError:
        why = (
            f"body: {spool.size:,} octets came in {loop.time() - began:.0f} s; expected some every "
            f"{PART_S:g} s, and {least_rate:,} octets a second after the first {PART_S:g} s"
        )
        raise Refused(408, why, ("connection", "close")) from None


def _waited_for(now: float, began: float, octets: int, least_rate: int) -> float:
    """When a body of which so much has come is let go, in seconds as `now`: what has come buys so much time
    and no more, or whoever drips would keep a place for ever.

    >>> _waited_for(now=1000.0, began=990.0, octets=10_000_000, least_rate=100_000)
    1030.0
    >>> _waited_for(now=1000.0, began=990.0, octets=100_000, least_rate=100_000)
    1021.0
    """
    return min(now + PART_S, began + PART_S + octets / least_rate)


def _too_long(found: str) -> Refused:
    return Refused(
        413, f"body: found {found} octets, expected at most {MOST_BODY:,}", ("connection", "close")
    )
