"""The copy follows the lists: nothing lost, nothing doubled, whoever is away, killed or too fast."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdun.contract.lists import ListedEntry
from qingdun.errors import RefusedError, Unreachable
from qingdun.intercept.copy import Copy, fact, held, true_as_of
from qingdun.intercept.feed import HEARD_EVERY_US, Follower, Limits, confirm
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.rules import refusal, unpacked
from qingdun.intercept.sites.zone import Sites, Zone
from tests.intercept.memory import MemoryLists, listed

ROOM = 40
WIDE = Limits(10_000_000, 100)


class Clock:
    def __init__(self) -> None:
        self.now = time.time_ns() // 1000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    made = opened(tmp_path)
    yield made
    made.close()


def opened(folder: Path) -> Copy:
    copy = Copy(folder / "copy.sqlite3", zone.TABLES)
    with copy.writing() as db:
        zone.prepare(db, 1_000, b"form")
    return copy


def follower(
    copy: Copy, source: MemoryLists, limits: Limits = WIDE, clock: Callable[[], int] | None = None
) -> Follower:
    return Follower(copy, source, [Sites(ROOM)], limits, clock or Clock())


def entries(copy: Copy) -> dict[int, ListedEntry]:
    with copy.reading() as db:
        return {one.entry_id: one for one in held(db)}


def hosts(copy: Copy, which: Zone) -> set[str]:
    with copy.reading() as db:
        return {unpacked(name) for some in zone.names(db, which) for name in some}


def serial(copy: Copy, which: Zone = Zone.BLOCK) -> int:
    with copy.reading() as db:
        return zone.serial_of(db, which)


def wanted(copy: Copy, enforced: bool, now: int) -> set[str]:
    """What a zone must hold, said anew and plainly from the entries."""
    from qingdun.intercept.never import NeverBlock

    found = [one for one in entries(copy).values() if one.until is None or one.until > now]
    never = NeverBlock.of((one.entity_kind, one.entity) for one in found if one.list_name == "never_block")
    return {
        one.entity
        for one in found
        if (one.list_name, one.entity_kind, one.enforced) == ("black", "host", enforced)
        and not refusal(never, one.entity, ROOM)
    }


def test_an_entry_is_observed_then_enforced_then_released(copy: Copy) -> None:
    source = MemoryLists()
    follow = follower(copy, source)
    follow.step()
    source.put(listed(1, "bad.example", enforced=False))
    assert follow.step()
    assert (hosts(copy, Zone.OBSERVE), hosts(copy, Zone.BLOCK)) == ({"bad.example"}, set())
    source.put(listed(1, "bad.example"), "enforced")
    assert follow.step()
    assert (hosts(copy, Zone.OBSERVE), hosts(copy, Zone.BLOCK)) == (set(), {"bad.example"})
    source.reverse(1)
    assert follow.step()
    assert entries(copy) == {}
    assert hosts(copy, Zone.BLOCK) == set()
    assert not follow.step()


def test_what_asks_for_no_site_changes_no_zone(copy: Copy) -> None:
    source = MemoryLists(
        [listed(1, "+8617258010001", kind="number"), listed(2, "g.example", list_name="grey")]
    )
    follow = follower(copy, source)
    assert not follow.step()
    assert set(entries(copy)) == {1, 2}
    assert serial(copy) == 1_000
    source.put(listed(3, "bad.example"))
    follow.step()
    before = serial(copy)
    source.put(source.entries[3]._replace(until=source.entries[3].since + 10**15), "extended")
    assert not follow.step(), "a longer term moves no name"
    assert serial(copy) == before


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("com.cn", "hosting"), ("github.io", "hosting"), ("xyz", "suffix"), ("203.0.113.7", "address"),
        ("t.cn", "hosting"),
        ("www.gdqy.gov.cn", "government"), ("icbc.com.cn", "bank"), ("a" * 64 + ".example", "name"),
        (".".join(["a" * 50] * 4) + ".bad.example", "name"),
    ],
)  # fmt: skip
def test_what_would_block_others_gets_no_rule_and_is_kept_with_the_reason(
    copy: Copy, host: str, why: str
) -> None:
    source = MemoryLists([listed(1, host), listed(2, "bad.github.io"), listed(3, "shop.bad.com.cn")])
    follower(copy, source).step()
    assert hosts(copy, Zone.BLOCK) == {"bad.github.io", "shop.bad.com.cn"}
    with copy.reading() as db:
        assert zone.refused(db) == {why: 1}


def test_what_is_never_blocked_wins_whenever_it_comes(copy: Copy) -> None:
    source = MemoryLists(
        [listed(1, "bad.example"), listed(2, "x.ward.bad.example"), listed(3, "other.example")]
    )
    follow = follower(copy, source)
    follow.step()
    assert len(hosts(copy, Zone.BLOCK)) == 3
    source.put(listed(9, "ward.bad.example", list_name="never_block"))
    assert follow.step()
    assert hosts(copy, Zone.BLOCK) == {"other.example"}, "what lies above and below it is protected too"
    source.reverse(9)
    assert follow.step()
    assert len(hosts(copy, Zone.BLOCK)) == 3
    with copy.reading() as db:
        assert zone.refused(db) == {}


def test_a_term_ends_though_the_lists_are_away(copy: Copy) -> None:
    clock = Clock()
    soon = clock.now + 1_000_000
    source = MemoryLists([listed(1, "bad.example", until=soon), listed(2, "long.example")])
    follow = follower(copy, source, clock=clock)
    follow.step()
    source.away = True
    clock.now = soon
    with pytest.raises(Unreachable):
        follow.step()
    assert hosts(copy, Zone.BLOCK) == {"long.example"}
    source.away = False
    source.put(listed(1, "bad.example", until=soon + 5_000_000), "extended")
    assert follow.step()
    assert "bad.example" in hosts(copy, Zone.BLOCK)


def test_a_feed_that_changes_too_much_stops_and_asks(copy: Copy) -> None:
    source = MemoryLists([listed(n, f"h{n}.example") for n in range(100)])
    limits = Limits(most=10, percent=20)
    follow = follower(copy, source, limits)
    follow.step()
    for n in range(15):
        source.reverse(n)
    follow.step()
    assert len(hosts(copy, Zone.BLOCK)) == 85
    for n in range(15, 30):
        source.reverse(n)
    assert not follow.step()
    assert len(hosts(copy, Zone.BLOCK)) == 85, "cut into pieces it is still one bulk"
    found = copy.heard()
    assert (found.stopped_at, found.stopped_size) == (30, 15)
    follow = follower(copy, source, limits)
    assert not follow.step(), "nor does a restart help it"
    clock = Clock()
    clock.now += 10 * HEARD_EVERY_US
    Follower(copy, source, [], limits, clock).step()
    with copy.reading() as db:
        assert fact(db, "heard_at") == clock.now
        assert (true_as_of(db) or 0) < clock.now - 9 * HEARD_EVERY_US, "what waits is not known"
    confirm(copy)
    assert follow.step()
    with copy.reading() as db:
        assert true_as_of(db) == fact(db, "heard_at")
    assert len(hosts(copy, Zone.BLOCK)) == 70
    assert copy.heard().stopped_at is None
    with pytest.raises(RefusedError):
        confirm(copy)
    source.put(listed(200, "new.example"))
    assert follow.step(), "a word holds once, and what is small goes on"


def test_another_database_is_taken_whole_and_asks_too(copy: Copy) -> None:
    source = MemoryLists([listed(n, f"h{n}.example") for n in range(20)])
    source.put(listed(30, "last.example"))
    follower(copy, source).step()
    other = MemoryLists([listed(n, f"h{n}.example", since=5, until=10**18) for n in range(15, 22)])
    follow = follower(copy, other, Limits(most=5, percent=0))
    assert not follow.step()
    assert copy.heard().stopped_size == 23
    confirm(copy)
    assert follow.step()
    assert hosts(copy, Zone.BLOCK) == {f"h{n}.example" for n in range(15, 22)}
    assert set(entries(copy)) == set(range(15, 22))


def test_the_first_hearing_asks_nobody(copy: Copy) -> None:
    follower(copy, MemoryLists([listed(n, f"h{n}.example") for n in range(50)]), Limits(1, 0)).step()
    assert len(hosts(copy, Zone.BLOCK)) == 50
    assert copy.heard().serial == 0


def test_a_backlog_longer_than_one_read_is_heard_whole(copy: Copy) -> None:
    source = MemoryLists()
    follow = follower(copy, source)
    follow.step()
    for n in range(2_500):
        source.put(listed(n, f"h{n}.example"))
    follow.step()
    assert len(hosts(copy, Zone.BLOCK)) == 2_500
    assert copy.heard().serial == 2_500


names = st.sampled_from(["a.example", "b.a.example", "c.example", "d.c.example", "com.cn", "e.example"])
acts = st.one_of(
    st.tuples(
        st.just("put"), st.integers(1, 6), names, st.booleans(), st.sampled_from(["black", "never_block"])
    ),
    st.tuples(st.just("reverse"), st.integers(1, 6)),
    st.tuples(st.just("later"), st.integers(1, 40)),
    st.tuples(st.just("step")),
    st.tuples(st.just("fail")),
    st.tuples(st.just("away")),
)


class Failing(Sites):
    """Fails in the middle of a transaction, as a process that is killed there leaves it."""

    def __init__(self) -> None:
        super().__init__(ROOM)
        self.fails = False

    def end(self, db: sqlite3.Connection) -> bool:
        super().end(db)
        if self.fails:
            raise InterruptedError
        return False


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(acts, max_size=40), data=st.data())
def test_whatever_happens_the_zones_are_what_the_entries_say_and_steps_lead_there(
    tmp_path_factory: pytest.TempPathFactory, script: Sequence[tuple[object, ...]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("law")
    copy, clock, source, plane = opened(folder), Clock(), MemoryLists(), Failing()
    follow = Follower(copy, source, [plane], WIDE, clock)
    seen: dict[Zone, dict[int, set[str]]] = {one: {serial(copy, one): set()} for one in Zone}
    for act in [*script, ("step",)]:
        plane.fails = act[0] == "fail"
        source.away = act[0] == "away"
        if act[0] == "put":
            _, number, host, enforced, name = act
            assert isinstance(number, int)
            taken = {one.entity for one in source.entries.values() if one.entry_id != number}
            if host not in taken:
                end = clock.now + number * 10_000_000
                source.put(
                    listed(
                        number, str(host), enforced=bool(enforced), list_name=str(name), since=1, until=end
                    )
                )
        elif act[0] == "reverse" and act[1] in source.entries:
            source.reverse(int(str(act[1])))
        elif act[0] == "later":
            clock.now += int(str(act[1])) * 1_000_000
        else:
            try:
                follow.step()
            except InterruptedError:
                follow = Follower(copy, source, [plane], WIDE, clock)
            except Unreachable:
                pass
            else:
                assert entries(copy) == source.entries
            for one in Zone:
                found, at = hosts(copy, one), serial(copy, one)
                assert seen[one].setdefault(at, found) == found, "a serial means one thing"
    for one in Zone:
        assert hosts(copy, one) == wanted(copy, one == Zone.BLOCK, clock.now)
        begin = data.draw(st.sampled_from(sorted(seen[one])))
        with copy.reading() as db:
            steps = zone.steps_since(db, one, begin)
        assert steps is not None
        gone, come = {unpacked(name) for name in steps.gone}, {unpacked(name) for name in steps.come}
        assert gone <= seen[one][begin]
        assert not come & seen[one][begin]
        assert seen[one][begin] - gone | come == hosts(copy, one)
    copy.close()


def test_steps_that_are_too_many_are_forgotten_whole(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zone, "MOST_STEPS", 10)
    source = MemoryLists()
    follow = follower(copy, source)
    follow.step()
    at = [serial(copy)]
    for n in range(12):
        source.put(listed(n, f"h{n}.example"))
        follow.step()
        at.append(serial(copy))
    with copy.reading() as db:
        assert zone.steps_since(db, Zone.BLOCK, at[1]) is None
        steps = zone.steps_since(db, Zone.BLOCK, at[-4])
        assert steps is not None
        assert len(steps.come) == 3
        assert zone.steps_since(db, Zone.BLOCK, at[-1] + 1) is None, "a serial it never had"
    for n in range(20, 40):
        source.put(listed(n, f"h{n}.example"))
    follow.step()
    with copy.reading() as db:
        assert zone.steps_since(db, Zone.BLOCK, at[-1]) is None
        assert zone.steps_since(db, Zone.BLOCK, serial(copy)) == zone.Steps([], [])


KILLED = """
import itertools, sys, time
from pathlib import Path
from qingdun.intercept.feed import Follower, Limits
from tests.intercept.memory import MemoryLists, listed
from qingdun.intercept.sites.zone import Sites
from tests.intercept.test_feed import opened
source = MemoryLists()
for n in range(6000):
    source.put(listed(n % 700, f"h{n % 700}.example", enforced=n % 3 > 0, since=1, until=10**18), "listed")
    if n % 5 == 4:
        source.reverse(n % 700)
copy = opened(Path(sys.argv[1]))
whole, shown = source.lines, (copy.heard().serial or 0)
follow = Follower(copy, source, [Sites(40)], Limits(10**9, 100), lambda: 10)
if copy.heard().serial is None:
    kept, source.lines, source.entries = source.entries, [], {}
    follow.step()
print("begun", flush=True)
for end in range(shown + 1, len(whole) + 1):
    source.lines = whole[:end]
    follow.step()
    print(end, flush=True)
"""


def test_kill_9_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    draw, reached = random.Random(7), 0
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        told = 0
        for _line in range(draw.randrange(1, 200)):
            told = int(process.stdout.readline())
        time.sleep(draw.uniform(0, 0.005))  # anywhere within what follows
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        copy = opened(tmp_path)
        before, reached = reached, copy.heard().serial or 0
        assert reached >= told > before, "what was said to be kept is kept"
        truth = MemoryLists()
        for n in range(6000):
            if len(truth.lines) >= reached:
                break
            truth.put(listed(n % 700, f"h{n % 700}.example", enforced=n % 3 > 0, since=1, until=10**18))
            if n % 5 == 4 and len(truth.lines) < reached:
                truth.reverse(n % 700)
        assert entries(copy) == truth.entries
        for one in Zone:
            assert hosts(copy, one) == wanted(copy, one == Zone.BLOCK, 10)
        copy.close()
