"""What ties the nodes of the gang graph: parts and gangs of the ledgers, incidents of cases, numbers persons
used, things seized, payments stopped, the evidence of alerts the viewer sees, and the engine's clusters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import Sum, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import entities
from qingdun.console.cases import queries
from qingdun.console.cases.codes import PartRole, SeizedKind
from qingdun.console.cases.graph import Graph, Node, Source
from qingdun.console.funds import queries as funds
from qingdun.console.kernel.masking import mask_account, mask_name, mask_number
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import narrowed

MOST_NODES = 5000
PERSON = ("person_id", "person__name")
SEIZED_AS = {SeizedKind.PHONE_CARD: "card", SeizedKind.BANK_CARD: "account", SeizedKind.DEVICE: "device"}


def graph(viewer: User, region: str = "", most: int = MOST_NODES) -> Graph:
    """The graph of the region, as far as the viewer sees what it is made of, without pairs that are tied to
    nothing else; of the nodes with most edges, so many. Errors: NotPermitted.
    """
    require(viewer, Permission.WORK_CASES)
    whole = Graph()
    _from_cases(viewer, region, whole)
    _from_gangs(viewer, region, whole)
    _from_stops(viewer, region, whole)
    _from_evidence(viewer, region, whole)
    found = whole.tied().largest(most)
    _losses(viewer, region, whole, found)
    return found


def _from_cases(viewer: User, region: str, whole: Graph) -> None:
    on_day = _calendar()
    case_nodes: dict[int, str] = {}
    for pk, number, filed_on in queries.cases(viewer, region).values_list("pk", "number", "filed_on"):
        case_nodes[pk] = whole.node("case", f"{pk}", Node("case", number, "case", pk, day=filed_on))
    roles = _words(PartRole)
    parts = queries.parts(viewer, region).values_list(
        "case_id", "case__number", "role", "on", "numbers", *PERSON
    )
    for case, case_number, role, on, numbers, *person in parts:
        row = Source(f"{case_number} · {roles[role]}", "case", case)
        ident = _person(whole, *person)
        whole.tie(ident, case_nodes[case], "part", row, on)
        for number in numbers:
            held = whole.node("number", number, Node("number", mask_number(number)))
            whole.tie(ident, held, "used", row)
    things = _words(SeizedKind)
    seized = queries.seizures(viewer, region).values_list("case_id", "kind", "on", "serials")
    for case, what, on, serials in seized:
        kind = SEIZED_AS.get(SeizedKind(what), "device")
        row = Source(f"{on} · {things[what]}", "case", case)
        for serial in serials:
            thing = whole.node(kind, serial, Node(kind, mask_account(serial)))
            whole.tie(case_nodes[case], thing, "seized", row, on)
    word = _("Incident")
    joined = queries.incidents(viewer, region).filter(cases__in=case_nodes)
    for pk, person_id, msisdn, at, fen, case in joined.values_list(
        "pk", "person_id", "msisdn", "reported_at", "loss_fen", "cases"
    ):
        if case in case_nodes:
            victim = whole.node("victim", person_id, Node("victim", mask_number(msisdn)))
            whole.nodes[case_nodes[case]].fen += fen
            row = Source(f"{word} #{pk}", "incident", pk)
            whole.tie(victim, case_nodes[case], "incident", row, on_day(at))


def _person(whole: Graph, pk: int, name: str) -> str:
    """A person of cases."""
    return whole.node("person", f"{pk}", Node("person", mask_name(name), "person", pk))


def _from_gangs(viewer: User, region: str, whole: Graph) -> None:
    roles = _words(PartRole)
    members = queries.members(viewer, region).values_list(
        "gang_id", "gang__name", "gang__found_on", "role", *PERSON
    )
    for pk, name, found_on, role, *person in members:
        gang = whole.node("gang", f"{pk}", Node("gang", name, "gang", pk, day=found_on))
        row = Source(f"{name} · {roles[role]}", "gang", pk)
        whole.tie(_person(whole, *person), gang, "member", row)


def _from_stops(viewer: User, region: str, whole: Graph) -> None:
    on_day = _calendar()
    word = _("Stop-payment order")
    stops = (
        funds.stops(viewer, region)
        .exclude(incident=None)
        .filter(incident__taken_back_at=None)
        .values_list("pk", "account", "amount_fen", "paid_at", "incident__person_id", "incident__msisdn")
    )
    for pk, number, fen, at, person_id, msisdn in stops:
        account = whole.node("account", number, Node("account", mask_account(number)))
        whole.nodes[account].fen += fen
        victim = whole.node("victim", person_id, Node("victim", mask_number(msisdn)))
        whole.tie(victim, account, "paid", Source(f"{word} #{pk}", "stop", pk), on_day(at))


def _from_evidence(viewer: User, region: str, whole: Graph) -> None:
    on_day = _calendar()
    picked = narrowed(viewer, region)
    found = entities.ties(viewer, picked.path if picked else "-", 4 * MOST_NODES)
    members = entities.clusters(viewer, MOST_NODES)
    named = {(tie.kind, tie.entity) for tie in found} | {(one.entity_kind, one.entity) for one in members}
    labels = entities.labels(viewer, named)
    person_of, task = _("Person of task %(task)d"), _("Task")
    for tie in found:
        victim = whole.node("victim", tie.person_id, Node("victim", person_of % {"task": tie.task}))
        entity = whole.node(tie.kind, tie.entity, Node(tie.kind, labels[tie.kind, tie.entity]))
        row = Source(f"{task} #{tie.task}", "task", tie.task)
        whole.tie(victim, entity, "evidence", row, on_day(tie.first), on_day(tie.last), count=tie.pieces)
    reached = {one.cluster_id for one in members if whole.ident(one.entity_kind, one.entity) in whole.nodes}
    for one in members:
        if one.cluster_id not in reached:
            continue
        label = labels[one.entity_kind, one.entity]
        cluster = whole.node("cluster", one.cluster_id, Node("cluster", one.cluster_id))
        entity = whole.node(one.entity_kind, one.entity, Node(one.entity_kind, label))
        whole.tie(entity, cluster, "cluster_edge", Source(label, "member", one.pk), on_day(one.since))


def _losses(viewer: User, region: str, whole: Graph, found: Graph) -> None:
    """What victims lost in all their incidents, and gangs' cases cost: the money of their nodes."""
    victims = {value: ident for value, ident in whole.idents("victim").items() if ident in found.nodes}
    reported = queries.incidents(viewer, region).filter(person_id__in=victims).order_by()
    for person_id, fen in reported.values_list("person_id").annotate(Sum("loss_fen")):
        found.nodes[victims[person_id]].fen = fen
    cases: dict[str, set[str]] = {}
    for person, case, kind in whole.edges:
        if kind == "part":
            cases.setdefault(person, set()).add(case)
    of_gang: dict[str, set[str]] = {}
    for person, gang, kind in whole.edges:
        if kind == "member" and gang in found.nodes:
            of_gang.setdefault(gang, set()).update(cases.get(person, ()))
    for gang, theirs in of_gang.items():
        found.nodes[gang].fen = sum(whole.nodes[case].fen for case in theirs)


def _words(codes: type[TextChoices]) -> dict[str, str]:
    """The words of the codes, looked up once for a great many rows."""
    return {str(code): str(word) for code, word in codes.choices}


def _calendar() -> Callable[[dt.datetime], dt.date]:
    """The day of a time here; the zone is looked up once for a great many rows."""
    zone = timezone.get_current_timezone()
    return lambda at: at.astimezone(zone).date()
