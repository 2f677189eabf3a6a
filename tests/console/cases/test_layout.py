"""Places of the gang graph's nodes: each its own, the same every time, parts apart."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from qingdun.console.cases.layout import layout

NAMES = [f"n{number}" for number in range(30)]
EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=60)


@given(EDGES)
def test_every_node_has_a_place_of_its_own_whatever_the_order(edges: list[tuple[str, str]]) -> None:
    places = layout(NAMES, edges, NAMES[:3]).places
    assert set(places) == set(NAMES)
    assert len(set(places.values())) == len(NAMES)
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in places.values())
    assert layout(NAMES, list(edges), NAMES[:3]).places == places


def test_the_hub_stands_in_the_middle_of_its_leaves() -> None:
    leaves = [f"leaf{number}" for number in range(300)]
    places = layout(["hub", *leaves], [("hub", leaf) for leaf in leaves]).places
    assert places["hub"] == (0.0, 0.0)
    far = [math.hypot(*places[leaf]) for leaf in leaves]
    assert min(far) > 0
    assert max(far) < 500, "a crowd stands in rows, not on one wide ring"


def test_edges_to_nodes_left_out_are_no_edges() -> None:
    assert set(layout(["a"], [("a", "b")]).places) == {"a"}


def test_members_stand_around_their_gang_within_its_disc() -> None:
    members = {gang: [f"{gang}{n}" for n in range(40)] for gang in ("a", "b")}
    ties = [(gang, member) for gang, theirs in members.items() for member in theirs]
    # The leaders know each other, and everybody has a number.
    ties += [("a0", "b0"), *((member, f"n{member}") for theirs in members.values() for member in theirs)]
    nodes = sorted({end for tie in ties for end in tie})
    places, _centre, discs = layout(nodes, ties, ["a", "b"])
    assert set(discs) == {"a", "b"}
    for gang, theirs in members.items():
        inside = {node for node in nodes if math.dist(places[node], places[gang]) < discs[gang]}
        assert inside == {gang, *theirs}
