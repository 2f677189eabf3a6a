"""What was entered by mistake is taken back: with a reason, on record, and no figure counts it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from qingdun.console.cases import casework, figures, retracting
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.cases.casework import CaseForm, MeasureForm, PersonForm, SeizureForm
from qingdun.console.cases.models import Case, Measure, Part, Seizure
from qingdun.console.kernel.models import AuditRow
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

DAY = dt.date(2021, 6, 17)


@pytest.fixture
def case(world: World) -> Case:
    case = casework.file_case(world.county, CaseForm("甲1", "贩卡案", DAY, "", True))
    part = casework.add_person(world.county, case.pk, PersonForm("A1", "韦晓东", "mule", DAY))
    casework.take_measure(world.county, case.pk, part.person_id, MeasureForm("detained", DAY))
    casework.seize(world.county, case.pk, SeizureForm("phone_card", DAY, 2740))
    return case


def count(world: World, code: str) -> int:
    return figures.LEDGER.value(world.county, code, Ask("", DAY, DAY))


def test_what_was_taken_back_counts_no_more_and_stays_on_record(world: World, case: Case) -> None:
    seizure, measure, part = Seizure.objects.get(), Measure.objects.get(), Part.objects.get()
    assert (count(world, "phone_cards"), count(world, "detained")) == (2740, 1)
    with pytest.raises(InputError):
        retracting.take_back(world.county, "seizure", seizure.pk, " ")
    retracting.take_back(world.county, "seizure", seizure.pk, "多打了一个零")
    assert count(world, "phone_cards") == 0
    row = AuditRow.objects.get(verb="take_back_seizure")
    assert (json.loads(row.before)["count"], row.purpose) == (2740, "多打了一个零")
    with pytest.raises(IllegalMove):
        retracting.take_back(world.county, "part", part.pk, "不是此案的人")
    retracting.take_back(world.county, "measure", measure.pk, "文书开错了人")
    retracting.take_back(world.county, "part", part.pk, "不是此案的人")
    assert count(world, "detained") == 0
    assert not Part.objects.exists()
    assert "韦晓东" not in str(list(AuditRow.objects.values_list("before", "after")))


def test_nobody_takes_back_what_they_do_not_see(world: World, case: Case) -> None:
    for user in (world.other_county, world.officer, world.viewer):
        for kind, row in (("seizure", Seizure.objects.get()), ("part", Part.objects.get()), ("case", case)):
            with pytest.raises(NotPermitted):
                retracting.take_back(user, kind, row.pk, "不是我的")
    assert Seizure.objects.exists()


def test_pages_take_back_and_take_out_and_say_what_is_refused(
    world: World, case: Case, client_of: LogIn
) -> None:
    client = client_of(world.county)
    form = IncidentForm(
        "retract-1", dt.datetime(2021, 6, 17, tzinfo=dt.UTC), "police", 100, "", None, "+8617258010000"
    )
    incident = report_incident(world.county, form)
    casework.join_incidents(world.county, case.pk, [incident.pk])
    page = client.get(f"/cases/{case.pk}/")
    assert (page.context["incident_count"], page.context["loss_fen"]) == (1, 100)
    assert client.get(f"/cases/t/incidents/?of={case.pk}").context["page"].paginator.count == 1
    assert client.get("/cases/t/incidents/?of=999999").context["page"].paginator.count == 0
    out = f"/cases/{case.pk}/incidents/{incident.pk}/out/"
    assert 'role="alert"' in client.post(out, {"reason": ""}, follow=True).content.decode()
    assert case.incidents.exists()
    client.post(out, {"reason": "与此案无关"})
    assert not case.incidents.exists()
    again = client.post(out, {"reason": "与此案无关"}, follow=True).content.decode()
    assert "不属于" in again
    part = Part.objects.get()
    kept = client.post(
        f"/cases/back/part/{part.pk}/", {"reason": "不是此人", "case": f"{case.pk}"}, follow=True
    )
    assert kept.redirect_chain[-1][0] == f"/cases/{case.pk}/"
    assert Part.objects.exists()
    client.post(f"/cases/back/seizure/{Seizure.objects.get().pk}/", {"reason": "重复录入"})
    assert not Seizure.objects.exists()
    assert client_of(world.other_county).post(out, {"reason": "看看有没有"}).status_code == 403
