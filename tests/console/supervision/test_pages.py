"""Pages of supervision: each opens empty and full for whoever may see it; figures lead to their rows."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision import figures
from qingdun.console.supervision.models import Charge, Commissioner, Round, Shortcoming
from qingdun.console.supervision.tables import TABLES
from qingdun.console.supervision.visiting import add_photo, record_visit
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_B, TOWN_A
from tests.console.supervision.conftest import Publish, form, in_force, month_back
from tests.console.supervision.test_visits import photo

ROWS = re.compile(r'role="status">\s*(\d+)')


@pytest.fixture
def visited(
    regions: dict[str, Region], analyst: User, publish: Publish, officers: list[Commissioner],
    enterprises: list[Partner],
) -> Charge:  # fmt: skip
    """The first town was visited, with a finding and a photo."""
    publish(1, TOWN_A)
    town = next(
        one for one in in_force(analyst).values()
        if one.region_path == regions[TOWN_A].path and one.kind == "town"
    )  # fmt: skip
    actor = town.commissioner.user
    record_visit(actor, town.pk, form("visit-key-1", "值班表缺签到"))
    add_photo(actor, "visit-key-1", "photo-key-1", photo(), "image/jpeg")
    return town


def get(client: Client, name: str, *args: object, **query: object) -> str:
    answer = client.get(reverse(f"supervision:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return str(answer.content.decode())


def test_every_page_opens_empty(analyst: User, cadre: User, make_user: MakeUser, log_in: LogIn) -> None:
    for user in (analyst, cadre, make_user(Role.COMMISSIONER, name="new")):
        client = log_in(user)
        get(client, "board")
        get(client, "figures")
        for code in TABLES:
            get(client, "table", code)
    for code in ("commissioners", "staff"):
        get(log_in(analyst), "form", code)
    get(log_in(analyst), "files")
    get(log_in(User.objects.get(username="new")), "mine")


def test_every_page_opens_full_and_figures_lead_to_their_rows(
    visited: Charge, analyst: User, log_in: LogIn
) -> None:
    client = log_in(analyst)
    page = get(client, "board")
    assert str(visited) in page
    assert "同县（市、区）" in page
    for code in TABLES:
        get(client, "table", code)
    for one in figures.counted(analyst, Ask()):
        found = ROWS.search(client.get(one.url).content.decode())
        assert found, one.url
        assert int(found[1]) == one.value, one.url
    told = {one.figure.code: one.value for one in figures.counted(analyst, Ask())}
    assert (told["commissioners"], told["towns"], told["enterprises"], told["findings"]) == (2, 6, 3, 1)
    finding = Shortcoming.objects.get()
    assert "值班表缺签到" in get(client, "finding", finding.pk)
    assert "值班表缺签到" in get(client, "visit", finding.visit_id)
    picture = client.get(reverse("supervision:photo", args=[finding.visit.photos.get().pk]))
    assert picture["Content-Type"] == "image/jpeg"
    get(client, "commissioner", visited.commissioner_id)
    get(client, "round", visited.round_id)
    get(client, "reassign", visited.pk)
    firm = Charge.objects.filter(kind="enterprise")[0]
    assert str(firm) in get(client, "enterprise", firm.partner_id)
    answer = client.post(reverse("supervision:file", args=["findings"]), {"form": "csv"})
    assert "值班表缺签到" in b"".join(answer.streaming_content).decode("utf-8-sig")


def test_the_results_stand_in_the_town_s_file(
    visited: Charge, cadre: User, make_user: MakeUser, log_in: LogIn
) -> None:
    url = reverse("assessment:place", args=[TOWN_A])
    page = log_in(cadre).get(url).content.decode()
    part = page[page.index('id="supervision"') :]
    for said in ("值班表缺签到", str(visited.commissioner), "待整改"):
        assert said in part
    other = make_user(Role.COUNTY_OFFICER, COUNTY_B)
    assert "值班表缺签到" not in log_in(other).get(url).content.decode()


def test_another_county_reads_nothing_of_it(visited: Charge, make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(make_user(Role.COUNTY_OFFICER, COUNTY_B))
    finding = Shortcoming.objects.get()
    addresses = [
        reverse("supervision:finding", args=[finding.pk]),
        reverse("supervision:visit", args=[finding.visit_id]),
        reverse("supervision:photo", args=[finding.visit.photos.get().pk]),
    ]
    assert [client.get(one).status_code for one in addresses] == [403, 403, 403]
    assert str(visited) not in get(client, "board").split("<main")[1]
    for role in (Role.STATION_OFFICER, Role.PUBLICIST, Role.VIEWER):
        assert log_in(make_user(role, TOWN_A)).get(reverse("supervision:board")).status_code == 403


def test_the_town_reports_and_the_city_extends_on_the_page(
    visited: Charge, analyst: User, cadre: User, log_in: LogIn
) -> None:
    finding = Shortcoming.objects.get()
    assert "上报已整改" in get(log_in(cadre), "finding", finding.pk)
    client = log_in(analyst)
    client.post(reverse("supervision:act", args=[finding.pk, "answer"]), {"text": "不是本镇"})
    assert "由镇街自行上报" in get(client, "finding", finding.pk)
    client.post(reverse("supervision:act", args=[finding.pk, "extend"]), {"on": "no day", "text": "施工中"})
    assert "2026-06-17" in get(client, "finding", finding.pk)
    log_in(cadre).post(reverse("supervision:act", args=[finding.pk, "answer"]), {"text": "已补齐签到"})
    finding.refresh_from_db()
    assert (finding.state, finding.answer) == ("answered", "已补齐签到")


def test_the_city_draws_and_confirms_on_the_page(
    publish: Publish, analyst: User, officers: list[Commissioner], make_user: MakeUser, log_in: LogIn
) -> None:
    client = log_in(analyst)
    client.post(reverse("supervision:draw"))
    assert "尚未公布镇街排名" in get(client, "board")
    publish(1, TOWN_A)
    made = client.post(reverse("supervision:draw"))
    draft = Round.objects.get()
    assert made["Location"] == reverse("supervision:round", args=[draft.pk])
    assert "确认督导分工" in get(client, "round", draft.pk)
    client.post(reverse("supervision:confirm", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == "confirmed"
    make_user(Role.COMMISSIONER, name="third")
    typed = {"username": "third", "county": COUNTY_B, "appointed_on": f"{month_back(1)}"}
    client.post(reverse("supervision:form", args=["commissioners"]), typed)
    assert Commissioner.objects.count() == 3


def test_the_phone_shows_what_is_ones_own(
    visited: Charge, officers: list[Commissioner], log_in: LogIn
) -> None:
    client = log_in(visited.commissioner.user)
    assert str(visited) in get(client, "mine")
    page = get(client, "phone", visited.pk)
    assert "值班表缺签到" in page
    assert 'data-offline-page="keep"' in page
    other = log_in(officers[1].user)
    assert other.get(reverse("supervision:phone", args=[visited.pk])).status_code == 403
