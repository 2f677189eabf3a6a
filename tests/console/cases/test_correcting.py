"""What was typed wrongly is corrected with a reason: figures count what stands now, the record what stood."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from qingdun.console.cases import casework, correcting, crackdown, figures
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.cases.casework import CaseForm, PersonForm
from qingdun.console.cases.correcting import CaseCorrection, IncidentCorrection
from qingdun.console.cases.crackdown import CampaignForm
from qingdun.console.cases.models import Case, FormerName, Incident, Part
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

DAY = dt.date(2021, 6, 17)
WHY = "录入时打错"


@pytest.fixture
def case(world: World) -> Case:
    case = casework.file_case(world.county, CaseForm("甲1", "韦晓东贩卡案", DAY, "", True))
    casework.add_person(world.county, case.pk, PersonForm("A1", "韦晓冬", "mule", DAY))
    return case


def last(verb: str) -> tuple[AuditRow, dict[str, object], dict[str, object]]:
    row = AuditRow.objects.get(verb=verb)
    return row, json.loads(row.before), json.loads(row.after)


def test_a_case_is_counted_on_the_day_and_in_the_campaign_it_says_now(world: World, case: Case) -> None:
    campaign = crackdown.open_campaign(world.county, CampaignForm("春雷", DAY))
    form = CaseCorrection("贩卡案", DAY - dt.timedelta(days=1), WHY, campaign=f"{campaign.pk}")
    correcting.correct_case(world.county, case.pk, form)
    ask = Ask("", DAY, DAY)
    assert figures.LEDGER.value(world.county, "filed", ask) == 0
    row, before, after = last("correct_case")
    assert (before["filed_on"], after["filed_on"]) == ("2021-06-17", "2021-06-16")
    assert (after["two_cards"], after["campaign_id"], row.purpose) == (False, campaign.pk, WHY)
    assert "韦晓东" not in row.before + row.after, "a name is in no audit row"
    was = FormerName.objects.get()
    assert (was.case, was.name, was.by, was.reason) == (case, "韦晓东贩卡案", world.county, WHY)
    with pytest.raises(IllegalMove):
        correcting.correct_case(world.county, case.pk, form)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"filed_on": dt.date(2199, 1, 1)}, "filed_on"),
        ({"solved_on": DAY}, "solved_on"),
        ({"reason": "错"}, "reason"),
    ],
)
def test_a_case_cannot_be_so(world: World, case: Case, wrong: dict[str, object], field: str) -> None:
    given = {"name": "贩卡案", "filed_on": DAY, "reason": WHY} | wrong
    with pytest.raises(FieldFaults) as refused:
        correcting.correct_case(world.county, case.pk, CaseCorrection(**given))  # type: ignore[arg-type]
    assert list(refused.value.faults) == [field]


def test_the_day_a_case_was_solved_is_corrected_once_it_is(world: World, case: Case) -> None:
    casework.move_case(world.county, case.pk, "solve_case")
    for day in (DAY - dt.timedelta(days=1), None):
        with pytest.raises(FieldFaults):
            correcting.correct_case(world.county, case.pk, CaseCorrection("x", DAY, WHY, solved_on=day))
    correcting.correct_case(world.county, case.pk, CaseCorrection("x", DAY, WHY, solved_on=DAY))
    assert figures.LEDGER.value(world.county, "solved", Ask("", DAY, DAY)) == 1


def test_a_person_has_another_name_and_the_record_nobody_s(world: World, case: Case) -> None:
    person = Part.objects.get().person
    correcting.correct_person(world.county, person.pk, "韦晓东", WHY)
    person.refresh_from_db()
    assert person.name == "韦晓东"
    assert FormerName.objects.get().name == "韦晓冬"
    row, _before, after = last("correct_person")
    assert (after, row.purpose) == ({"renamed": True}, WHY)


def test_a_loss_is_corrected_and_every_figure_with_it(world: World) -> None:
    at = timezone.now() - dt.timedelta(days=1)
    incident = report_incident(
        world.county, IncidentForm("correct-1", at, "police", 6_700_000, "", None, "+8617258010000")
    )
    day = timezone.localdate(at)
    form = IncidentCorrection(incident.reported_at, "police", 670_000, WHY)
    correcting.correct_incident(world.county, incident.pk, form)
    assert figures.LEDGER.value(world.county, "loss", Ask("", day, day)) == 670_000
    _row, before, after = last("correct_incident")
    assert (before, after) == ({"loss_fen": 6_700_000}, {"loss_fen": 670_000})
    with pytest.raises(FieldFaults) as refused:
        correcting.correct_incident(world.county, incident.pk, IncidentCorrection(at, "偷", -1, WHY))
    assert set(refused.value.faults) == {"scam_type", "loss_fen"}


def test_nobody_corrects_what_they_do_not_see(world: World, case: Case) -> None:
    person = Part.objects.get().person
    for user in (world.other_county, world.officer, world.viewer):
        with pytest.raises(NotPermitted):
            correcting.correct_case(user, case.pk, CaseCorrection("x", DAY, WHY))
        with pytest.raises(NotPermitted):
            correcting.correct_person(user, person.pk, "韦晓东", WHY)
    assert not FormerName.objects.exists()


def test_pages_ask_for_a_reason_show_no_name_of_a_person_and_keep_the_former(
    world: World, case: Case, client_of: LogIn
) -> None:
    client, person = client_of(world.county), Part.objects.get().person
    asked = client.get(f"/cases/correct/person/{person.pk}/").content.decode()
    assert "韦晓冬" not in asked
    assert "韦晓东贩卡案" in client.get(f"/cases/correct/case/{case.pk}/").content.decode()
    wrong = client.post(f"/cases/correct/person/{person.pk}/", {"name": "韦晓东", "reason": ""})
    assert (wrong.status_code, 'id="e-reason"' in wrong.content.decode()) == (422, True)
    done = client.post(f"/cases/correct/person/{person.pk}/", {"name": "韦晓东", "reason": WHY}, follow=True)
    assert done.redirect_chain[-1][0] == f"/cases/persons/{person.pk}/"
    page = done.content.decode()
    assert (WHY in page, "韦**" in page, "韦晓冬" in page) == (True, True, False)
    for kind, pk in (("case", case.pk), ("person", person.pk), ("gang", 1)):
        assert client_of(world.other_county).get(f"/cases/correct/{kind}/{pk}/").status_code == 403
    seen = Incident.objects.create(
        person_id="number:x", msisdn="+8617258010001", region_path=world.county.region_path,
        reported_at=timezone.now(), scam_type="police", loss_fen=100, key="k", by=world.county,
        entered_at=timezone.now(),
    )  # fmt: skip
    assert "1.00" in client.get(f"/cases/correct/incident/{seen.pk}/").content.decode()


def test_who_is_late_overwrites_nothing_unseen(world: World, case: Case, client_of: LogIn) -> None:
    client, address = client_of(world.county), f"/cases/correct/case/{case.pk}/"
    opened = client.get(address).context
    form = {
        "name": "韦晓东贩卡案",
        "filed_on": "2021-06-17",
        "two_cards": "1",
        "scam_type": "",
        "reason": WHY,
    }
    form |= {opened["seen_name"]: opened["seen"]}
    correcting.correct_case(
        world.county, case.pk, CaseCorrection("寄递贩卡案", DAY, WHY, two_cards=True, scam_type="police")
    )
    late = client.post(address, {**form, "filed_on": "2021-06-16"})
    told = {one.name: fault for one, _options, _value, fault in late.context["fields"] if fault}
    assert (late.status_code, set(told)) == (422, {"name", "scam_type"})
    assert "韦晓东贩卡案" in told["name"]
    assert "寄递贩卡案" in told["name"]
    case.refresh_from_db()
    assert (case.name, case.scam_type, case.filed_on) == ("寄递贩卡案", "police", DAY)
    # What was left as it was says what stands now; what was typed stays; sent again it is taken.
    shown = {one.name: value for one, _options, value, _fault in late.context["fields"]}
    assert (shown["name"], shown["scam_type"], shown["filed_on"]) == ("寄递贩卡案", "police", "2021-06-16")
    again = {**shown, "two_cards": "1", "campaign": "", late.context["seen_name"]: late.context["seen"]}
    assert client.post(address, again).status_code == 302
    case.refresh_from_db()
    assert (case.name, case.filed_on) == ("寄递贩卡案", DAY - dt.timedelta(days=1))


def test_a_name_is_not_overwritten_either_and_not_told(world: World, case: Case, client_of: LogIn) -> None:
    client, person = client_of(world.county), Part.objects.get().person
    address = f"/cases/correct/person/{person.pk}/"
    opened = client.get(address).context
    assert "韦晓冬" not in opened["seen"]
    correcting.correct_person(world.county, person.pk, "韦小东", WHY)
    sent = {"name": "韦晓东", "reason": WHY, opened["seen_name"]: opened["seen"]}
    late = client.post(address, sent)
    assert (late.status_code, "韦小东" in late.content.decode()) == (422, False)
    person.refresh_from_db()
    assert person.name == "韦小东"
    assert client.post(address, {**sent, opened["seen_name"]: late.context["seen"]}).status_code == 302
