"""A graph is kept as evidence: the actor first, one transaction, one audit row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases.graph import Graph, Node, address
from qingdun.console.cases.models import GraphRecord
from qingdun.console.cases.ties import graph
from qingdun.console.cases.words import EDGE_WORDS, KIND_WORDS, TIE_HEADINGS
from qingdun.console.kernel.actions import record_export
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n"
MOST_PICTURE = 12_000_000
MOST_NOTE = 200
FARTHEST = 1e9
"""Of the middle of the drawing; also what no float holds is farther, and so is what is no number."""
_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that no XML holds, and of which no database keeps all."""
NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
KEYS = (
    ("kind", "all", "string"), ("label", "node", "string"), ("note", "node", "string"),
    ("fen", "node", "long"), ("count", "edge", "int"), ("rows", "edge", "string"),
    ("first", "edge", "string"), ("last", "edge", "string"),
)  # fmt: skip


@transaction.atomic
def save_graph(
    actor: User, title: str, view: Mapping[str, Any], picture: bytes | None, region: str = ""
) -> GraphRecord:
    """What the actor saw is kept, its GraphML made here from the rows they see now, its hash on record.

    `view` holds the ids of the nodes shown (`shown`), notes by id (`notes`) and fixed places by id (`pins`).
    Errors: NotPermitted, InputError (no title, no node of the graph, a picture that is no PNG).
    """
    whole = graph(actor, region)
    named = title.strip()[:100]
    if len(named) < 2:
        raise InputError(_("Give the evidence a title."))
    shown = [ident for ident in _list(view.get("shown")) if ident in whole.nodes]
    if not shown:
        raise InputError(_("Nothing of the graph is shown: there is nothing to keep."))
    if picture is not None and (len(picture) > MOST_PICTURE or not picture.startswith(PNG)):
        raise InputError(_("The picture is no PNG, or too large."))
    notes = {
        k: _NO_TEXT.sub("", str(v))[:MOST_NOTE]
        for k, v in _dict(view.get("notes")).items()
        if k in whole.nodes
    }
    pins = {k: v for k, v in _dict(view.get("pins")).items() if k in whole.nodes and _is_place(v)}
    text = graphml(whole, set(shown), notes)
    made = GraphRecord.objects.create(
        title=named, region_path=actor.region_path, view={"shown": shown, "notes": notes, "pins": pins},
        graphml=text, digest=hashlib.sha256(text.encode()).hexdigest(), picture=picture, by=actor,
        at=timezone.now(),
    )  # fmt: skip
    record(actor, "save_graph", made, None, {"nodes": len(shown), "digest": made.digest})
    return made


def graphml(whole: Graph, shown: set[str], notes: Mapping[str, str]) -> str:
    """The nodes shown and the edges between them as GraphML; every edge names its source rows."""
    root = ET.Element("graphml", {"xmlns": NAMESPACE})
    for name, about, kind in KEYS:
        ET.SubElement(root, "key", {"id": name, "for": about, "attr.name": name, "attr.type": kind})
    drawn = ET.SubElement(root, "graph", {"id": "gang", "edgedefault": "undirected"})
    seen = whole.among(shown)
    for ident, one in seen.nodes.items():
        node = ET.SubElement(drawn, "node", {"id": ident})
        values = {"kind": one.kind, "label": one.label, "note": notes.get(ident, "")}
        _data(node, values | {"fen": f"{one.fen or ''}"})
    for edge in seen.edges.values():
        line = ET.SubElement(drawn, "edge", {"source": edge.source, "target": edge.target})
        rows = "; ".join(f"{row.words} {address(row.page, row.pk)}" for row in edge.rows)
        values = {"kind": edge.kind, "count": f"{edge.count}", "rows": rows}
        _data(line, values | {"first": f"{edge.first or ''}", "last": f"{edge.last or ''}"})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def export_ties(actor: User, shown: Any, region: str = "") -> Iterator[list[Any]]:
    """Headings, then a line for each tie between the nodes shown, and for each node without any; how many
    they are is on record. Errors: NotPermitted.
    """
    seen = graph(actor, region).among(_list(shown))
    alone = [ident for ident, ties in seen.degrees().items() if not ties]
    record_export(actor, "graph.ties", f"region={region}", len(seen.edges) + len(alone))
    yield [str(heading) for heading in TIE_HEADINGS]
    for edge in seen.edges.values():
        rows = ", ".join(row.words for row in edge.rows)
        days = [f"{edge.first or ''}", f"{edge.last or ''}"]
        tie = [str(EDGE_WORDS[edge.kind]), *_words(seen.nodes[edge.target]), edge.count]
        yield [*_words(seen.nodes[edge.source]), *tie, *days, rows]
    for ident in alone:
        yield [*_words(seen.nodes[ident]), "", "", "", 0, 0, "", "", ""]


def _words(node: Node) -> list[Any]:
    return [str(KIND_WORDS[node.kind]), node.label, node.fen / 100]


def _data(about: ET.Element, values: Mapping[str, str]) -> None:
    for key, value in values.items():
        if value:
            ET.SubElement(about, "data", {"key": key}).text = _NO_TEXT.sub("", value)


def _list(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, int | float) and abs(one) < FARTHEST for one in value)
    )
