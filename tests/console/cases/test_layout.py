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
    places = layout(NAMES, edges)
    assert set(places) == set(NAMES)
    assert len(set(places.values())) == len(NAMES)
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in places.values())
    assert layout(NAMES, list(edges)) == places


def test_the_hub_stands_in_the_middle_of_its_leaves() -> None:
    leaves = [f"leaf{number}" for number in range(300)]
    places = layout(["hub", *leaves], [("hub", leaf) for leaf in leaves])
    assert places["hub"] == (0.0, 0.0)
    far = [math.hypot(*places[leaf]) for leaf in leaves]
    assert min(far) > 0
    assert max(far) < 500, "a crowd stands in rows, not on one wide ring"


def test_edges_to_nodes_left_out_are_no_edges() -> None:
    assert set(layout(["a"], [("a", "b")])) == {"a"}
