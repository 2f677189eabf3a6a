"""Pages of assessment: each opens for whoever may see it, and every number leads to as many rows."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from qingdun.console.assessment import actions, deciding, objecting
from qingdun.console.assessment.models import Accountability, Ranking, Ruling
from qingdun.console.assessment.tables import TABLES
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from tests.console.assessment.conftest import Lose, month_back
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_B, TOWN_A

Regions = dict[str, Region]
ROWS = re.compile(r'role="status">\s*(\d+)')


@pytest.fixture
def published(regions: Regions, analyst: User, lose: Lose, counted_people: None) -> Ranking:
    """Two months in which the first town is high: a yellow card in force and a red one proposed."""
    for back in (2, 1):
        for town in regions.values():
            if town.level == "town":
                for _each in range(30 if town.code == TOWN_A else 3):
                    lose(town.code, month_back(back), 20_000)
        lose(TOWN_A, month_back(back), 1_500_000)
        made = actions.publish_ranking(analyst, actions.reckon(analyst, "town", month_back(back)).pk)
        if back == 2:
            deciding.decide_ruling(analyst, Ruling.objects.get().pk, "confirm_ruling")
    return made


def get(client: Client, name: str, *args: object, **query: object) -> str:
    answer = client.get(reverse(f"assessment:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return str(answer.content.decode())


def test_every_page_opens_empty(analyst: User, cadre: User, log_in: LogIn) -> None:
    for user in (analyst, cadre):
        client = log_in(user)
        get(client, "board")
        get(client, "board", level="village")
        get(client, "figures")
        get(client, "rules")
        get(client, "place", TOWN_A)
        for code in TABLES:
            get(client, "table", code)
    get(log_in(analyst), "files")
    get(log_in(analyst), "form", "rules")
    get(log_in(analyst), "form", "interview")


def test_who_sees_nothing_of_assessment_is_refused(
    make_user: MakeUser, published: Ranking, log_in: LogIn
) -> None:
    for role in (Role.STATION_OFFICER, Role.PUBLICIST, Role.VIEWER):
        client = log_in(make_user(role, TOWN_A))
        for url in (reverse("assessment:board"), reverse("assessment:ranking", args=[published.pk])):
            assert client.get(url).status_code == 403


def test_every_count_of_the_ranking_leads_to_as_many_rows(
    analyst: User, published: Ranking, log_in: LogIn
) -> None:
    client = log_in(analyst)
    page = get(client, "ranking", published.pk)
    links = re.findall(r'<a href="(/assessment/t/rows/[^"]+)">(\d+)</a>', page)
    assert len(links) >= 5 * published.lines.count()
    for url, count in links:
        rows = client.get(url.replace("&amp;", "&")).content.decode()
        found = ROWS.search(rows)
        assert found, url
        assert found[1] == count, url


def test_a_town_reads_how_its_rank_came_about(cadre: User, published: Ranking, log_in: LogIn) -> None:
    client = log_in(cadre)
    line = published.lines.get(region_path=cadre.region_path)
    page = get(client, "place", TOWN_A)
    assert line.rank == 1
    for part in (line.cases_points, line.loss_points, line.major_points, line.points):
        assert f"{part:.2f}" in page
    assert f"{line.shrunk:.3f}" in page
    rows = get(client, "table", "rows", ranking=published.pk, region=TOWN_A, span="now")
    found = ROWS.search(rows)
    assert found
    assert int(found[1]) == line.cases
    assert "高于全市" in page


def test_a_town_reads_all_towns_lines_and_no_other_town_s_rows(
    regions: Regions, cadre: User, published: Ranking, log_in: LogIn
) -> None:
    client = log_in(cadre)
    other = next(one for one in regions.values() if one.level == "town" and one.parent_id == COUNTY_B)
    page = get(client, "ranking", published.pk)
    assert other.short_name in page
    get(client, "place", other.code)
    rows = get(client, "table", "rows", ranking=published.pk, region=other.code, span="now")
    found = ROWS.search(rows)
    assert found
    assert int(found[1]) == published.lines.get(region_path=cadre.region_path).cases, "its own instead"
    assert other.short_name not in rows.split("<tbody>")[1]


def test_the_town_objects_on_the_page_and_is_answered(
    analyst: User, second: User, cadre: User, published: Ranking, log_in: LogIn
) -> None:
    yellow = Ruling.objects.get(state="confirmed")
    client = log_in(cadre)
    page = get(client, "ruling", yellow.pk)
    assert "提出申辩" in page
    assert "申辩成立" not in page
    client.post(reverse("assessment:act", args=[yellow.pk, "object"]), {"text": "人口数有误，请核对。"})
    objection = yellow.objections.get()
    own = get(log_in(analyst), "ruling", yellow.pk)
    assert "申辩须由他人答复" in own
    log_in(second).post(
        reverse("assessment:answer", args=[objection.pk]),
        {"verb": "dismiss_objection", "text": "以统计部门数据为准，维持。"},
    )
    assert "以统计部门数据为准，维持。" in get(client, "ruling", yellow.pk)


def test_a_town_reads_no_other_town_s_ruling(
    regions: Regions, make_user: MakeUser, published: Ranking, log_in: LogIn
) -> None:
    other = next(one for one in regions.values() if one.level == "town" and one.parent_id == COUNTY_B)
    client = log_in(make_user(Role.TOWN_CADRE, other.code))
    yellow = Ruling.objects.get(state="confirmed")
    assert client.get(reverse("assessment:ruling", args=[yellow.pk])).status_code == 403
    assert client.post(reverse("assessment:letter", args=[yellow.pk])).status_code == 403
    client.post(reverse("assessment:act", args=[yellow.pk, "object"]), {"text": "不是本镇的"})
    assert not yellow.objections.exists()


def test_the_forms_do_what_they_say(analyst: User, published: Ranking, log_in: LogIn) -> None:
    client = log_in(analyst)
    red = Ruling.objects.get(kind="red")
    client.post(reverse("assessment:act", args=[red.pk, "confirm"]), {"text": "同意"})
    red.refresh_from_db()
    assert (red.state, red.note) == ("confirmed", "同意")
    letter = client.post(reverse("assessment:letter", args=[red.pk]), {"form": "docx"})
    assert letter.content.startswith(b"PK")
    client.post(reverse("assessment:verify", args=[published.pk]))
    assert "每一位数字都一致" in get(client, "ranking", published.pk)
    client.post(reverse("assessment:reckon"), {"level": "village"})
    draft = Ranking.objects.get(level="village")
    assert "公布" in get(client, "ranking", draft.pk)
    client.post(reverse("assessment:publish", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == "published"
    answer = client.post(reverse("assessment:file", args=["lines"]), {"form": "csv"})
    assert b"".join(answer.streaming_content).decode("utf-8-sig").count("\n") >= published.lines.count() + 1
    form = client.get(reverse("assessment:rules")).content.decode()
    prefilled = re.search(r'href="(/assessment/new/rules/[^"]+)"', form)
    assert prefilled
    page = client.get(prefilled[1].replace("&amp;", "&")).content.decode()
    assert 'name="times_city" ' in page
    assert 'value="1.5"' in page
    assert client.post(reverse("assessment:form", args=["rules"]), {"version": "x"}).status_code == 422
    client.post(reverse("assessment:form", args=["interview"]), {"place": TOWN_A, "reason": "重大案件频发"})
    assert Ruling.objects.filter(kind="interview", proposed_by=analyst).count() == 1


def test_the_page_of_a_file_of_accountability(analyst: User, lose: Lose, log_in: LogIn) -> None:
    from django.utils import timezone

    from qingdun.console.assessment.opening import open_new

    lose(TOWN_A, month_back(1), 800_000)
    open_new(timezone.now())
    file, client = Accountability.objects.get(), log_in(analyst)
    assert "800,000.00" in get(client, "accountability", file.pk)
    client.post(reverse("assessment:close", args=[file.pk]), {"text": "未发现应预警未预警情形。"})
    assert "未发现应预警未预警情形。" in get(client, "accountability", file.pk)


def test_an_objection_shows_that_it_is_overdue(cadre: User, published: Ranking, log_in: LogIn) -> None:
    yellow = Ruling.objects.get(state="confirmed")
    made = objecting.object_to(cadre, yellow.pk, "人口数有误，请核对。")
    assert "已逾期" not in get(log_in(cadre), "ruling", yellow.pk)
    type(made).objects.update(due_on=month_back(1))
    assert "已逾期" in get(log_in(cadre), "ruling", yellow.pk)


def test_the_interface_tells_published_lines(cadre: User, published: Ranking, log_in: LogIn) -> None:
    client = log_in(cadre)
    first = client.get("/api/assessment/rankings", {"level": "town"}).json()[0]
    assert (first["id"], first["digest"], first["state"]) == (published.pk, published.digest, "published")
    lines = client.get(f"/api/assessment/rankings/{published.pk}/lines").json()
    assert [line["rank"] for line in lines] == sorted(line["rank"] for line in lines)
    assert lines[0]["code"] == TOWN_A
    assert client.get("/api/assessment/rankings/999999/lines").status_code == 403
