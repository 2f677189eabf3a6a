"""The quarantine's file: what waits, what may become of it, and what is left of it."""

from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qingdun.cli.intercept.group import intercept
from qingdun.errors import IllegalMove, InputError
from qingdun.intercept.following import now
from qingdun.intercept.messages import keeping, pdu, quarantine
from qingdun.intercept.messages.quarantine import DAY_US, FILE, MOVES, Quarantine, Text
from tests.intercept.messages.wired import BIND, BOUND, Wired, message

HELD = Text(0, 5, "bank", True, "106900001234", "+8613800138000", "密码", None, 0.98, b"pdu", "held", 5, "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Quarantine]:
    with closing(Quarantine(tmp_path)) as opened:
        yield opened


def test_a_text_moves_only_as_the_table_says(store: Quarantine) -> None:
    for state, may in MOVES.items():
        for wanted in MOVES:
            (number,) = store.put([HELD._replace(state=state)])
            if wanted in may:
                assert store.move(number, wanted, 6).state == state
                left = store.get(number)
                assert (left.state, left.moved_at) == (wanted, 6)
                assert (left.words, left.octets) == (("密码", b"pdu") if MOVES[wanted] else ("", b""))
            else:
                with pytest.raises(IllegalMove, match=f"found {state}, which cannot become {wanted}"):
                    store.move(number, wanted, 6)
    with pytest.raises(InputError, match="no text of that number"):
        store.move(999, "asked", 6)


def test_what_was_under_way_when_the_proxy_was_killed_is_a_persons_to_decide(
    store: Quarantine, tmp_path: Path
) -> None:
    first, second = store.put([HELD, HELD])
    for state in ("asked", "sending"):
        store.move(first, state, 6)
    with closing(Quarantine(tmp_path)) as again:
        again.begin(7)
        assert [one.text_id for one in again.asked(0, 10)] == [], "nothing is sent a second time unasked"
        assert [(one.text_id, one.state) for one in again.waiting()] == [(first, "unsure"), (second, "held")]
        again.move(first, "asked", 8)
        assert [one.text_id for one in again.asked(0, 10)] == [first]


def test_a_command_beside_the_plane_takes_nothing_of_what_is_held_from_then_on(tmp_path: Path) -> None:
    command = (
        "import pathlib, sys; from qingdun.intercept.messages.quarantine import Quarantine\n"
        "store = Quarantine(pathlib.Path(sys.argv[1])); print(len(store.waiting())); store.close()"
    )

    def seen_elsewhere() -> int:
        return int(subprocess.check_output([sys.executable, "-c", command, tmp_path]))

    # The plane has the file open twice: where it writes, and where it tells the console.
    with closing(Quarantine(tmp_path)) as store, closing(Quarantine(tmp_path)):
        for held in range(3):
            assert seen_elsewhere() == held
            store.put([HELD])


def test_it_is_bounded_in_number_octets_and_days(store: Quarantine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_TEXTS", 2)
    monkeypatch.setattr(quarantine, "MOST_OCTETS", 7)
    shop, bureau = HELD._replace(system="shop"), HELD._replace(system="bureau")
    assert store.put([HELD, HELD, shop, bureau]) == [1, 0, 2, 0], "of one client half"
    store.move(1, "dropped", 6)
    some = [HELD._replace(octets=b"pdus too many"), HELD._replace(at=5 + DAY_US)]
    assert store.put(some) == [0, 3], "what is decided takes no room, nor what found none"
    assert store.sizes() == {"dropped": 1, "held": 2}
    assert store.forget(5 + DAY_US) == 1, "one of them was waiting"
    assert [one.text_id for one in store.waiting()] == [3]


def test_whoever_sends_a_text_does_not_steer_the_terminal_it_is_read_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QINGDUN_VAR", str(tmp_path))
    with closing(Quarantine(tmp_path / "intercept")) as store:
        (number,) = store.put([HELD._replace(sender="\x1b[2J", words="密\x1b[2J\x07\u202e码\n再见")])
    for command in (["list"], ["show", str(number)]):
        intercept.main(["quarantine", *command], standalone_mode=False)
        said = capsys.readouterr().out
        assert "密\ufffd[2J\ufffd\ufffd码" in said
        assert not {"\x1b", "\x07", "\u202e"} & {*said}


def test_what_cannot_be_written_stands_for_a_person_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(wired: Wired) -> None:
        store, sent = wired.quarantine, message(7, b"hello")
        first, gone, last = store.put([HELD._replace(at=now(), octets=sent)] * 3)
        for number in (first, gone, last):
            store.move(number, "asked", 6)
        task = asyncio.create_task(wired.keeping.run(lambda: wired.proxy.sessions))

        async def answered() -> None:
            while not wired.centre.written:
                await asyncio.sleep(0.001)
            (sequence,) = struct.unpack_from(">I", wired.centre.taken(), 12)
            wired.session.centre.data_received(pdu.answer(pdu.SUBMIT, pdu.OK, sequence, b"c1\0"))

        while not wired.centre.written:
            await asyncio.sleep(0.001)
        # While the centre thinks of the first, the days of the second are over.
        store._db.execute("DELETE FROM texts WHERE text_id = ?", (gone,))
        await answered()
        while not wired.centre.written:
            await asyncio.sleep(0.001)
        assert store.get(first).state == "released"
        # And while it thinks of the last, the disk is full.
        store._db.execute("PRAGMA query_only=ON")
        await answered()
        while "cannot be read" not in caplog.text:
            await asyncio.sleep(0.001)
        store._db.execute("PRAGMA query_only=OFF")
        while store.get(last).state == "sending":
            await asyncio.sleep(0.001)
        assert store.get(last).state == "unsure"
        assert not task.done()
        assert wired.centre.taken() == b""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def told() -> None:
        wired = Wired(tmp_path)
        await wired.bind()
        async with asyncio.timeout(20):
            await story(wired)

    asyncio.run(told())


def test_a_centre_that_answers_nothing_holds_up_no_other_sender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "ANSWER_S", 0.01)

    async def story(wired: Wired) -> None:
        store, sent = wired.quarantine, message(7, b"hello")
        other, esme, centre = wired.connected()
        esme.line.data_received(BIND.replace(b"bank", b"shop"))
        while not centre.written:
            await asyncio.sleep(0)
        other.centre.data_received(BOUND)
        centre.taken()
        silent = HELD._replace(at=now(), octets=sent)
        numbers = store.put([silent, silent, silent._replace(system="shop")])
        for number in numbers:
            store.move(number, "asked", 6)
        task = asyncio.create_task(wired.keeping.run(lambda: wired.proxy.sessions))
        while not centre.written:
            await asyncio.sleep(0.001)
        assert [store.get(number).state for number in numbers[:2]] == ["unsure", "asked"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def told() -> None:
        wired = Wired(tmp_path)
        await wired.bind()
        async with asyncio.timeout(20):
            await story(wired)

    asyncio.run(told())


def test_another_file_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("what I had to buy" * 100)
    with pytest.raises(InputError, match="expected a quarantine, or no file"):
        Quarantine(tmp_path)
