"""Clusters follow from what is held, not from how it came to be held."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.detect.clusters import Clusters, Shape
from qingdun.detect.operations import Entity
from tests.detect.tying import Facts, groups, update

SHAPE = Shape(4000, 8, 0.5, 4)

entities = st.tuples(st.sampled_from(["number", "host", "account"]), st.integers(0, 11).map(str))
ties = st.lists(st.tuples(entities, entities).filter(lambda pair: pair[0] != pair[1]), max_size=25)
victims = st.dictionaries(st.integers(0, 9).map("p{}".format), st.sets(entities, max_size=6), max_size=10)
facts = st.builds(Facts, ties, victims, st.sets(entities, max_size=4))
types = st.dictionaries(entities, st.sampled_from([None, "police", "loan"]), max_size=12)


def known(entity: Entity) -> str | None:
    """Some are nobody's, some speak for a type."""
    number = int(entity[1])
    return None if number == 11 else ("police" if number > 8 else "")


def fresh(found: Facts) -> list[tuple[Entity, ...]]:
    return groups(SHAPE, found, known)


@settings(max_examples=60)
@given(facts, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(found: Facts, draw: Any) -> None:
    ties, victims = list(found.ties), found.victims
    mixed = draw.sample(ties, len(ties)), dict(draw.sample(sorted(victims.items()), len(victims)))
    assert fresh(Facts(*mixed, found.crowded)) == fresh(found)


@settings(max_examples=40)
@given(st.lists(st.tuples(facts, types), min_size=1, max_size=5))
def test_brought_up_to_date_they_are_those_found_anew(
    steps: list[tuple[Facts, dict[Entity, str | None]]],
) -> None:
    """Whatever came, went or changed in between; what did not change is in no changed group."""
    clusters, before, told, earlier = Clusters(SHAPE), None, dict[Entity, str | None](), set[Any]()
    for step, said in steps:
        changed = {entity for entity in said | told if said.get(entity, "") != told.get(entity, "")}
        update(clusters, step, lambda entity, said=said: said.get(entity, ""), before, changed)
        found = set(clusters.groups())
        assert clusters.groups() == groups(SHAPE, step, lambda entity, said=said: said.get(entity, ""))
        assert found - earlier <= set(clusters.changed_groups()) <= found
        before, told, earlier = step, said, found


@settings(max_examples=60)
@given(facts)
def test_clusters_are_bounded_and_disjoint_and_of_members(found: Facts) -> None:
    groups = fresh(found)
    members = [entity for group in groups for entity in group]
    assert len(members) == len(set(members))
    assert all(1 < len(group) <= SHAPE.most for group in groups)
    assert all(known(entity) is not None and entity not in found.crowded for entity in members)


def test_another_process_finds_the_same() -> None:
    """Sets of strings are gone through in another order in every process."""
    program = (
        "from itertools import combinations\n"
        "from qingdun.detect.clusters import Shape\n"
        "from tests.detect.tying import Facts, groups\n"
        "names = [('host', f'{n}.cn') for n in range(90)]\n"
        "ties = [pair for place, pair in enumerate(combinations(names, 2)) if place**2 % 31 == 5]\n"
        "print(groups(Shape(0, 12, 0.5, 4), Facts(ties, {'p': names[::9]}), lambda entity: ''))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
