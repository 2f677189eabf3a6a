"""Incidents: entered once, of a task's person or by number, seen by whom they concern."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from qingdun.console.alerts.models import Task
from qingdun.console.cases import queries
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.care.conftest import decide
from tests.console.conftest import LogIn


@pytest.fixture
def form(task: Task) -> IncidentForm:
    at = timezone.now() - dt.timedelta(minutes=5)
    return IncidentForm("incident-key-1", at, "police", 6_700_000, "接到自称公安的电话", task.pk)


def test_incident_of_a_task_names_its_person_and_place(world: World, task: Task, form: IncidentForm) -> None:
    incident = report_incident(world.officer, form)
    assert (incident.person_id, incident.msisdn, incident.region_path) == (
        "p00", task.msisdn, task.region_path,
    )  # fmt: skip
    assert report_incident(world.officer, form).pk == incident.pk
    row = AuditRow.objects.get(verb="report_incident")
    assert (row.actor, row.region_path) == ("officer", task.region_path)
    assert "公安" not in row.after


def test_incident_by_number(world: World, form: IncidentForm) -> None:
    alone = replace(form, key="incident-key-2", task=None)
    known = report_incident(world.officer, replace(alone, number="+8617258010000"))
    assert known.person_id == "p00"
    with pytest.raises(InputError):
        report_incident(world.officer, replace(alone, key="incident-key-3", number="+8617258019999"))
    somewhere = replace(alone, key="incident-key-4", number="+8617258019999", region=world.town.code)
    assert report_incident(world.officer, somewhere).region_path == world.town.path


def test_a_loss_tells_the_engine_that_the_alert_was_right_whatever_the_verdict(
    world: World, task: Task, form: IncidentForm
) -> None:
    decide(world, task, "false_alarm")
    apart = replace(form, task=None, number="+8617258010000")
    report_incident(world.officer, replace(apart, key="none-lost", loss_fen=0))
    report_incident(world.officer, replace(apart, key="another-scam", scam_type="game"))
    assert list(task.outcomes.values_list("result", flat=True)) == ["false_alarm"]
    report_incident(world.officer, replace(apart, key="the-same-scam"))
    report_incident(world.officer, form)
    told = task.outcomes.order_by("pk")
    assert list(told.values_list("result", flat=True)) == ["false_alarm", "already_paid"]
    assert told[1].alert_id == task.alerts.get().alert_id


def test_what_cannot_be_is_refused(world: World, form: IncidentForm) -> None:
    later = timezone.now() + dt.timedelta(hours=1)
    for wrong in ({"loss_fen": -1}, {"scam_type": "theft"}, {"reported_at": later}, {"loss_fen": 10**14}):
        with pytest.raises(InputError):
            report_incident(world.officer, replace(form, **wrong))
    with pytest.raises(InputError):
        report_incident(world.officer, replace(form, task=None))
    assert not Incident.objects.exists()


def test_who_enters_and_who_sees(world: World, form: IncidentForm) -> None:
    incident = report_incident(world.officer, form)
    for user in (world.analyst, world.county, world.colleague):
        assert queries.incident(user, incident.pk) == incident
    with pytest.raises(NotPermitted):
        queries.incident(world.other_county, incident.pk)
    for user in (world.other_county, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            report_incident(user, replace(form, key="incident-key-9"))


def test_pages_are_masked_and_keep_what_was_typed(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.officer)
    page = client.get(f"/incidents/enter/?task={task.pk}").content.decode()
    assert "郑**" in page
    body = {
        "key": "0123456789abcdef", "task": task.pk, "type": "police", "loss": "6.7万",
        "reported_at": "2026-03-03T10:30", "how": "经过",
    }  # fmt: skip
    wrong = client.post("/incidents/enter/", {**body, "loss": "许多", "reported_at": "", "type": "theft"})
    assert wrong.status_code == 422
    assert set(wrong.context["faults"]) == {"loss", "reported_at"}
    shown = wrong.content.decode()
    assert 'id="i-loss" name="loss" aria-invalid="true" aria-describedby="e-loss"' in shown
    assert 'value="许多"' in shown
    alone = {"key": "0123456789abcdef", "type": "theft", "loss": "1", "reported_at": "2026-03-03T10:30"}
    for typed, fault in (("", "number"), ("17258010000", "type")):
        found = client.post("/incidents/enter/", {**alone, "number": typed}).context["faults"]
        assert set(found) == {fault}
    nobody = client.post("/incidents/enter/", {**alone, "type": "police", "number": "17258019999"})
    assert set(nobody.context["faults"]) == {"region"}
    answer = client.post("/incidents/enter/", body, follow=True)
    page = answer.content.decode()
    client.post("/incidents/enter/", body)
    assert Incident.objects.count() == 1, "sent twice, it is one report"
    client.post("/incidents/enter/", {**body, "loss": "6.8万"})
    assert Incident.objects.count() == 2, "what somebody goes back and mends is another"
    assert "¥67,000.00" in page
    for secret in ("郑晓岚", task.msisdn):
        assert secret not in page
    onward = client.post("/incidents/enter/", {**body, "key": "0123456789abcdee", "stop": "1"})
    assert onward.headers["Location"].startswith("/funds/enter/?incident=")
    assert client_of(world.other_county).get(f"/incidents/enter/?task={task.pk}").status_code == 403
