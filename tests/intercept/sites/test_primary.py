"""What the primary answers: transfers as another make reads them, and to whatever is no request."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.xfr
import dns.zone
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.keys import Signer, shared_key
from qingdun.intercept.sites.plane import copy_of
from qingdun.intercept.sites.primary import MOST_ASKED, Peer, Primary
from qingdun.intercept.sites.wire import Targets
from qingdun.intercept.sites.zone import Sites
from tests import strokes
from tests.intercept import running
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import TARGET, ZONE, until

BLOCK = dns.name.from_text(f"block.{ZONE}.")
OBSERVE = dns.name.from_text(f"observe.{ZONE}.")
WRONG = dns.tsig.Key("qingdun-sites", b"another secret of some length...", "hmac-sha256")
HERE = Peer("127.0.0.1", True)


@pytest.fixture
def source() -> MemoryLists:
    return MemoryLists([listed(1, "bad.example"), listed(2, "seen.example", enforced=False)])


@pytest.fixture
def chosen(tmp_path: Path, source: MemoryLists) -> Iterator[running.Settings]:
    made = running.settings(tmp_path)
    with running.running(made, source):
        yield made


def fetched(
    chosen: running.Settings, origin: dns.name.Name, held: dns.zone.Zone | None = None
) -> dns.zone.Zone:
    """The zone as dnspython fetches it: whole, or from what is held."""
    found = dns.zone.Zone(origin) if held is None else held
    key = shared_key(chosen.folder / "sites.key")
    query, _ = dns.xfr.make_query(found, keyring={key.name: key})
    dns.query.inbound_xfr("127.0.0.1", found, query, port=chosen.listen.port, timeout=10)
    return found


def records(found: dns.zone.Zone) -> dict[str, str]:
    return {
        str(name): str(one)
        for name, _ttl, one in found.iterate_rdatas()
        if one.rdtype not in (dns.rdatatype.SOA, dns.rdatatype.NS)
    }


def asked(chosen: running.Settings, query: dns.message.Message, **how: object) -> dns.message.Message:
    return dns.query.tcp(query, "127.0.0.1", port=chosen.listen.port, timeout=10, **how)  # type: ignore[arg-type]


def test_another_make_fetches_the_whole_zone_and_then_its_steps(
    chosen: running.Settings, source: MemoryLists
) -> None:
    until(lambda: len(records(fetched(chosen, BLOCK))) == 2)
    block, observe = fetched(chosen, BLOCK), fetched(chosen, OBSERVE)
    assert records(block) == {"bad.example": TARGET, "*.bad.example": TARGET}
    assert records(observe) == {"seen.example": "rpz-passthru.", "*.seen.example": "rpz-passthru."}
    source.put(listed(3, "new.example"))
    source.reverse(1)
    source.put(listed(2, "seen.example"), "enforced")
    wanted = {name: TARGET for host in ("new", "seen") for name in (f"{host}.example", f"*.{host}.example")}
    until(lambda: records(fetched(chosen, BLOCK, block)) == wanted)
    fetched(chosen, OBSERVE, observe)
    assert records(observe) == {}
    assert records(block) == records(fetched(chosen, BLOCK)), "by steps and whole it is the same"


def test_a_large_zone_comes_in_many_messages_each_signed(tmp_path: Path) -> None:
    source = MemoryLists(listed(n, f"{'x' * (n % 40)}h{n}.example") for n in range(2_000))
    made = running.settings(tmp_path)
    with running.running(made, source):
        until(lambda: len(records(fetched(made, BLOCK))) == 4_000)
        key = shared_key(made.folder / "sites.key")
        query = dns.message.make_query(BLOCK, "AXFR")
        query.use_tsig(key)
        with socket.create_connection(("127.0.0.1", made.listen.port), timeout=10) as line:
            wire = query.to_wire()
            line.sendall(struct.pack("!H", len(wire)) + wire)
            stream, count, mac = line.makefile("rb"), 0, query.mac
            seen, context = 0, None
            while count < 2:
                (length,) = struct.unpack("!H", stream.read(2))
                part = dns.message.from_wire(
                    stream.read(length), keyring=key, request_mac=mac, xfr=True, one_rr_per_rrset=True,
                    tsig_ctx=context, multi=True,
                )  # fmt: skip
                assert part.had_tsig
                mac, context = b"", part.tsig_ctx
                count += sum(one.rdtype == dns.rdatatype.SOA for one in part.answer)
                seen += 1
            assert seen > 2


def test_a_wrong_key_is_refused_as_the_protocol_says_and_logged(
    chosen: running.Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "qingdun.intercept")
    query = dns.message.make_query(BLOCK, "SOA")
    assert asked(chosen, query).rcode() == dns.rcode.REFUSED
    for key, error in (
        (WRONG, dns.tsig.PeerBadSignature),
        (dns.tsig.Key("stranger", WRONG.secret, "hmac-sha256"), dns.tsig.PeerBadKey),
        (dns.tsig.Key("qingdun-sites", WRONG.secret, "hmac-sha512"), dns.tsig.PeerBadKey),
    ):
        query = dns.message.make_query(BLOCK, "AXFR")
        query.use_tsig(key)
        with pytest.raises(error):
            asked(chosen, query)
    assert "127.0.0.1 is refused the zones" in caplog.text


def test_a_late_signature_is_answered_signed_with_the_time_here(
    chosen: running.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shared_key(chosen.folder / "sites.key")
    query = dns.message.make_query(BLOCK, "SOA")
    query.use_tsig(key)
    wire = query.to_wire()
    late = dns.message.from_wire(wire, keyring=False)
    signature = late.tsig[0].replace(time_signed=int(time.time()) - 10_000)
    bare = dns.message.make_query(BLOCK, "SOA", id=query.id).to_wire()
    wire = Signer(key, b"", query.id, signature.time_signed).sign(bare)
    with socket.create_connection(("127.0.0.1", chosen.listen.port), timeout=10) as line:
        line.sendall(struct.pack("!H", len(wire)) + wire)
        stream = line.makefile("rb")
        (length,) = struct.unpack("!H", stream.read(2))
        answer = dns.message.from_wire(stream.read(length), keyring=False)
    assert answer.rcode() == dns.rcode.NOTAUTH
    assert answer.tsig is not None
    assert answer.tsig[0].error == dns.rcode.BADTIME
    assert len(answer.tsig[0].mac) == 32
    assert abs(int.from_bytes(answer.tsig[0].other, "big") - time.time()) < 60


def test_a_peer_without_keys_may_fetch_if_it_is_named(tmp_path: Path, source: MemoryLists) -> None:
    made = running.settings(tmp_path, keyless=("127.0.0.1",))
    with running.running(made, source):

        def bare() -> dict[str, str]:
            found = dns.zone.Zone(BLOCK)
            query, _ = dns.xfr.make_query(found)
            dns.query.inbound_xfr("127.0.0.1", found, query, port=made.listen.port, timeout=10)
            return records(found)

        until(lambda: set(bare()) == {"bad.example", "*.bad.example"})


def test_who_is_slow_or_sends_too_much_is_let_go(
    chosen: running.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingdun.intercept.sites.listening.IDLE_S", 0.2)
    for sent in (b"", b"\x00", struct.pack("!H", 50) + b"ab", struct.pack("!H", MOST_ASKED + 1) + b"x" * 100):
        with socket.create_connection(("127.0.0.1", chosen.listen.port), timeout=10) as line:
            line.sendall(sent)
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(100) == b""
    assert running.answers(chosen.listen.port)


def test_the_file_of_the_key_is_its_owners_alone_and_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sites.key"
    key = shared_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert shared_key(path) == key
    path.write_text("nothing of the kind")
    with pytest.raises(Exception, match="found no key"):
        shared_key(path)


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Primary:
    folder = tmp_path_factory.mktemp("primary")
    copy, key = copy_of(folder), shared_key(folder / "sites.key")
    made = Primary(copy, ZONE, Targets(TARGET), key)
    with copy.writing() as db:
        zone.prepare(db, 1_000, made.form)
    lists = MemoryLists([listed(1, "bad.example")])
    Follower(copy, lists, [Sites(made.room)], Limits(), lambda: time.time_ns() // 1000).step()
    return made


def requests() -> list[bytes]:
    """Whole requests of every kind, unsigned."""
    made = []
    for kind in ("SOA", "AXFR", "IXFR", "NS", "A", "ANY"):
        for origin in (BLOCK, dns.name.from_text("example.")):
            query = dns.message.make_query(origin, kind, use_edns=0 if kind in ("SOA", "A") else -1)
            if kind == "IXFR":
                query.authority.append(dns.rrset.from_text(origin, 0, "IN", "SOA", ". . 999 1 1 1 1"))
                made.append(query.to_wire())
                query.authority[:] = [dns.rrset.from_text(origin, 0, "IN", "SOA", ". . 1000 1 1 1 1")]
            made.append(query.to_wire())
    notify = dns.message.make_query(BLOCK, "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    made.append(notify.to_wire())
    return made


REQUESTS = requests()
drawn = given(st.integers(0, 1 << 20), strokes.SOME, strokes.SOME)


def answers_as_it_must(primary: Primary, which: int, before: bytes, after: bytes) -> None:
    """Whatever was changed before it was signed by us, and after that; or it is not signed."""
    which, place = divmod(which, len(REQUESTS))
    sent = strokes.octets(REQUESTS[place], before)
    which, how = divmod(which, 4)
    if how and len(sent) >= 12 and sent[10:12] != b"\xff\xff":  # there is room for a signature
        sent = Signer(primary._key, b"", struct.unpack("!H", sent[:2])[0], int(time.time())).sign(sent)
        sent = strokes.octets(sent, after) if how == 1 else sent
    check(sent, list(primary.answers(sent, Peer("127.0.0.1", over_tcp=which % 3 > 0))))


@settings(max_examples=400)
@drawn
def test_whatever_is_sent_is_answered_as_the_protocol_says(
    primary: Primary, which: int, before: bytes, after: bytes
) -> None:
    answers_as_it_must(primary, which, before, after)


@pytest.mark.slow
@settings(max_examples=100_000)
@drawn
def test_whatever_is_sent_is_answered_a_hundred_thousand_times(
    primary: Primary, which: int, before: bytes, after: bytes
) -> None:
    answers_as_it_must(primary, which, before, after)


@settings(max_examples=100)
@given(st.binary(max_size=40))
def test_noise_is_answered_as_the_protocol_says(primary: Primary, noise: bytes) -> None:
    check(noise, list(primary.answers(noise, HERE)))


def check(sent: bytes, found: list[bytes]) -> None:
    if len(sent) < 12 or sent[2] & 0x80:
        assert found == []
        return
    assert found
    for one in found:
        assert one[:2] == sent[:2], "the id of the request"
        assert one[2] & 0x80
        assert one[2] & 0x78 == sent[2] & 0x78, "and its opcode"
        answer = dns.message.from_wire(one, keyring=False, xfr=True)
        assert len(one) < 65_536
        if sent[2] & 0x78:
            assert answer.rcode() == dns.rcode.NOTIMP
