"""Files of incidents, cases and persons: columns remembered, every row once, or refused with its reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingdun.console.cases import casework, crackdown
from qingdun.console.cases.casework import CaseForm, PersonForm, SeizureForm
from qingdun.console.cases.crackdown import CampaignForm, GangForm
from qingdun.console.cases.models import (
    Campaign,
    Case,
    CasePerson,
    Gang,
    Incident,
    Measure,
    Part,
    Seizure,
    Team,
    Trip,
)
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports.models import Import, ImportFormat
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.models import AuditRow, User
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

INCIDENTS = "电话,接报时间,类型,损失,地点,经过\n"
COLUMNS = {
    "number": "电话", "reported_at": "接报时间", "scam_type": "类型", "loss_fen": "损失", "region": "地点",
    "how": "经过",
}  # fmt: skip


def brought(
    world: World, kind: str, text: str, columns: dict[str, str] | None = None, by: User | None = None
) -> Import:
    """The file, all taken in by the tick; without columns, by those that were guessed."""
    file = imports.receive(by or world.county, kind, "台账.csv", text.encode("gb18030"))
    if columns is not None:
        imports.read_as(file.by, file.pk, columns)
    imports.begin(file.by, file.pk)
    while take_part(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def test_incidents_are_taken_once_or_refused_with_their_reason(world: World) -> None:
    known, unknown = "17258010000", "17258019999"
    rows = [
        f"{known},2026-06-17 15:29,police,6.7万,,演示",
        f"{unknown},2026年6月18日 9:05,police,100,{world.town.code},",
        f"{unknown},2026-06-18,police,100,,",
        f"123,2026-06-18,police,100,{world.town.code},",
        f"{known},2026-06-18,偷,100,,",
        f"{known},2126-06-18,police,1,,",
    ]
    text = INCIDENTS + "\n".join(rows)
    file = brought(world, "incidents", text, COLUMNS)
    assert (file.state, file.taken, file.known, file.refused) == ("done", 2, 0, 4)
    first, second = Incident.objects.order_by("reported_at")
    assert (first.person_id, first.loss_fen, second.person_id) == ("p00", 6_700_000, f"number:+86{unknown}")
    assert second.region_path == world.town.path
    refused = list(file.faults.values_list("line", "column", "found"))
    assert refused == [(4, "地点", ""), (5, "电话", "123"), (6, "类型", "偷"), (7, "接报时间", "****0618")]
    again = brought(world, "incidents", text, COLUMNS)
    assert (again.taken, again.known) == (0, 2)
    assert again.columns == COLUMNS, "the columns of these headings are remembered"
    assert Incident.objects.count() == 2
    assert AuditRow.objects.filter(verb="finish_file").count() == 2
    assert not any(known in row.after for row in AuditRow.objects.all())


def test_cases_and_their_persons_come_from_files(world: World) -> None:
    cases = brought(
        world, "cases",
        "案号,案由,立案,两卡\n甲1,贩卡案,2026-06-17,是\n甲1,贩卡案,2026-06-17,是\n,x,2026-06-17,",
        {"number": "案号", "name": "案由", "filed_on": "立案", "two_cards": "两卡"},
    )  # fmt: skip
    assert (cases.taken, cases.known, cases.refused) == (1, 1, 1)
    assert Case.objects.get().two_cards
    head = "案号,证件,姓名,作用,行业,日期,措施\n"
    rows = (
        "甲1,A1,韦晓东,card_seller,,2026-06-17,detained", "甲1,A1,韦晓东,card_seller,,2026-06-17,arrested",
        "甲1,B2,甲乙,insider,,2026-06-17,", "乙9,C3,丙丁,mule,,2026-06-17,",
    )  # fmt: skip
    columns = {
        "case": "案号", "identity": "证件", "name": "姓名", "role": "作用", "industry": "行业", "on": "日期",
        "measure": "措施",
    }  # fmt: skip
    file = brought(world, "persons", head + "\n".join(rows), columns)
    assert (file.taken, file.known, file.refused) == (2, 0, 2)
    assert Part.objects.count() == 1
    assert set(Measure.objects.values_list("kind", flat=True)) == {"detained", "arrested"}
    assert not CasePerson.objects.exclude(identity="A1").exists(), "of a refused row, nobody is kept"


def test_who_may_and_what_cannot_be(world: World) -> None:
    with pytest.raises(NotPermitted):
        imports.receive(world.officer, "incidents", "a.csv", b"x\n1\n")
    for kind, data in (("nothing", b"x\n1\n"), ("incidents", b"")):
        with pytest.raises(InputError):
            imports.receive(world.county, kind, "a.csv", data)
    file = imports.receive(world.county, "incidents", "a.csv", "电话\n1\n".encode())
    with pytest.raises(NotPermitted):
        imports.read_as(world.other_county, file.pk, {})
    for columns in ({"number": "手机"}, {"number": "电话"}):
        with pytest.raises(InputError):
            imports.begin(world.county, imports.read_as(world.county, file.pk, columns).pk)
    begun = brought(world, "incidents", INCIDENTS + "x,,,,,\n", COLUMNS)
    with pytest.raises(IllegalMove):
        imports.read_as(world.county, begun.pk, COLUMNS)
    assert ImportFormat.objects.get().columns == {name: place for place, name in enumerate(COLUMNS)}


def test_pages_show_columns_a_masked_preview_progress_and_faults(world: World, client_of: LogIn) -> None:
    client = client_of(world.county)
    text = INCIDENTS + "17258010000,2026-06-17,police,1,,\n17258010000,x,police,1,,\n"
    made = client.post(
        "/cases/files/", {"kind": "incidents", "file": SimpleUploadedFile("a.csv", text.encode())}
    )
    url = made.headers["Location"]
    form = {f"column-{name}": heading for name, heading in COLUMNS.items()}
    client.post(f"{url}columns/", form)
    page = client.get(url).content.decode()
    assert "172****0000" in page
    assert "17258010000" not in page
    client.post(f"{url}columns/", {**form, "begin": "1"})
    take_part(timezone.now())
    assert client.get(f"{url}progress/").headers["HX-Refresh"] == "true"
    done = client.get(url).content.decode()
    assert "2 / 2" in done
    assert client_of(world.other_county).get(url).status_code == 403
    assert client.post("/cases/files/", {"kind": "incidents"}).status_code == 422
    assert dt.date(2026, 6, 17) == timezone.localtime(Incident.objects.get().reported_at).date()


def test_gangs_seizures_and_campaigns_come_from_files(world: World) -> None:
    gangs = (
        "团伙名称,团伙类型,发现日期,打掉日期\n"
        "甲帮,cards,2026-05-01,2026-06-01\n乙帮,开卡贩卡,2026-05-02,\n丙帮,cards,2026-05-02,2026-05-01\n"
    )
    file = brought(world, "gangs", gangs)
    assert (file.taken, file.known, file.refused) == (2, 0, 1)
    assert [(one.name, one.state) for one in Gang.objects.order_by("name")] == [
        ("乙帮", "watched"), ("甲帮", "broken_up"),
    ]  # fmt: skip
    assert brought(world, "gangs", gangs).known == 2
    campaigns = "行动名称,开始日期,结束日期\n春雷,2025-01-01,2025-03-01\n秋风,2099-01-01,\n"
    assert brought(world, "campaigns", campaigns).refused == 1, "ten years ahead is no day of ours"
    assert brought(world, "campaigns", campaigns).known == 1
    assert Campaign.objects.get().state == "ended"


def test_measures_and_teams_come_from_files_of_their_own(world: World) -> None:
    day = dt.date(2026, 6, 17)
    case = casework.file_case(world.county, CaseForm("甲1", "贩卡案", day))
    casework.add_person(world.county, case.pk, PersonForm("A1", "韦晓东", "mule", day))
    text = (
        "案号,证件号码,措施,日期,惩戒年限,惩戒依据\n"
        "甲1,a1,detained,2026-06-18,,\n甲1,A1,punished,2026-06-19,2,办法\n甲1,A1,punished,2026-06-19,,\n"
        "甲1,B2,detained,2026-06-18,,\n乙9,A1,detained,2026-06-18,,"
    )
    file = brought(world, "measures", text)
    assert (file.taken, file.known, file.refused) == (2, 0, 3)
    assert set(file.faults.values_list("line", flat=True)) == {4, 5, 6}
    assert Measure.objects.get(kind="punished").until == dt.date(2028, 6, 19)
    assert brought(world, "measures", text).known == 2
    crackdown.open_campaign(world.county, CampaignForm("春雷", day))
    teams = "行动名称,工作组,人数\n春雷,一组,6\n春雷,二组,0\n秋风,一组,6"
    file = brought(world, "teams", teams)
    assert (file.taken, file.refused) == (1, 2)
    assert brought(world, "teams", teams).known == 1
    assert Team.objects.get().officers == 6


def test_what_was_entered_by_hand_is_known_in_a_file(world: World) -> None:
    day = dt.date(2026, 6, 17)
    case = casework.file_case(world.county, CaseForm("甲1", "贩卡案", day))
    casework.seize(world.county, case.pk, SeizureForm("phone_card", day, 2, serials=["1", "2"], place="清城"))
    text = '案号,种类,数量,日期,地点,卡号\n甲1,phone_card,2,2026-06-17,清城,"1,2"'
    assert brought(world, "seizures", text).known == 1
    assert Seizure.objects.count() == 1


def test_numbers_of_equal_cells_are_each_part_s_own(world: World) -> None:
    casework.file_case(world.county, CaseForm("甲1", "贩卡案", dt.date(2026, 6, 17)))
    rows = [f"甲1,{who},甲,mule,2026-06-17,17258010000" for who in ("A1", "B2")]
    more = "甲1,A1,甲,mule,2026-06-17,17258010001"
    text = "\n".join(["案号,证件号码,姓名,角色,日期,使用号码", *rows, more])
    assert brought(world, "persons", text).taken == 2
    assert brought(world, "persons", text.replace("B2", "C3")).taken == 1
    assert [one.numbers for one in Part.objects.order_by("person__identity")] == [["17258010000"]] * 3


def test_equal_lines_of_seizures_are_several_things_and_come_once(world: World) -> None:
    day = dt.date(2026, 6, 17)
    casework.file_case(world.county, CaseForm("甲1", "贩卡案", day))
    lines = ["甲1,phone_card,1,2026-06-17,清城"] * 3 + [
        "乙9,phone_card,1,2026-06-17,",
        "甲1,cash,1,2026-06-17,",
    ]
    text = "\n".join(["案号,种类,数量,日期,地点", *lines])
    file = brought(world, "seizures", text)
    assert (file.taken, file.known, file.refused) == (3, 0, 2)
    again = brought(world, "seizures", text)
    assert (again.taken, again.known, again.refused) == (0, 3, 2)
    more = brought(world, "seizures", f"{text}\n{lines[0]}")
    assert (more.taken, more.known) == (1, 3)
    assert Seizure.objects.count() == 4


def test_a_number_of_another_county_and_one_that_is_none_are_refused_alike(world: World) -> None:
    day = dt.date(2026, 6, 17)
    casework.file_case(world.other_county, CaseForm("A4418001", "别县的案", day))
    text = "案号,案由,立案\nA4418001,x,2026-06-17\n? ?,x,2026-06-17\n"
    file = brought(world, "cases", text)
    assert (file.taken, file.known, file.refused) == (0, 0, 2)
    assert len(set(file.faults.values_list("column", "expected"))) == 1
    for number in ("A4418001", "? ?"):
        with pytest.raises(FieldFaults) as refused:
            casework.file_case(world.county, CaseForm(number, "x", day))
        assert refused.value.faults["number"] == file.faults.first().expected
    assert brought(world, "cases", text, by=world.other_county).known == 1, "their own is known to them"


def test_another_officer_of_the_county_brings_no_incident_twice(world: World) -> None:
    text = INCIDENTS + f"17258019999,2026-06-18 9:05,police,100,{world.town.code},"
    assert brought(world, "incidents", text, COLUMNS).taken == 1
    assert brought(world, "incidents", text, COLUMNS, by=world.analyst).known == 1
    assert Incident.objects.count() == 1


def test_a_ledger_of_old_cases_comes_with_what_became_of_them(world: World) -> None:
    campaign = crackdown.open_campaign(world.county, CampaignForm("春雷", dt.date(2026, 1, 1)))
    text = (
        "案号,案由,立案日期,破案日期,专项行动\n"
        "甲1,贩卡案,2026-06-01,2026-06-17,春雷\n甲2,贩卡案,2026-06-01,,\n"
        "甲3,贩卡案,2026-06-17,2026-06-01,\n甲4,贩卡案,2026-06-01,,秋风\n"
    )
    file = brought(world, "cases", text)
    assert (file.taken, file.refused) == (2, 2)
    first, second = Case.objects.order_by("number")
    assert (first.state, first.solved_on, first.campaign) == ("solved", dt.date(2026, 6, 17), campaign)
    assert (second.state, second.solved_on, second.campaign) == ("filed", None, None)
    assert set(file.faults.values_list("column", flat=True)) == {"破案日期", "专项行动"}


def test_punishments_come_with_their_years_and_their_rule(world: World) -> None:
    casework.file_case(world.county, CaseForm("甲1", "贩卡案", dt.date(2026, 6, 17)))
    head = "案号,证件,姓名,角色,日期,使用号码,措施,惩戒年限,惩戒依据\n"
    rows = (
        "甲1,A1,韦晓东,card_seller,2026-06-17,17258010001,punished,2,联合惩戒办法 2024",
        "甲1,B2,蓝某,card_seller,2026-06-17,,punished,4,联合惩戒办法 2024",
        "甲1,C3,莫某,card_seller,2026-06-17,,punished,2,",
    )
    file = brought(world, "persons", head + "\n".join(rows))
    assert (file.taken, file.refused) == (1, 2)
    punished = Measure.objects.get()
    assert (punished.until, punished.rule) == (dt.date(2028, 6, 17), "联合惩戒办法 2024")
    # Another file knows another number of the same person.
    brought(
        world,
        "persons",
        "案号,证件,姓名,角色,日期,使用号码,措施\n甲1,A1,某,mule,2026-06-17,17258010002,caught",
    )
    part = Part.objects.get(person__identity="A1")
    assert (part.person.name, len(part.numbers)) == ("韦晓东", 2)


def test_members_and_journeys_come_from_files(world: World) -> None:
    day = dt.date(2026, 6, 17)
    case = casework.file_case(world.county, CaseForm("甲1", "贩卡案", day))
    casework.add_person(world.county, case.pk, PersonForm("A1", "韦晓东", "mule", day))
    elsewhere = casework.file_case(world.other_county, CaseForm("乙1", "别县的案", day))
    casework.add_person(world.other_county, elsewhere.pk, PersonForm("B2", "蓝某", "mule", day))
    gang = crackdown.record_gang(world.county, GangForm("甲帮", "cards", day))
    text = "团伙名称,证件号码,团伙角色\n甲帮,a 1,leader\n甲帮,B2,mule\n乙帮,A1,mule\n甲帮,Z9,mule\n"
    file = brought(world, "members", text)
    assert (file.taken, file.refused) == (1, 3)
    assert list(gang.cases.all()) == [case]
    said = dict(file.faults.values_list("line", "expected"))
    assert said[3] == said[5], "a person of another county is refused in the words of one who is nowhere"
    assert brought(world, "members", text).known == 1
    crackdown.open_campaign(world.county, CampaignForm("春雷", dt.date(2026, 1, 1)))
    trips = (
        "行动名称,工作组,省份,城市,出发日期,返回日期,人数,结果\n"
        "春雷,一组,江西,赣州,2026-05-01,2026-05-04,6,抓获 3 人\n春雷,一组,35,厦门,2026-05-06,,,\n"
        "春雷,一组,江西,,2026-05-01,2026-04-01,,\n秋风,一组,江西,,2026-05-01,,,\n"
    )
    file = brought(world, "trips", trips)
    assert (file.taken, file.refused) == (2, 2)
    assert Team.objects.get().officers == 6
    assert set(Trip.objects.values_list("province", flat=True)) == {"36", "35"}
    assert brought(world, "trips", trips).known == 2
