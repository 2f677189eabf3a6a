"""Crowds, sites and circles against the same in plain dictionaries, one visit after the other."""

from __future__ import annotations

import pickle
from collections import deque
from dataclasses import dataclass, field
from operator import itemgetter
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US
from qingdun.detect.rarity import Rarity
from qingdun.detect.tiles import sketches
from qingdun.detect.tiles.asked import Asked
from qingdun.detect.tiles.codes import Codes
from qingdun.detect.tiles.letters import digest
from qingdun.detect.tiles.touches import Seen, Touches
from qingdun.detect.tiles.windows import MINUTES

START_US = 10 * DAY_US
COMMON, MOST = 3, 2
NUMBERS, HOSTS, KNOWN_KIND = 4, 10, 3
"""Numbers of the register; hosts, of which the first few are of a known kind."""
SUSPECT = {4, 6, 8}
"""Hosts of which visits go on when they are common."""


@dataclass
class Naive:
    """What `Touches` says, from sets, dictionaries and queues."""

    common: set[str] = field(default_factory=set)
    crowds: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    first_at: dict[str, int] = field(default_factory=dict)
    asked: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Of hosts of which visits are kept: all of them."""
    sites: dict[str, dict[str, int]] = field(default_factory=dict)
    circles: dict[tuple[str, str], dict[str, int] | None] = field(default_factory=dict)
    touched_at: dict[Any, int] = field(default_factory=dict)
    rings: dict[str, deque[tuple[str, str]]] = field(default_factory=dict)

    def visit(self, number: int, host: int, at: int) -> None:
        name, who = f"h{host}", f"n{number}"
        if host in SUSPECT or name not in self.common:
            self.asked.setdefault(name, []).append((who, at))
        if name in self.common:
            return
        self.first_at[name] = min(at, self.first_at.get(name, at))
        if host >= KNOWN_KIND and number < NUMBERS:
            self.touch(f"p{number // 2}", ("host", name), at)
        if number < NUMBERS:
            visited = self.sites.setdefault(who, {})
            if at > visited.get(name, min(visited.values()) if len(visited) == 6 else -1):
                visited.pop(name, None)
                latest = sorted([*visited.items(), (name, at)], key=itemgetter(1))
                self.sites[who] = dict(latest[-6:])
        last, crowd = self.crowds.setdefault(name, (0, set()))
        crowd.add(who)
        self.crowds[name] = max(last, at), crowd
        if len(crowd) >= COMMON:
            self.common.add(name)
            del self.crowds[name]
            if host not in SUSPECT:
                del self.asked[name]

    def touch(self, person: str, entity: tuple[str, str], at: int) -> None:
        circle = self.circles.setdefault(entity, {})
        late = at < self.touched_at.get(person, 0)
        for key in (entity, person):
            self.touched_at[key] = max(at, self.touched_at.get(key, 0))
        ring = self.rings.setdefault(person, deque(maxlen=24))
        if entity not in ring and not (late and len(ring) == 24):
            ring.append(entity)
        if circle is not None:
            circle[person] = min(at, circle.get(person, at))
            if len(circle) > MOST:
                self.circles[entity] = None

    def seen(self, name: str, now: int) -> Seen | None:
        if name not in self.first_at:
            return None
        asked, found = self.asked.get(name, []), {}
        for window, minutes in MINUTES.items():
            within = [(who, at) for who, at in asked if at // MINUTE_US > now // MINUTE_US - minutes]
            if name not in self.common:
                found[window] = len({who for who, _ in within})
            elif asked:
                found[window] = estimated(within)
        return Seen(self.first_at[name], found)

    def forget(self, now: int) -> None:
        for name in [h for h, c in self.crowds.items() if c[0] < now - 14 * DAY_US]:
            del self.first_at[name], self.asked[name]
        for name in self.common & self.asked.keys():
            if max(at for _, at in self.asked[name]) < now - 7 * DAY_US:
                del self.asked[name]
        self.crowds = {h: c for h, c in self.crowds.items() if c[0] >= now - 14 * DAY_US}
        self.sites = {n: v for n, v in self.sites.items() if list(v.values())[-1] >= now - DAY_US}
        old = {key for key, at in self.touched_at.items() if at < now - 3 * DAY_US}
        for key in old:
            del self.touched_at[key]
            self.circles.pop(key, None)
            self.rings.pop(key, None)


def estimated(visits: list[tuple[str, int]]) -> int:
    """What a sketch of these visits says, made at once."""
    marks = np.zeros((sketches.REGISTERS, sketches.RANKS), np.int32)
    for who, at in visits:
        sketches.mark(marks, digest(who), at // MINUTE_US)
    return round(sketches.estimate(marks, 1))


def told(touches: Touches, now: int) -> Any:
    return (
        [touches.seen(f"h{h}", now) for h in range(HOSTS)],
        [(touches.is_common(f"h{h}"), touches.visitors(f"h{h}")) for h in range(HOSTS)],
        [touches.little_known(f"n{n}") for n in range(NUMBERS)],
        [touches.touched(f"p{p}") for p in range(NUMBERS)],
        [touches.circle(entity) for entity in entities()],
    )


def told_naively(naive: Naive, now: int) -> Any:
    return (
        [naive.seen(f"h{h}", now) for h in range(HOSTS)],
        [(f"h{h}" in naive.common, len(naive.crowds.get(f"h{h}", (0, ()))[1])) for h in range(HOSTS)],
        [list(naive.sites.get(f"n{n}", {}).items()) for n in range(NUMBERS)],
        [list(naive.rings.get(f"p{p}", ())) for p in range(NUMBERS)],
        [naive.circles.get(entity) for entity in entities()],
    )


def entities() -> list[tuple[str, str]]:
    return [("host", f"h{h}") for h in range(HOSTS)] + [("account", f"a{n}") for n in range(30)]


visits = st.tuples(
    st.just("visit"), st.integers(0, NUMBERS + 2), st.integers(0, HOSTS - 1), st.sampled_from([0, 0, 7, 200])
)
"""Who, where, and how many seconds late."""
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
                    naive.visit(step[1], step[2], at - step[3] * 1_000_000)
                    touches.cursor += 1
                case "touch":
                    touches.later(f"p{step[1]}", ("account", f"a{step[2]}"), at)
                    naive.touch(f"p{step[1]}", ("account", f"a{step[2]}"), at)
                case "ask":
                    assert told(touches, at) == told_naively(naive, at)
                case "forget":
                    touches.forget(at)
                    naive.forget(at)
        touches.finish()
        assert told(touches, at) == told_naively(naive, at)
        if steps and steps[-1][0] == "save":
            touches = pickle.loads(pickle.dumps(touches))
            numbers = touches.enrol([*lines, ("n-new", "p-new")])
        elif steps and steps[-1][0] == "tidy":
            touches.tidy(np.zeros(len(touches), np.bool_))
        assert told(touches, at) == told_naively(naive, at)


@settings(max_examples=60)
@given(
    st.lists(st.one_of(visits, visits, others), min_size=1, max_size=90),
    st.lists(st.integers(0, 100), max_size=20),
)
@example([("visit", 0, 5, 0), *(("touch", 0, account) for account in range(24))], [0])
def test_visits_that_are_told_again_change_nothing(steps: list[Any], again: list[int]) -> None:
    """They have no id. Seconds apart, more than a subscriber's sites and a person's ring hold."""
    touches = Touches(Rarity(2, COMMON), MOST)
    numbers = touches.enrol([(f"n{n}", f"p{n // 2}") for n in range(NUMBERS)])
    told_at = [START_US + place * 1_000_000 for place in range(len(steps))]

    def tell(places: list[int]) -> None:
        for place in places:
            step = steps[place]
            begin(touches, numbers, [step] if step[0] == "visit" else [], told_at[place])
            if step[0] == "touch":
                touches.later(f"p{step[1] // 2}", ("account", f"a{step[2]}"), told_at[place])
            touches.finish()

    tell([*range(len(steps))])
    before = told(touches, told_at[-1])
    tell([place for place in again if place < len(steps) and steps[place][0] == "visit"])
    assert told(touches, told_at[-1]) == before


@settings(max_examples=60)
@given(st.lists(visits, max_size=40), st.randoms(use_true_random=False))
def test_tiles_of_visits_are_the_same_in_any_order(steps: list[Any], draw: Random) -> None:
    """Of hosts that are uncommon; of others nothing is kept from some visit on."""
    found, hosts = [], [f"h{host}" for host in range(HOSTS)]
    rows = [(START_US + place * 1_000_000, step) for place, step in enumerate(steps)]
    for came in (rows, draw.sample(rows, len(rows))):
        touches = Touches(Rarity(2, NUMBERS + 4), 1)
        numbers = touches.enrol([(f"n{n}", f"p{n // 2}") for n in range(NUMBERS)])
        for at, step in came:
            begin(touches, numbers, [(*step[:3], 0)], at)
            touches.finish()
        found.append(
            (
                [touches.seen(host, START_US + HOUR_US) for host in hosts],
                [touches.circle(("host", host)) for host in hosts],
                [touches.little_known(f"n{number}") for number in range(NUMBERS)],
            )
        )
    assert found[0] == found[1]


def begin(touches: Touches, numbers: Codes, asked: list[Any], at: int) -> None:
    hosts = touches.entities("host", [f"h{host}" for _, _, host, _ in asked])
    rows = np.arange(len(asked))
    found = numbers.seek(pa.chunked_array([[f"n{n}" for _, n, _, _ in asked]], pa.string()), rows)
    member = np.where(found.number >= 0, found.number, -1 - found.digest)
    times = np.array([at - late_s * 1_000_000 for _, _, _, late_s in asked], np.int64)
    plain = np.array([not (k == "host" and int(n[1:]) < KNOWN_KIND) for k, n in touches.names()], np.bool_)
    suspect = plain & np.array([k == "host" and int(n[1:]) in SUSPECT for k, n in touches.names()], np.bool_)
    touches.begin(Asked(hosts, found.number, member, times, times), plain, suspect)


def test_room_of_the_forgotten_is_used_again() -> None:
    touches = Touches(Rarity(2, COMMON), MOST)
    numbers = touches.enrol([(f"n{n}", f"p{n}") for n in range(NUMBERS)])
    touches.spare = -1_000
    sizes: list[int] = []
    for day in range(0, 200, 20):
        asked = [("visit", n, h, 0) for h in range(day, day + HOSTS) for n in range(2)]
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
