"""Lines of a name server's log are counted once each, through restarts and files that are turned over."""

from __future__ import annotations

import time
from pathlib import Path

from qingdun.intercept import counts
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.log import Log
from qingdun.intercept.sites.plane import copy_of
from qingdun.intercept.sites.zone import Sites, Zone
from tests.intercept.memory import MemoryLists, listed

NAMES = {Zone.BLOCK: "block.rpz.invalid.", Zone.OBSERVE: "observe.rpz.invalid."}
HOUR = counts.HOUR_US * 500_000
BIND = "28-Nov-2026 22:00:00.000 client @0x7f 127.0.0.1#5 ({0}): rpz QNAME {1} rewrite {0}/{2}/IN via {3}\n"
HIT = BIND.format("bad.example", "Local-Data", "A", "bad.example.block.rpz.invalid")
PASSED = BIND.format("w.seen.example", "PASSTHRU", "A", "w.seen.example.observe.rpz.invalid")
OTHER = BIND.format("bad.example", "Local-Data", "AAAA", "bad.example.block.rpz.invalid") + "something else\n"
UNBOUND = (
    "[1] unbound[1:0] info: rpz: applied [block] *.bad.example. rpz-local-data 127.0.0.1@5 "
    "a.bad.example. A IN\n"
)


def made(folder: Path) -> Copy:
    copy = copy_of(folder)
    with copy.writing() as db:
        zone.prepare(db, 1_000, b"form")
    lists = MemoryLists([listed(1, "bad.example"), listed(2, "seen.example", enforced=False)])
    Follower(copy, lists, [Sites(40)], Limits(), lambda: time.time_ns() // 1000).step()
    return copy


def found(copy: Copy) -> dict[int, tuple[int, int]]:
    with copy.reading() as db:
        return {one.entry_id: (one.observed, one.blocked) for one in counts.untold(db, 100)}


def read(log: Log, now: int = HOUR) -> None:
    while log.step(now):
        pass


def test_each_line_counts_once_through_restarts_and_a_file_that_is_turned_over(tmp_path: Path) -> None:
    copy, path = made(tmp_path), tmp_path / "rpz.log"
    log = Log(copy, path, NAMES)
    read(log)
    path.write_text(HIT + PASSED + OTHER + HIT[:30])
    read(log)
    assert found(copy) == {1: (0, 1), 2: (1, 0)}
    with path.open("a") as file:
        file.write(HIT[30:] + UNBOUND)
    log.close()
    log = Log(copy, path, NAMES)
    read(log)
    assert found(copy)[1] == (0, 3), "half a line waited for the rest, and a restart counts none again"
    with path.open("a") as file:
        file.write(PASSED)
    path.rename(tmp_path / "rpz.log.0")
    path.write_text(PASSED)
    read(log)
    read(log)
    assert found(copy)[2] == (3, 0), "the old file to its end, then the new one"
    path.write_text("")
    read(log)
    path.write_text(HIT)
    read(log)
    assert found(copy)[1] == (0, 4), "and one that was cut from its beginning"
    log.close()
    copy.close()


def test_counts_are_told_as_they_stand(tmp_path: Path) -> None:
    copy = made(tmp_path)
    with copy.writing() as db:
        counts.add(db, {(1, True): 3}, HOUR + 5)
    with copy.reading() as db:
        first = counts.untold(db, 10)
    assert [(one.hour_at, one.blocked) for one in first] == [(HOUR, 3)]
    with copy.writing() as db:
        counts.add(db, {(1, True): 1}, HOUR + 9)
        counts.told(db, first, HOUR)
    with copy.reading() as db:
        second = counts.untold(db, 10)
    assert [one.blocked for one in second] == [4], "it rose while it was told"
    with copy.writing() as db:
        counts.told(db, second, HOUR)
    assert found(copy) == {}
    copy.close()
