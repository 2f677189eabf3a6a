"""Puts texts into quarantine before anybody hears that they were taken, and sends on what was released."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from qingdun.errors import IllegalMove, InputError
from qingdun.intercept.following import now as moment
from qingdun.intercept.messages import pdu
from qingdun.intercept.messages.figures import Counts
from qingdun.intercept.messages.line import Line
from qingdun.intercept.messages.quarantine import DAY_US, Quarantine, Text
from qingdun.intercept.messages.session import Session

T = TypeVar("T")
MOST_WAITING = 1000
"""Texts that wait to be written; more passes, and is counted."""
LOOK_S = 0.5
"""How often it is looked whether a person released something."""
ANSWER_S = 30.0
"""How long the centre may take to answer what was released."""
CLEAN_S = 3600.0
_AT_ONCE = 100
_LATER = frozenset((0x14, 0x58))
"""Answers of a centre that has no room just now: it is asked again."""

_log = logging.getLogger("qingdun.intercept")
Part = tuple[Line, bytes]


class _New(NamedTuple):
    text: Text
    parts: Sequence[Part]


class Keeping:
    """The quarantine of a proxy that works, written from one thread of its own: the lists' may wait for a
    console, and what waits here waits for an answer.
    """

    def __init__(self, store: Quarantine, counts: Counts, status: int, days: int) -> None:
        """`status`: what the sender of a text hears of it; 0: that it was taken."""
        self.store, self._counts, self._status, self._days = store, counts, status, days
        self._new: asyncio.Queue[_New] = asyncio.Queue(MOST_WAITING)
        self._one = ThreadPoolExecutor(1, "quarantine")
        self.sizes: dict[str, int] = {}
        """How many texts were in each state when it was looked last."""
        self.names: dict[str, dict[bytes, bytes]] = {}
        """By ESME, and by the centre's name of a message, the name its sender was told."""
        self._begun: set[int] = set()
        """Texts that are being sent, or of which it could not be written what came of it."""
        store.begin(moment())
        self._name_all(store.released())

    def keep(self, text: Text, parts: Sequence[Part]) -> None:
        """The text will stand on disk, and then be answered; or it passes, if that cannot be."""
        try:
            self._new.put_nowait(_New(text, parts))
        except asyncio.QueueFull:
            self._pass([_New(text, parts)])

    async def run(self, sessions: Callable[[], Sequence[Session]]) -> None:
        """Keeps and releases, until it is cancelled. `sessions`: those that stand."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._release(sessions))
                tasks.create_task(self._clean())
        finally:
            # Whatever was not written yet was not answered either.
            self._one.shutdown()
            self.store.close()

    async def _write(self) -> None:
        while True:
            some = [await self._new.get()]
            while len(some) < _AT_ONCE and not self._new.empty():
                some.append(self._new.get_nowait())
            texts = [one.text for one in some]
            try:
                numbers = await self._alone(partial(self.store.put, texts))
            except sqlite3.Error as error:
                _log.error("ALARM: the quarantine cannot be written (%s); what it should hold passes", error)
                self._pass(some)
                continue
            for new, number in zip(some, numbers, strict=True):
                if number:
                    self._answer(new, number)
                else:
                    self._pass([new])

    def _answer(self, new: _New, number: int) -> None:
        self._counts.quarantined += 1
        for place, (line, octets) in enumerate(new.parts, start=1):
            _length, command, _status, sequence = pdu.HEAD.unpack_from(octets)
            # Whoever delivers has no use for a name (4.6.2).
            name = _name(number, place, len(new.parts)) if command != pdu.DELIVER else ""
            answer = pdu.taken(command, self._status, sequence, name)
            line.answer(line.session.taken_out.told(answer))

    def _name_all(self, released: Sequence[Text]) -> None:
        self.names = {}
        for text in released:
            said = json.loads(text.said)
            for place, (_status, name) in enumerate(said, start=1):
                self._named(text, place, len(said), name)

    def _named(self, text: Text, place: int, total: int, name: str) -> None:
        """The centre has a name for a message that its sender knows by ours."""
        if name and text.from_esme and not self._status:
            ours = _name(text.text_id, place, total)
            self.names.setdefault(text.system, {})[name.encode("latin-1")] = ours.encode("ascii")

    def _pass(self, some: Sequence[_New]) -> None:
        for new in some:
            self._counts.quarantine_full += 1
            for line, octets in new.parts:
                line.pass_on(octets)

    async def _release(self, sessions: Callable[[], Sequence[Session]]) -> None:
        while True:
            try:
                await self._give_up()
                await self._release_all(sessions)
                self.sizes = await self._alone(self.store.sizes)
            except sqlite3.Error as error:
                _log.error("the quarantine cannot be read: %s", error)
            await asyncio.sleep(LOOK_S)

    async def _release_all(self, sessions: Callable[[], Sequence[Session]]) -> None:
        after, silent = 0, set[Line]()
        while texts := await self._alone(partial(self.store.asked, after, _AT_ONCE)):
            for text in texts:
                after = text.text_id
                line = _line_for(text, sessions())
                # Who answers nothing is waited for once: others wait behind.
                if line is not None and line not in silent and not await self._send(text, line):
                    silent.add(line)

    async def _send(self, text: Text, line: Line) -> bool:
        """Whether it was answered. It is marked before it goes: whoever is killed meanwhile sends nothing a
        second time unasked.
        """
        try:
            await self._move(text, "sending")
        except (IllegalMove, InputError):
            return True  # dropped meanwhile, or gone with its days
        self._begun.add(text.text_id)
        octets = list(_pdus(text.octets))
        # A receipt may come with the answer: its name must be known by then.
        waiting = [
            line.session.send(line, one, partial(self._named, text, place, len(octets)))
            for place, one in enumerate(octets, start=1)
        ]
        await asyncio.wait(waiting, timeout=ANSWER_S)
        said = [_said(one) for one in waiting]
        statuses = {status for status, _name in said}
        if None in statuses:
            state = "unsure"
        elif statuses <= _LATER:
            state = "asked"
        else:
            state = "released" if statuses == {pdu.OK} else "failed"
        try:
            await self._move(text, state, said)
        except InputError:
            _log.warning("what came of text %d is not kept: its days were over", text.text_id)
        self._begun.discard(text.text_id)
        return state != "unsure"

    async def _give_up(self) -> None:
        """Of what was sent, and could not be written to have been, a person decides."""
        if self._begun:
            await self._alone(partial(self.store.begin, moment()))
            self._begun.clear()

    async def _move(self, text: Text, state: str, said: object = None) -> None:
        at = moment()
        await self._alone(partial(self.store.move, text.text_id, state, at, said))

    async def _clean(self) -> None:
        while True:
            before = moment() - self._days * DAY_US
            try:
                if waited := await self._alone(partial(self.store.forget, before)):
                    _log.warning("%d texts left the quarantine after %d days unseen", waited, self._days)
                released = await self._alone(self.store.released)
                if not self._begun:
                    self._name_all(released)
            except sqlite3.Error as error:
                _log.error("the quarantine cannot be cleaned: %s", error)
            await asyncio.sleep(CLEAN_S)

    async def _alone(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._one, work)


def _name(number: int, place: int, total: int) -> str:
    """What the sender of a text is told for the name of one of its messages."""
    return f"QD-{number}" if total == 1 else f"QD-{number}-{place}"


def _line_for(text: Text, sessions: Sequence[Session]) -> Line | None:
    """Where the text goes: over a session of its own ESME, which may send, or receive."""
    for one in sessions:
        if one.is_bound and one.system == text.system and ("t" if text.from_esme else "r") in one.may:
            return one.centre if text.from_esme else one.esme
    return None


def _pdus(octets: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(octets):
        length, _command = pdu.FRAME.unpack_from(octets, at)
        yield octets[at : at + length]
        at += length


def _said(answer: asyncio.Future[tuple[int, str]]) -> tuple[int | None, str]:
    """The status and the name of the message that were answered; None if nothing was."""
    if not answer.done() or answer.exception() is not None:
        return None, ""
    return answer.result()
