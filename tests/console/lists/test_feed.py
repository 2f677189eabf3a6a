"""The change feed: serials without gaps, snapshot and resume, and what the engine polls."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from qingdun.console.kernel.models import User
from qingdun.console.lists import actions, changes
from qingdun.console.lists.feed import ListFeed
from qingdun.console.lists.models import Change, Entry
from qingdun.console.lists.ticking import tick
from qingdun.contract.lists import FeedLine, FeedSnapshot, ListedEntry
from qingdun.contract.tables import WatchlistEntry
from tests.console.lists.conftest import Listed, People, candidate, hosts, propose

DAY = dt.timedelta(days=1)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def follow(state: dict[int, ListedEntry], lines: list[FeedLine]) -> int:
    """The reader of the docs: takes changes by their entry."""
    for line in lines:
        if line.what == "unlisted":
            state.pop(line.entry.entry_id, None)
        else:
            state[line.entry.entry_id] = line.entry
    return lines[-1].serial if lines else 0


@pytest.mark.django_db
def test_whoever_resumes_anywhere_ends_with_what_is_in_force(people: People) -> None:
    draw = random.Random(4)
    snapshots = []
    for round_ in range(12):
        made = propose(people.county, *hosts(3, f"r{round_}x"))
        actions.approve(people.analyst, [(e.pk, None) for e in made.entries])
        active = list(Entry.objects.filter(state="active").values_list("pk", flat=True))
        actions.reverse(people.analyst, [(draw.choice(active), None)], "核实为误报")
        actions.extend(
            people.analyst, [(draw.choice(active), None)], timezone.now() + (30 + round_) * DAY, "续期"
        )
        if round_ % 3 == 0:
            found = changes.snapshot()
            snapshots.append(FeedSnapshot(found.serial, list(found.entries)))
    wanted = set(Entry.objects.filter(state="active").values_list("pk", flat=True))
    snapshots.append(FeedSnapshot(0, []))
    for snapshot in snapshots:
        state = {one.entry_id: one for one in snapshot.entries}
        serial = snapshot.serial
        while lines := changes.since(serial, most=5):
            assert [line.serial for line in lines] == list(range(serial + 1, serial + 1 + len(lines)))
            serial = follow(state, lines)
        assert set(state) == wanted


@pytest.mark.django_db(transaction=True)
def test_serials_have_no_gap_whoever_writes_at_once(people: People) -> None:
    parts = [propose(people.county, *hosts(6, f"t{n}x")).entries for n in range(4)]
    seen: list[int] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while True:
                # A follower rests, too: one that never does keeps the writers from this process's one lock.
                over = stop.wait(0.002)
                lines = changes.since(seen[-1] if seen else 0)
                seen.extend(line.serial for line in lines)
                if over and not lines:
                    return
        finally:
            connection.close()

    def write(part: list[Entry], actor: User) -> None:
        try:
            for entry in part:
                try:
                    with transaction.atomic():
                        actions.approve(actor, [(entry.pk, None)])
                        if entry.pk % 5 == 0:
                            raise _Undone
                except _Undone:
                    actions.approve(actor, [(entry.pk, None)])
                actions.reverse(actor, [(entry.pk, None)], "撤销测试")
        finally:
            connection.close()

    reader = threading.Thread(target=read)
    writers = [
        threading.Thread(target=write, args=(part, actor))
        for part, actor in zip(parts, [people.analyst, people.colleague] * 2, strict=True)
    ]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert seen == list(range(1, 49))


class _Undone(Exception):
    """A transaction that is taken back."""


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_expire_each_entry_once(people: People) -> None:
    made = propose(people.analyst, *hosts(30))
    actions.approve(people.analyst, [(e.pk, None) for e in made.entries])
    later, counts = timezone.now() + 400 * DAY, []

    def run() -> None:
        try:
            counts.append(tick(later))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 30
    assert Change.objects.filter(what="unlisted").count() == 30


@pytest.mark.django_db(transaction=True)
def test_the_same_entity_proposed_by_two_at_once_is_one_entry(people: People) -> None:
    made = []

    def run(actor: User) -> None:
        try:
            made.append(propose(actor, *hosts(20)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(actor,)) for actor in (people.county, people.officer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Entry.objects.count() == 20
    assert sum(len(one.entries) for one in made) == 20
    assert sum(len(one.refused) for one in made) == 20


@pytest.mark.django_db
def test_the_engine_hears_of_black_entries_alone_and_of_each_change_once(
    people: People, listed: Listed
) -> None:
    early = listed("early.example.invalid")
    listed("grey.example.invalid", list_name="grey")
    clock = Hand()
    feed = ListFeed(clock=clock)
    first = feed()
    assert [(change.listed, change.entry.entity) for change in first] == [(True, "early.example.invalid")]
    assert first[0].entry == WatchlistEntry(
        "host", "early.example.invalid", "仿冒银行", f"console:{early.pk}", 0, None
    )
    late = listed("late.example.invalid")
    assert feed() == ()  # a quarter of a second has not passed
    clock.at += 0.25
    assert [(change.listed, change.entry.entity) for change in feed()] == [(True, "late.example.invalid")]
    actions.extend(people.analyst, [(late.pk, None)], timezone.now() + 3 * DAY, "续期")
    actions.reverse(people.analyst, [(early.pk, None)], "核实为误报")
    clock.at += 0.25
    # The console's clock ends entries: a new term is nothing to the engine.
    assert [(change.listed, change.entry) for change in feed()] == [(False, first[0].entry)]
    clock.at += 0.25
    assert feed() == []


@pytest.mark.django_db
def test_an_entry_holds_from_its_own_time_where_flows_are_of_today(listed: Listed) -> None:
    entry = listed()
    (change,) = ListFeed(own_time=True)()
    assert entry.since is not None
    assert change.entry.since == round(entry.since.timestamp() * 1_000_000)


@pytest.mark.django_db
def test_a_feed_that_finds_another_database_begins_anew(people: People, listed: Listed) -> None:
    clock = Hand()
    feed = ListFeed(clock=clock)
    kept = listed("kept.example.invalid")
    lost = listed("lost.example.invalid")
    assert len(feed()) == 2
    # A backup from before the second entry was put back, and others were listed since.
    Change.objects.filter(entry=lost).delete()
    lost.events.all().delete()
    lost.delete()
    for number in range(3):
        listed(f"new{number}.example.invalid")
    Change.objects.filter(serial__in=(2, 3)).delete()
    clock.at += 1
    found = {(change.listed, change.entry.entity) for change in feed()}
    assert found == {
        (False, "lost.example.invalid"),
        *((True, f"new{number}.example.invalid") for number in range(3)),
    }
    assert kept.pk


@pytest.mark.django_db
def test_an_act_that_fails_leaves_no_change(people: People) -> None:
    made = propose(people.county, candidate())

    @transaction.atomic
    def fail() -> None:
        actions.approve(people.analyst, [(made.entries[0].pk, None)])
        raise _Undone

    with pytest.raises(_Undone):
        fail()
    assert changes.head() == 0


@pytest.mark.django_db
def test_a_bulk_larger_than_one_read_is_heard_of_at_once(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Hand()
    feed = ListFeed(clock=clock)
    assert feed() == []
    made = propose(people.county, *hosts(25))
    actions.approve(people.analyst, [(e.pk, None) for e in made.entries])
    whole, read = changes.since, changes.AT_ONCE
    monkeypatch.setattr(changes, "AT_ONCE", 10)
    monkeypatch.setattr(changes, "since", lambda serial, most=10: whole(serial, most))
    assert read > 25
    clock.at += 1
    assert len(feed()) == 25
