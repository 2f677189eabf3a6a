"""What is overdue anywhere stands in one list, in the order of time, each row open to who may read it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from qingdun.console.assessment.models import Objection, Ruling
from qingdun.console.command import overdue
from qingdun.console.command.models import Provision, Undertaking
from qingdun.console.command.overdue import Wanted
from qingdun.console.command.sources import SOURCES
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from tests.console.command.conftest import Held
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A
from tests.laws.scope_ledgers import governed
from tests.laws.scope_worlds import alerts

DAY = dt.timedelta(days=1)


@pytest.fixture
def late(analyst: User, regions: dict[str, Region], make_user: MakeUser) -> dict[str, object]:
    """Something of most modules that is overdue in the first town, and a stop that ends within a day."""
    make_user(Role.CITY_ANALYST, name="sample-analyst")
    path, now, today = regions[TOWN_A].path, timezone.now(), timezone.localdate()
    alerts(TOWN_A)
    governed(COUNTY_B)
    stop = StopPayment.objects.create(
        account="6200", account_name="甲", bank="演练银行", amount_fen=670_000, paid_at=now, requested_at=now,
        held_at=now, ends_at=now + dt.timedelta(hours=5), state="held", turn=1, region_path=path, key="s",
        by=analyst,
    )  # fmt: skip
    card = Ruling.objects.create(
        kind="yellow", region_path=path, state="confirmed", rules="1", proposed_at=now, decided_at=now,
        decided_by=analyst, object_until=today, answer_due_on=today - 2 * DAY,
    )  # fmt: skip
    objection = Objection.objects.create(
        ruling=card, region_path=path, text="人口数有误", by=analyst, at=now, due_on=today - DAY
    )
    provision = Provision.objects.create(
        number=3, title="推广", demand="…", system="outreach", region_path=regions["441800"].path,
        since=today, by=analyst,
    )  # fmt: skip
    due = {"provision": provision, "region_path": path, "set_by": analyst, "set_at": now, "goal": "…"}
    open_one = Undertaking.objects.create(title="入户", due_on=today - 3 * DAY, **due)
    Undertaking.objects.create(title="今日到期", due_on=today, **due)
    Undertaking.objects.create(
        title="待验收", due_on=today, state="reported", reported_by=analyst, reported_at=now,
        accept_due_on=today - 4 * DAY, **due,
    )  # fmt: skip
    return {"stop": stop, "card": card, "objection": objection, "undertaking": open_one}


def listed(viewer: User, wanted: Wanted) -> list[overdue.Item]:
    return overdue.items(viewer, list(overdue.keys(viewer, wanted)))


def test_one_list_over_all_modules_in_the_order_of_time(
    analyst: User, late: dict[str, object], held: Held, log_in: LogIn
) -> None:
    held(TOWN_A, "镇党委书记", "丁镇")
    found = listed(analyst, Wanted(TOWN_A))
    assert [one.source.code for one in found][:4] == ["acceptances", "undertakings", "reports", "objections"]
    assert {one.answers.name for one in found if one.answers} == {"丁镇"}
    assert all(one.late for one in found)
    counts = overdue.counts(analyst, Wanted(TOWN_A))
    assert sum(counts.values()) == len(found)
    soon = listed(analyst, Wanted(TOWN_A, span="day"))
    assert {one.told for one in soon if not one.late} >= {"止付中 · 演练银行 · ¥6,700.00"} or any(
        one.source.code == "stops" for one in soon
    )
    assert len(soon) > len(found)
    client = log_in(analyst)
    for one in soon:
        assert client.get(one.url).status_code == 200, one.source.code
    page = client.get(reverse("command:overdue"), {"region": TOWN_A}).content.decode()
    assert page.count('<th scope="row">') == len(found)
    assert "丁镇" in page
    one = client.get(reverse("command:overdue"), {"region": TOWN_A, "source": "objections"}).content.decode()
    assert one.count('<th scope="row">') == 1


def test_alerts_and_industry_fall_due_too(
    analyst: User, late: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + 400 * DAY)
    counts = overdue.counts(analyst, Wanted())
    assert counts["alerts"] == 1
    assert counts["appeals"] == 1
    assert counts["answers"] >= 1
    assert counts["stops"] == 1
    found = listed(analyst, Wanted(COUNTY_B))
    assert {one.source.code for one in found} <= {"appeals", "answers", "releases", "checks"}
    assert all(one.path.startswith("441800/441802/") for one in found)


def test_nobody_finds_what_they_may_not_read(
    analyst: User, cadre: User, county: User, late: dict[str, object], make_user: MakeUser
) -> None:
    assert {one.source.code for one in listed(cadre, Wanted(span="week"))} == {
        "acceptances", "undertakings", "reports", "objections"
    }  # fmt: skip
    mine = listed(county, Wanted(span="week"))
    assert {one.path.split("/")[1] for one in mine} == {COUNTY_A}
    other = make_user(Role.COUNTY_OFFICER, COUNTY_B, name="other")
    assert all(COUNTY_B in one.path for one in listed(other, Wanted(span="week")))
    keys = list(overdue.keys(analyst, Wanted(TOWN_A)))
    assert overdue.items(other, keys) == []
    assert len({one.code for one in SOURCES}) == len(SOURCES) >= 15


def test_the_list_leaves_as_a_file_on_record(analyst: User, late: dict[str, object], log_in: LogIn) -> None:
    client = log_in(analyst)
    url = f"{reverse('command:overdue_file')}?region={TOWN_A}"
    text = b"".join(client.post(url, {"form": "csv"}).streaming_content).decode("utf-8-sig")
    rows = [line for line in text.splitlines() if line]
    assert len(rows) == 1 + len(listed(analyst, Wanted(TOWN_A)))
    assert "镇街申辩" in text
    assert AuditRow.objects.filter(subject_id="command.overdue").exists()
