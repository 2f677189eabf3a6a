"""Texts in several messages: held until they are whole, and not for ever."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from qingdun.intercept.messages import pdu, proxy, segments
from tests.intercept.messages.stories import ENQUIRE, run
from tests.intercept.messages.wired import Wired, message, refused, segment


def test_held_segments_hold_up_nothing_else(tmp_path: Path) -> None:
    parts = [segment(n, b"part", 3, n) for n in (1, 2, 3)]

    async def story(wired: Wired) -> None:
        assert wired.send(parts[0], ENQUIRE) == (ENQUIRE, b"")
        assert wired.send(parts[2], message(9, b"hello")) == (message(9, b"hello"), b"")
        assert wired.send(parts[1]) == (parts[0] + parts[2] + parts[1], b"")
        assert len(wired.segments) == 0
        # Another text under the same reference: the one before passes, late.
        assert wired.send(parts[0], parts[1]) == (b"", b"")
        assert wired.send(parts[1]) == (parts[0] + parts[1], b"")
        assert wired.send(parts[0]) == (b"", b"")
        assert wired.send(parts[2]) == (parts[1] + parts[0] + parts[2], b"")
        # An unbind comes after what was held before it.
        unbind = struct.pack(">IIII", 16, pdu.UNBIND, 0, 99)
        assert wired.send(parts[0], unbind, ENQUIRE) == (parts[0] + unbind + ENQUIRE, b"")

    wired = run(story, tmp_path)
    assert wired.counts.segments_late == 2


def test_segments_wait_neither_for_ever_nor_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "MOST_OF_LINE", 2)
    parts = [segment(n, b"part", 9, n) for n in range(1, 6)]

    async def story(wired: Wired) -> None:
        now = wired.session.now()
        assert wired.send(parts[0], parts[1]) == (b"", b"")
        assert wired.send(parts[2]) == (parts[2], b""), "this line has no more room"
        wired.proxy.look(now + proxy.STALL_S / 2)
        assert wired.centre.taken() == b""
        wired.proxy.look(now + 2 * proxy.STALL_S)
        assert wired.centre.taken() == parts[0] + parts[1]
        assert wired.send(parts[3]) == (parts[3], b""), "its sender waits for answers"
        assert len(wired.segments) == 4, "what passed is remembered"
        wired.proxy.look(now + 6)
        assert len(wired.segments) == 0
        wired.session.esme.alone_until = 0
        assert wired.send(parts[0]) == (b"", b"")
        # Who stays busy does not stall; the time of the text runs out all the same.
        wired.session.esme.heard_at = now + 7
        wired.proxy.look(now + 7)
        assert wired.centre.taken() == parts[0]

    wired = run(story, tmp_path)
    counts = wired.counts
    assert (counts.segments_full, counts.segments_alone, counts.segments_late) == (1, 3, 1)


def test_one_phone_is_one_phone_however_its_number_is_written(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        first = segment(1, b"see bad.exa", 2, 1)
        last = segment(2, b"mple", 2, 2, destination=b"13800138000", ton=0)
        assert wired.send(first) == (b"", b"")
        assert wired.send(last) == (b"", refused(1) + refused(2))
        # Of an address that is none so much is kept and no more.
        long = segment(3, b"part", 2, 1, source=b"1" * 60_000)
        wired.send(long)
        (group,) = wired.segments._groups.values()
        assert len(group.messages[1].source) == 65

    run(story, tmp_path)


def test_a_text_counts_once_however_many_segments_it_has(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        parts = [segment(n, b"part", 3, n, source=b"106900009999") for n in (1, 2, 3)]
        assert wired.send(*parts) == (b"", b"".join(refused(n) for n in (1, 2, 3)))

    assert [one.entry_id for one in run(story, tmp_path).met] == [4]
