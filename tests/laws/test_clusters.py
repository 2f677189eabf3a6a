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

SHAPE = Shape(4000, 8, 0.5, 4)

entities = st.tuples(st.sampled_from(["number", "host", "account"]), st.integers(0, 11).map(str))
ties = st.lists(st.tuples(entities, entities).filter(lambda pair: pair[0] != pair[1]), max_size=25)
victims = st.dictionaries(st.integers(0, 9).map("p{}".format), st.sets(entities, max_size=6), max_size=10)
facts = st.tuples(ties, victims)


def known(entity: Entity) -> str | None:
    """Some are nobody's, some speak for a type."""
    number = int(entity[1])
    return None if number == 11 else ("police" if number > 8 else "")


def fresh(found: tuple[list[Any], dict[str, Any]]) -> list[tuple[Entity, ...]]:
    return Clusters(SHAPE).groups(*found, known)


@settings(max_examples=60)
@given(facts, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(found: tuple[list[Any], dict[str, Any]], draw: Any) -> None:
    ties, victims = found
    mixed = draw.sample(ties, len(ties)), dict(draw.sample(sorted(victims.items()), len(victims)))
    assert fresh(mixed) == fresh(found)


@settings(max_examples=40)
@given(st.lists(facts, min_size=1, max_size=5))
def test_brought_up_to_date_they_are_those_found_anew(steps: list[tuple[list[Any], dict[str, Any]]]) -> None:
    """Whatever came, went or changed in between."""
    clusters = Clusters(SHAPE)
    for step in steps:
        assert clusters.groups(*step, known) == fresh(step)


@settings(max_examples=60)
@given(facts)
def test_clusters_are_bounded_and_disjoint_and_of_members(found: tuple[list[Any], dict[str, Any]]) -> None:
    groups = fresh(found)
    members = [entity for group in groups for entity in group]
    assert len(members) == len(set(members))
    assert all(1 < len(group) <= SHAPE.most for group in groups)
    assert all(known(entity) is not None for entity in members)


def test_another_process_finds_the_same() -> None:
    """Sets of strings are gone through in another order in every process."""
    program = (
        "from itertools import combinations\n"
        "from qingdun.detect.clusters import Clusters, Shape\n"
        "names = [('host', f'{n}.cn') for n in range(90)]\n"
        "ties = [pair for place, pair in enumerate(combinations(names, 2)) if place**2 % 31 == 5]\n"
        "print(Clusters(Shape(0, 12, 0.5, 4)).groups(ties, {'p': names[::9]}, lambda entity: ''))\n"
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
