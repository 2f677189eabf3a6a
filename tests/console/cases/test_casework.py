"""Cases, their persons, gangs, seizures and campaigns: entered once, counted by person, masked, on record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from qingdun.console.cases import casework, crackdown, figures, queries
from qingdun.console.cases.casework import CaseForm, MeasureForm, PersonForm, SeizureForm
from qingdun.console.cases.crackdown import CampaignForm, GangForm, TeamForm, TripForm
from qingdun.console.cases.models import Case
from qingdun.console.cases.moves import MOVES
from qingdun.console.cases.tables import TABLES
from qingdun.console.cases.ties import graph
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

DAY = dt.date(2021, 6, 17)
SECRETS = ("440000199001011234", "韦晓东", "+8617258011111")


@pytest.fixture
def case(world: World) -> Case:
    """A case about cards in the county, of a campaign that went to two provinces."""
    campaign = crackdown.open_campaign(world.county, CampaignForm("百案", dt.date(2021, 5, 1)))
    crackdown.add_team(world.county, campaign.pk, TeamForm("一组", 4))
    for province in ("36", "35", "36"):
        crackdown.add_trip(world.county, campaign.pk, TripForm("一组", province, DAY))
    crackdown.add_trip(world.county, campaign.pk, TripForm("一组", "44", DAY, "揭阳"))
    form = CaseForm("清公刑立字〔2021〕1号", "寄递贩卡案", DAY, "", True, "", f"{campaign.pk}")
    return casework.file_case(world.county, form)


def person(world: World, case: Case, identity: str = SECRETS[0], role: str = "card_seller") -> int:
    industry = "operator" if role == "insider" else ""
    form = PersonForm(identity, SECRETS[1], role, DAY, industry, [SECRETS[2]])
    return casework.add_person(world.county, case.pk, form).person_id


def test_the_source_s_figures_come_out_of_rows_counted_by_person(world: World, case: Case) -> None:
    other = casework.file_case(world.county, CaseForm("2号", "又一案", DAY, "", True))
    seller = person(world, case)
    assert person(world, other) == seller, "the same document is the same person"
    insider = person(world, case, "B2", "insider")
    for about, who, kind in (
        (case, seller, "caught"), (case, seller, "detained"), (other, seller, "detained"),
        (case, seller, "arrested"), (case, insider, "caught"),
        (case, seller, "transferred"), (other, seller, "transferred"),
    ):  # fmt: skip
        casework.take_measure(world.county, about.pk, who, MeasureForm(kind, DAY))
    casework.take_measure(world.county, case.pk, insider, MeasureForm("punished", DAY, "", "2", "2023版"))
    casework.seize(world.county, case.pk, SeizureForm("phone_card", DAY, 274))
    casework.seize(world.county, case.pk, SeizureForm("cash", DAY, 0, 5_000_00))
    gang = crackdown.record_gang(world.county, GangForm("贩卡团伙", "cards", DAY))
    crackdown.add_member(world.county, gang.pk, seller, "leader")
    crackdown.move_gang(world.county, gang.pk, "break_up_gang", DAY)
    ask = Ask("", DAY, DAY)
    for viewer in (world.county, world.analyst):
        found = {one.figure.code: one.value for one in figures.counted(viewer, ask)}
        assert found == found | {
            "filed": 2, "detained": 1, "card_gangs": 1, "punished": 1, "insiders": 1, "caught": 2,
            "coercive": 1, "transferred": 1, "phone_cards": 274, "cash": 5_000_00, "provinces": 2,
            "cities": 1,
        }  # fmt: skip
    elsewhere = figures.counted(world.other_county, ask)
    before = figures.counted(world.county, Ask("", None, DAY - dt.timedelta(days=1)))
    assert {one.value for one in (*elsewhere, *before)} == {0}
    assert set(gang.cases.values_list("pk", flat=True)) == {case.pk, other.pk}


def test_a_figure_s_link_shows_as_many_rows_as_it_counts(world: World, case: Case, client_of: LogIn) -> None:
    casework.take_measure(world.county, case.pk, person(world, case), MeasureForm("detained", DAY))
    client = client_of(world.county)
    for one in figures.counted(world.county, Ask("", DAY, DAY)):
        answer = client.get(one.url)
        assert answer.status_code == 200
        if not one.figure.total and not one.figure.distinct:
            assert answer.context["page"].paginator.count == one.value
    assert "1" in client.get("/cases/figures/?since=2021-06-17&until=2021-06-17").content.decode()


def test_who_may_not_work_on_cases_learns_nothing(world: World, case: Case, client_of: LogIn) -> None:
    who = person(world, case)
    for user in (world.officer, world.viewer, world.auditor):
        assert not queries.cases(user).exists()
        assert not queries.persons_of_cases(user).exists()
        with pytest.raises(NotPermitted):
            casework.file_case(user, CaseForm("x", "x", DAY))
    for act in (
        lambda: casework.move_case(world.other_county, case.pk, "solve_case"),
        lambda: casework.join_incidents(world.other_county, case.pk, []),
        lambda: casework.take_measure(world.other_county, case.pk, who, MeasureForm("caught", DAY)),
        lambda: casework.seize(world.other_county, case.pk, SeizureForm("device", DAY, 1)),
        lambda: casework.unmask_person(world.other_county, who, "核实身份"),
        lambda: casework.record_look(world.other_county, who),
    ):
        with pytest.raises(NotPermitted):
            act()
    client = client_of(world.other_county)
    for url in (f"/cases/{case.pk}/", f"/cases/persons/{who}/"):
        assert client.get(url).status_code == 403


def test_persons_are_masked_and_unmasked_for_a_purpose_on_record(
    world: World, case: Case, client_of: LogIn
) -> None:
    who = person(world, case)
    client = client_of(world.county)
    pages = [f"/cases/{case.pk}/", f"/cases/persons/{who}/", "/cases/t/persons/", "/cases/t/measures/"]
    for url in pages:
        page = client.get(url).content.decode()
        assert not any(secret in page for secret in SECRETS), url
    assert AuditRow.objects.filter(verb="see_person", subject_kind="caseperson").exists()
    file = b"".join(client.post("/cases/t/persons/file/", {"form": "csv"}).streaming_content).decode()
    assert "韦**" in file
    assert not any(secret in file for secret in SECRETS)
    assert client.post(f"/cases/persons/{who}/", {"purpose": ""}).status_code == 422
    shown = client.post(f"/cases/persons/{who}/", {"purpose": "核实身份"}).content.decode()
    assert all(secret in shown for secret in SECRETS)
    row = AuditRow.objects.get(verb="unmask_case_person")
    assert (row.actor, row.purpose) == ("county", "核实身份")
    everything = "".join(f"{one.before}{one.after}" for one in AuditRow.objects.all())
    assert not any(secret in everything for secret in SECRETS)


def test_a_number_is_seen_by_whose_case_knows_it(world: World, case: Case, client_of: LogIn) -> None:
    who = person(world, case)
    elsewhere = casework.file_case(world.other_county, CaseForm("乙1", "别县的案", DAY))
    form = PersonForm(SECRETS[0], SECRETS[1], "mule", DAY, "", ["+8617258022222"])
    assert casework.add_person(world.other_county, elsewhere.pk, form).person_id == who
    ours, theirs = "172****1111", "172****2222"
    for user, seen, hidden in ((world.county, ours, theirs), (world.other_county, theirs, ours)):
        client = client_of(user)
        labels = {one.label for one in graph(user).nodes.values()}
        pages = [client.get(f"/cases/persons/{who}/"), client.get("/cases/t/persons/")]
        for text in (*(page.content.decode() for page in pages), str(labels)):
            assert seen in text
            assert hidden not in text
    labels = {one.label for one in graph(world.analyst).nodes.values()}
    assert all(any(number in one for one in labels) for number in (ours, theirs))


def test_a_case_moves_along_its_table_alone(world: World, case: Case) -> None:
    with pytest.raises(IllegalMove):
        casework.move_case(world.county, case.pk, "transfer_case")
    assert casework.move_case(world.county, case.pk, "solve_case").solved_on == timezone.localdate()
    with pytest.raises(InputError):
        casework.move_case(world.county, case.pk, "reopen_case")
    again = casework.move_case(world.county, case.pk, "reopen_case", "证据有变")
    assert (again.state, again.solved_on) == ("filed", None)
    assert [move.verb for move in queries.case_moves(world.county, again)] == ["solve_case", "withdraw_case"]


def test_what_cannot_be_is_said_by_field(world: World, case: Case) -> None:
    who = person(world, case)
    later = timezone.localdate() + dt.timedelta(days=1)
    for field, act in (
        ("number", lambda: casework.file_case(world.county, CaseForm(case.number, "x", DAY))),
        ("filed_on", lambda: casework.file_case(world.county, CaseForm("3", "x", later))),
        ("region", lambda: casework.file_case(world.county, CaseForm("3", "x", DAY, region="999"))),
        ("identity", lambda: person(world, case)),
        ("industry", lambda: casework.add_person(
            world.county, case.pk, PersonForm("C", "丙", "insider", DAY)
        )),
        ("years", lambda: casework.take_measure(world.county, case.pk, who, MeasureForm("punished", DAY))),
        ("count", lambda: casework.seize(world.county, case.pk, SeizureForm("device", DAY))),
        ("serials", lambda: casework.seize(
            world.county, case.pk, SeizureForm("device", DAY, 1, 0, ["1", "2"])
        )),
        ("back_on", lambda: crackdown.add_trip(
            world.county, case.campaign_id or 0, TripForm("一组", "36", DAY, "", DAY - dt.timedelta(days=1))
        )),
    ):  # fmt: skip
        with pytest.raises(FieldFaults) as wrong:
            act()
        assert set(wrong.value.faults) == {field}


def test_forms_say_what_is_wrong_beside_the_field_and_keep_what_was_typed(
    world: World, case: Case, client_of: LogIn
) -> None:
    client = client_of(world.county)
    typed = {"number": "9号", "name": "", "filed_on": "2021-13-01", "campaign": "x", "two_cards": "1"}
    answer = client.post("/cases/new/case/", typed)
    assert answer.status_code == 422
    faults = {field.name: fault for field, _options, _value, fault in answer.context["fields"] if fault}
    assert set(faults) == {"name", "filed_on", "campaign"}
    assert 'value="9号"' in answer.content.decode()
    mended = {**typed, "name": "某案", "filed_on": "2021-06-01", "campaign": ""}
    made = client.post("/cases/new/case/", mended)
    assert made.headers["Location"] == f"/cases/{Case.objects.get(number='9号').pk}/"
    for code in ("person", "measure", "seizure", "incident"):
        assert client.get(f"/cases/new/{code}/{case.pk}/").status_code == 200
        assert client.post(f"/cases/new/{code}/{case.pk}/", {"person": "x"}).status_code == 422
    gang = crackdown.record_gang(world.county, GangForm("贩卡团伙", "cards", DAY))
    for address, typed in (
        (f"/cases/new/incident/{case.pk}/", {"incident": "999999"}),
        (f"/cases/new/member/{gang.pk}/", {"person": "999999", "role": "leader"}),
        ("/cases/new/case/", {**mended, "number": "10号", "campaign": "999999"}),
    ):
        missing = client.post(address, typed)
        assert missing.status_code == 422
        assert not missing.context["other_faults"], "it stands beside its field"


@pytest.mark.parametrize("code", sorted(TABLES))
def test_every_table_opens_sorts_and_leaves_as_a_file(
    code: str, world: World, case: Case, client_of: LogIn
) -> None:
    client = client_of(world.county)
    casework.seize(world.county, case.pk, SeizureForm("device", DAY, 1))
    for column in TABLES[code].columns:
        assert client.get(f"/cases/t/{code}/?sort=-{column.sort}").status_code == 200
    assert client.get(f"/cases/t/{code}/?sort=by__password").status_code == 200
    for one in TABLES[code].filters:
        assert client.get(f"/cases/t/{code}/?{one.name}=nonsense").status_code == 422
        value = one.options()[0][0] if one.options() else "1"
        assert client.get(f"/cases/t/{code}/?{one.name}={value}").status_code == 200
    file = client.post(f"/cases/t/{code}/file/", {"form": "xlsx"})
    assert b"".join(file.streaming_content).startswith(b"PK")
    assert AuditRow.objects.filter(verb="export_masked", subject_id=f"cases.{code}").exists()
    assert client_of(world.officer).get(f"/cases/t/{code}/").status_code == (
        200 if code == "incidents" else 403
    )
    assert len(TABLES[code].headings()) == len(TABLES[code].columns)


def test_pages_of_gang_and_campaign_lead_to_what_they_count(
    world: World, case: Case, client_of: LogIn
) -> None:
    who = person(world, case)
    casework.take_measure(world.county, case.pk, who, MeasureForm("arrested", DAY))
    gang = crackdown.record_gang(world.county, GangForm("贩卡团伙", "cards", DAY))
    client = client_of(world.county)
    joined = client.post(f"/cases/new/member/{gang.pk}/", {"person": f"{who}", "role": "leader"})
    assert joined.headers["Location"] == f"/cases/gangs/{gang.pk}/"
    client.post(f"/cases/move/gang/{gang.pk}/", {"verb": "break_up_gang", "on": f"{DAY}"})
    page = client.get(f"/cases/gangs/{gang.pk}/").content.decode()
    assert all(word in page for word in ("韦**", case.number, "2021-06-17"))
    about = client.get(f"/cases/campaigns/{case.campaign_id}/")
    found = {one.figure.code: one.value for one in about.context["results"]}
    assert found == found | {"cases": 1, "caught": 0, "coercive": 1, "provinces": 2, "cities": 1, "frozen": 0}
    for one in about.context["results"]:
        led = client.get(one.url).context["page"].paginator
        assert led.count >= one.value if one.figure.distinct else led.count == one.value, one.figure.code
    rows = client.get(f"/cases/t/persons/?campaign={case.campaign_id}&measure=coercive")
    assert rows.context["page"].paginator.count == 1


def test_the_documentation_draws_the_tables_of_moves() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "cases.md").read_text("utf-8")
    for move in MOVES:
        for source in move.sources:
            assert f"    {source} --> {move.target}: {move.verb}" in page
