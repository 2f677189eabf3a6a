"""Messages to many: those who are listed are taken out, and their sender hears of each."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest

from qingdun.intercept.messages import pdu, recipients
from tests.intercept.messages.stories import BAD, SCAM, run
from tests.intercept.messages.wired import STATUS, Wired, kind_of, message, refused, tlv, to_many

GOOD, OTHER, LISTED = b"8613800138000", b"13800138222", b"8613800138111"
OTHER_WRITING = b"13800138111"
SCAM_OCTETS = SCAM.encode("utf-16-be")


def failed(*numbers: bytes) -> bytes:
    """What an answer says of those."""
    entries = (kind_of(one) + one + b"\0" + struct.pack(">I", STATUS) for one in numbers)
    return bytes((len(numbers),)) + b"".join(entries)


def test_who_is_listed_is_taken_out_and_reported_and_all_others_are_sent_to(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        many = to_many(7, b"hello", GOOD, LISTED, b"friends", OTHER_WRITING, OTHER)
        behind = message(8, b"hello")
        assert wired.send(many, behind) == (to_many(7, b"hello", GOOD, b"friends", OTHER) + behind, b"")
        theirs = pdu.answer(pdu.MULTI, 0, 7, b"c1\0\0")
        ours = pdu.answer(pdu.MULTI, 0, 7, b"c1\0" + failed(LISTED, OTHER_WRITING))
        other = pdu.answer(pdu.SUBMIT, 0, 8, b"c2\0")
        assert wired.deliver(other + theirs) == (other + ours, b"")
        assert wired.deliver(theirs) == (theirs, b""), "once"
        # What the centre says of others stays; a refusal lists nobody.
        wired.send(to_many(9, b"hello", GOOD, LISTED), to_many(10, b"hello", GOOD, LISTED))
        theirs = pdu.answer(pdu.MULTI, 0, 9, b"c3\0" + failed(GOOD))
        assert wired.deliver(theirs)[0] == pdu.answer(pdu.MULTI, 0, 9, b"c3\0" + failed(LISTED, GOOD))
        theirs = pdu.answer(pdu.MULTI, 0x58, 10)
        assert wired.deliver(theirs) == (theirs, b"")
        assert len(wired.session.taken_out) == 0
        # Nobody left, or the words themselves are listed.
        assert wired.send(to_many(11, b"hello", LISTED)) == (b"", refused(11, pdu.MULTI))
        assert wired.send(to_many(12, BAD, GOOD, LISTED)) == (b"", refused(12, pdu.MULTI))
        assert len(wired.session.taken_out) == 0
        clean = to_many(13, b"hello", GOOD, b"friends")
        assert wired.send(clean) == (clean, b"")

    wired = run(story, tmp_path)
    assert wired.counts.recipients_refused == 5
    assert wired.counts.refused == 2
    assert [one.entry_id for one in wired.met] == [3] * 6 + [1]


def test_one_service_among_many_excuses_nothing(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        assert wired.send(to_many(1, BAD, b"12321", GOOD)) == (b"", refused(1, pdu.MULTI))
        report = to_many(2, BAD, b"12321", b"12110")
        assert wired.send(report) == (report, b"")

    run(story, tmp_path)


def test_what_is_held_for_a_person_is_for_those_who_are_left(tmp_path: Path) -> None:
    held = to_many(3, SCAM_OCTETS, GOOD, LISTED, coding=8)

    async def story(wired: Wired) -> None:
        assert wired.send(held) == (b"", b"")
        while not wired.esme.written:
            await asyncio.sleep(0.001)
        assert wired.esme.taken() == pdu.answer(pdu.MULTI, 0, 3, b"QD-1\0" + failed(LISTED))
        text = wired.quarantine.get(1)
        assert text.octets == to_many(3, SCAM_OCTETS, GOOD, coding=8)
        assert text.recipient == "+8613800138000"

    run(story, tmp_path)


def test_segments_to_many_are_remembered_in_little_room(tmp_path: Path) -> None:
    def part(sequence: int, octets: bytes, place: int, *numbers: bytes) -> bytes:
        sar = tlv(0x020C, b"\0\7") + tlv(0x020E, b"\2") + tlv(0x020F, bytes((place,)))
        return to_many(sequence, octets, *numbers, more=sar)

    async def story(wired: Wired) -> None:
        some = (b"12321", *(b"861380013%04d" % number for number in range(200)))
        assert wired.send(part(1, BAD[:9], 1, *some)) == (b"", b"")
        groups = wired.sieve.segments._groups
        (group,) = groups.values()
        assert [one.address for one in group.messages[1].many] == ["12321", "8613800130000"]
        assert sum(map(len, map(repr, groups))) < 300
        both = refused(1, pdu.MULTI) + refused(2, pdu.MULTI)
        assert wired.send(part(2, BAD[9:], 2, *some)) == (b"", both)
        report = part(3, BAD[:9], 1, b"12321", b"12110"), part(4, BAD[9:], 2, b"12321", b"12110")
        assert wired.send(*report) == (b"".join(report), b""), "to nobody but services"

    run(story, tmp_path)


def test_answers_that_never_come_take_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipients, "MOST_WAITING", 2)

    async def story(wired: Wired) -> None:
        for number in (1, 2, 3):
            wired.send(to_many(number, b"hello", GOOD, LISTED))
        theirs = [pdu.answer(pdu.MULTI, 0, number, b"c1\0\0") for number in (1, 2)]
        ours = pdu.answer(pdu.MULTI, 0, 2, b"c1\0" + failed(LISTED))
        assert wired.deliver(*theirs) == (theirs[0] + ours, b"")
        # Nor do they turn up in the answer to another message, after one that was refused as no PDU.
        nack = pdu.HEAD.pack(16, pdu.NACK, 3, 3)
        assert wired.deliver(nack) == (nack, b"")
        wired.send(to_many(3, b"hello", GOOD))
        assert wired.deliver(pdu.answer(pdu.MULTI, 0, 3, b"c1\0\0"))[0] == pdu.answer(
            pdu.MULTI, 0, 3, b"c1\0\0"
        )

    run(story, tmp_path)
