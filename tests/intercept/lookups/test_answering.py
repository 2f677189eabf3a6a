"""Look-ups over HTTP and DNS as real clients see them, answered by real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import dns.rcode
import dns.rdatatype
import pytest

from qingdun.detect.text.template import template_key
from qingdun.errors import InputError
from qingdun.intercept.counts import HOUR_US
from qingdun.intercept.lookups import bodies, plane, relay, serving
from tests.intercept.lookups.asking import LIMITS, Answer, Client, Often, answering, client, comes_to
from tests.intercept.lookups.schemas import faults, referred
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import until

SMS = "尊敬的王女士，您的积分12,800分今日到期，请登录 http://a.example 领取现金"
LIKE = "尊敬的李建国先生，您的积分900分今日到期，请登录 b-c.example/x 领取现金"


class Served(NamedTuple):
    lists: MemoryLists
    client: Client


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    lists = MemoryLists()
    asker = client(tmp_path_factory.mktemp("look-ups"))
    for entry in (
        listed(1, "+8617258010001", kind="number"),
        listed(2, "bad.example"),
        listed(3, "CMBC_1", kind="sender", enforced=False),
        listed(4, template_key(SMS), kind="text"),
    ):
        lists.put(entry)
    with answering(asker, lists, serial=4):
        yield Served(lists, asker)


def test_what_is_listed_is_answered_however_it_is_written(served: Served) -> None:
    asker = served.client
    for written in (
        "17258010001",
        "+8617258010001",
        "8617258010001",
        "172 5801-0001",
        "１７２５８０１０００１",
    ):
        assert asker.about("number", written).body["entry"] == "QD-1"
    assert asker.get("/v1/number/+8617258010001").body["entry"] == "QD-1", "a plus in a path is a plus"
    for host in ("bad.example", "WWW.Bad.Example.", "https://a.bad.example:8443/pay?x=1"):
        assert asker.about("host", host).body["entry"] == "QD-2"
    assert asker.verdict("sender", "CMBC_1") == "observe"
    assert asker.verdict("sender", "cmbc_1") == "pass", "capitals of senders count"
    found = asker.post("/v1/text", {"text": LIKE}).body
    assert (found["entry"], found["key"]) == ("QD-4", template_key(SMS))
    assert asker.post("/v1/text", {"text": "好的"}).body["verdict"] == "pass"
    batch = [{"number": "17258010001"}, {"host": "good.example"}, {"sender": "CMBC_1"}, {"text": LIKE}]
    answers = asker.post("/v1/batch", {"ask": batch}).body["answers"]
    assert [one["entry"] for one in answers] == ["QD-1", None, "QD-3", "QD-4"]


def test_an_answer_says_what_to_do_and_nothing_of_why(served: Served) -> None:
    entry = served.lists.entries[1]
    found = served.client.about("number", "17258010001").body
    assert found.keys() == {"verdict", "entry", "scam_type", "since", "until", "age_s"}
    assert (found["verdict"], found["scam_type"]) == ("block", "phishing")
    assert found["since"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.since // 1_000_000))
    assert 0 <= found["age_s"] < 30


def test_everything_is_answered_as_the_document_says(served: Served) -> None:
    asker = served.client
    document = asker.get("/v1/openapi.json", Authorization="").body
    told: list[tuple[str, str, Answer]] = [
        ("/v1/number/{number}", "get", asker.about("number", "17258010001")),
        ("/v1/number/{number}", "get", asker.about("number", "10")),
        ("/v1/number/{number}", "get", asker.about("number", "a" * 10_000)),
        ("/v1/number/{number}", "get", asker.get("/v1/number/17258010001", Authorization="Bearer qdl_x")),
        ("/v1/number/{number}", "get", asker.get("/v1/number/17258010001", Authorization="")),
        ("/v1/number/{number}", "get", asker.post("/v1/number/17258010001", {})),
        ("/v1/host/{host}", "get", asker.about("host", "a.bad.example")),
        ("/v1/host/{host}", "get", asker.about("host", "localhost")),
        ("/v1/sender/{sender}", "get", asker.about("sender", "CMBC_1")),
        ("/v1/sender/{sender}", "get", asker.about("sender", "")),
        ("/v1/text", "post", asker.post("/v1/text", {"text": SMS})),
        ("/v1/text", "post", asker.post("/v1/text", {"text": SMS * 1000})),
        ("/v1/text", "post", asker.post("/v1/text", {"words": SMS})),
        ("/v1/text", "post", asker.post("/v1/text", b"{")),
        ("/v1/text", "post", asker.post("/v1/text", b"[" * 100_000)),
        ("/v1/text", "post", asker.post("/v1/text", b"\xff\xfe")),
        ("/v1/text", "post", asker.post("/v1/text", b"x" * (bodies.MOST_BODY + 1))),
        ("/v1/text", "post", asker.get("/v1/text")),
        ("/v1/batch", "post", asker.post("/v1/batch", {"ask": [{"number": "17258010001"}] * 500})),
        ("/v1/batch", "post", asker.post("/v1/batch", {"ask": [{"number": "17258010001"}] * 501})),
        ("/v1/batch", "post", asker.post("/v1/batch", {"ask": []})),
        ("/v1/batch", "post", asker.post("/v1/batch", {"ask": [{"host": "a.example"}, {"device": "1"}]})),
        ("/v1/batch", "post", asker.post("/v1/batch", {"ask": [{"number": 1}]})),
        ("/v1/health", "get", asker.get("/v1/health", Authorization="")),
        ("/v1/openapi.json", "get", asker.get("/v1/openapi.json")),
    ]
    seen = set()
    for path, method, answer in told:
        responses = document["paths"][path][method]["responses"]
        assert str(answer.status) in responses, (path, answer)
        said: Any = responses[str(answer.status)]
        said = referred(document, said["$ref"]) if "$ref" in said else said
        kind = answer.headers["content-type"]
        assert not faults(document, said["content"][kind]["schema"], answer.body), (path, answer)
        seen.add((path, answer.status))
    assert {path for path, _status in seen} == document["paths"].keys()
    assert {status for _path, status in seen} == {200, 400, 401, 405, 413, 422}
    wrong = asker.post("/v1/batch", {"ask": [{"host": "a.example"}, {"number": "tel"}]}).body
    assert (wrong["place"], wrong["found"]) == ("ask[1].number", "'tel'")
    assert "3 to 24 digits" in wrong["expected"]
    assert asker.get("/v2/number/1").status == 404


def test_over_dns_a_listed_name_has_an_address_and_its_entry(served: Served) -> None:
    asker = served.client
    sender = "x" + b"CMBC_1".hex()
    for name, address, entry in (
        ("17258010001.number", "127.0.0.2", "QD-1 block phishing"),
        ("a.bad.example.host", "127.0.0.2", "QD-2 block phishing"),
        (f"{sender}.sender", "127.0.0.3", "QD-3 observe phishing"),
        (f"{template_key(SMS)}.text", "127.0.0.2", "QD-4 block phishing"),
    ):
        for _ in range(2):  # the second time another way leads to the answer
            assert [str(one) for one in asker.dns(name).answer[0]] == [address]
        assert [str(one) for one in asker.dns(name, "TXT").answer[0]] == [f'"{entry}"']
    unlisted = asker.dns("17258010009.number")
    assert unlisted.rcode() == dns.rcode.NXDOMAIN
    assert unlisted.authority[0].rdtype == dns.rdatatype.SOA


def test_what_is_listed_counts_at_once_and_what_is_released_too(served: Served) -> None:
    lists, asker = served
    lists.put(listed(10, "+8617258010010", kind="number", enforced=False))
    comes_to(asker, "number", "17258010010", "observe")
    lists.put(listed(10, "+8617258010010", kind="number"), "enforced")
    comes_to(asker, "number", "17258010010", "block")
    lists.put(listed(11, "+8617258010010", kind="number", list_name="never_block"))
    comes_to(asker, "number", "17258010010", "pass")
    lists.reverse(11)
    comes_to(asker, "number", "17258010010", "block")
    lists.reverse(10)
    comes_to(asker, "number", "17258010010", "pass")
    lists.put(listed(14, "a.spared.example"))
    comes_to(asker, "host", "b.a.spared.example", "block")
    lists.put(listed(15, "spared.example", list_name="never_block"))
    comes_to(asker, "host", "b.a.spared.example", "pass")
    lists.reverse(15)
    comes_to(asker, "host", "b.a.spared.example", "block")


def test_a_term_ends_by_our_own_clock_while_the_lists_are_away(served: Served) -> None:
    lists, asker = served
    end = time.time_ns() // 1000 + 1_500_000
    lists.put(listed(12, "+8617258010012", kind="number", until=end))
    comes_to(asker, "number", "17258010012", "block")
    lists.away = True
    try:
        comes_to(asker, "number", "17258010012", "pass")
        assert asker.verdict("number", "17258010001") == "block", "what is known stays in force"
        until(lambda: asker.get("/v1/health").body["age_s"] >= 1)
    finally:
        lists.away = False


def test_what_was_met_is_told_to_the_console_once(served: Served) -> None:
    lists, asker = served
    lists.put(listed(13, "met.example"))
    comes_to(asker, "host", "met.example", "block")
    for _ in range(20):
        asker.dns("a.met.example.host")
        asker.dns("a.met.example.host", "TXT")  # about the same visit
    hits = 21

    def counted() -> int:
        return sum(one.blocked for (_, entry, _), one in lists.told.items() if entry == 13)

    until(lambda: counted() >= hits)
    time_in_hour = time.time_ns() // 1000 % HOUR_US
    assert counted() == hits, f"asked {hits} times, {time_in_hour} us into the hour"


def test_more_than_can_be_passed_on_is_taken_by_processes_begun_anew(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists, asker = served
    monkeypatch.setattr(relay, "MOST_PASSED", 50)
    for place in range(100):
        entry = listed(1000 + place, f"+86172590{place:05d}", kind="number")
        lists.entries[entry.entry_id] = entry
        lists.put(entry)
    before = answering_pids()
    comes_to(asker, "number", "17259000099", "block")
    until(lambda: len(answering_pids()) == 1 and answering_pids() != before)
    assert asker.verdict("number", "17259000000") == "block"


def test_a_second_plane_on_the_same_copy_does_not_begin(served: Served) -> None:
    plane_of = plane.run(served.client.settings, 1, LIMITS, MemoryLists(), Often(), asyncio.Event())
    with pytest.raises(InputError, match=r"look-ups in .*: another process works on it"):
        asyncio.run(plane_of)


def test_a_token_that_is_taken_out_of_the_file_is_out(served: Served) -> None:
    asker = served.client
    text = asker.settings.tokens.read_text()
    assert asker.token not in text, "the file tells nobody a token"
    assert asker.settings.tokens.stat().st_mode & 0o077 == 0
    asker.settings.tokens.write_text("# nobody\nbank 12\n")
    try:
        until(lambda: asker.about("number", "17258010001").status == 401)
        answer = asker.about("number", "17258010001")
        assert answer.headers["www-authenticate"] == "Bearer"
    finally:
        asker.settings.tokens.write_text(f"bank 12\n{text}")
    until(lambda: asker.about("number", "17258010001").status == 200)


def test_a_process_that_is_killed_in_mid_load_is_followed_by_another(tmp_path: Path) -> None:
    lists, asker, others = MemoryLists(), client(tmp_path), answering_pids()
    lists.put(listed(1, "+8617258010001", kind="number"))
    # A line that cannot be read keeps neither the plane from beginning nor a process from being begun again.
    asker.settings.tokens.write_text(f"{asker.settings.tokens.read_text()}bank 12\n")
    with answering(asker, lists, processes=2, serial=1):
        until(lambda: len(answering_pids() - others) == 2)
        kill_one_of_two(lists, asker, others)


def kill_one_of_two(lists: MemoryLists, asker: Client, others: set[int]) -> None:
    comes_to(asker, "number", "17258010001", "block")
    until(lambda: [asker.verdict("number", "17258010001") for _ in range(20)] == ["block"] * 20)
    pid = next(iter(answering_pids() - others))
    ended = threading.Event()
    wrong: list[str] = []

    def load() -> None:
        while not ended.is_set():
            try:
                if (found := asker.verdict("number", "17258010001")) != "block":
                    wrong.append(found)
            except OSError:
                continue

    threads = [threading.Thread(target=load) for _ in range(3)]
    for one in threads:
        one.start()
    os.kill(pid, signal.SIGKILL)
    until(lambda: pid not in answering_pids() and len(answering_pids() - others) == 2)
    ended.set()
    for one in threads:
        one.join()
    assert not wrong
    comes_to(asker, "number", "17258010001", "block")  # the other may still have been loading
    until(lambda: lists.planes["look-ups"].figures["begun_again"])
    assert lists.planes["look-ups"].figures["token_faults"] == 1


def test_clients_that_are_slow_or_send_too_much_hold_nobody_up(served: Served) -> None:
    asker = served.client
    slow = [socket.create_connection(asker.settings.http, timeout=20) for _ in range(50)]
    for one in slow:
        one.sendall(b"GET /v1/number/17258010001 HTTP/1.1\r\nHost: a\r\n")
    long = socket.create_connection(asker.settings.http, timeout=20)
    long.sendall(b"GET /v1/number/1 HTTP/1.1\r\nX: " + b"a" * (2 * serving.MOST_HEAD) + b"\r\n\r\n")
    assert long.recv(100).startswith(b"HTTP/1.1 431")
    body = socket.create_connection(asker.settings.http, timeout=20)
    head = f"POST /v1/text HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {asker.token}\r\n"
    body.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"%x\r\n%s\r\n" % (65536, b"a" * 65536)
    body.sendall(chunk * (bodies.MOST_BODY // 65536 + 1))
    assert body.recv(100).startswith(b"HTTP/1.1 413")
    assert asker.verdict("number", "17258010001") == "block"
    for one in (*slow, long, body):
        one.close()


@pytest.mark.slow  # a client must be slow for ten seconds before it is let go
def test_who_is_slow_is_let_go(served: Served) -> None:
    asker = served.client
    head = socket.create_connection(asker.settings.http, timeout=30)
    head.sendall(b"GET /v1/number/17258010001 HTTP/1.1\r\nHost: a\r\n")
    body = socket.create_connection(asker.settings.http, timeout=30)
    words = f"POST /v1/text HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {asker.token}\r\n"
    body.sendall(words.encode() + b"Content-Length: 50\r\n\r\n{")
    assert body.recv(100).startswith(b"HTTP/1.1 408")
    assert not head.recv(100).startswith(b"HTTP/1.1 200")
    head.close()
    body.close()


def answering_pids() -> set[int]:
    """The processes that answer for us."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"qingdun.intercept.lookups.process" in words:
                found.add(int(pid))
    return found
