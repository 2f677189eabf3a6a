"""An incident entered by mistake is taken back: with a reason, on record, by two where documents rest on it;
no figure and no clock counts it, and what names it still leads to it.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from qingdun.console.alerts.models import OutcomeLine, Task
from qingdun.console.assessment import opening
from qingdun.console.assessment import queries as assessment
from qingdun.console.assessment.models import Accountability
from qingdun.console.cases import casework, figures, queries, retracting_incidents
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.cases.casework import CaseForm
from qingdun.console.cases.models import Incident, Retraction
from qingdun.console.funds import actions as funds
from qingdun.console.funds import lapsing, unfounded
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.lapses import Lapse, Notice
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

WHY = "同一笔报案录了两次"


@pytest.fixture
def incident(world: World) -> Incident:
    at = timezone.now() - dt.timedelta(hours=1)
    form = IncidentForm("again-1", at, "police", 60_000_000, "", None, "+8617258010000")
    return report_incident(world.county, form)


@pytest.fixture
def colleague(world: World) -> User:
    return User.objects.create(
        username="county-second", role=Role.COUNTY_OFFICER, region=world.county.region, password="!"
    )


def stopped(world: World, incident: Incident) -> int:
    at = incident.reported_at - dt.timedelta(minutes=5)
    form = StopForm("k", "甲", "6200000000000017", 100, at, "演练银行", None, incident.pk)
    return funds.request_stop(world.county, form).pk


def test_no_figure_and_no_clock_counts_it_any_more(world: World, incident: Incident) -> None:
    day = timezone.localdate(incident.reported_at)
    leader = User(username="leader", role=Role.LEADER, region=world.county.region)
    asked = {
        "incidents": lambda: figures.LEDGER.value(world.county, "incidents", Ask("", day, day)),
        "loss": lambda: figures.LEDGER.value(world.county, "loss", Ask("", day, day)),
        "wall": lambda: sum(queries.counted(leader).values_list("loss_fen", flat=True)),
        "files": lambda: assessment.accountabilities(world.county).count(),
    }
    opening.open_new(timezone.now())
    lapsing.tick(timezone.now())
    assert {name: count() for name, count in asked.items()} == {
        "incidents": 1, "loss": 60_000_000, "wall": 60_000_000, "files": 1,
    }  # fmt: skip
    assert Notice.objects.filter(seen_at=None).exists()
    with pytest.raises(InputError):
        retracting_incidents.take_back(world.county, incident.pk, " ")
    retracting_incidents.take_back(world.county, incident.pk, WHY)
    assert {name: count() for name, count in asked.items()} == dict.fromkeys(asked, 0)
    assert figures.LEDGER.value(world.county, "taken_back", Ask("", day, day)) == 1
    assert not Notice.objects.filter(seen_at=None).exists()
    assert Lapse.objects.get().tell_at is None
    assert Accountability.objects.exists(), "the file is kept, and shown to nobody while it was open"
    row = AuditRow.objects.get(verb="take_back_incident")
    assert (json.loads(row.before)["loss_fen"], row.purpose) == (60_000_000, WHY)
    with pytest.raises(NotPermitted):
        retracting_incidents.take_back(world.county, incident.pk, WHY)
    with pytest.raises(NotPermitted):
        stopped(world, incident)


def test_the_engine_is_told_no_loss_that_was_none(world: World, task: Task) -> None:
    at = timezone.now() - dt.timedelta(hours=1)
    form = IncidentForm("told-1", at, "police", 100, "", task.pk)
    incident = report_incident(world.officer, form)
    assert OutcomeLine.objects.get(result="already_paid").withdrawn_at is None
    retracting_incidents.take_back(world.county, incident.pk, WHY)
    assert OutcomeLine.objects.get(result="already_paid").withdrawn_at is not None


def test_what_rests_on_it_is_undone_first(world: World, incident: Incident) -> None:
    case = casework.file_case(world.county, CaseForm("甲1", "电诈案", timezone.localdate()))
    casework.join_incidents(world.county, case.pk, [incident.pk])
    with pytest.raises(IllegalMove):
        retracting_incidents.take_back(world.county, incident.pk, WHY)
    casework.part_incident(world.county, case.pk, incident.pk, WHY)
    stopped(world, incident)
    with pytest.raises(IllegalMove):
        retracting_incidents.take_back(world.county, incident.pk, WHY)
    assert not Retraction.objects.exists()


def test_where_a_document_rests_on_it_somebody_else_agrees(
    world: World, incident: Incident, colleague: User
) -> None:
    stopped(world, incident)
    unfounded.release_unfounded(world.county, incident.pk, "报案人撤回")
    retracting_incidents.take_back(world.county, incident.pk, WHY)
    assert queries.incidents(world.county).filter(pk=incident.pk).exists(), "it counts until then"
    with pytest.raises(NotPermitted):
        retracting_incidents.agree(world.county, incident.pk)
    for user in (world.other_county, world.officer, world.viewer):
        with pytest.raises(NotPermitted):
            retracting_incidents.agree(user, incident.pk)
    retracting_incidents.keep(colleague, incident.pk, "不是重复录入")
    assert not Retraction.objects.exists()
    with pytest.raises(IllegalMove):
        retracting_incidents.agree(colleague, incident.pk)
    retracting_incidents.take_back(world.county, incident.pk, WHY)
    with pytest.raises(IllegalMove):
        retracting_incidents.take_back(colleague, incident.pk, WHY)
    retracting_incidents.agree(colleague, incident.pk)
    assert not queries.incidents(world.county).filter(pk=incident.pk).exists()
    verbs = AuditRow.objects.filter(subject_kind="incident").order_by("seq").values_list("verb", "actor")
    assert list(verbs)[-4:] == [
        ("ask_take_back_incident", world.county.username), ("keep_incident", "county-second"),
        ("ask_take_back_incident", world.county.username), ("take_back_incident", "county-second"),
    ]  # fmt: skip


def test_nobody_takes_back_what_they_do_not_see(world: World, incident: Incident) -> None:
    for user in (world.other_county, world.officer, world.viewer):
        with pytest.raises(NotPermitted):
            retracting_incidents.take_back(user, incident.pk, WHY)
    assert not Retraction.objects.exists()


def test_pages_ask_agree_and_say_what_became_of_it(
    world: World, incident: Incident, colleague: User, client_of: LogIn
) -> None:
    order = stopped(world, incident)
    first, second = client_of(world.county), client_of(colleague)
    back, page = f"/incidents/{incident.pk}/back/", f"/incidents/{incident.pk}/"
    refused = first.post(back, {"reason": WHY}, follow=True).content.decode()
    assert 'role="alert"' in refused
    unfounded.release_unfounded(world.county, incident.pk, "报案人撤回")
    first.post(back, {"reason": WHY})
    assert 'value="agree"' not in first.get(page).content.decode()
    shown = first.get(page).content.decode()
    assert (f"/funds/trace/?incident={incident.pk}" in shown, f"/funds/{order}/" in shown) == (True, True)
    assert first.get("/cases/t/incidents/").context["waiting"] == 0
    assert second.get("/cases/t/incidents/").context["waiting"] == 1
    assert second.get("/cases/t/incidents/?back=waits").context["page"].paginator.count == 1
    assert 'value="agree"' in second.get(page).content.decode()
    second.post(back, {"verb": "agree"})
    told = first.get(page).content.decode()
    assert (WHY in told, "county-second" in told, "/funds/enter/" in told) == (True, True, False)
    assert first.get("/cases/t/incidents/").context["page"].paginator.count == 0
    assert first.get("/cases/t/incidents/?back=taken").context["page"].paginator.count == 1
    assert first.get(f"/funds/trace/?incident={incident.pk}").headers["Location"] == page
    assert first.get(f"/cases/correct/incident/{incident.pk}/").status_code == 403
    assert client_of(world.other_county).get(page).status_code == 403
    assert client_of(world.other_county).post(back, {"reason": WHY}, follow=True).status_code == 403
