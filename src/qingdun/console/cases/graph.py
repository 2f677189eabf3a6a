"""People, numbers, devices, accounts, hosts, cases, gangs as one graph; each edge with the rows behind it.

Names and numbers are masked as on every page; ids are keyed hashes, so that an address or a saved file names
nobody. What ties what is gathered in `ties`, places are found in `layout`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.urls import reverse

from qingdun.console.cases.layout import layout
from qingdun.console.kernel.traces import trace

MOST_ROWS = 6
"""Source rows an edge names; how many there are stands beside."""
PAGES = {
    "case": ("cases:case", 0), "person": ("cases:person", 0), "incident": ("cases:incident", 0),
    "gang": ("cases:gang", 0), "stop": ("funds:stop", 0), "task": ("alerts:task", 0),
    "member": ("alerts:entity", "m0"),
}  # fmt: skip
"""Pages of source rows by what they are about, with the address of row 0."""
_EPOCH = dt.date(1970, 1, 1)


class Source(NamedTuple):
    """A row: its words, and its page."""

    words: str
    page: str = ""
    pk: int = 0


@dataclass(slots=True)
class Node:
    """What stands for somebody or something: its words, its page, the money that went through it."""

    kind: str
    label: str
    page: str = ""
    pk: int = 0
    fen: int = 0
    day: dt.date | None = None


@dataclass(slots=True)
class Edge:
    """A tie between two nodes: why, how many rows speak for it, of which days, and the first of them."""

    source: str
    target: str
    kind: str
    count: int = 0
    first: dt.date | None = None
    last: dt.date | None = None
    rows: list[Source] = field(default_factory=list)

    def spoken_for(self, row: Source, count: int, days: Iterable[dt.date | None]) -> None:
        """`row` speaks for the tie as well, on these days."""
        self.count += count
        if len(self.rows) < MOST_ROWS and row not in self.rows:
            self.rows.append(row)
        for day in days:
            if day is not None:
                self.first = min(self.first or day, day)
                self.last = max(self.last or day, day)


@dataclass(slots=True)
class Graph:
    """Nodes by id, edges by their ends and kind."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], Edge] = field(default_factory=dict)
    _idents: dict[tuple[str, str], str] = field(default_factory=dict)

    def ident(self, kind: str, value: str) -> str:
        """The id such a node has, whether it stands or not."""
        found = self._idents.get((kind, value))
        if found is None:
            found = self._idents[kind, value] = trace(f"{kind}:{value}")
        return found

    def idents(self, kind: str) -> dict[str, str]:
        """By their values the ids of nodes of the kind that were asked for."""
        return {value: ident for (asked, value), ident in self._idents.items() if asked == kind}

    def node(self, kind: str, value: str, node: Node) -> str:
        """The id of the node; it stands."""
        ident = self.ident(kind, value)
        self.nodes.setdefault(ident, node)
        return ident

    def tie(
        self, one: str, other: str, kind: str, row: Source, *days: dt.date | None, count: int = 1
    ) -> None:
        """The two are tied, and `row` speaks for it."""
        edge = self.edges.get((one, other, kind))
        if edge is None:
            edge = self.edges[one, other, kind] = Edge(one, other, kind)
        edge.spoken_for(row, count, days)

    def degrees(self) -> dict[str, int]:
        """How many ties each node has."""
        found = dict.fromkeys(self.nodes, 0)
        for one, other, _kind in self.edges:
            found[one] += 1
            found[other] += 1
        return found

    def tied(self) -> Graph:
        """Without pairs that are tied to nothing else, such as a victim and the account they paid: they tell
        of no gang. Itself where there is nothing else.
        """
        near: dict[str, set[str]] = {ident: set() for ident in self.nodes}
        for one, other, _kind in self.edges:
            near[one].add(other)
            near[other].add(one)
        pairs = {
            ident for ident, those in near.items() if len(those) == 1 and len(near[next(iter(those))]) == 1
        }
        return self.among(self.nodes.keys() - pairs) if len(pairs) < len(self.nodes) else self

    def largest(self, most: int) -> Graph:
        """The `most` nodes of most ties with the edges between them."""
        if len(self.nodes) <= most:
            return self
        degrees = self.degrees()
        return self.among(sorted(self.nodes, key=lambda ident: (-degrees[ident], ident))[:most])

    def among(self, idents: Iterable[str]) -> Graph:
        """These nodes and the edges between them."""
        kept = set(idents)
        return Graph(
            {ident: node for ident, node in self.nodes.items() if ident in kept},
            {key: edge for key, edge in self.edges.items() if key[0] in kept and key[1] in kept},
        )


def address(page: str, pk: int) -> str:
    """Where the row's page is; '' if it has none."""
    if not page:
        return ""
    name, zero = PAGES[page]
    return reverse(name, args=[zero]).removesuffix("0/") + f"{pk}/"


def drawn(whole: Graph) -> dict[str, list[Any]]:
    """Columns of nodes and of edges as the page draws them: each node with its place, each edge's ends by the
    place of the node in its column, days since 1970, 0 for none; of gangs and clusters how far their own
    stand around them.
    """
    centres = [
        ident for kind in ("gang", "cluster") for ident, one in whole.nodes.items() if one.kind == kind
    ]
    stand = layout(whole.nodes, [(one, other) for one, other, _kind in whole.edges], centres)
    degrees = whole.degrees()
    at = {ident: number for number, ident in enumerate(whole.nodes)}
    nodes, edges = whole.nodes.values(), whole.edges.values()
    return {
        "id": list(whole.nodes),
        "kind": [one.kind for one in nodes],
        "label": [one.label for one in nodes],
        "page": [one.page for one in nodes],
        "pk": [one.pk for one in nodes],
        "fen": [one.fen for one in nodes],
        "day": [_day(one.day) for one in nodes],
        "x": [stand.places[ident][0] for ident in whole.nodes],
        "y": [stand.places[ident][1] for ident in whole.nodes],
        "centre": [at[stand.centre[ident]] for ident in whole.nodes],
        "degree": [degrees[ident] for ident in whole.nodes],
        "from": [at[one.source] for one in edges],
        "to": [at[one.target] for one in edges],
        "tie": [one.kind for one in edges],
        "count": [one.count for one in edges],
        "first": [_day(one.first) for one in edges],
        "last": [_day(one.last) for one in edges],
        "rows": [one.rows for one in edges],
        "hulls": [[at[ident], radius] for ident, radius in stand.hulls.items()],
    }


def _day(day: dt.date | None) -> int:
    return (day - _EPOCH).days if day else 0
