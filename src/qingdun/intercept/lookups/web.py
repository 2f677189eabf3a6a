"""Look-ups over HTTP: paths, tokens, limits and refusals, as `openapi.json` says. Granian reads and writes;
what is in between is a few dictionaries, for this answers tens of thousands of requests a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from importlib import resources
from typing import Any, Final

from qingdun.contract.tokens import Tokens, digest
from qingdun.detect import entities
from qingdun.intercept.lookups import bodies
from qingdun.intercept.lookups.answers import Answers, Tally
from qingdun.intercept.lookups.asked import Unclear, entity, shown
from qingdun.intercept.lookups.limits import Bucket
from qingdun.intercept.lookups.refusals import Refused, unclear

_BREATH: Final = 50
"""After so many answers of a batch others have their turn."""
_JSON: Final = [("content-type", "application/json"), ("cache-control", "private, max-age=5")]
_FRESH: Final = [("content-type", "application/json"), ("cache-control", "no-store")]
_BY_PATH: Final = {"number": entities.number, "host": entities.host, "sender": entities.sender}
_METHODS: Final = {"text": "POST", "batch": "POST", "health": "GET", "openapi.json": "GET"}

_log = logging.getLogger("qingdun.intercept")


class Web:
    """Answers requests."""

    def __init__(
        self, answers: Answers, tokens: Tokens, rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`rate`: what one client may ask about in a second; it may save up for two, or for one batch."""
        self._answers, self._tokens, self._clock = answers, tokens, clock
        self._rate, self._most = rate, max(2 * rate, bodies.MOST_AT_ONCE)
        self._buckets: dict[str, Bucket] = {}
        self._admitted: dict[str, Bucket] = {}
        """By the header of whoever was found by its digest: the next time it is known by this."""
        self._document = resources.files(__package__).joinpath("openapi.json").read_bytes()
        self._complained = -math.inf
        self.seen = False
        """Whether anybody has asked after its health."""
        self.asked = 0
        """About how much was asked."""
        self.refused: Counter[int] = Counter()
        """How often, by status."""
        self.tally = Tally()
        """What was met the short way."""

    def at_once(self, scope: Any, protocol: Any) -> bool:
        """Whether it was answered, in whatever thread this is: the look-up of one thing by a client that has
        asked before. Whatever else it is, or is wrong with it, goes the long way.
        """
        parts = scope.path.split("/", 3)
        if len(parts) != 4 or parts[1] != "v1" or scope.method != "GET":
            return False
        read = _BY_PATH.get(parts[2])
        bucket = self._admitted.get(scope.headers.get("authorization") or "")
        if read is None or bucket is None:
            return False
        entity = read(parts[3])
        if entity is None or bucket.take(self._clock()):
            return False
        self.asked += 1
        protocol.response_bytes(200, _JSON, self._answers.json(parts[2], entity, self.tally))
        return True

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Granian calls this with each request."""
        try:
            parts = scope.path.split("/", 3)
            if len(parts) == 4 and parts[2] in _BY_PATH and parts[1] == "v1":
                if scope.method != "GET":
                    raise _other_method(scope.method, "GET")
                self._admit(scope, 1)
                kind = parts[2]
                body = self._answers.json(kind, entity(kind, parts[3], "path"))
                protocol.response_bytes(200, _JSON, body)
            else:
                await self._seldom(scope, protocol, parts)
        except Unclear as error:
            self._refuse(protocol, unclear(error))
        except Refused as refused:
            self._refuse(protocol, refused)

    async def _seldom(self, scope: Any, protocol: Any, parts: list[str]) -> None:
        what = parts[2] if len(parts) == 3 and parts[1] == "v1" else ""
        if what not in _METHODS:
            raise Refused(404, "not here", "path", shown(scope.path), "a path of /v1/openapi.json")
        if scope.method != _METHODS[what]:
            raise _other_method(scope.method, _METHODS[what])
        if what == "openapi.json":
            protocol.response_bytes(200, _FRESH, self._document)
        elif what == "health":
            self.seen = True
            known = self._answers.knowledge
            said = {"serial": known.serial, "age_s": self._answers.age_s, "entries": known.entries}
            status = 503 if known.serial is None else 200
            protocol.response_bytes(status, _FRESH, json.dumps(said).encode())
        elif what == "text":
            self._admit(scope, 1)
            key = bodies.text(await bodies.read(scope, protocol))
            found = self._answers.json("text", key)
            protocol.response_bytes(200, _JSON, b'%s,"key":"%s"}' % (found[:-1], key.encode()))
        else:
            self._admit(scope, 1)
            asked = bodies.batch(await bodies.read(scope, protocol))
            self._admit(scope, len(asked) - 1)
            protocol.response_bytes(200, _JSON, await self._batch(asked))

    async def _batch(self, asked: list[Any]) -> bytes:
        entities = []
        for place, one in enumerate(asked):
            if place % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            entities.append(bodies.item(one, place))
        return b'{"answers":[%s]}' % b",".join(self._answers.json(*one) for one in entities)

    def _admit(self, scope: Any, count: int) -> None:
        """The client is one of ours and has asked no more than it may. Errors: Refused."""
        said = scope.headers.get("authorization") or ""
        bucket = self._admitted.get(said) or self._known(scope, said)
        if wait_s := bucket.take(self._clock(), count):
            raise Refused(
                429, "too much", "client", "more than that", f"at most {self._rate:g} questions a second",
                ("retry-after", str(math.ceil(wait_s))),
            )  # fmt: skip
        self.asked += count

    def _known(self, scope: Any, said: str) -> Bucket:
        """What is left to the client with that header. Errors: Refused."""
        name = self._tokens.names.get(digest(said[7:])) if said[:7].lower() == "bearer " else None
        if name is None:
            self._complain(scope.client)
            raise Refused(
                401, "no token of ours", "header Authorization", "another one" if said else "none",
                "Bearer and a token that `qingdun intercept token` made", ("www-authenticate", "Bearer"),
            )  # fmt: skip
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(self._rate, self._most, self._clock())
        self._admitted[said] = bucket
        return bucket

    def forget(self) -> None:
        """The file of tokens has changed: whoever asks is looked for in it again."""
        self._admitted.clear()

    def _refuse(self, protocol: Any, refused: Refused) -> None:
        self.refused[refused.status] += 1
        protocol.response_bytes(refused.status, refused.headers, refused.body)

    def _complain(self, client: str) -> None:
        """It is logged who was refused, once a second at most: a flood fills no disk."""
        now = self._clock()
        if now - self._complained >= 1:
            self._complained = now
            refused = self.refused[401] + 1
            _log.warning(
                "%s is refused look-ups: it has no token of ours (%d refused so far)", client, refused
            )


def _other_method(found: str, expected: str) -> Refused:
    return Refused(405, "another method", "method", shown(found), expected, ("allow", expected))
