"""What is held is told to the console, and what is decided there is followed here, once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qingdun.contract.lists import Decision
from qingdun.errors import Unreachable
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Limits
from qingdun.intercept.following import Following, now
from qingdun.intercept.messages import review
from qingdun.intercept.messages.quarantine import DAY_US, FILE, Quarantine
from qingdun.intercept.messages.review import Review
from tests.intercept.memory import MemoryLists
from tests.intercept.messages.stories import SCAM
from tests.intercept.messages.test_quarantine import HELD
from tests.intercept.messages.wired import to_many

TEXT = HELD._replace(words=SCAM, octets=to_many(1, b"x", b"8613800138000", b"8613800138222"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Quarantine]:
    with closing(Quarantine(tmp_path)) as opened:
        yield opened


def step(folder: Path, lists: MemoryLists) -> None:
    """A plane that has just been started tells and asks once, and is killed."""
    with closing(Review("messages", folder, lists, 30)) as opened:
        while opened.step():
            pass


def test_the_console_knows_how_each_text_stands_and_no_more_than_it_must(
    store: Quarantine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = MemoryLists()
    first, second = store.put([TEXT._replace(at=now()), TEXT._replace(words="啊" * 900)])
    lists.away = True
    with pytest.raises(Unreachable):
        step(tmp_path, lists)
    lists.away = False
    step(tmp_path, lists)
    told = lists.texts[first]
    assert (told.state, told.words, told.is_whole, told.recipients) == ("held", SCAM, True, 2)
    assert (told.scam_type, told.until - told.at) == ("phishing", 30 * DAY_US)
    assert told.phrases
    assert any(one.startswith("请点击") for one in told.phrases)
    assert len(lists.texts[second].words) == review.MOST_WORDS
    assert not lists.texts[second].is_whole
    lists.texts.clear()
    step(tmp_path, lists)
    assert lists.texts == {}, "told once"
    # Whoever moves it, from whichever process, and the days do.
    with closing(Quarantine(tmp_path)) as command:
        command.move(first, "asked", 6)
    store.move(first, "sending", 7)
    store.move(first, "failed", 8, [[0x45, ""], [None, ""]])
    store.forget(now() - DAY_US)
    step(tmp_path, lists)
    assert (lists.texts[first].state, lists.texts[first].answers) == ("failed", (0x45, None))
    assert lists.texts[second].state == "gone"
    monkeypatch.setattr(review, "AT_ONCE", 2)
    store.put([TEXT] * 5)
    step(tmp_path, lists)
    assert len(lists.texts) == 7, "in parts"


def test_however_much_is_held_the_lists_have_their_turn(store: Quarantine, tmp_path: Path) -> None:
    lists = MemoryLists()
    store.put([TEXT, *[TEXT._replace(words=SCAM * 1000)] * review.AT_ONCE])
    with closing(Review("messages", tmp_path, lists, 30)) as opened:
        assert opened.step(), "the lists have their turn between"
        assert len(lists.texts) == review.AT_ONCE
        assert not opened.step()
    assert len(lists.texts) == review.AT_ONCE + 1


def test_a_decision_is_followed_once_whoever_is_killed(store: Quarantine, tmp_path: Path) -> None:
    lists = MemoryLists()
    first, second = store.put([TEXT, TEXT])
    lists.decisions = [Decision("k1", first, "release"), Decision("k2", second, "drop")]
    for decision in lists.decisions:
        store.decide(decision, 6)
    # Killed before the console knows: it tells the decisions again, meanwhile the text was sent.
    store.move(first, "sending", 7)
    store.move(first, "unsure", 8)
    step(tmp_path, lists)
    assert [store.get(one).state for one in (first, second)] == ["unsure", "dropped"]
    assert lists.texts[first].heard == (("k1", True),)
    assert lists.texts[second].heard == (("k2", True),)
    assert lists.decisions == []
    # What is not possible any more, and what is not there, is answered so.
    lists.decisions = [Decision("k3", second, "release"), Decision("k4", 99, "drop")]
    step(tmp_path, lists)
    assert lists.texts[second].heard == (("k2", True), ("k3", False))
    assert (lists.texts[99].state, lists.texts[99].heard) == ("gone", (("k4", False),))
    lists.decisions = [Decision("k5", first, "burn")]
    step(tmp_path, lists)
    assert store.get(first).state == "unsure"


def test_messages_go_on_whatever_fails_in_telling_of_them(
    store: Quarantine, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "LOOK_S", 0.001)
    store.put([TEXT])

    class Broken(MemoryLists):
        asked = 0

        def held(self, plane: str, found: object) -> None:
            self.asked += 1
            raise ValueError("no room for a NUL")

    lists = Broken()

    async def story() -> None:
        copy = Copy(tmp_path / "messages.sqlite3")
        following = Following("messages", copy, lists, [], Limits())
        work = asyncio.create_task(Review("messages", tmp_path, lists, 30).run(following))
        while lists.asked < 3:
            await asyncio.sleep(0.001)
        assert not work.done()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        copy.close()

    asyncio.run(story())
    assert caplog.text.count("ALARM: the console is not told of the quarantine (ValueError: no room") == 1


def test_a_change_while_the_console_is_told_is_told_again(store: Quarantine, tmp_path: Path) -> None:
    (number,) = store.put([TEXT])
    changes = store.untold(9)
    store.move(number, "dropped", 9)
    store.told(changes)
    assert [one.text and one.text.state for one in store.untold(9)] == ["dropped"]


def test_what_was_held_before_there_was_a_console_to_review_it_is_told(tmp_path: Path) -> None:
    with closing(Quarantine(tmp_path)) as store:
        store.put([TEXT])
        name = store.name
    with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
        for table in ("names", "untold", "decisions"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DROP TRIGGER untold_insert")
    lists = MemoryLists()
    step(tmp_path, lists)
    assert [one.state for one in lists.texts.values()] == ["held"]
    with closing(Quarantine(tmp_path)) as store:
        assert store.name not in ("", name), "another store's numbers are not these"
