"""Alerts reach an address of somebody else's, signed, each until it is taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qingdun.contract.tables import Alert
from qingdun.run.sinks import webhook
from qingdun.run.sinks.webhook import Standing, WebhookSink, signature
from tests.run.world import World

SECRET = b"a secret of the two"


class Receiver:
    """An HTTP server that answers as it is told, 204 if nothing is said."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[str, str, bytes]] = []
        self.before_answer: Callable[[], object] = lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.headers["Qingdun-Alert"], self.headers["Qingdun-Signature"], body))
                receiver.before_answer()
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_about: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def ids(self) -> list[str]:
        return [one[0] for one in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture(scope="module")
def alerts() -> list[Alert]:
    world = World(3)
    world.police_story()
    return world.alerts()


def settled(sink: WebhookSink) -> Standing:
    """How it stands once nothing waits."""
    waited = threading.Event()
    for _ in range(600):
        found = sink.standing()
        if not found.waiting:
            return found
        waited.wait(0.05)
    raise AssertionError(found)


def test_an_alert_is_sent_once_signed_as_the_contract_has_it(
    tmp_path: Path, receiver: Receiver, alerts: list[Alert]
) -> None:
    sink = WebhookSink(receiver.url, SECRET, tmp_path / "queue.sqlite3")
    sink.alerts(alerts, {})
    assert settled(sink) == Standing(0, len(alerts), 0, 0)
    sink.alerts(alerts, {})
    assert settled(sink).taken == len(alerts)
    sink.close()
    assert receiver.ids() == [one.alert_id for one in alerts]
    alert_id, signed, body = receiver.got[0]
    at, _, digest = signed.partition(",v1=")
    assert digest == hmac.new(SECRET, at[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signed == signature(SECRET, body, int(at[2:]))
    said = json.loads(body)
    assert said["alert_id"] == alert_id
    assert said["raised_at"].startswith("2026-03-02T09:")
    assert {"detector", "bits", "text_zh", "text_en"} <= set(said["evidence"][0])


def test_what_is_not_taken_is_sent_again_and_what_is_refused_is_not(
    tmp_path: Path, receiver: Receiver, alerts: list[Alert], caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers += [503, 429]
    sink = WebhookSink(receiver.url, SECRET, tmp_path / "queue.sqlite3")
    sink.alerts(alerts[:1], {})
    assert settled(sink) == Standing(0, 1, 0, 0)
    assert len(receiver.got) == 3
    receiver.answers += [301]
    sink.alerts(alerts[1:2], {})
    assert settled(sink) == Standing(0, 1, 1, 0), "no redirect is followed"
    sink.close()
    assert "refused alert" in caplog.text


def test_what_waits_is_sent_after_the_next_start(
    tmp_path: Path, receiver: Receiver, alerts: list[Alert]
) -> None:
    away = WebhookSink("http://127.0.0.1:9/alerts", SECRET, tmp_path / "queue.sqlite3")
    away.alerts(alerts, {})
    away.close()
    assert away.standing().waiting == len(alerts)
    sink = WebhookSink(receiver.url, SECRET, tmp_path / "queue.sqlite3")
    assert settled(sink).taken == len(alerts)
    sink.close()
    assert set(receiver.ids()) == {one.alert_id for one in alerts}


def test_after_a_day_it_is_given_up(tmp_path: Path, receiver: Receiver, alerts: list[Alert]) -> None:
    now = [1_800_000_000.0]
    receiver.answers += [500, 500]
    sink = WebhookSink(receiver.url, SECRET, tmp_path / "queue.sqlite3", lambda: now[0])
    sink.alerts(alerts[:1], {})
    while len(receiver.got) < 1:
        threading.Event().wait(0.02)
    now[0] += 86_401
    assert settled(sink) == Standing(0, 0, 0, 1)
    sink.close()


def test_an_answer_that_is_no_http_is_tried_again(
    tmp_path: Path, receiver: Receiver, alerts: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "FIRST_WAIT_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as noise:
        url = f"http://127.0.0.1:{noise.getsockname()[1]}/alerts"
        sink = WebhookSink(url, SECRET, tmp_path / "queue.sqlite3")
        sink.alerts(alerts[:1], {})
        for _again in range(2):
            one, _address = noise.accept()
            with one:
                one.recv(1 << 16)
                one.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")
        sink.close()
    assert sink.standing().waiting == 1


def test_a_full_disk_neither_loses_an_alert_nor_sends_it_again_and_again(
    tmp_path: Path, receiver: Receiver, alerts: list[Alert]
) -> None:
    sink = WebhookSink(receiver.url, SECRET, tmp_path / "queue.sqlite3")
    sink.alerts(alerts[:1], {})
    assert settled(sink).taken == 1
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    receiver.before_answer = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        sink.alerts(alerts[1:2], {})
        until_full = threading.Event()
        for _ in range(100):
            if len(receiver.got) > 1:
                break
            until_full.wait(0.05)
        until_full.wait(2.5)  # time in which the same would go out again, twice
        sink.alerts(alerts[2:], {})
        with pytest.raises(OSError, match=r"queue\.sqlite3"):
            sink.keep(1)
    finally:
        receiver.before_answer = lambda: None
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    sink.keep(1)
    assert settled(sink).taken == len(alerts)
    sink.close()
    assert receiver.ids() == [one.alert_id for one in alerts]


def test_a_receiver_that_stays_away_is_said_once_a_minute(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    sink = WebhookSink("http://127.0.0.1:1/", b"k" * 16, tmp_path / "queue.sqlite3", lambda: now[0])
    for second in range(130):
        now[0] = float(second)
        assert sink._sent(f"a{second}", b"{}", 0.0, 0)[0] == ""
    sink.close()
    refused = "<urlopen error [Errno 111] Connection refused>"
    assert [record.getMessage() for record in caplog.records] == [
        f"the webhook did not take what it was sent, {count} times, the last alert {alert} ({refused}); what "
        "waits is sent again"
        for count, alert in ((1, "a0"), (60, "a60"), (60, "a120"))
    ]
