"""What planes know in memory is what the lists say, whoever ended what in which order."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.contract.lists import ListedEntry
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.known import KINDS, Known, Rule
from tests.intercept.memory import MemoryLists, listed

NOW = 1_800_000_000_000_000
HOSTS = ("bad.example", "www.bad.example", "a.www.bad.example", "other.example", "icbc.com.cn")
NUMBERS = ("+8613800000001", "+8613800000002", "110")


class Clock:
    """Stands until it is set."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> int:
        return self.at


def known_of(folder: Path, lists: MemoryLists, clock: Clock) -> tuple[Known, Follower]:
    copy = Copy(folder / "any.sqlite3")
    known = Known(copy, clock)
    return known, Follower(copy, lists, [known], Limits(), clock)


def at_now(entry_id: int, entity: str, **changed: object) -> ListedEntry:
    return listed(entry_id, entity, since=NOW, **changed)  # type: ignore[arg-type]


def test_a_host_covers_what_lies_below_it_and_a_block_wins_over_observing(tmp_path: Path) -> None:
    lists = MemoryLists(
        [at_now(1, "bad.example"), at_now(2, "www.bad.example", enforced=False), at_now(3, "203.0.113.7")]
    )
    known, follower = known_of(tmp_path, lists, Clock())
    assert known.find("host", "bad.example") is None, "nothing was heard yet"
    follower.step()
    for host in ("bad.example", "www.bad.example", "x.y.bad.example"):
        found = known.find("host", host)
        assert found is not None
        assert (found.entry_id, found.enforced) == (1, True)
    assert known.find("host", "203.0.113.7") is None, "many sites share an address"
    assert known.find("host", "good.example") is None
    lists.reverse(1)
    follower.step()
    found = known.find("host", "www.bad.example")
    assert found is not None
    assert (found.entry_id, found.enforced) == (2, False)
    assert known.find("host", "bad.example") is None


def test_what_is_never_blocked_wins_also_when_it_comes_later(tmp_path: Path) -> None:
    lists = MemoryLists(
        [
            at_now(1, "96110", kind="number"),
            at_now(2, "+8613800000001", kind="number"),
            at_now(3, "a.b.example"),
        ]
    )
    known, follower = known_of(tmp_path, lists, Clock())
    follower.step()
    assert known.find("number", "96110") is None
    assert known.find("number", "+8613800000001") is not None
    lists.put(at_now(4, "+8613800000001", kind="number", list_name="never_block"))
    lists.put(at_now(5, "b.example", list_name="never_block"))
    follower.step()
    assert known.find("number", "+8613800000001") is None
    assert known.find("host", "a.b.example") is None
    assert known.protected() == 3
    lists.reverse(4)
    lists.reverse(5)
    follower.step()
    assert known.find("number", "+8613800000001") is not None
    assert known.find("host", "a.b.example") is not None


def test_a_term_ends_by_itself_while_the_lists_are_away(tmp_path: Path) -> None:
    clock = Clock()
    lists = MemoryLists([at_now(1, "+8613800000001", kind="number", until=NOW + 5)])
    known, follower = known_of(tmp_path, lists, clock)
    follower.step()
    assert known.find("number", "+8613800000001") == Rule(1, True, "phishing", NOW, NOW + 5)
    clock.at += 5
    assert known.find("number", "+8613800000001") is None


def test_what_a_transaction_told_that_failed_does_not_count(tmp_path: Path) -> None:
    lists = MemoryLists([at_now(number, f"h{number}.example") for number in range(3)])
    copy = Copy(tmp_path / "any.sqlite3")
    with closing(copy):
        known = Known(copy, Clock())

        class Fails(Known):
            def end(self, db: object) -> bool:
                raise OSError("no space left on device")

        follower = Follower(copy, lists, [known, Fails(copy, Clock())], Limits(), Clock())
        with pytest.raises(OSError, match="no space"):
            follower.step()
        assert known.size("host") == 0
        Follower(copy, lists, [known], Limits(), Clock()).step()
        assert known.size("host") == 3


def test_whoever_asks_while_the_lists_change_finds_the_old_or_the_new(tmp_path: Path) -> None:
    class Watched(dict[str, Rule]):
        def __delitem__(self, key: str) -> None:
            raise AssertionError(f"{key} was not there for a moment")

    class Vanishing(dict[str, Rule]):
        def __contains__(self, key: object) -> bool:
            return True

    lists = MemoryLists([at_now(1, "+8613800000001", kind="number", enforced=False)])
    known, follower = known_of(tmp_path, lists, Clock())
    follower.step()
    known._rules["number"] = Watched(known._rules["number"])
    lists.put(at_now(1, "+8613800000001", kind="number"), "enforced")
    follower.step()
    found = known.find("number", "+8613800000001")
    assert found is not None
    assert found.enforced
    known._rules["host"] = Vanishing()
    assert known.find("host", "a.bad.example") is None, "it was taken away just then"


entities = st.one_of(
    st.tuples(st.just("host"), st.sampled_from(HOSTS)), st.tuples(st.just("number"), st.sampled_from(NUMBERS))
)
moves = st.lists(
    st.tuples(entities, st.sampled_from(["black", "never_block"]), st.booleans(), st.booleans()), max_size=12
)


@given(moves=moves, cuts=st.sets(st.integers(0, 12)))
def test_known_is_what_a_new_start_would_know(
    moves: Sequence[tuple[tuple[str, str], str, bool, bool]], cuts: set[int]
) -> None:
    lists = MemoryLists()
    on: dict[tuple[str, str, str], int] = {}
    with tempfile.TemporaryDirectory() as folder:
        known, follower = known_of(Path(folder), lists, Clock())
        for step, ((kind, entity), name, enforced, off) in enumerate(moves, start=1):
            old = on.pop((kind, entity, name), None)
            if old is not None:
                lists.reverse(old)
            if old is None or not off:
                lists.put(at_now(step, entity, kind=kind, list_name=name, enforced=enforced))
                on[kind, entity, name] = step
            if step in cuts:
                follower.step()
        follower.step()
        with closing(Copy(Path(folder) / "any.sqlite3")) as copy:
            anew = Known(copy, Clock())
        asked = [("host", host) for host in HOSTS] + [("number", number) for number in NUMBERS]
        assert [known.find(*one) for one in asked] == [anew.find(*one) for one in asked]
        assert [known.size(kind) for kind in KINDS] == [anew.size(kind) for kind in KINDS]
        assert known.protected() == anew.protected()
