"""Texts of nobody (`demo_held.json`) that a demonstration's plane of messages holds for a person: kept in a
real quarantine, told as a plane tells. Whoever releases one hears that the centre took it; there is none.
"""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from qingdun.console import environment
from qingdun.detect.text.model import TextModel
from qingdun.intercept.following import Following, now
from qingdun.intercept.messages import pdu
from qingdun.intercept.messages.quarantine import FILE, Quarantine, Text
from qingdun.intercept.messages.review import Review, Reviewers

DAYS = 30
_EVERY_S = 1.0
_MINUTE_US = 60_000_000


class Shown(NamedTuple):
    """A text of the demonstration."""

    sender: str
    recipient: str
    minutes_ago: int
    words: str


def hold(folder: Path, source: Reviewers) -> int:
    """Those that a plane would hold are held, and the console has been told; how many are new, none the
    second time.
    """
    if (folder / FILE).exists():
        return 0
    file = resources.files(__package__).joinpath("demo_held.json")
    shown = [Shown(**one) for one in json.loads(file.read_text("utf-8"))["texts"]]
    at, least = now(), environment.number("QINGDUN_MESSAGES_PERCENT") / 100
    texts = [text for one in shown if (text := _text(one, at)).probability >= least]
    with closing(Quarantine(folder)) as store:
        store.put(texts)
    with closing(Review("messages", folder, source, DAYS)) as review:
        review.step()
    return len(texts)


async def rehearse(folder: Path, source: Reviewers, following: Following) -> None:
    """What is released is delivered after a moment, until it is cancelled."""
    dice = random.Random("centre")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Review("messages", folder, source, DAYS).run(following))
        with closing(Quarantine(folder)) as store:
            while True:
                await asyncio.sleep(_EVERY_S)
                for one in store.asked(0, 1):
                    store.move(one.text_id, "sending", now())
                    store.move(one.text_id, "released", now(), [[pdu.OK, f"{dice.randrange(1 << 32):08x}"]])


def _text(one: Shown, at: int) -> Text:
    moment = at - one.minutes_ago * _MINUTE_US
    (probability,) = TextModel.load().score([one.words]).probability.tolist()
    return Text(
        0, moment, "demo", True, one.sender, one.recipient, one.words, None, probability, b"", "held", moment,
        "",
    )  # fmt: skip
