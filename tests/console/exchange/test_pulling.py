"""Peers' own TAXII servers are read by the clock: one that can be told to fail, and one of our own."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from qingdun.console.exchange import actions, pulling, rules
from qingdun.console.exchange.connecting import Wanted, connect, pull_now, stop_source
from qingdun.console.exchange.models import Received, ReceivedObject, Source
from qingdun.console.lists.models import Entry
from qingdun.errors import InputError, RefusedError
from tests.console.conftest import LogIn
from tests.console.exchange.conftest import RULE, TAXII, Meet, by_itself
from tests.console.exchange.test_taking import indicator
from tests.console.lists.conftest import Listed, People
from tests.console.lists.test_engine import address

ROOT = Path(__file__).parents[3]


class Theirs:
    """A TAXII server of somebody else's with one collection, three objects a page."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.pages = self.given = 0
        self.repeats = False
        self.says: tuple[int, str] | None = None
        self.holds_from = 0
        """From which page on it keeps silent; 0: never."""
        self.silent, self.go_on = threading.Event(), threading.Event()
        theirs = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                theirs.answer(self)

            def log_message(self, *_about: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        self.pages += 1
        if 0 < self.holds_from <= self.pages:
            self.silent.set()
            self.go_on.wait(60)
            return
        query = {name: said[0] for name, said in parse_qs(urlsplit(to.path).query).items()}
        said = base64.b64decode(to.headers["Authorization"].partition(" ")[2])
        status, kind = self.says or (200 if said == b"us:secret" else 401, TAXII)
        after = int(query.get("added_after", "0.")[-5:-1].strip(".") or 0)
        if query.get("next") == "forgotten":
            status = 400
        elif "next" in query:
            # As OASIS's server does it: one name for all that follows, and each page is given once.
            after = self.given
        some = self.objects[after : after + 3]
        more, self.given = len(self.objects) > after + 3, after + (0 if self.repeats else 3)
        body = {"objects": some, **({"more": True, "next": "one-name"} if more else {})}
        text = json.dumps(body if status == 200 else {"title": "no such key here"}).encode()
        to.send_response(status)
        to.send_header("Content-Type", kind)
        if status == 200 and some:
            to.send_header("X-TAXII-Date-Added-Last", f"2026-11-01T00:00:00.{after + len(some):04}Z")
        to.send_header("Content-Length", str(len(text)))
        to.end_headers()
        to.wfile.write(text)

    def lists(self, count: int) -> None:
        """Its collection has so many objects more."""
        first = len(self.objects)
        self.objects += [
            indicator(n, f"[domain-name:value = 'h{n}.example.invalid']") for n in range(first, first + count)
        ]


@pytest.fixture
def theirs() -> Iterator[Theirs]:
    made = Theirs()
    yield made
    made.go_on.set()
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "their.key"
    path.write_text("secret\n")
    path.chmod(0o600)
    return path


def connected(theirs: Theirs, key: Path, peer_id: int, every: int = 15) -> Source:
    return connect(peer_id, Wanted(theirs.url, "hosts", "us", key, every))


def in_minutes(minutes: float) -> int:
    return pulling.tick(timezone.now() + dt.timedelta(minutes=minutes))


@pytest.mark.django_db
def test_a_server_is_read_to_its_end_reviewed_and_then_only_what_is_new(
    theirs: Theirs, key: Path, meet: Meet, people: People, log_in: LogIn
) -> None:
    peer = meet("other-city", RULE).peer
    source = connected(theirs, key, peer.pk)
    theirs.lists(7)
    assert in_minutes(0) == 7
    assert theirs.pages == 3
    by_itself()
    proposed = Entry.objects.filter(state="proposed", proposed_by=peer.account)
    assert {one.entity for one in proposed} == {f"h{n}.example.invalid" for n in range(7)}
    assert in_minutes(1) == 0
    assert theirs.pages == 3, "it is not due"
    theirs.lists(2)
    assert in_minutes(16) == 2
    assert in_minutes(32) == 0
    source.refresh_from_db()
    assert (source.objects_read, source.last) == (9, "2026-11-01T00:00:00.0009Z")
    assert ReceivedObject.objects.count() == 9
    page = log_in(people.analyst).get(reverse("exchange:peer", args=[peer.pk])).content.decode()
    assert f"{theirs.url}collections/hosts/" in page
    assert "已读到末尾" in page


@pytest.mark.django_db
def test_what_fails_is_said_on_the_page_and_asked_again_ever_later(
    theirs: Theirs, key: Path, meet: Meet, people: People, log_in: LogIn
) -> None:
    peer = meet("other-city", RULE).peer
    source, client = connected(theirs, key, peer.pk, every=10), log_in(people.analyst)
    theirs.lists(1)

    def faulty(word: str) -> None:
        in_minutes(100_000)
        page = client.get(reverse("exchange:peer", args=[peer.pk])).content.decode()
        assert word in page, page
        Source.objects.update(due_at=timezone.now())

    theirs.repeats = True
    theirs.lists(4)
    faulty("不是 TAXII 2.1")
    assert theirs.pages == 2, "the same page again is no further page"
    theirs.repeats = False
    Received.objects.all().delete()
    del theirs.objects[1:]
    key.write_text("wrong")
    faulty("对方拒绝该密钥")
    key.chmod(0o644)
    faulty("本机读不到密钥")
    key.write_text("secret")
    key.chmod(0o600)
    for says, word in (
        ((404, TAXII), "没有该集合"),
        ((429, TAXII), "要求稍候"),
        ((500, TAXII), "返回错误"),
        ((302, TAXII), "返回错误"),
        ((200, "text/html"), "不是 TAXII 2.1"),
        # No database keeps a NUL: it would stop the reading of every server.
        ((200, "text/\0html"), "不是 TAXII 2.1"),
    ):
        theirs.says = says
        faulty(word)
    assert "\0" not in Source.objects.get().detail
    assert not ReceivedObject.objects.exists()
    source.refresh_from_db()
    assert source.failures == 9
    in_minutes(0)
    late = Source.objects.get().due_at - timezone.now()
    assert dt.timedelta(hours=5) < late <= dt.timedelta(hours=6)
    home = client.get(reverse("exchange:home")).content.decode()
    assert "不是 TAXII 2.1" in home
    theirs.says = None
    pull_now(people.analyst, source.pk)
    Source.objects.update(next="forgotten")
    assert in_minutes(0) == 1, (
        "where it does not know the place any more, it is read from where the turn began"
    )
    assert Source.objects.get().fault == ""
    actions.end_rule(people.analyst, peer.pk, "暂停")
    faulty("生效规则不允许")
    stop_source(people.analyst, source.pk, True)
    asked = theirs.pages
    in_minutes(100_000)
    assert theirs.pages == asked
    with pytest.raises(RefusedError):
        pull_now(people.analyst, source.pk)
    actions.close_peer(people.analyst, peer.pk, "终止")
    with pytest.raises(RefusedError):
        connected(theirs, key, peer.pk)


@pytest.mark.django_db
def test_a_peer_sends_no_page_more_than_it_may(
    theirs: Theirs, key: Path, meet: Meet, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = meet("other-city", RULE).peer
    source, now = connected(theirs, key, peer.pk), timezone.now()
    theirs.lists(12)
    monkeypatch.setattr(pulling, "MOST_PAGES", 2)
    numbers = {"pages_a_day": 2}
    monkeypatch.setattr(rules, "number", lambda name, real=rules.number: numbers.get(name) or real(name))
    assert pulling.pull(source.pk, now) == 6
    assert pulling.pull(source.pk, now) == 0
    assert (Source.objects.get().fault, theirs.pages) == ("enough", 2), "whatever it has, it waits a day"
    assert Source.objects.get().due_at > now + dt.timedelta(minutes=14)
    # It goes on from where it was; and its rule is ended between two pages.
    later = now + dt.timedelta(days=1, minutes=1)
    assert pulling.pull(source.pk, later, lambda _count: _ended(people, peer.pk)) == 3
    assert theirs.pages == 4
    assert ReceivedObject.objects.count() == 9, "at once is at once"


@pytest.mark.django_db
def test_a_slow_server_gives_way_after_its_turn_and_is_read_on_in_the_next(
    theirs: Theirs, key: Path, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, now = connected(theirs, key, meet("other-city", RULE).peer.pk), timezone.now()
    theirs.lists(7)
    monkeypatch.setattr(
        rules, "number", lambda name, real=rules.number: 0 if name == "turn_seconds" else real(name)
    )
    assert [pulling.pull(source.pk, now) for _ in range(3)] == [3, 3, 1]
    assert Source.objects.get().due_at == now + dt.timedelta(minutes=15), "its end was reached"


def _ended(people: People, peer_id: int) -> None:
    with suppress(RefusedError):
        actions.end_rule(people.analyst, peer_id, "终止")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://taxii.example.invalid/", "ftp://127.0.0.1/", "https://a:b@x.invalid/", "https://", "x"]
)
def test_a_key_goes_nowhere_in_the_clear(meet: Meet, key: Path, url: str) -> None:
    with pytest.raises(InputError):
        connect(meet().peer.pk, Wanted(url, "hosts", "us", key, 15))


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_pages_loses_nothing_and_keeps_nothing_twice(
    theirs: Theirs, key: Path, meet: Meet
) -> None:
    peer = meet("other-city", RULE).peer
    connected(theirs, key, peer.pk)
    theirs.lists(11)
    theirs.holds_from = 3
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGDUN_")},
        "QINGDUN_VAR": os.environ["QINGDUN_VAR"],
        "QINGDUN_DATABASE": address(),
        "QINGDUN_SECRET_KEY": settings.SECRET_KEY,
    }  # fmt: skip
    command = [sys.executable, "-m", "qingdun.cli", "exchange", "pull", "--peer", peer.code]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    assert theirs.silent.wait(60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert ReceivedObject.objects.count() == 6, "two pages stand"
    theirs.holds_from = 0
    theirs.go_on.set()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"other-city {theirs.url}collections/hosts/: 11 objects so far" in done.stdout
    ids = list(ReceivedObject.objects.values_list("object_id", flat=True))
    assert len(ids) == len(set(ids)) == 11
    by_itself()
    assert Entry.objects.filter(state="proposed").count() == 11


@pytest.mark.django_db(transaction=True)
def test_our_own_server_is_read_and_what_is_ours_is_known(
    meet: Meet, listed: Listed, key: Path, live_server: Any
) -> None:
    """Two of the same city: what comes back is known. What another city's server gives is proposed."""
    for n in range(3):
        listed(f"h{n}.example.invalid")
    them, us = meet("their-view-of-us", RULE), meet("their-city", RULE).peer
    by_itself()
    key.write_text(them.key)
    wanted = Wanted(f"{live_server.url}/taxii2/lists/", "host", them.peer.code, key, 1)
    connect(us.pk, wanted)
    pulling.tick(timezone.now())
    source = Source.objects.get()
    assert (source.fault, source.detail, source.objects_read) == ("", "", 7)
    by_itself()
    (first,) = Received.objects.all()
    assert set(first.items.values_list("object_type", "outcome")) >= {("indicator", "known")}
    assert not Entry.objects.filter(state="proposed").exists()
    listed("late.example.invalid")
    by_itself()
    in_minutes(2)
    last = Received.objects.latest("pk")
    assert [one.object_type for one in last.items.all()] == ["indicator"]
    assert last.items.get().body["pattern"] == "[domain-name:value = 'late.example.invalid']"
    connection.close()
