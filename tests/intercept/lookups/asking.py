"""The plane of look-ups in a thread of the test, with its answering processes, and a client of it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import dns.message
import dns.query

from qingdun.contract import tokens
from qingdun.intercept.connections import Address
from qingdun.intercept.feed import Limits, Source
from qingdun.intercept.lookups import plane
from qingdun.intercept.lookups.settings import Settings
from tests.intercept.running import Often, free_port, until, working

ZONE = "lookup.qingdun.invalid"
LIMITS = Limits(10_000_000, 100)


class Answer(NamedTuple):
    """Status, headers by name in lower case, and what the body holds."""

    status: int
    headers: dict[str, str]
    body: Any


class Client(NamedTuple):
    """Whoever asks with a token."""

    settings: Settings
    token: str

    def get(self, path: str, **headers: str) -> Answer:
        """What is answered to a GET."""
        return self.send("GET", path, None, **headers)

    def about(self, kind: str, entity: str) -> Answer:
        """What is answered about it."""
        return self.get(f"/v1/{kind}/{quote(entity, safe='')}")

    def verdict(self, kind: str, entity: str) -> str:
        """What to do with it."""
        answer = self.about(kind, entity)
        assert answer.status == 200, answer
        return str(answer.body["verdict"])

    def post(self, path: str, body: object, **headers: str) -> Answer:
        """What is answered to a POST of an object, or of octets as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", path, raw, **headers)

    def send(self, method: str, path: str, body: bytes | None, **headers: str) -> Answer:
        """One request over a connection of its own."""
        line = http.client.HTTPConnection(self.settings.http.host, self.settings.http.port, timeout=20)
        sent = {"Authorization": f"Bearer {self.token}"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            raw = answer.read()
        finally:
            line.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, json.loads(raw) if raw else None)

    def dns(self, name: str, kind: str = "A") -> dns.message.Message:
        """What is answered over DNS to a name below the zone."""
        question = dns.message.make_query(f"{name}.{ZONE}.", kind, use_edns=0)
        return dns.query.udp(question, self.settings.dns.host, port=self.settings.dns.port, timeout=5)

    def knows(self, serial: int) -> bool:
        """Whether it answers and has heard so much."""
        try:
            answer = self.get("/v1/health")
        except OSError:
            return False
        return answer.status == 200 and answer.body["serial"] >= serial


def client(folder: Path, rate: int = 1_000_000, clients: tuple[str, ...] = ("127.0.0.0/8",)) -> Client:
    """Settings of a plane of its own, and a token for it."""
    settings = Settings(
        folder, Address("127.0.0.1", free_port()), Address("127.0.0.1", free_port()), ZONE, clients, rate
    )
    return Client(settings, tokens.make(settings.tokens, "bank"))


@contextmanager
def answering(asker: Client, source: Source, processes: int = 1, serial: int = 0) -> Iterator[None]:
    """The plane works, and has heard so much."""
    ready = threading.Event()
    with working(
        lambda stop: plane.run(asker.settings, processes, LIMITS, source, Often(), stop, ready.set),
        ready.is_set,
    ):
        assert asker.get("/v1/health").status in (200, 503), "who says that it is ready answers"
        until(lambda: asker.knows(serial))
        yield


def comes_to(asker: Client, kind: str, entity: str, verdict: str) -> None:
    """That is answered, after a while at the latest."""

    def now() -> bool:
        try:
            return asker.verdict(kind, entity) == verdict
        except OSError:  # one that answered has just ended
            return False

    until(now)
