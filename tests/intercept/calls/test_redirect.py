"""What the redirect server answers: to sipp, to requests of every kind, and to whatever is no request."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from importlib import resources
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qingdun.intercept.calls import redirect as redirecting
from qingdun.intercept.calls.origin import Spoof
from qingdun.intercept.calls.redirect import Redirect
from qingdun.intercept.calls.sip import LONGEST, parse
from qingdun.intercept.calls.verdicts import Judge, Mode, Policy
from qingdun.intercept.known import Rule
from tests.intercept.calls import running, scenarios
from tests.intercept.calls.running import call, needs_kamailio
from tests.intercept.calls.scenarios import request
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import until

FREE, LISTED, SEEN = "+8613800000001", "+8617000000001", "+8617000000002"
PEER = ("127.0.0.1", 5062)


class Lists:
    """Two numbers, one enforced and one observed; whatever else is asked of it, if it is broken, fails."""

    def __init__(self) -> None:
        self.rules = {LISTED: Rule(1, True, "police", 0, None), SEEN: Rule(2, False, "police", 0, None)}
        self.broken = False

    def find(self, kind: str, entity: str) -> Rule | None:
        if self.broken:
            raise RuntimeError("broken")
        return self.rules.get(entity) if kind == "number" else None


class Server:
    """The redirect server without a line, its clock in the hand."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.lists, self.met, self.at = Lists(), [], 0.0  # type: ignore[var-annotated]
        chosen = policy or Policy(card="https://card.qingdun.invalid/card", trunk_header="x-trunk")
        self.judge = Judge(self.lists, self.met.append, chosen)
        self.server = Redirect(self.judge, "sip:{user}@192.0.2.1:5080", lambda: self.at)

    def says(self, data: bytes) -> str:
        found = self.server.answer(data, PEER)
        return found[0].decode("latin-1") if found else ""

    def status(self, data: bytes) -> int:
        return int(self.says(data)[8:11] or 0)


@pytest.fixture
def server() -> Server:
    return Server()


def of(caller: str, *more: str, **other: str) -> bytes:
    return request("INVITE", f"<sip:{caller}@127.0.0.1>", *more, **other)


def test_a_free_caller_is_sent_on_and_a_listed_one_refused(server: Server) -> None:
    answer = server.says(of(FREE, branch="z9hG4bKa"))
    assert answer.startswith("SIP/2.0 302 Moved Temporarily\r\n")
    assert "\r\nContact: <sip:+8675730000001@192.0.2.1:5080>\r\n" in answer
    assert ";branch=z9hG4bKa;received=127.0.0.1;rport=5062\r\n" in answer
    assert "\r\nTo: <sip:+8675730000001@127.0.0.1>;tag=" in answer
    assert "\r\nCall-ID: a@127.0.0.1\r\nCSeq: 1 INVITE\r\n" in answer
    answer = server.says(of(LISTED, branch="z9hG4bKb"))
    assert answer.startswith("SIP/2.0 608 Rejected\r\n")
    assert "\r\nCall-Info: <https://card.qingdun.invalid/card>;purpose=jwscard\r\n" in answer
    assert server.status(of(SEEN, branch="z9hG4bKc")) == 302
    assert [rule.entry_id for rule in server.met] == [1, 2]


@pytest.mark.parametrize("status", [603, 607, 608])
def test_a_listed_caller_is_refused_as_the_setting_says(status: int) -> None:
    assert Server(Policy(listed=status)).status(of(LISTED)) == status


def test_what_is_sent_again_is_answered_alike_and_counted_once(server: Server) -> None:
    first = server.says(of(LISTED))
    del server.lists.rules[LISTED]
    server.at = 31.0
    assert server.says(of(LISTED)) == first
    assert len(server.met) == 1
    assert server.status(of(LISTED, branch="z9hG4bK2")) == 302, "another call is judged anew"
    server.at = 33.0
    assert server.status(of(LISTED)) == 302, "and so is one that comes after its time"
    assert server.says(request("ACK", f"<sip:{LISTED}@127.0.0.1>")) == "", "an ACK is never answered"


def test_what_is_remembered_is_bounded_in_number_and_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redirecting, "MOST_REMEMBERED", 10)
    for n in range(30):
        server.says(of(FREE, branch=f"z9hG4bK{n}"))
    assert server.server.remembered() == 10
    server.at = 40.0
    for n in range(8):
        server.says(of(FREE, branch=f"z9hG4bKlater{n}"))
    assert server.server.remembered() == 8


def test_other_methods_are_answered_as_the_protocol_says(server: Server) -> None:
    options = server.says(scenarios.options())
    assert options.startswith("SIP/2.0 200 OK\r\n")
    assert "\r\nAllow: INVITE, ACK, CANCEL, OPTIONS\r\n" in options
    assert server.status(request("CANCEL", branch="z9hG4bKnone")) == 481
    assert server.status(of(FREE, branch="z9hG4bKcall")) == 302
    assert server.status(request("CANCEL", branch="z9hG4bKcall")) == 200
    assert server.status(request("REGISTER")) == 405
    assert server.status(request("BYE", to_tag="x")) == 481
    assert server.status(of(FREE, to_tag="x", branch="z9hG4bKre")) == 481
    assert server.status(request("FROBNICATE")) == 501
    assert server.says(b"SIP/2.0 200 OK\r\n\r\n") == ""
    assert server.says(b"\r\n\r\n") == ""


def test_what_is_malformed_is_told_or_dropped(server: Server) -> None:
    good = of(FREE)
    assert server.status(good.replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1)) == 505
    for wrong in (
        good.replace(b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        good.replace(b"CSeq: 1", b"CSeq: x"),
        good.replace(b"Call-ID: a@127.0.0.1\r\n", b""),
        good.replace(b"Max-Forwards: 70", b"Max-Forwards: 700"),
        good.replace(b"Content-Length: 0", b"Content-Length: 5"),
        good.replace(b"From:", b"From: <sip:other@h>;tag=2\r\nFrom:"),
        good.replace(b"From:", b"no header\r\nFrom:"),
    ):
        assert server.status(wrong) == 400
        assert server.says(wrong.replace(b"INVITE", b"ACK")) == ""
    assert server.status(good.replace(b"Max-Forwards: 70", b"Max-Forwards: 0")) == 483
    assert server.status(of(FREE, uri="http://example.invalid/", branch="z9hG4bKu")) == 416
    assert server.status(of(FREE, uri=f"sip:{'1' * 300}@h", branch="z9hG4bKl")) == 414
    for lost in (b"", b"\0" * 40, b"INVITE", good[:60], good.replace(b"Via:", b"X:"), b"\xff" * 900):
        assert server.says(lost) == ""
    assert server.says(good.replace(b"Call-ID: a", b"Call-ID: a\nX-More: b")) == "", "no line within a line"


def test_headers_folded_short_and_in_any_case_are_read(server: Server) -> None:
    folded = of(LISTED, branch="z9hG4bKf").replace(b"From:", b"f:\r\n ").replace(b"Via:", b"v :")
    folded = folded.replace(b"Call-ID:", b"I:").replace(b"To:", b"t:")
    assert server.status(folded) == 608
    two = of(LISTED, branch="z9hG4bKv").replace(
        b";rport\r\n", b", SIP / 2.0 / TCP 192.0.2.9;branch=z9hG4bKx\r\n"
    )
    assert "\r\nVia: SIP / 2.0 / TCP 192.0.2.9;branch=z9hG4bKx\r\n" in server.says(two)


def test_whatever_fails_lets_the_call_pass_and_is_counted(server: Server) -> None:
    server.lists.broken = True
    assert server.status(of(LISTED)) == 302
    assert server.judge.counts["failed_open"] == 1


@pytest.mark.parametrize(
    "uri",
    [
        "sip:110@h", "sip:119@h;user=phone", "sips:120:x@h", "tel:122", "tel:110;phone-context=+86",
        "sip:110;phone-context=gd.example@h;user=phone", "sip:+86110@h", "sip:0086-119@h", "tel:86-120",
        "sip:0757110@h", "tel:+86-757-110", "sip:%31%31%30@h", "urn:service:sos", "URN:service:sos.fire",
        "urn:service:sos.country-specific.cn.122",
    ],
)  # fmt: skip
def test_whoever_calls_for_help_is_let_through_whatever_is_known_or_shown(uri: str) -> None:
    strict = Server(Policy(rules=dict.fromkeys(Spoof, Mode.ENFORCE), trunk_header="x-trunk"))
    abroad = ("X-Trunk: international", "P-Asserted-Identity: <sip:+44201234567@h>")
    assert strict.status(of(LISTED, *abroad)) == 608
    answer = strict.says(of(LISTED, *abroad, uri=uri, branch="z9hG4bKhelp"))
    assert answer.startswith("SIP/2.0 302 ")
    assert re.search(r"\r\nContact: <sip:[^@>]+@192\.0\.2\.1:5080>\r\n", answer)
    assert strict.judge.counts["emergency"] == 1


def test_kamailio_asks_nobody_about_the_same_calls() -> None:
    (asked,) = re.findall(r'\$rU =~ "([^"]+)"', running.CONFIGURATION.read_text())
    data = json.loads(resources.files("qingdun.intercept").joinpath("never_block.json").read_text())
    for number in data["numbers"]["emergency"]:
        for before in ("", "+86", "0086", "86", "0757", "+8620", "010"):
            assert re.fullmatch(asked, before + number), before + number
    for other in ("96110", "12345", FREE, "13800000110", "075730000110", "+44110"):
        assert not re.fullmatch(asked, other), other


def test_at_home_a_bank_is_a_bank_and_from_abroad_what_imitates_it(server: Server) -> None:
    server.lists.rules["+8695588"] = Rule(3, True, "police", 0, None)
    assert server.status(of("+8695588", branch="z9hG4bK1")) == 302
    assert server.status(of("+8695588", "X-Trunk: international", branch="z9hG4bK2")) == 608


def test_where_both_kinds_of_address_are_listened_for_trunks_are_known() -> None:
    trunks = Server(Policy(rules={Spoof.TRUNK: Mode.ENFORCE}, trunks=(ip_network("192.0.2.0/24"),)))
    asked = parse(of(FREE))
    assert asked
    assert trunks.judge.of(asked, "::ffff:192.0.2.7").status == 603
    assert trunks.judge.of(asked, "::ffff:198.51.100.7").status == 0


def test_the_trunk_is_told_by_a_header(server: Server) -> None:
    enforced = Server(Policy(rules={Spoof.TRUNK: Mode.ENFORCE}, trunk_header="x-trunk"))
    abroad = of(FREE, "X-Trunk: international")
    assert enforced.status(abroad) == 603
    assert enforced.status(of(FREE, "X-Trunk: local", branch="z9hG4bKh")) == 302
    assert server.status(abroad) == 302, "observed at first"
    assert server.judge.counts["observed_trunk"] == 1


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Settings]:
    made = running.settings(tmp_path_factory.mktemp("redirect"))
    lists = MemoryLists([listed(1, LISTED, kind="number"), listed(2, SEEN, kind="number", enforced=False)])
    with running.running(made, lists):
        until(
            lambda: made.listen and running.asked(made.listen, of(LISTED, branch=branch())).startswith(_608)
        )
        yield made


_608 = b"SIP/2.0 608 "
_branches = iter(range(10**9))


def branch() -> str:
    return f"z9hG4bKtest{next(_branches)}"


@pytest.mark.parametrize("carrier", ["u1", "t1"])
def test_sipp_is_redirected_or_refused(chosen: running.Settings, tmp_path: Path, carrier: str) -> None:
    needs_kamailio()
    assert chosen.listen
    port, more = chosen.listen.port, ("-t", carrier, "-r", "200")
    says = "Contact: .sip:.8675730000001@127.0.0.1:5080"
    assert call(tmp_path, port, scenarios.refused(302, says=says), FREE, *more, count=50).right
    says = "Call-Info: .https://card.qingdun.invalid/card.;purpose=jwscard"
    assert call(tmp_path, port, scenarios.refused(608, says=says), LISTED, *more, count=50).right


def test_who_is_slow_or_sends_too_much_over_tcp_is_let_go(
    chosen: running.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingdun.intercept.calls.listening.IDLE_S", 0.2)
    monkeypatch.setattr("qingdun.intercept.calls.listening.SENT_S", 0.2)
    assert chosen.listen
    endless = of(FREE).replace(b"Content-Length: 0", f"Content-Length: {LONGEST}".encode())
    for sent in (
        b"",
        b"\r\n\r\n",
        b"INV",
        endless,
        b"x" * 40_000,
        of(FREE).replace(b"Content-Length: 0\r\n", b""),
    ):
        with socket.create_connection(chosen.listen, timeout=10) as line:
            line.sendall(sent)
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(100) == b""
    assert running.answers(chosen.listen)


octets = st.binary(max_size=400)
cuts = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=5)
REQUESTS = [
    request(method, caller, *more, uri=uri)
    for method in ("INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "X")
    for caller, uri in (
        (f"<sip:{LISTED}@h>", "sip:1@h"),
        ('"A, <b>" <tel:+86-138;phone-context=+86>', "tel:+8613800000000"),
    )
    for more in ((), ("P-Asserted-Identity: <sip:+8610@h>, <tel:110>", "X-Trunk: international"))
]
SERVER = Server(Policy(rules=dict.fromkeys(Spoof, Mode.ENFORCE), trunk_header="x-trunk"))


def check(noise: bytes, which: int, changed: list[tuple[int, int]], length: int) -> None:
    base = bytearray(REQUESTS[which % len(REQUESTS)])
    for at, value in changed:
        base[at % len(base)] = value
    for sent in (noise, bytes(base), bytes(base[:length]) + noise, bytes(base) + noise):
        failed = SERVER.judge.counts["failed_open"]
        found = SERVER.server.answer(sent, PEER)
        assert SERVER.judge.counts["failed_open"] == failed, "nothing fails, it is judged"
        if found is None:
            continue
        answer, asked = found
        head = answer.decode("latin-1").split("\r\n\r\n")
        assert head[1:] == [""], "one header and no body"
        assert asked.method != "ACK"
        lines = head[0].split("\r\n")
        assert lines[0].startswith("SIP/2.0 ")
        assert int(lines[0][8:11]) >= 200
        assert sum(line.startswith("Via: ") for line in lines) == len(asked.vias)
        assert not any("\n" in line or "\r" in line for line in lines)
        assert parse(answer) is None, "an answer is no request"


fuzzed = given(noise=octets, which=st.integers(0, 100), changed=cuts, length=st.integers(0, 700))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@fuzzed
@example(noise=b"", which=0, changed=[(0, 0)], length=0)
def test_whatever_is_sent_is_answered_as_the_protocol_says(
    noise: bytes, which: int, changed: list[tuple[int, int]], length: int
) -> None:
    check(noise, which, changed, length)


@pytest.mark.slow
@settings(max_examples=100_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@fuzzed
def test_whatever_is_sent_a_hundred_thousand_times(
    noise: bytes, which: int, changed: list[tuple[int, int]], length: int
) -> None:
    check(noise, which, changed, length)
