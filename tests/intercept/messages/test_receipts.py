"""Receipts of what was released name it as its sender was told."""

from __future__ import annotations

from pathlib import Path

from qingdun.intercept.messages import breaker, pdu
from qingdun.intercept.messages.receipts import renamed
from tests.intercept.messages.stories import BAD, run
from tests.intercept.messages.wired import Wired, message, tlv


def test_a_receipt_is_told_by_its_name_also_while_nothing_is_judged(tmp_path: Path) -> None:
    theirs = message(5, b"id:c1 stat:DELIVRD", command=pdu.DELIVER, esm=4)
    ours = message(5, b"id:QD-1 stat:DELIVRD", command=pdu.DELIVER, esm=4)
    bad = message(6, BAD, command=pdu.DELIVER)

    async def story(wired: Wired) -> None:
        wired.keeping.names["bank"] = {b"c1": b"QD-1"}
        for _ in range(breaker.FAILURES):
            wired.sieve.breaker.failed("a trial", wired.session.now())
        assert wired.deliver(theirs, bad) == (ours + bad, b"")

    assert run(story, tmp_path).counts.unjudged == 2


def test_a_receipt_names_what_its_sender_was_told() -> None:
    names = {b"0A1B": b"QD-7-2"}
    words = b"id:%s sub:001 dlvrd:001 stat:DELIVRD text:id:0A1B"

    def receipt(name: bytes, tag: bytes, command: int = pdu.DELIVER) -> bytes:
        return message(5, words % name, command=command, esm=4, more=tlv(0x0427, b"\2") + tlv(0x001E, tag))

    for command in (pdu.DELIVER, pdu.DATA):
        theirs = receipt(b"0A1B", b"0A1B\0", command)
        assert renamed(theirs, names) == receipt(b"QD-7-2", b"QD-7-2\0", command)
        assert renamed(receipt(b"0A1BC", b"0A1BC\0", command), names) is None
    assert renamed(receipt(b"0A1B", b"0A1B\0")[:40], names) is None
    cut = receipt(b"0A1BC", b"0A1BC\0") + b"\0"
    assert renamed(pdu.LENGTH.pack(len(cut)) + cut[4:], names) is None, "what is wrong stays as it came"
