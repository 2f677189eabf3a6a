"""A graph is kept as evidence: the actor first, one transaction, one audit row."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases.graph import Graph, graph
from qingdun.console.cases.models import GraphRecord
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n"
MOST_PICTURE = 12_000_000
MOST_NOTE = 200
_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that no XML holds, and of which no database keeps all."""
NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
KEYS = (
    ("kind", "all", "string"), ("label", "node", "string"), ("note", "node", "string"),
    ("count", "edge", "int"), ("rows", "edge", "string"),
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
    for ident, (kind, label, _url) in whole.nodes.items():
        if ident in shown:
            node = ET.SubElement(drawn, "node", {"id": ident})
            _data(node, {"kind": kind, "label": label, "note": notes.get(ident, "")})
    for edge in whole.edges.values():
        if edge.source in shown and edge.target in shown:
            line = ET.SubElement(drawn, "edge", {"source": edge.source, "target": edge.target})
            rows = "; ".join(f"{what} {url}" for what, url in edge.rows)
            _data(line, {"kind": edge.kind, "count": f"{edge.count}", "rows": rows})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


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
        and all(isinstance(one, int | float) and math.isfinite(one) for one in value)
    )
