"""What waits in quarantine is shown on the console, and what is decided there is followed here.

The console is told how each text stands, and asked what was decided of it. Told again, nothing changes there;
told again, a decision changes nothing here: whoever is killed, nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from qingdun.contract.lists import Decision, HeldText
from qingdun.detect.text.model import TextModel
from qingdun.errors import Unreachable
from qingdun.intercept.feed import Source
from qingdun.intercept.following import Following, now
from qingdun.intercept.messages import content, pdu
from qingdun.intercept.messages.quarantine import DAY_US, Change, Quarantine

LOOK_S = 1.0
"""How often the console is asked."""
AT_ONCE = 50
"""Texts that are told in one go; between two of them the lists have their turn."""
MOST_WORDS = 500
"""Characters of a text that the console is told."""
_MOST_READ = 2000
"""Characters of a text in which it is looked for what speaks loudest: long texts hold up nobody."""

_log = logging.getLogger("qingdun.intercept")


class Reviewers(Source, Protocol):
    """Whoever has the lists, and people who look at what is held. Every call may raise Unreachable."""

    def held(self, plane: str, found: Sequence[HeldText]) -> None:
        """The texts stand there as they are here; told again, nothing changes."""
        ...

    def decided(self, quarantine: str) -> Sequence[Decision]:
        """What was decided and is not known to have come yet, in the order it was decided."""
        ...


class Review:
    """Of the quarantine in a folder, over a connection of its own; called by one thread at a time."""

    def __init__(self, plane: str, folder: Path, source: Reviewers, days: int) -> None:
        """`days`: after which texts leave the quarantine."""
        self._plane, self._source, self._days = plane, source, days
        self._store = Quarantine(folder)
        # Compiled code is loaded now, and not while messages wait.
        _why("text")

    async def run(self, following: Following) -> None:
        """The two keep each other informed, in the thread of the lists, until it is cancelled."""
        said = ""
        try:
            while True:
                why, is_more = "", False
                try:
                    is_more = await following.alone(self.step)
                except Unreachable:
                    pass  # whoever follows the lists says so
                # Whatever it is, messages go on: they need no console.
                except Exception as error:
                    why = f"{type(error).__name__}: {error}"
                if why and why != said:
                    _log.error("ALARM: the console is not told of the quarantine (%s)", why)
                said = why
                await asyncio.sleep(0 if is_more else LOOK_S)
        finally:
            # In the same thread, after what it may be doing there just now.
            await following.alone(self.close)

    def close(self) -> None:
        """The file is let go."""
        self._store.close()

    def step(self) -> bool:
        """Decisions are followed, and the console knows how so many texts stand; whether there are more.

        Errors: Unreachable; sqlite3.Error if the quarantine cannot be read or written.
        """
        for decision in self._source.decided(self._store.name):
            self._store.decide(decision, now())
        changes = self._store.untold(AT_ONCE)
        if changes:
            self._source.held(self._plane, [self._told(one) for one in changes])
            self._store.told(changes)
        return len(changes) == AT_ONCE

    def _told(self, change: Change) -> HeldText:
        text = change.text
        if text is None:
            return HeldText(
                self._store.name, change.text_id, 0, 0, "", "", 0, "", True, None, 0.0, "", (), "gone", now(),
                (), change.heard,
            )  # fmt: skip
        # No text of a database may hold a NUL, and no phone shows one.
        words = text.words.replace("\0", "")
        scam_type, phrases = _why(words[:_MOST_READ])
        return HeldText(
            self._store.name, text.text_id, text.at, text.at + self._days * DAY_US, text.sender,
            text.recipient, _recipients(text.octets), words[:MOST_WORDS],
            len(words) <= MOST_WORDS, text.entry_id, text.probability, scam_type, phrases, text.state,
            text.moved_at, tuple(status for status, _name in json.loads(text.said or "[]")), change.heard,
        )  # fmt: skip


def _why(words: str) -> tuple[str, tuple[str, ...]]:
    """Which scam the words read like, and the pieces that say so."""
    if not words:
        return "", ()
    model = TextModel.load()
    return model.score([words]).scam_type[0], tuple(model.phrases(words))


def _recipients(octets: bytes) -> int:
    """How many the first of its messages is for."""
    if len(octets) < pdu.SHORTEST:
        return 1
    length, command = pdu.FRAME.unpack_from(octets)
    found = content.message(octets, 0, length, command)
    return max(1, len(found.many)) if found is not None else 1
