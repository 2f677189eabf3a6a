"""Crowds, sites and circles against the same in plain dictionaries, one visit after the other."""

from __future__ import annotations

import pickle
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.detect.evidence import DAY_US, HOUR_US
from qingdun.detect.rarity import Rarity
from qingdun.detect.tiles.codes import Codes
from qingdun.detect.tiles.touches import Asked, Touches

COMMON, MOST = 3, 2
NUMBERS, HOSTS, KNOWN_KIND = 4, 10, 3
"""Numbers of the register; hosts, of which the first few are of a known kind."""


@dataclass
class Naive:
    """What `Touches` says, from sets, dictionaries and queues."""

    common: set[str] = field(default_factory=set)
    crowds: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    sites: dict[str, dict[str, int]] = field(default_factory=dict)
    circles: dict[tuple[str, str], dict[str, int] | None] = field(default_factory=dict)
    touched_at: dict[Any, int] = field(default_factory=dict)
    rings: dict[str, deque[tuple[str, str]]] = field(default_factory=dict)

    def visit(self, number: int, host: int, at: int) -> None:
        name, who = f"h{host}", f"n{number}"
        if name in self.common:
            return
        if host >= KNOWN_KIND and number < NUMBERS:
            self.touch(f"p{number // 2}", ("host", name), at)
        if number < NUMBERS:
            visited = self.sites.setdefault(who, {})
            visited.pop(name, None)
            visited[name] = at
            if len(visited) > 6:
                del visited[next(iter(visited))]
        last, crowd = self.crowds.setdefault(name, (0, set()))
        crowd.add(who)
        self.crowds[name] = max(last, at), crowd
        if len(crowd) >= COMMON:
            self.common.add(name)
            del self.crowds[name]

    def touch(self, person: str, entity: tuple[str, str], at: int) -> None:
        circle = self.circles.setdefault(entity, {})
        for key in (entity, person):
            self.touched_at[key] = max(at, self.touched_at.get(key, 0))
        ring = self.rings.setdefault(person, deque(maxlen=24))
        if entity not in ring:
            ring.append(entity)
        if circle is not None and person not in circle:
            circle[person] = at
            if len(circle) > MOST:
                self.circles[entity] = None

    def forget(self, now: int) -> None:
        self.crowds = {h: c for h, c in self.crowds.items() if c[0] >= now - 14 * DAY_US}
        self.sites = {n: v for n, v in self.sites.items() if list(v.values())[-1] >= now - DAY_US}
        old = {key for key, at in self.touched_at.items() if at < now - 3 * DAY_US}
        for key in old:
            del self.touched_at[key]
            self.circles.pop(key, None)
            self.rings.pop(key, None)


def told(touches: Touches) -> Any:
    return (
        [(touches.is_common(f"h{h}"), touches.visitors(f"h{h}")) for h in range(HOSTS)],
        [touches.little_known(f"n{n}") for n in range(NUMBERS)],
        [touches.touched(f"p{p}") for p in range(NUMBERS)],
        [touches.circle(entity) for entity in entities()],
    )


def told_naively(naive: Naive) -> Any:
    return (
        [(f"h{h}" in naive.common, len(naive.crowds.get(f"h{h}", (0, ()))[1])) for h in range(HOSTS)],
        [list(naive.sites.get(f"n{n}", {}).items()) for n in range(NUMBERS)],
        [list(naive.rings.get(f"p{p}", ())) for p in range(NUMBERS)],
        [naive.circles.get(entity) for entity in entities()],
    )


def entities() -> list[tuple[str, str]]:
    return [("host", f"h{h}") for h in range(HOSTS)] + [("account", f"a{n}") for n in range(30)]


visits = st.tuples(st.just("visit"), st.integers(0, NUMBERS + 2), st.integers(0, HOSTS - 1))
others = st.tuples(st.just("touch"), st.integers(0, NUMBERS - 1), st.integers(0, 29))
steps = st.lists(
    st.one_of(visits, visits, others, st.tuples(st.sampled_from(["ask", "forget", "save", "tidy"]))),
    max_size=80,
)


@settings(max_examples=60)
@given(st.lists(st.tuples(steps, st.integers(0, 80)), max_size=3))
def test_counting_in_bulk_is_counting_one_by_one(batches: list[tuple[list[Any], int]]) -> None:
    touches, naive, at = Touches(Rarity(2, COMMON), MOST), Naive(), 10 * DAY_US
    lines = [(f"n{n}", f"p{n // 2}") for n in range(NUMBERS)]
    numbers = touches.enrol(lines)
    touches.spare = -1_000
    for steps, gap_h in batches:
        at += gap_h * HOUR_US
        asked = [step for step in steps if step[0] == "visit"]
        begin(touches, numbers, asked, at)
        for step in steps:
            match step[0]:
                case "visit":
                    naive.visit(step[1], step[2], at)
                    touches.cursor += 1
                case "touch":
                    touches.later(f"p{step[1]}", ("account", f"a{step[2]}"), at)
                    naive.touch(f"p{step[1]}", ("account", f"a{step[2]}"), at)
                case "ask":
                    assert told(touches) == told_naively(naive)
                case "forget":
                    touches.forget(at)
                    naive.forget(at)
        touches.finish()
        assert told(touches) == told_naively(naive)
        if steps and steps[-1][0] == "save":
            touches = pickle.loads(pickle.dumps(touches))
            numbers = touches.enrol([*lines, ("n-new", "p-new")])
        elif steps and steps[-1][0] == "tidy":
            touches.tidy(np.zeros(len(touches), np.bool_))
        assert told(touches) == told_naively(naive)


def begin(touches: Touches, numbers: Codes, asked: list[Any], at: int) -> None:
    hosts = touches.hosts([f"h{host}" for _, _, host in asked])
    rows = np.arange(len(asked))
    found = numbers.seek(pa.chunked_array([[f"n{n}" for _, n, _ in asked]], pa.string()), rows)
    member = np.where(found.number >= 0, found.number, -1 - found.digest)
    times = np.full(len(asked), at)
    plain = np.array([not (k == "host" and int(n[1:]) < KNOWN_KIND) for k, n in touches.names()], np.bool_)
    touches.begin(Asked(hosts, found.number, member, times, times), plain)


def test_room_of_the_forgotten_is_used_again() -> None:
    touches = Touches(Rarity(2, COMMON), MOST)
    numbers = touches.enrol([(f"n{n}", f"p{n}") for n in range(NUMBERS)])
    touches.spare = -1_000
    sizes: list[int] = []
    for day in range(0, 200, 20):
        asked = [("visit", n, h) for h in range(day, day + HOSTS) for n in range(2)]
        begin(touches, numbers, asked, day * DAY_US)
        touches.finish()
        touches.forget(day * DAY_US + 15 * DAY_US)
        touches.tidy(np.zeros(len(touches), np.bool_))
        sizes.append(touches.memory_bytes())
    assert len(touches) == 0
    assert sizes[-1] == sizes[1]


@given(st.lists(st.text(max_size=8), unique=True, max_size=30), st.lists(st.text(max_size=8), max_size=30))
def test_names_are_found_by_all_their_letters(known: list[str], asked: list[str]) -> None:
    column = pa.chunked_array([pa.array(["x", *known, *asked], pa.string())]).slice(1)
    codes = Codes()
    codes.of(pa.chunked_array([known], pa.string()))
    found = codes.seek(column, np.arange(len(known) + len(asked)))
    places = {name: place for place, name in enumerate(known)}
    assert found.number.tolist() == [places.get(name, -1) for name in [*known, *asked]]
    assert all(digest >= 0 for digest in found.digest.tolist())
