"""People, numbers, devices, accounts, hosts, cases, gangs as one graph; each edge with the rows behind it.

What ties them: parts and gangs of the ledgers, incidents of cases, numbers persons used, things seized,
payments stopped, the evidence of alerts the viewer sees, and the engine's clusters. Names and numbers are
masked as on every page; ids are keyed hashes, so that an address or a saved file names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingdun.console.alerts import entities
from qingdun.console.cases import queries
from qingdun.console.cases.codes import SeizedKind
from qingdun.console.cases.layout import layout
from qingdun.console.funds import queries as funds
from qingdun.console.kernel.masking import mask_account, mask_name, mask_number
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.traces import trace

MOST_NODES = 5000
MOST_ROWS = 6
"""Source rows an edge names; how many there are stands beside."""
SEIZED_AS = {SeizedKind.PHONE_CARD: "card", SeizedKind.BANK_CARD: "account", SeizedKind.DEVICE: "device"}


@dataclass(slots=True)
class Edge:
    """A tie between two nodes: why, how many rows speak for it, and the first of them (what, address)."""

    source: str
    target: str
    kind: str
    count: int = 0
    rows: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Graph:
    """Nodes by id (kind, label, address), edges by their ends and kind."""

    nodes: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], Edge] = field(default_factory=dict)

    def node(self, kind: str, value: str, label: str, url: str = "") -> str:
        """The id of the node; it stands."""
        ident = trace(f"{kind}:{value}")
        self.nodes.setdefault(ident, (kind, label, url))
        return ident

    def tie(self, one: str, other: str, kind: str, row: tuple[str, str], count: int = 1) -> None:
        """The two are tied, and `row` speaks for it."""
        edge = self.edges.setdefault((one, other, kind), Edge(one, other, kind))
        edge.count += count
        if len(edge.rows) < MOST_ROWS and row not in edge.rows:
            edge.rows.append(row)


def graph(viewer: User, region: str = "", most: int = MOST_NODES) -> Graph:
    """The graph of the region, as far as the viewer sees what it is made of; of the nodes with most edges,
    so many. Errors: NotPermitted.
    """
    require(viewer, Permission.WORK_CASES)
    whole = Graph()
    _from_cases(viewer, region, whole)
    _from_gangs(viewer, region, whole)
    _from_stops(viewer, region, whole)
    _from_evidence(viewer, region, whole)
    return _largest(whole, most)


def drawn(whole: Graph) -> dict[str, Any]:
    """Nodes and edges as the page draws them, each node with its place."""
    places = layout(whole.nodes, [(one, other) for one, other, _kind in whole.edges])
    degrees: dict[str, int] = dict.fromkeys(whole.nodes, 0)
    for one, other, _kind in whole.edges:
        degrees[one] += 1
        degrees[other] += 1
    nodes = [
        {
            "id": ident,
            "k": kind,
            "l": label,
            "u": url,
            "d": degrees[ident],
            "x": places[ident][0],
            "y": places[ident][1],
        }
        for ident, (kind, label, url) in whole.nodes.items()
    ]
    edges = [
        {"s": edge.source, "t": edge.target, "k": edge.kind, "n": edge.count, "r": edge.rows}
        for edge in whole.edges.values()
    ]
    return {"nodes": nodes, "edges": edges}


def _from_cases(viewer: User, region: str, whole: Graph) -> None:
    case_nodes: dict[int, str] = {}
    for case in queries.cases(viewer, region):
        url = reverse("cases:case", args=[case.pk])
        case_nodes[case.pk] = whole.node("case", f"{case.pk}", case.number, url)
    for part in queries.parts(viewer, region):
        person = _person(whole, part.person)
        row = (f"{part.case.number} · {part.get_role_display()}", reverse("cases:case", args=[part.case_id]))
        whole.tie(person, case_nodes[part.case_id], "part", row)
    for seizure in queries.seizures(viewer, region):
        row = (f"{seizure.on} · {seizure.get_kind_display()}", reverse("cases:case", args=[seizure.case_id]))
        for serial in seizure.serials:
            kind = SEIZED_AS.get(SeizedKind(seizure.kind), "device")
            thing = whole.node(kind, serial, mask_account(serial))
            whole.tie(case_nodes[seizure.case_id], thing, "seized", row)
    joined = queries.incidents(viewer, region).filter(cases__in=case_nodes)
    for pk, person_id, msisdn, case_id in joined.values_list("pk", "person_id", "msisdn", "cases"):
        if case_id in case_nodes:
            victim = whole.node("victim", person_id, mask_number(msisdn))
            row = (f"{_('Incident')} #{pk}", reverse("cases:incident", args=[pk]))
            whole.tie(victim, case_nodes[case_id], "incident", row)


def _person(whole: Graph, person: Any) -> str:
    """A person of cases with the numbers they used."""
    url = reverse("cases:person", args=[person.pk])
    ident = whole.node("person", f"{person.pk}", mask_name(person.name), url)
    for number in person.numbers:
        held = whole.node("number", number, mask_number(number))
        whole.edges.setdefault(
            (ident, held, "used"), Edge(ident, held, "used", 1, [(mask_name(person.name), url)])
        )
    return ident


def _from_gangs(viewer: User, region: str, whole: Graph) -> None:
    for member in queries.members(viewer, region):
        gang = member.gang
        url = reverse("cases:gang", args=[gang.pk])
        ident = whole.node("gang", f"{gang.pk}", gang.name, url)
        whole.tie(
            _person(whole, member.person),
            ident,
            "member",
            (f"{gang.name} · {member.get_role_display()}", url),
        )


def _from_stops(viewer: User, region: str, whole: Graph) -> None:
    for stop in funds.stops(viewer, region).exclude(incident=None):
        account = whole.node("account", stop.account, mask_account(stop.account))
        if stop.incident is not None:
            victim = whole.node("victim", stop.incident.person_id, mask_number(stop.incident.msisdn))
            row = (f"{_('Stop-payment order')} #{stop.pk}", reverse("funds:stop", args=[stop.pk]))
            whole.tie(victim, account, "paid", row)


def _from_evidence(viewer: User, region: str, whole: Graph) -> None:
    picked = narrowed(viewer, region)
    found = entities.ties(viewer, picked.path if picked else "-", 4 * MOST_NODES)
    members = entities.clusters(viewer, MOST_NODES)
    named = {(tie.kind, tie.entity) for tie in found} | {(one.entity_kind, one.entity) for one in members}
    labels = entities.labels(viewer, named)
    for tie in found:
        victim = whole.node("victim", tie.person_id, _("Person of task %(task)d") % {"task": tie.task})
        entity = whole.node(tie.kind, tie.entity, labels[tie.kind, tie.entity])
        row = (f"{_('Task')} #{tie.task}", reverse("alerts:task", args=[tie.task]))
        whole.tie(victim, entity, "evidence", row, tie.pieces)
    reached = {one.cluster_id for one in members if trace(f"{one.entity_kind}:{one.entity}") in whole.nodes}
    for one in members:
        if one.cluster_id not in reached:
            continue
        cluster = whole.node("cluster", one.cluster_id, one.cluster_id)
        entity = whole.node(one.entity_kind, one.entity, labels[one.entity_kind, one.entity])
        row = (labels[one.entity_kind, one.entity], reverse("alerts:entity", args=[entities.reference(one)]))
        whole.tie(entity, cluster, "cluster_edge", row)


def _largest(whole: Graph, most: int) -> Graph:
    """The `most` nodes of most edges with the edges between them."""
    if len(whole.nodes) <= most:
        return whole
    degrees: dict[str, int] = dict.fromkeys(whole.nodes, 0)
    for one, other, _kind in whole.edges:
        degrees[one] += 1
        degrees[other] += 1
    kept = set(sorted(whole.nodes, key=lambda ident: (-degrees[ident], ident))[:most])
    return Graph(
        {ident: node for ident, node in whole.nodes.items() if ident in kept},
        {key: edge for key, edge in whole.edges.items() if key[0] in kept and key[1] in kept},
    )
