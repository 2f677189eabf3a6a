"""Flows over HTTP land whole, once, and nobody's flood or noise keeps others out."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest

from qingdun.contract.columns import moment
from qingdun.contract.tables import CALLS, FLOWS, VISITS
from qingdun.contract.tokens import make
from qingdun.errors import ConfigurationError, InputError
from qingdun.run.receiving import bodies, web
from qingdun.run.receiving.bodies import ARROW, LINES
from qingdun.run.receiving.serving import receive
from qingdun.run.sources.landing import Landing
from tests.run.world import World, with_wild_offsets

MOST_WAITING = 4 << 20


@dataclass
class Served:
    """A receiver on a port of its own."""

    landing: Path
    port: int
    tokens: Path
    token: str

    def post(
        self, flow: str, body: bytes, kind: str = ARROW, token: str | None = None, **headers: str
    ) -> tuple[int, dict[str, object]]:
        status, said, _ = self.answer(flow, body, kind, token, **headers)
        return status, said

    def answer(
        self, flow: str, body: bytes, kind: str = ARROW, token: str | None = None, **headers: str
    ) -> tuple[int, dict[str, object], str | None]:
        """Status, body, and after how many seconds one may ask again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        said = {"Content-Type": kind, "Authorization": f"Bearer {self.token if token is None else token}"}
        connection.request("POST", f"/v1/flows/{flow}", body, said | headers)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read()), answer.headers["Retry-After"]
        connection.close()
        return found

    def taken(self) -> int:
        """How many rows have landed since it was asked last."""
        landing = Landing(self.landing)
        before = (
            {"group": max(landing._groups(), default=0), "window": 1 << 30} if landing._groups() else None
        )
        landing.take()
        return sum(table.num_rows for read in landing.batches(before) for table in read.batch.values())


@pytest.fixture(scope="module")
def world() -> World:
    made = World(6)
    made.everyday(3, hours=2, events=200)
    return made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("receiving")
    landing, tokens = folder / "landing", folder / "tokens"
    landing.mkdir()
    token = make(tokens, "operator-a")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    running = threading.Thread(
        target=lambda: loop.run_until_complete(
            receive(landing, "127.0.0.1", port, tokens, MOST_WAITING, stop)
        )
    )
    running.start()
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield Served(landing, port, tokens, token)
    loop.call_soon_threadsafe(stop.set)
    running.join(30)
    loop.close()


def stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def lines(table: pa.Table) -> bytes:
    rows = table.set_column(
        table.column_names.index("at"),
        "at",
        [[moment(at).isoformat() for at in table["at"].cast("int64").to_pylist()]],
    ).to_pylist()
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def zstd(body: bytes) -> bytes:
    return bytes(pa.compress(body, "zstd", asbytes=True))


def test_every_flow_lands_in_every_form_and_the_rows_are_the_same(served: Served, world: World) -> None:
    for flow in FLOWS:
        table = flow.from_rows(world.rows[flow.name])
        forms = [
            (ARROW, "", stream(table)), (ARROW, "gzip", gzip.compress(stream(table))),
            (ARROW, "zstd", zstd(stream(table))), (LINES, "", lines(table)),
            (LINES, "zstd", zstd(lines(table))),
        ]  # fmt: skip
        for kind, encoding, body in forms:
            headers = {"Content-Encoding": encoding} if encoding else {}
            assert served.post(flow.name, body, kind, **headers)[0] == 202
            landing = Landing(served.landing)
            group = max(landing._groups(), default=0)
            landing.take()
            (read,) = [one for one in landing.batches(None) if one.place["group"] == group + 1]
            got = read.batch[flow.name].select(flow.schema.names)
            assert sorted(map(repr, flow.to_rows(got))) == sorted(map(repr, world.rows[flow.name]))


def test_what_is_sent_again_is_judged_once(served: Served, world: World) -> None:
    served.taken()
    body = stream(VISITS.from_rows(world.rows["visits"][:30]))
    first = served.post("visits", body, **{"Idempotency-Key": "2026-03-02T09:00"})
    assert first == (400, {"error": first[1]["error"]})
    first = served.post("visits", body, **{"Idempotency-Key": "20260302-0900"})
    assert first == (202, {"rows": 30, "file": "operator-a+20260302-0900.arrow"})
    assert served.taken() == 30
    assert served.post("visits", body, **{"Idempotency-Key": "20260302-0900"}) == first
    other = stream(VISITS.from_rows(world.rows["visits"][30:40]))
    clash = served.post("visits", other, **{"Idempotency-Key": "20260302-0900"})
    assert clash[0] == 409
    assert "found '20260302-0900', under which another body of visits stands" in str(clash[1])
    assert served.taken() == 0, "neither the same waits again, nor another in its place"
    assert served.post("visits", other, **{"Idempotency-Key": "20260302-0901"})[0] == 202
    assert served.post("visits", body, **{"Idempotency-Key": "20260302-0901"})[0] == 409
    assert served.taken() == 10, "what had been taken, or only waited, was not written over"
    assert served.post("visits", body)[0] == served.post("visits", body)[0] == 202
    assert served.taken() == 30, "without a key its content says who it is"


def test_a_provider_without_a_token_is_refused_and_one_taken_out_too(served: Served, world: World) -> None:
    body = stream(VISITS.from_rows(world.rows["visits"][:1]))
    for token in ("", "qd_wrong", served.token[:-1]):
        status, said = served.post("visits", body, token=token)
        assert status == 401
        assert "expected Bearer and a token" in str(said["error"])
    other = make(served.tokens, "operator-b")
    deadline = time.monotonic() + 20
    while served.post("visits", body, token=other)[0] != 202:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    kept = [line for line in served.tokens.read_text().splitlines() if not line.startswith("operator-b")]
    served.tokens.write_text("\n".join(kept) + "\n")
    while served.post("visits", body, token=other)[0] != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    served.taken()


@pytest.mark.parametrize(
    ("flow", "body", "kind", "headers", "status", "says"),
    [
        ("others", b"x", ARROW, {}, 404, "expected /v1/flows/calls|messages|visits|transfers"),
        ("visits", b"x", "text/csv", {}, 415, "found 'text/csv', expected application/vnd.apache"),
        ("visits", b"x", ARROW, {"Content-Encoding": "br"}, 415, "expected gzip or zstd"),
        ("visits", b"no arrow at all", ARROW, {}, 422, "expected an Arrow IPC stream"),
        ("visits", b"no gzip", ARROW, {"Content-Encoding": "gzip"}, 422, "unpacked by gzip"),
        ("visits", b"", LINES, {}, 422, "body:"),
        ("visits", b"{no json}\n", LINES, {}, 422, "expected a line of JSON for each row"),
    ],
)  # fmt: skip
def test_noise_is_answered_with_what_was_found_and_expected(
    served: Served, flow: str, body: bytes, kind: str, headers: dict[str, str], status: int, says: str
) -> None:
    found, said = served.post(flow, body, kind, **headers)
    assert (found, says in str(said)) == (status, True), said
    assert not list((served.landing / "receiving").iterdir())


def test_a_line_that_lacks_a_field_is_rejected_alone(served: Served) -> None:
    served.taken()
    body = (
        b'{"host": "a.cn"}\n{"at": "2026-03-02T09:00:00Z", "subscriber": "+8617000000000", "host": "b.cn"}\n'
    )
    assert served.post("visits", body, LINES)[0] == 202
    landing = Landing(served.landing)
    landing.take()
    (*_, read) = landing.batches(None)
    assert [table.num_rows for table in read.batch.values()] == [1]
    (reject,) = read.rejects
    assert (read.named(reject).row, "at: " in read.named(reject).reason) == (0, True)


@pytest.mark.parametrize("at", ["2026-06-01 08:00:00", "2026-06-01T08:00", "2026-06-01", "yesterday", ""])
def test_a_moment_that_names_no_zone_lands_nowhere(served: Served, at: str) -> None:
    good = {"at": "2026-06-01T08:00:00+08:00", "subscriber": "+8613900000001", "host": "a.example.com"}
    status, said = served.post("visits", "".join(json.dumps(good | {"at": one}) + "\n"
                                                 for one in (good["at"], at)).encode(), LINES)  # fmt: skip
    assert (status, said) == (
        422,
        {"error": f"body: at: found {at!r}, expected a moment in ISO 8601 with its zone, such as "
         "2026-11-29T08:00:00+08:00"},
    )  # fmt: skip
    assert served.taken() == 0


def test_a_moment_is_read_by_the_zone_it_names(served: Served) -> None:
    zones = ["2026-06-01T08:00:00+08:00", "2026-06-01T00:00:00Z", "2026-06-01 08:00:00.000+0800", None]
    rows = [
        {"at": at, "subscriber": "+8613900000001", "host": f"{n}.example.com"} for n, at in enumerate(zones)
    ]
    assert served.post("visits", "".join(json.dumps(row) + "\n" for row in rows).encode(), LINES)[0] == 202
    table = pa.ipc.open_file(next((served.landing / "visits").glob("*.arrow"))).read_all()
    assert [at and at.isoformat() for at in table["at"].to_pylist()] == [
        *["2026-06-01T00:00:00+00:00"] * 3, None,
    ]  # fmt: skip
    served.taken()


def begun(landing: Path, host: str, port: int, tokens: Path) -> None:
    """A receiver that is stopped as soon as it has begun."""
    stop = asyncio.Event()
    asyncio.run(receive(landing, host, port, tokens, MOST_WAITING, stop, ready=stop.set))


def test_two_receivers_do_not_share_a_port(served: Served, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{served.port} is taken"):
        begun(tmp_path, "127.0.0.1", served.port, served.tokens)


def test_the_command_that_is_stopped_ends_well(served: Served, tmp_path: Path) -> None:
    """Also where threads of its server are still at work: five times, for it is a matter of moments."""
    command = [sys.executable, "-m", "qingdun.cli", "receive", str(tmp_path), "--tokens", str(served.tokens)]
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        process = subprocess.Popen(
            [*command, "--listen", f"127.0.0.1:{port}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(f"receiving flows on http://127.0.0.1:{port}/v1/")
            status = Served(tmp_path, port, served.tokens, "none")
            until_answered(status)
        finally:
            process.send_signal(signal.SIGTERM)
            said, faults = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "0 rows in 0 bodies received\n"), faults


def until_answered(one: Served) -> None:
    """It serves."""
    deadline = time.monotonic() + 30
    while True:
        with suppress(OSError):
            assert one.post("visits", b"x")[0] == 401
            return
        assert time.monotonic() < deadline


def test_what_is_no_address_of_this_machine_is_named(served: Served, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1:8810 cannot be listened on: "):
        begun(tmp_path, "192.0.2.1", 8810, served.tokens)
    with pytest.raises(InputError, match=r"somewhere: expected an IP address"):
        begun(tmp_path, "somewhere", 8810, served.tokens)


def test_a_file_of_tokens_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tokens: no such file; `qingdun receive-token` makes it"):
        begun(tmp_path, "127.0.0.1", 8810, tmp_path / "tokens")


def test_a_stream_that_breaks_off_or_lacks_a_column_lands_nowhere(served: Served, world: World) -> None:
    served.taken()
    table = CALLS.from_rows(world.rows["calls"])
    status, said = served.post("calls", stream(table.drop_columns(["caller"])))
    assert status == 422
    assert "column caller is missing" in str(said["error"])
    whole = stream(table)
    assert served.post("calls", whole[: len(whole) // 2])[0] == 422
    assert served.post("calls", gzip.compress(whole)[:-20], **{"Content-Encoding": "gzip"})[0] == 422
    assert served.taken() == 0


def test_a_small_body_that_unpacks_to_a_flood_is_refused(
    served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPACKED", 1 << 20)
    table = VISITS.from_rows(world.rows["visits"][:1] * 60_000)
    for encoding, body in (("zstd", zstd(stream(table))), ("gzip", gzip.compress(stream(table), 1))):
        status, said = served.post("visits", body, **{"Content-Encoding": encoding})
        assert (status, "longer than 1,048,576 octets" in str(said)) == (413, True)
    monkeypatch.setattr(web, "MOST_BODY", 1000)
    assert served.post("visits", os.urandom(2000))[0] == 413
    assert not list((served.landing / "receiving").iterdir())


def test_providers_wait_while_much_waits_and_go_on_when_it_is_taken(served: Served, world: World) -> None:
    served.taken()
    (served.landing / "visits").mkdir(exist_ok=True)
    heap = served.landing / "visits" / ".heap"
    heap.write_bytes(bytes(MOST_WAITING + 1))
    body = stream(VISITS.from_rows(world.rows["visits"][:2]))
    deadline = time.monotonic() + 20
    while (found := served.answer("visits", body))[0] != 429:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found[2] == str(web.RETRY_S)
    heap.unlink()
    while served.post("visits", body)[0] != 202:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    served.taken()


def test_whoever_comes_while_four_are_sending_waits_and_one_provider_leaves_room_for_others(
    served: Served, world: World
) -> None:
    body = stream(VISITS.from_rows(world.rows["visits"][:2]))
    other, third = make(served.tokens, "operator-c"), make(served.tokens, "operator-d")
    deadline = time.monotonic() + 60
    for token in (other, third):
        while served.post("visits", body, token=token)[0] != 202:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with ExitStack() as sending:

        def begin(token: str) -> None:
            head = (
                f"POST /v1/flows/visits HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: {ARROW}\r\nContent-Length: 100000\r\n\r\n"
            )
            one = sending.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30))
            one.sendall(head.encode() + b"some")

        def until_told_to_wait(token: str) -> None:
            while (found := served.answer("visits", body, token=token))[0] != 429:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert found[2] == str(web.RETRY_S)

        for _ in range(web.AT_ONCE):
            begin(served.token)
        until_told_to_wait(served.token)
        assert served.post("visits", body, token=other)[0] == 202, "the flood of one keeps nobody else out"
        for _ in range(web.AT_ONCE):
            begin(other)
        until_told_to_wait(other)
        assert served.post("visits", body, token=third)[0] == 202, "nor do the floods of two"
        begin(third)
        until_told_to_wait(third)
    while served.post("visits", body)[0] != 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    served.taken()


@pytest.mark.parametrize("encoding", ["identity", "zstd"])
def test_a_full_disk_is_said_and_nothing_lands(served: Served, world: World, encoding: str) -> None:
    served.taken()
    body = stream(VISITS.from_rows(world.rows["visits"] * 40))
    body = zstd(body) if encoding == "zstd" else body
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Packed, it finds room; what is unpacked does not.
    room = len(body) if encoding == "zstd" else 4000
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        found = served.answer("visits", body, **{"Content-Encoding": encoding})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found == (507, {"error": "no room on this side; send the same again later"}, "60")
    assert served.taken() == 0
    assert not list((served.landing / "receiving").iterdir())


def test_a_provider_that_stops_in_the_middle_is_let_go(
    served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "PART_S", 0.2)
    head = (
        f"POST /v1/flows/visits HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {served.token}\r\n"
        f"Content-Type: {ARROW}\r\nContent-Length: 100000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as line:
        line.sendall(head.encode() + b"some")
        assert line.recv(1000).startswith(b"HTTP/1.1 408 ")
    deadline = time.monotonic() + 20
    while list((served.landing / "receiving").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_provider_that_drips_is_let_go_and_nothing_of_it_lands(
    served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part comes in time, and the whole would keep its place for a minute."""
    served.taken()
    monkeypatch.setattr(web, "PART_S", 1.0)
    body = lines(VISITS.from_rows(world.rows["visits"][:10]))
    head = (
        f"POST /v1/flows/visits HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {served.token}\r\n"
        f"Content-Type: {LINES}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as line:
        line.sendall(head.encode())
        line.settimeout(0.05)
        for octet in body:
            line.sendall(bytes([octet]))
            with suppress(TimeoutError):
                answer = line.recv(1000)
                break
        line.settimeout(30)
        answer = answer or line.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert b"65,536 octets a second" in answer
    assert served.taken() == 0
    assert not list((served.landing / "receiving").iterdir())
    asked = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    asked.request("GET", "/v1/health")
    assert json.loads(asked.getresponse().read())["receiving"] == 0, "its place is free"
    asked.close()


@pytest.mark.parametrize("framing", ["short", "chunked"])
def test_half_of_a_body_is_never_taken_for_the_whole(served: Served, world: World, framing: str) -> None:
    half = lines(VISITS.from_rows(world.rows["visits"][:3]))
    head = {"short": f"Content-Length: {len(half) + 100}", "chunked": "Transfer-Encoding: chunked"}[framing]
    body = half if framing == "short" else b"%x\r\n%s\r\n" % (len(half), half)
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as one:
        one.sendall(
            f"POST /v1/flows/visits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\n"
            f"Content-Type: {LINES}\r\n{head}\r\n\r\n".encode()
            + body
        )
        one.shutdown(socket.SHUT_WR)
        answer = one.recv(1000)
    assert answer.split(b" ")[1] == {"short": b"400", "chunked": b"411"}[framing]
    assert b"Content-Length" in answer
    assert served.taken() == 0


def test_a_text_that_leads_out_of_its_body_is_refused(served: Served, world: World) -> None:
    table = with_wild_offsets(VISITS.from_rows(world.rows["visits"][:50]), "host")
    status, said = served.post("visits", stream(table))
    assert (status, "body: expected an Arrow IPC stream" in str(said)) == (422, True)
    assert served.taken() == 0
