"""The gang graph: made of what the viewer sees, masked, each edge with its rows; kept as evidence."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import math
from xml.etree import ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qingdun.console.alerts.models import Evidence, Task
from qingdun.console.cases import casework, crackdown
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.cases.casework import CaseForm, PersonForm, SeizureForm
from qingdun.console.cases.crackdown import GangForm
from qingdun.console.cases.graph import address, drawn
from qingdun.console.cases.graphing import NAMESPACE, PNG, save_graph
from qingdun.console.cases.models import Case, GraphRecord
from qingdun.console.cases.ties import graph
from qingdun.console.funds.actions import StopForm, request_stop
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

DAY = dt.date(2021, 6, 17)
SECRETS = ("韦晓东", "440000199001011234", "+8617258011111", "6222020011112222", "郑晓岚")


@pytest.fixture
def case(world: World, task: Task) -> Case:
    """A case of one incident from a task, with a seller in a gang and a card seized."""
    case = casework.file_case(world.county, CaseForm("1号", "贩卡案", DAY, "", True))
    form = IncidentForm("graph-key-1", task.received_at, "police", 100, "", task.pk)
    casework.join_incidents(world.county, case.pk, [report_incident(world.county, form).pk])
    person = PersonForm(SECRETS[1], SECRETS[0], "card_seller", DAY, "", [SECRETS[2]])
    part = casework.add_person(world.county, case.pk, person)
    casework.seize(world.county, case.pk, SeizureForm("bank_card", DAY, 1, 0, [SECRETS[3]]))
    gang = crackdown.record_gang(world.county, GangForm("贩卡团伙", "cards", DAY))
    crackdown.add_member(world.county, gang.pk, part.person_id, "leader")
    return case


def test_the_graph_joins_ledgers_and_evidence_and_names_its_rows(world: World, case: Case) -> None:
    found = graph(world.county)
    by_label = {one.label: ident for ident, one in found.nodes.items()}
    kinds = {one.kind for one in found.nodes.values()}
    assert {"case", "person", "victim", "number", "account", "gang"} <= kinds
    ends = {(edge.source, edge.target): edge for edge in found.edges.values()}
    part = ends[by_label["韦**"], by_label["1号"]]
    assert part.rows == [("1号 · 贩卡", "case", case.pk)]
    assert (part.first, part.last, part.count) == (DAY, DAY, 1)
    assert {edge.kind for edge in found.edges.values()} >= {
        "part",
        "seized",
        "incident",
        "used",
        "member",
        "evidence",
    }
    assert all(edge.rows and edge.count >= 1 for edge in found.edges.values())
    # The victim of the incident and the person of the task's evidence are one node.
    (victim,) = [ident for ident, one in found.nodes.items() if one.kind == "victim"]
    # Money: what the victim lost, what the case and the gang of its seller cost.
    losses = [found.nodes[ident].fen for ident in (victim, by_label["1号"], by_label["贩卡团伙"])]
    assert losses == [100, 100, 100]
    assert not any(secret in str(drawn(found)) for secret in SECRETS)


def test_a_pair_tied_to_nothing_else_is_left_out_unless_there_is_no_more(world: World, task: Task) -> None:
    county, at = world.county, task.received_at
    form = IncidentForm("graph-pair", at, "police", 100, "", None, "+8617258017777", world.town.code)
    alone = report_incident(county, form)
    stop = StopForm("graph-pair", "某某", "6222020011119999", 100, at, "演练银行", None, alone.pk)
    request_stop(county, stop)
    before = {one.label for one in graph(county).nodes.values()}
    Evidence.objects.all().delete()
    assert {one.kind for one in graph(county).nodes.values()} == {"victim", "account"}
    assert "****9999" not in before
    case = casework.file_case(county, CaseForm("1号", "电诈案", DAY))
    casework.join_incidents(county, case.pk, [alone.pk])
    assert {one.kind for one in graph(county).nodes.values()} == {"victim", "account", "case"}


def test_what_is_drawn_is_columns_that_fit_each_other(world: World, case: Case) -> None:
    found = graph(world.county)
    shown = drawn(found)
    nodes = ("id", "kind", "label", "page", "pk", "fen", "day", "x", "y", "degree")
    assert {len(shown[name]) for name in nodes} == {len(found.nodes)}
    edges = ("from", "to", "tie", "count", "first", "last", "rows")
    assert {len(shown[name]) for name in edges} == {len(found.edges)}
    ends = zip(shown["from"], shown["to"], shown["tie"], strict=True)
    assert [(shown["id"][one], shown["id"][other], kind) for one, other, kind in ends] == list(found.edges)
    # The gang's disc reaches beyond its member.
    ((gang, reach),) = [one for one in shown["hulls"] if shown["kind"][one[0]] == "gang"]
    member = shown["label"].index("韦**")
    far = math.dist((shown["x"][gang], shown["y"][gang]), (shown["x"][member], shown["y"][member]))
    assert 0 < far < reach
    assert shown["first"][shown["tie"].index("part")] == (DAY - dt.date(1970, 1, 1)).days


def test_every_source_row_has_a_page(world: World, case: Case, client_of: LogIn) -> None:
    client = client_of(world.county)
    rows = {row for edge in graph(world.county).edges.values() for row in edge.rows}
    assert {row.page for row in rows} >= {"case", "incident", "gang", "task"}
    for row in rows:
        assert client.get(address(row.page, row.pk)).status_code == 200, row


def test_ties_leave_masked_and_on_record(world: World, case: Case, client_of: LogIn) -> None:
    found = graph(world.county)
    client = client_of(world.county)
    wanted = {"shown": json.dumps(list(found.nodes)), "form": "csv"}
    text = client.post("/cases/graph/ties/", wanted).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 1 + len(found.edges)
    assert [
        "涉案人员",
        "韦**",
        "0.0",
        "涉案",
        "案件",
        "1号",
        "1.0",
        "1",
        "2021-06-17",
        "2021-06-17",
        "1号 · 贩卡",
    ] in lines
    assert not any(secret in text for secret in SECRETS)
    row = AuditRow.objects.get(verb="export_masked", subject_id="graph.ties")
    assert json.loads(row.after)["rows"] == len(found.edges)
    alone = client.post("/cases/graph/ties/", {"shown": json.dumps([next(iter(found.nodes))]), "form": "csv"})
    assert alone.content.decode().count("\r\n") == 2
    nothing = client.post("/cases/graph/ties/", {"shown": "{", "form": "xlsx"})
    assert b"".join(nothing.streaming_content).startswith(b"PK")
    assert client_of(world.officer).post("/cases/graph/ties/", wanted).status_code == 403


def test_others_see_none_of_it(world: World, case: Case, client_of: LogIn) -> None:
    assert not graph(world.other_county).nodes
    for user in (world.officer, world.viewer):
        with pytest.raises(NotPermitted):
            graph(user)
        assert client_of(user).get("/cases/graph/data/").status_code == 403
    assert len(graph(world.county, "", 3).nodes) == 3


def test_a_graph_is_kept_as_evidence_with_its_hash_on_record(
    world: World, case: Case, client_of: LogIn
) -> None:
    found = graph(world.county)
    first = next(iter(found.nodes))
    view = {"shown": [*found.nodes, "nobody"], "notes": {first: "主犯"}, "pins": {first: [1.5, 2], "x": "y"}}
    made = save_graph(world.county, "六一七专案", view, PNG + b"0")
    assert made.view == {"shown": list(found.nodes), "notes": {first: "主犯"}, "pins": {first: [1.5, 2]}}
    assert made.digest == hashlib.sha256(made.graphml.encode()).hexdigest()
    assert made.digest in AuditRow.objects.get(verb="save_graph").after
    root = ET.fromstring(made.graphml)
    spaced = {"g": NAMESPACE}
    assert len(root.findall(".//g:node", spaced)) == len(found.nodes)
    edges = root.findall(".//g:edge", spaced)
    assert len(edges) == len(found.edges)
    assert all(edge.find("g:data[@key='rows']", spaced) is not None for edge in edges)
    assert not any(secret in made.graphml for secret in SECRETS)
    for wrong in (("", view, None), ("题", view, None), ("题目", {}, None), ("题目", view, b"GIF")):
        with pytest.raises(InputError):
            save_graph(world.county, *wrong)


def test_what_no_xml_and_no_database_holds_is_left_out(world: World, case: Case, client_of: LogIn) -> None:
    """Python reads NaN and \\u0000 from JSON; neither may be stored, and no evidence is a broken file."""
    crackdown.record_gang(world.county, GangForm("团\x01伙", "cards", DAY))
    first = next(iter(graph(world.county).nodes))
    notes = f'{{"{first}": "主\\u0000犯\\u0007"}}'
    view = f'{{"shown": ["{first}"], "notes": {notes}, "pins": {{"{first}": [NaN, Infinity]}}}}'
    answer = client_of(world.county).post("/cases/graph/save/", {"title": "专案", "view": view})
    assert answer.status_code == 200
    made = GraphRecord.objects.get()
    assert made.view == {"shown": [first], "notes": {first: "主犯"}, "pins": {}}
    everything = save_graph(world.county, "专案二", {"shown": list(graph(world.county).nodes)}, None)
    for kept in (made, everything):
        ET.fromstring(kept.graphml)


def test_pages_of_the_graph(world: World, case: Case, client_of: LogIn) -> None:
    client = client_of(world.county)
    page = client.get("/cases/graph/").content.decode()
    assert 'id="graph"' in page
    data = client.get("/cases/graph/data/").json()
    assert data["id"] == list(graph(world.county).nodes)
    body = {"title": "专案图", "view": f'{{"shown": ["{data["id"][0]}"]}}'}
    picture = SimpleUploadedFile("g.png", PNG + b"1", "image/png")
    kept = client.post("/cases/graph/save/", {**body, "picture": picture}).json()
    assert kept["digest"] == GraphRecord.objects.get().digest
    again = client.get(f"/cases/graph/data/?record={kept['id']}").json()
    assert again["view"]["shown"] == [data["id"][0]]
    assert client.get(f"/cases/graph/{kept['id']}/png/").content == PNG + b"1"
    assert b"<graphml" in client.get(f"/cases/graph/{kept['id']}/graphml/").content
    assert AuditRow.objects.filter(verb="export_masked", subject_id="graph.png").exists()
    assert client.post("/cases/graph/save/", {"title": "x", "view": "[]"}).status_code == 422
    assert client.post("/cases/graph/save/", {"title": "xx", "view": "{"}).status_code == 422
    for url in (f"/cases/graph/{kept['id']}/png/", f"/cases/graph/data/?record={kept['id']}"):
        assert client_of(world.other_county).get(url).status_code == 403
