"""What a plane does beside what it serves goes on, whatever becomes of its disk."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from qingdun.intercept import following
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Limits
from qingdun.intercept.following import Following
from qingdun.intercept.known import Known, Rule
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import Often

MET = Rule(1, True, "phishing", 0, None)


def test_a_full_disk_ends_no_plane_and_loses_no_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for wait in ("LOOK_S", "COUNT_S", "TELL_S"):
        monkeypatch.setattr(following, wait, 0.01)
    copy = Copy(tmp_path / "any.sqlite3")
    known = Known(copy, following.now)
    lists = MemoryLists([listed(1, "bad.example")])
    plane = Following("any", copy, lists, [known], Limits(), lambda: {"met": len(lists.told)})

    async def story() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(plane.run(Often(), stop))
        while known.find("host", "bad.example") is None:
            await asyncio.sleep(0.001)
        await plane.alone(lambda: copy._db.execute("PRAGMA query_only=ON"))
        for _ in range(3):
            plane.met(MET)
            await asyncio.sleep(0.05)
        lists.put(listed(2, "worse.example"))
        while "ALARM" not in caplog.text:
            await asyncio.sleep(0.001)
        assert not task.done(), "what it serves goes on"
        await plane.alone(lambda: copy._db.execute("PRAGMA query_only=OFF"))
        while known.find("host", "worse.example") is None or not lists.told:
            await asyncio.sleep(0.001)
        plane.met(MET)
        stop.set()
        await task

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await story()

    asyncio.run(bounded())
    with closing(sqlite3.connect(tmp_path / "any.sqlite3")) as db:
        assert db.execute("SELECT sum(blocked) FROM counts").fetchone() == (4,), "each once"


def test_a_transaction_that_cannot_be_kept_hinders_no_later_one(tmp_path: Path) -> None:
    with closing(Copy(tmp_path / "any.sqlite3")) as copy:
        copy._db.execute("PRAGMA foreign_keys=ON")
        copy._db.executescript(
            "CREATE TABLE a (x INTEGER PRIMARY KEY);"
            "CREATE TABLE b (x INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED);"
        )
        with pytest.raises(sqlite3.IntegrityError), copy.writing() as db:
            db.execute("INSERT INTO b VALUES (1)")
        with copy.writing() as db:
            db.execute("INSERT INTO a VALUES (1)")
