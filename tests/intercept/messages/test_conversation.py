"""A client and a server of another make, with the plane between them."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qingdun.cli.intercept.group import intercept
from qingdun.intercept import following
from qingdun.intercept.messages.quarantine import FILE, Quarantine
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.messages.peers import (
    PATIENCE_S,
    Authority,
    Esme,
    Process,
    Smsc,
    running,
    segments,
    settings,
    until,
)
from tests.intercept.messages.wired import BIND, BOUND, message
from tests.intercept.running import free_port

REFUSED = 0x66
CLEAN = "【市图书馆】您借阅的图书将于明日到期，请及时归还。"
SCAM = "【平安银行】尊敬的客户，您的账户将于今日冻结，请点击 http://{} 登录核实身份，逾期失效"
LONG = "您好，这里是市图书馆的活动通知。" * 9


@pytest.fixture(scope="module")
def smsc() -> Iterator[Smsc]:
    started = Smsc()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def esme() -> Iterator[Esme]:
    started = Esme()
    yield started
    started.stop()


def test_what_is_listed_is_refused_and_all_else_goes_on(
    esme: Esme, smsc: Smsc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wait in ("TELL_S", "COUNT_S"):
        monkeypatch.setattr(following, wait, 0.1)
    lists = MemoryLists(
        [
            listed(1, "bad.example"), listed(2, "watched.example", enforced=False),
            listed(3, "+8613800138111", kind="number"), listed(4, "106900009999", kind="sender"),
        ]
    )  # fmt: skip
    chosen = settings(tmp_path, smsc.port, model="off")
    with running(chosen, lists):
        assert esme.bind(chosen.ends.listen.port, "wrong") == 0x0D, "the centre's own answer"
        assert esme.bind(chosen.ends.listen.port) == 0
        clean = esme.submit(CLEAN, registered_delivery=1)
        assert clean["status"] == 0
        assert clean["id"] == smsc.wait("submit")["id"]
        assert esme.submit(SCAM.format("a.bad.example/x"))["status"] == REFUSED
        assert esme.submit(SCAM.format("watched.example"))["status"] == 0
        assert esme.submit(CLEAN, destination_addr="13800138111")["status"] == REFUSED
        assert esme.submit(CLEAN, source_addr="106900009999")["status"] == REFUSED
        assert esme.submit("see bad.example", payload=True)["status"] == REFUSED
        assert esme.submit("x", message_payload="bad.example")["status"] == REFUSED
        for one in segments(LONG + "详情请登录 bad.example", 7):
            esme.put(**one)
        answers = [esme.wait("answer") for _ in range(3)]
        assert {one["tag"]: one["status"] for one in answers} == {1: REFUSED, 2: REFUSED, 3: REFUSED}
        for one in segments(LONG, 8):
            esme.put(**one)
        assert {esme.wait("answer")["status"] for _ in range(3)} == {0}
        assert smsc.texts() == [CLEAN, SCAM.format("watched.example"), LONG]

        many = {
            "text": CLEAN,
            "source_addr": "1069",
            "to": ["8613800138000", "8613800138111", "8613800138222"],
        }
        esme.tell(many=many)
        answer = esme.wait("answer")
        assert (answer["status"], answer["failed"]) == (0, [failed("8613800138111")])
        assert smsc.wait("many")["to"] == ["8613800138000", "8613800138222"]
        esme.tell(replace={"message_id": clean["id"], "source_addr": "1069", "text": "look at bad.example"})
        assert esme.wait("answer")["status"] == REFUSED
        esme.tell(replace={"message_id": clean["id"], "source_addr": "1069", "text": "hello"})
        assert esme.wait("answer")["status"] == 0
        assert smsc.wait("replace")["octets"] == "hello"

        smsc.tell(receipts="after")
        taken = esme.submit(CLEAN)["id"]
        assert f"id:{taken} " in esme.wait("delivered")["text"]
        smsc.tell(reply={"from": "8613800138111", "text": "call me"})
        smsc.tell(reply={"from": "8613800138222", "text": "TD"})
        assert esme.wait("delivered")["from"] == "8613800138222"
        esme.tell(enquire=True)
        assert esme.wait("alive")["status"] == 0
        esme.tell(unbind=True)
        assert esme.wait("unbound")["status"] == 0
        assert not esme.wait("closed")["failed"]
        until(lambda: lists.planes.get("messages") and lists.planes["messages"].figures["binds_refused"] == 1)
        until(lambda: sum(one.observed + one.blocked for one in lists.told.values()) >= 10)
    met = [(entry, one.observed, one.blocked) for (_p, entry, _h), one in sorted(lists.told.items())]
    assert met == [(1, 0, 5), (2, 1, 0), (3, 0, 3), (4, 0, 1)], "each text once, however many segments"
    smsc.tell(receipts="none")


def failed(number: str) -> dict[str, object]:
    """What the answer to a message to many says of one of them."""
    return {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": number, "error_status_code": REFUSED}


def test_a_sender_that_waits_for_each_answer_is_judged_by_the_whole_text(
    esme: Esme, smsc: Smsc, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, smsc.port, model="off")
    with running(chosen, MemoryLists([listed(1, "bad.example")])):
        assert esme.bind(chosen.ends.listen.port) == 0
        statuses = [esme.submit(**one)["status"] for one in segments(LONG + "详情请登录 bad.example", 9)]
        assert statuses == [0, 0, REFUSED], "the last one completes the text"
        assert {esme.submit(**one)["status"] for one in segments(LONG, 10)} == {0}


def test_a_person_releases_what_the_model_held(
    esme: Esme,
    smsc: Smsc,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("QINGDUN_VAR", str(tmp_path))
    chosen = settings(tmp_path / "intercept", smsc.port, least=0.8)
    long = SCAM.format("x.example") * 2
    with running(chosen, MemoryLists()):
        assert esme.bind(chosen.ends.listen.port) == 0
        begun = len(smsc.texts())
        short = esme.submit(SCAM.format("x.example"))
        assert (short["status"], short["id"]) == (0, "QD-1")
        for one in segments(long, 11):
            esme.put(**one)
        assert {esme.wait("answer")["id"] for _ in range(2)} == {"QD-2-1", "QD-2-2"}
        dropped = esme.submit("尊敬的用户，您的ETC已失效，请点击 http://etc.example 重新认证，否则将影响通行")
        assert dropped["id"] == "QD-3"
        assert esme.submit(SCAM.format("x.example"), source_addr="95588")["id"] != "QD-4", (
            "a bank's own number"
        )
        assert smsc.texts()[begun:] == [SCAM.format("x.example")]
        path = tmp_path / "intercept" / FILE
        assert {stat.S_IMODE(os.stat(one).st_mode) for one in path.parent.glob(f"{FILE}*")} == {0o600}

        said = command(capsys, "list")
        assert said.count(" held ") == 3
        assert "+86138****8000" not in said
        assert "138****8000" in said
        assert "1: is sent on" in command(capsys, "release", "1", "2")
        assert "3: dropped" in command(capsys, "drop", "3")
        until(lambda: len(smsc.texts()) == begun + 3)
        assert smsc.texts()[begun + 1 :] == [SCAM.format("x.example"), long]
        until(lambda: command(capsys, "list") == "nothing waits\n")
        with contextlib.closing(Quarantine(path.parent)) as store:
            done = store.get(1)
        assert (done.state, done.words, done.octets) == ("released", "", b"")
        assert done.said == f'[[0, "{smsc.events("submit")[-3]["id"]}"]]'
        assert esme.submit(CLEAN)["status"] == 0, "the sender noticed nothing of it"
        esme.submit(SCAM.format("y.example"))
        esme.tell(unbind=True)
        esme.wait("closed")
        command(capsys, "release", "4")
        assert " asked " in command(capsys, "list"), "it waits for its sender"
        smsc.tell(receipts="after")
        esme.bind(chosen.ends.listen.port)
        until(lambda: smsc.texts()[-1] == SCAM.format("y.example"))
        receipt = esme.wait("delivered")["text"]
        assert receipt.startswith("id:QD-4 sub:001 "), "its sender knows it by that name"
        assert receipt.endswith(" stat:DELIVRD err:0A1 text:")
        smsc.tell(receipts="none")


def command(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `qingdun intercept quarantine` says."""
    capsys.readouterr()
    intercept.main(["quarantine", *words], standalone_mode=False)
    return capsys.readouterr().out


def test_killed_in_mid_load_it_has_lost_and_doubled_nothing(esme: Esme, smsc: Smsc, tmp_path: Path) -> None:
    chosen = settings(tmp_path, smsc.port)
    process = Process(chosen)
    taken: dict[int, int] = {}
    try:
        begun = len(smsc.texts())
        for start, text in ((0, "hello"), (10_000, "look at bad.example")):
            if start:
                process.start()
            assert esme.bind(chosen.ends.listen.port) == 0
            assert esme.submit(CLEAN)["status"] == 0
            esme.tell(load={"count": 10_000, "window": 50, "from": start, "text": text})
            esme.wait("loaded")
            process.kill()
            answers = esme.wait("stopped")["answers"]
            assert 0 < len(answers) < 10_000
            taken |= {int(number): status for number, status in answers.items()}
    finally:
        process.kill()
    at_centre = [int(one.split()[-1]) for one in smsc.texts()[begun:] if one != CLEAN]
    assert len(at_centre) == len(set(at_centre)), "nothing reached the centre twice"
    answered = {number for number, status in taken.items() if status == 0}
    assert answered <= set(at_centre)
    assert max(at_centre) < 10_000, "what was listed never did"
    assert {status for number, status in taken.items() if number >= 10_000} == {REFUSED}
    assert len(set(at_centre) - answered) <= 50, "no more than a window went unanswered"


def test_over_tls_and_with_a_centre_that_is_away(
    esme: Esme, smsc: Smsc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = Authority(tmp_path)
    away = settings(tmp_path / "away", free_port())
    with running(away, MemoryLists()):
        for _again in range(2):
            assert esme.bind(away.ends.listen.port) == 0x08
    assert caplog.text.count(f"the centre at 127.0.0.1:{away.ends.centre.port} does not answer") == 1
    both = settings(tmp_path / "inner", smsc.port, tls=own.listener())
    # The outer one speaks TLS to the inner one as to a centre.
    outer = settings(tmp_path / "outer", both.ends.listen.port, tls=own.listener(), centre_tls=own.trusted())
    strict = settings(tmp_path / "strict", both.ends.listen.port, centre_tls=ssl.create_default_context())
    lists = MemoryLists([listed(1, "bad.example")])
    with running(both, MemoryLists()), running(outer, lists), running(strict, MemoryLists()):
        assert esme.bind(strict.ends.listen.port) == 0x08, "a centre that nobody vouches for"
        assert esme.bind(outer.ends.listen.port, tls=True) == 0
        assert esme.submit("look at bad.example")["status"] == REFUSED
        clean = esme.submit(CLEAN)["id"]
        smsc.tell()
        assert clean == smsc.events("submit")[-1]["id"]
        lists.away = True
        assert esme.submit("look at bad.example")["status"] == REFUSED, "what is known stays in force"


def test_a_centre_that_takes_nothing_stops_its_sender_and_loses_nothing(tmp_path: Path) -> None:
    whole = b"".join(message(number, b"x" * 150) for number in range(60_000))
    with socket.create_server(("127.0.0.1", 0)) as centre:
        chosen = settings(tmp_path, centre.getsockname()[1], model="off")
        with (
            running(chosen, MemoryLists([listed(1, "bad.example")])),
            socket.create_connection(chosen.ends.listen, PATIENCE_S) as sender,
        ):
            sender.sendall(BIND)
            theirs, _address = centre.accept()
            with theirs:
                theirs.settimeout(PATIENCE_S)
                assert theirs.recv(1000) == BIND
                theirs.sendall(BOUND)
                assert sender.recv(1000) == BOUND
                sender.settimeout(0.3)
                sent = 0
                with contextlib.suppress(TimeoutError):
                    while sent < len(whole):
                        sent += sender.send(whole[sent : sent + 65_536])
                assert sent < len(whole), "what nobody takes is not taken for ever"
                sender.settimeout(PATIENCE_S)
                rest = threading.Thread(target=sender.sendall, args=(whole[sent:],))
                rest.start()
                taken = bytearray()
                while len(taken) < len(whole):
                    taken += theirs.recv(1 << 20)
                rest.join()
                assert taken == whole
