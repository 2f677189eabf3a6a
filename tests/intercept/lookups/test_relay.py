"""What a transaction changes is passed on once it stands on disk, and in no piece of it anything misses."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.following import now
from qingdun.intercept.known import Known
from qingdun.intercept.lookups import relay
from qingdun.intercept.lookups.channel import Changes
from qingdun.intercept.lookups.relay import Relay, pieces
from tests.intercept.memory import MemoryLists, listed

MANY = 3 * relay.AT_ONCE


def number(place: int) -> str:
    return f"+861725801{place:04d}"


def test_an_entry_that_is_only_changed_is_known_in_every_moment(tmp_path: Path) -> None:
    lists = MemoryLists([listed(n, number(n), kind="number", enforced=False) for n in range(MANY)])
    told: list[Changes | None] = []
    with closing(Copy(tmp_path / "copy.sqlite3")) as copy, closing(Copy(tmp_path / "none.sqlite3")) as none:
        follower = Follower(copy, lists, [Relay(told.append)], Limits(), now)
        follower.step()
        known = Known(copy, now)
        told.clear()
        for n in range(MANY):
            lists.put(listed(n, number(n), kind="number"), "enforced")
        lists.put(listed(900, number(900), kind="number"))
        lists.reverse(900)
        follower.step()
        (changes,) = told
        assert changes is not None
        for piece in pieces(changes):
            assert len(piece.gone) + len(piece.come) <= relay.AT_ONCE
            with none.reading() as db:
                known.begin(db)
                known.take(db, piece.gone, piece.come, 0)
                known.kept()
            assert all(known.find("number", number(n)) for n in range(MANY))
        rules = [known.find("number", number(n)) for n in range(MANY)]
        assert all(rule and rule.enforced for rule in rules)
        assert known.find("number", number(900)) is None


def test_too_much_is_not_passed_on_and_what_failed_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST_PASSED", 10)
    told: list[Changes | None] = []
    lists = MemoryLists()
    with closing(Copy(tmp_path / "copy.sqlite3")) as copy:

        class Fails(Relay):
            def end(self, db: object) -> bool:
                raise OSError("no space left on device")

        ours = Relay(told.append)
        Follower(copy, lists, [ours], Limits(), now).step()
        for n in range(5):
            lists.put(listed(n, number(n), kind="number"))
        with pytest.raises(OSError, match="no space"):
            Follower(copy, lists, [ours, Fails(told.append)], Limits(), now).step()
        assert told == []
        follower = Follower(copy, lists, [ours], Limits(), now)
        follower.step()
        assert [len(one.come) for one in told if one] == [5]
        for n in range(5, 20):
            lists.put(listed(n, number(n), kind="number"))
        follower.step()
        assert told[1:] == [None]


def test_what_is_never_blocked_stays_so_when_it_is_listed_anew(tmp_path: Path) -> None:
    lists = MemoryLists(
        [
            listed(1, number(1), kind="number"),
            listed(2, number(1), kind="number", list_name="never_block"),
        ]
    )
    told: list[Changes | None] = []
    with closing(Copy(tmp_path / "copy.sqlite3")) as copy, closing(Copy(tmp_path / "none.sqlite3")) as none:
        follower = Follower(copy, lists, [Relay(told.append)], Limits(), now)
        follower.step()
        known = Known(copy, now)
        told.clear()
        lists.reverse(2)
        lists.put(listed(3, number(1), kind="number", list_name="never_block"))
        follower.step()
        (changes,) = told
        assert changes is not None
        for piece in pieces(changes):
            with none.reading() as db:
                known.begin(db)
                known.take(db, piece.gone, piece.come, 0)
                known.kept()
            assert known.find("number", number(1)) is None
        assert known.never("number", number(1))
