"""Requests in the whole way of an answer, without a line: limits, tokens, and whatever a client sends."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.contract import tokens
from qingdun.contract.tokens import Tokens
from qingdun.errors import ConfigurationError, RefusedError
from qingdun.intercept.known import Rule
from qingdun.intercept.lookups import bodies
from qingdun.intercept.lookups.answers import Answers
from qingdun.intercept.lookups.web import Web
from tests import strokes

RULE = Rule(1, True, "phishing", 0, None)
RUNNER = asyncio.Runner()


@pytest.fixture(scope="module", autouse=True)
def _runner() -> Iterator[None]:
    """One loop for all requests."""
    with RUNNER:
        yield


class Request:
    """A request as granian hands it over, and what was answered."""

    def __init__(self, method: str, path: str, headers: dict[str, str], parts: list[bytes]) -> None:
        self.method, self.path, self.headers, self.client = method, path, headers, "192.0.2.1:1"
        self._parts = parts
        self.answers: list[tuple[int, list[tuple[str, str]], bytes]] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, headers, body))


class Clock:
    """Stands until it is set."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def answered(web: Web, request: Request) -> tuple[int, dict[str, str], Any]:
    RUNNER.run(web.__rsgi__(request, request))
    ((status, headers, body),) = request.answers
    return status, dict(headers), json.loads(body)


def web(folder: Path, rate: float = 10, clock: Clock | None = None) -> tuple[Web, str]:
    token = tokens.make(folder / "tokens", "bank")
    answers = Answers(lambda kind, entity: RULE if entity == "+8617258010001" else None)
    return Web(answers, Tokens(folder / "tokens"), rate, clock or Clock()), token


def test_a_client_that_asks_too_much_is_told_when_it_may_again(tmp_path: Path) -> None:
    clock = Clock()
    one, token = web(tmp_path, 100, clock)
    headers = {"authorization": f"Bearer {token}"}

    def ask() -> tuple[int, dict[str, str], Any]:
        return answered(one, Request("GET", "/v1/number/17258010001", headers, []))

    batch = json.dumps({"ask": [{"number": "17258010001"}] * bodies.MOST_AT_ONCE}).encode()
    status, _, found = answered(one, Request("POST", "/v1/batch", headers, [batch]))
    assert (status, len(found["answers"])) == (200, bodies.MOST_AT_ONCE)
    status, said, found = ask()
    assert (status, said["retry-after"], found["expected"]) == (
        429,
        "1",
        "at most 100 questions a second",
    )
    clock.at = 0.02
    assert [ask()[0] for _ in range(3)] == [200, 200, 429]
    status, said, _ = answered(one, Request("POST", "/v1/batch", headers, [batch]))
    assert (status, said["retry-after"]) == (429, "1"), "not even its first question"
    clock.at = 0.035
    status, said, _ = answered(one, Request("POST", "/v1/batch", headers, [batch]))
    assert (status, said["retry-after"]) == (429, "5")


def test_who_has_no_token_is_counted_and_logged_once_a_second(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    one, token = web(tmp_path, clock=clock)
    with caplog.at_level(logging.WARNING, "qingdun.intercept"):
        for said in ("", "Bearer ", f"Basic {token}", f"Bearer {token}x", token) * 20:
            status, _, found = answered(
                one, Request("GET", "/v1/host/a.example", {"authorization": said}, [])
            )
            assert (status, token in str(found)) == (401, False)
        clock.at = 1
        answered(one, Request("GET", "/v1/host/a.example", {}, []))
    assert one.refused[401] == 101
    assert len(caplog.records) == 2
    assert token not in caplog.text


def test_a_name_has_one_token_and_a_file_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    first, second = tokens.make(file, "bank"), tokens.make(file, "operator.1")
    assert tokens.clients(file) == {tokens.digest(first): "bank", tokens.digest(second): "operator.1"}
    with pytest.raises(RefusedError, match="bank has a token"):
        tokens.make(file, "bank")
    with pytest.raises(ConfigurationError, match="expected a name"):
        tokens.make(file, "a b")
    known = Tokens(file)
    lines = file.read_text().splitlines()
    file.write_text(f"bank 12\n{lines[1]}\n")
    assert known.look()
    assert list(known.names.values()) == ["operator.1"], "each line holds without the others"
    (fault,) = known.faults
    assert "line 1: found 'bank 12', expected a name" in fault
    assert Tokens(file).names == known.names
    with pytest.raises(ConfigurationError, match="line 1"):
        tokens.make(file, "bank")
    file.write_text(f"bank {first}\n")
    assert known.look()
    assert tokens.MARK not in known.faults[0], "who writes a token itself there reads it in no log"
    file.write_text(f"{lines[1]}\n")
    assert known.look()
    file.write_bytes(b"\xff")
    assert known.look()
    assert list(known.names.values()) == ["operator.1"], "of a file that cannot be read nothing is known"
    assert not known.look()
    assert "expected a file of tokens" in known.faults[0]
    assert Tokens(file).names == {}


def test_a_client_that_has_asked_before_is_answered_at_once(tmp_path: Path) -> None:
    clock = Clock()
    one, token = web(tmp_path, clock=clock)
    listed = "/v1/number/17258010001"

    def at_once(path: str = listed, said: str = f"Bearer {token}", method: str = "GET") -> Request | None:
        request = Request(method, path, {"authorization": said}, [])
        return request if one.at_once(request, request) else None

    assert at_once() is None, "its token is yet to be looked for"
    long_way = Request("GET", listed, {"authorization": f"Bearer {token}"}, [])
    answered(one, long_way)
    soon = at_once()
    assert soon is not None
    assert soon.answers == long_way.answers
    for path in ("/v1/host/a.example", "/v1/sender/10690001", "/v1/number/+8617258010001"):
        assert at_once(path)
    for path in ("/v1/number/tel", "/v1/number", "/v2/number/110", "/v1/text/a", "/v1/health", ""):
        assert at_once(path) is None
    assert at_once(said="") is None
    assert at_once(said=f"Bearer {token}x") is None
    assert at_once(method="POST") is None
    assert one.asked == 5
    clock.at = 1000
    while at_once():
        pass
    assert one.asked - 5 == bodies.MOST_AT_ONCE
    status, _, _ = answered(one, Request("GET", listed, {"authorization": f"Bearer {token}"}, []))
    assert status == 429
    assert [sum(one.tally.taken().values()) for _ in range(2)][1] == one.asked - 3
    one.forget()
    clock.at = 2000
    assert at_once() is None, "the file of tokens has changed"


PATHS = (
    "/v1/number/17258010001", "/v1/number/+8617258010001", "/v1/host/a.bad.example", "/v1/sender/CMBC_1",
    "/v1/host/https://a.bad.example:8443/pay?x=1", "/v1/text", "/v1/batch", "/v1/batch", "/v1/health",
    "/v1/openapi.json", "/v1/text/1", "/", "*",
)  # fmt: skip
METHODS = ("GET", "POST", "GET", "POST", "HEAD", "PUT", "")
BODIES = (
    {"text": "您的积分今日到期，请登录 a.example"},
    {"ask": [{"number": "17258010001"}, {"host": "a.example"}, {"sender": "CMBC_1"}, {"text": "你好"}]},
    {"ask": [{"number": "１７２５８０１０００１"}] * 3},
)
NAMES = ("ask", "text", "number", "host", "sender", "x", "")
VALUES = (None, True, 1.5, -7, "", "a" * 5000, "17258010001", "\ud800", [], {}, [[]], {"number": "110"})
drawn = given(st.integers(0, 1 << 30), strokes.SOME, strokes.SOME, strokes.SOME)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Web, str]:
    return web(tmp_path_factory.mktemp("web"), 1e9)


def answers_as_it_must(
    shared: tuple[Web, str], which: int, path_changed: bytes, changed: bytes, octets_changed: bytes
) -> None:
    one, token = shared

    def chosen(parts: Sequence[Any]) -> Any:
        nonlocal which
        which, place = divmod(which, len(parts))
        return parts[place]

    path, method, body = chosen(PATHS), chosen(METHODS), chosen(BODIES)
    if which % 2:
        path = strokes.octets(path.encode(), path_changed).decode("utf-8", "replace")
    raw = json.dumps(strokes.objects(body, changed, NAMES, VALUES)).encode()
    raw = strokes.octets(raw, octets_changed) if which % 4 == 0 else raw
    said = {"authorization": f"Bearer {token}"}
    request = Request(method, path, said, [raw[: which % 50], raw[which % 50 :]])
    status, headers, found = answered(one, request)
    soon = Request(method, path, said, [])
    assert not one.at_once(soon, soon) or soon.answers == request.answers, "both ways lead to the same answer"
    if status == 200:
        assert headers["content-type"] == "application/json"
    elif status != 503:
        assert status in (400, 404, 405, 422)
        assert found.keys() == {"title", "status", "place", "found", "expected"}


@drawn
@settings(max_examples=300)
def test_whatever_is_sent_is_answered(
    shared: tuple[Web, str], which: int, path: bytes, body: bytes, octets: bytes
) -> None:
    answers_as_it_must(shared, which, path, body, octets)


@pytest.mark.slow
@drawn
@settings(max_examples=100_000)
def test_whatever_is_sent_is_answered_a_hundred_thousand_times(
    shared: tuple[Web, str], which: int, path: bytes, body: bytes, octets: bytes
) -> None:
    answers_as_it_must(shared, which, path, body, octets)
