"""Names that are shared out among several zones: each stands in one, and only that one changes with it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.following import now
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.rules import unpacked
from qingdun.intercept.sites.zone import Sites, Zone, all_of, kind_of
from tests.intercept.memory import MemoryLists, listed

PARTS = 4
HOSTS = 40


def held(copy: Copy, parts: int) -> dict[int, set[str]]:
    with copy.reading() as db:
        return {
            one: {unpacked(name) for some in zone.names(db, one) for name in some} for one in all_of(parts)
        }


def serials(copy: Copy) -> dict[int, int]:
    with copy.reading() as db:
        return {one: zone.serial_of(db, one) for one in all_of(PARTS)}


def begun(folder: Path, lists: MemoryLists, parts: int) -> tuple[Copy, Follower]:
    copy = Copy(folder / "copy.sqlite3", zone.TABLES)
    with copy.writing() as db:
        zone.prepare(db, 1_000, f"form of {parts}".encode(), parts)
    return copy, Follower(copy, lists, [Sites(20, parts)], Limits(), now)


def test_a_name_stands_in_one_zone_and_changes_that_one_alone(tmp_path: Path) -> None:
    lists = MemoryLists(
        [listed(place, f"h{place}.example", enforced=bool(place % 2)) for place in range(HOSTS)]
    )
    copy, follower = begun(tmp_path, lists, PARTS)
    with closing(copy):
        follower.step()
        found = held(copy, PARTS)
        assert sorted(name for names in found.values() for name in names) == sorted(
            f"h{place}.example" for place in range(HOSTS)
        )
        blocked = {name for one, names in found.items() if kind_of(one) == Zone.BLOCK for name in names}
        assert blocked == {f"h{place}.example" for place in range(1, HOSTS, 2)}
        assert sum(bool(names) for names in found.values()) > PARTS
        for change in (lambda: lists.put(listed(99, "one.example")), lambda: lists.reverse(99)):
            before = serials(copy)
            change()
            follower.step()
            after = serials(copy)
            assert [after[one] - before[one] for one in all_of(PARTS)].count(0) == 2 * PARTS - 1
        lists.put(listed(0, "h0.example"), "enforced")
        follower.step()
        (where,) = (one for one, names in held(copy, PARTS).items() if "h0.example" in names)
        assert kind_of(where) == Zone.BLOCK


def test_names_are_shared_out_anew_when_their_number_changes(tmp_path: Path) -> None:
    lists = MemoryLists([listed(place, f"h{place}.example") for place in range(HOSTS)])
    copy, follower = begun(tmp_path, lists, 1)
    with closing(copy):
        follower.step()
        before = held(copy, 1)[Zone.BLOCK]
        assert len(before) == HOSTS
    for parts in (PARTS, 1):
        copy, follower = begun(tmp_path, lists, parts)
        with closing(copy):
            found = held(copy, parts)
            assert set().union(*found.values()) == before
            assert sum(map(len, found.values())) == HOSTS
            with copy.reading() as db:
                serial = zone.serial_of(db, Zone.BLOCK)
                assert zone.steps_since(db, Zone.BLOCK, serial - 1) is None, "it is sent whole"
            lists.put(listed(100 + parts, "one.example"))
            follower.step()
            lists.reverse(100 + parts)
            follower.step()
            assert held(copy, parts) == found
