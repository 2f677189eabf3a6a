"""What comes over the line from Kamailio, whole, in pieces, or no sense at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qingdun.intercept.calls import announcing
from qingdun.intercept.calls import live as lives
from qingdun.intercept.calls import plane as calls
from qingdun.intercept.calls.announcing import Asked
from qingdun.intercept.calls.kamailio import MOST_FRAME, Kamailio, _Line
from qingdun.intercept.calls.live import Live, LiveCalls
from qingdun.intercept.calls.verdicts import Judge, Policy
from qingdun.intercept.connections import Address
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.following import now
from tests.intercept.calls import running
from tests.intercept.calls.scenarios import request
from tests.intercept.calls.test_redirect import LISTED, Lists
from tests.intercept.memory import MemoryLists, listed


class Carrier(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.aborted = b"", False

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self if name == "socket" else default

    def setsockopt(self, *_option: int) -> None:
        """It is no socket, and acknowledges nothing."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.aborted = True


class Ends:
    """A line whose other end is the test."""

    def __init__(self) -> None:
        self.kamailio = Kamailio(Address("127.0.0.1", 1), Judge(Lists(), lambda rule: None, Policy()))
        self.line, self.carrier = _Line(self.kamailio), Carrier()
        self.line.connection_made(self.carrier)

    def says(self, *data: bytes) -> bytes:
        for one in data:
            self.line.data_received(one)
        return self.carrier.written


def framed(message: bytes) -> bytes:
    return b"%d:%s," % (len(message), message)


def asks(caller: str, label: int = 7) -> bytes:
    return framed(b"a|12|%d|127.0.0.1||" % label + request("INVITE", f"<sip:{caller}@h>"))


def test_questions_are_answered_however_they_are_cut() -> None:
    whole = asks(LISTED) + asks("+8613800000001", 3_000_000_000)
    wanted = framed(b"v|12|7|608|Rejected|") + framed(b"v|12|-1294967296|0||")
    for size in (1, 7, 100, len(whole)):
        ends = Ends()
        assert ends.says(*(whole[at : at + size] for at in range(0, len(whole), size))) == wanted


@pytest.mark.parametrize("wrong", [b"x", b"99999999", b"12345678:", b"3:abcd", b"-1:,", b"70000:"])
def test_a_line_that_makes_no_sense_is_let_go(wrong: bytes) -> None:
    ends = Ends()
    ends.says(wrong + b"........")
    assert ends.carrier.aborted
    assert ends.kamailio.counts["senseless"] == 1


def test_what_cannot_be_read_passes() -> None:
    assert Ends().says(framed(b"a|1|2|127.0.0.1||no call at all")) == framed(b"v|1|2|0||")


def test_live_calls_are_bounded_and_known_by_either_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "MOST_LIVE", 3)
    calls = LiveCalls()
    for n in range(5):
        calls.begun(Live(f"c{n}", "f", "t", f"+{n}", "+9"))
    assert (len(calls), calls.forgotten) == (3, 2)
    assert calls.between("+9", "+4") == calls.by_id("c4")
    calls.ended("c4")
    assert calls.between("+4", "+9") is None
    calls.ended("c4")


def test_no_call_to_whom_nobody_may_block_is_ended_though_it_is_asked_for(tmp_path: Path) -> None:
    live = [
        ("sip:110@h", "110"), ("sip:+8695588@h", "+8695588"), ("urn:service:sos", "110"),
        ("sip:+867633361234@h", "+867633361234"), ("sip:+8617000000001@h", "+8617000000001"),
    ]  # fmt: skip
    ends: list[str] = []

    async def outcomes() -> list[str]:
        copy = calls.copy_of(tmp_path)
        lists = MemoryLists([listed(1, "+867633361234", kind="number", list_name="never_block")])
        plane = calls._Plane(running.settings(tmp_path, 1, announce=calls.HANG_UP), lists, None)
        Follower(copy, lists, [plane._known], Limits(), now).step()
        copy.close()
        (kamailio,) = plane._kamailios

        async def end(call: Live) -> bool:
            ends.append(call.callee)
            return True

        kamailio.end = end  # type: ignore[assignment]
        found = []
        for number, (uri, other) in enumerate(live):
            kamailio.hear(f"l|c{number}|f|t|{uri}|sip:+8613800000001@h".encode())
            asked = Asked(number, now(), "", "+8613800000001", other)
            found.append(await announcing.carry_out(asked, plane, now()))
            kamailio.hear(f"o|c{number}|f|t".encode())
        plane._copy.close()
        return found

    assert asyncio.run(outcomes()) == ["protected"] * 4 + ["done"]
    assert ends == ["+8617000000001"]


MESSAGES = st.sampled_from(
    [asks(LISTED), framed(b"l|c|f|t|sip:1@h|sip:2@h"), framed(b"o|c|f|t"), framed(b"h|1|2"), framed(b"e|1|1")]
)
pieces = st.lists(st.one_of(st.binary(max_size=60), MESSAGES, st.binary(max_size=40).map(framed)), max_size=5)


def check(data: list[bytes]) -> None:
    ends = Ends()
    ends.says(*data)
    assert len(ends.line._held) <= MOST_FRAME + 16
    assert len(ends.kamailio.live) <= 1
    written = ends.carrier.written
    while written:
        size, _, rest = written.partition(b":")
        assert rest[: int(size)].startswith(b"v|")
        written = rest[int(size) + 1 :]


@settings(max_examples=300, deadline=None)
@given(pieces)
@example([framed(b"o"), framed(b"l"), framed(b"h|x|"), framed(b"a|||||")])
def test_whatever_comes_is_answered_or_let_go(data: list[bytes]) -> None:
    check(data)


@pytest.mark.slow
@settings(max_examples=100_000, deadline=None)
@given(pieces)
def test_whatever_comes_a_hundred_thousand_times(data: list[bytes]) -> None:
    check(data)
