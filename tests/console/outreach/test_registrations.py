"""Registrations: a day is one row, a rate says of whom, a number is its rows, a target its interval."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach import figures, queries, registering, standing
from qingdun.console.outreach.ledgers import TABLES
from qingdun.console.outreach.models import AppCount, Grid, Target
from qingdun.console.outreach.registering import CountForm, GridForm, RankForm, TargetForm
from qingdun.errors import NotPermitted
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A


def enter(actor: User, region: str, installed: int, day: dt.date | None = None, **more: Any) -> AppCount:
    values = {"won_at": "stall", "real_name": 0, "warning_on": 0, **more}
    return registering.enter_count(
        actor, CountForm(day or timezone.localdate(), region, installed=installed, **values)
    )


def test_a_day_entered_again_replaces_itself_and_says_so(publicist: User) -> None:
    first = enter(publicist, TOWN_A, 10)
    again = enter(publicist, TOWN_A, 12, real_name=15)
    other = enter(publicist, TOWN_A, 5, won_at="door")
    assert first.pk == again.pk != other.pk
    assert sorted(AppCount.objects.values_list("installed", "real_name")) == [(5, 0), (12, 15)]
    rows = list(AuditRow.objects.filter(verb="enter_app_count").order_by("seq"))
    assert len(rows) == 3
    assert ("installed", 10, 12) in rows[1].changes


def test_what_cannot_be_is_said_beside_its_field(publicist: User, make_user: MakeUser) -> None:
    with pytest.raises(FieldFaults) as wrong:
        enter(publicist, TOWN_A, 1, timezone.localdate() + dt.timedelta(days=1))
    assert list(wrong.value.faults) == ["day"]
    with pytest.raises(FieldFaults) as wrong:
        enter(publicist, "", 1, grid="nowhere")
    assert list(wrong.value.faults) == ["grid"]
    ours = make_user(Role.COUNTY_OFFICER, COUNTY_A)
    with pytest.raises(FieldFaults) as wrong:
        enter(ours, COUNTY_B, 1)
    assert list(wrong.value.faults) == ["region"]
    with pytest.raises(NotPermitted):
        enter(make_user(Role.STATION_OFFICER, TOWN_A), TOWN_A, 1)
    assert not AppCount.objects.exists()


def test_rates_say_of_whom_and_every_number_is_its_rows(
    publicist: User, regions: dict[str, Region], make_user: MakeUser
) -> None:
    village = Region.objects.filter(level="village", parent=TOWN_A).order_by("code")[0]
    registering.add_grid(publicist, GridForm("g-1", "第一网格", village.code, 40, 100))
    enter(publicist, "", 30, grid="g-1", real_name=20, warning_on=10)
    enter(publicist, TOWN_A, 300, real_name=100)
    enter(publicist, COUNTY_B, 50)
    city = standing.board(publicist, "", "installed")
    assert city.whole is not None
    assert city.whole.counts == {"installed": 380, "real_name": 120, "warning_on": 10}
    assert city.level == "county"
    found = {place.code: place for place in city.places}
    ours = found[COUNTY_A]
    assert ours.counts["installed"] == 330
    assert ours.residents == regions[COUNTY_A].population
    assert ours.rate("installed") == pytest.approx(33_000 / ours.residents)
    assert (ours.rank, found[COUNTY_B].rank) == (1, 2)

    towns = standing.board(publicist, COUNTY_A, "installed")
    assert {place.code: place.counts["installed"] for place in towns.places}[TOWN_A] == 330
    assert all(place.estimated for place in towns.places)
    villages = standing.board(publicist, TOWN_A, "installed")
    assert {one.code: one.counts["installed"] for one in villages.places}[village.code] == 30
    assert villages.elsewhere == 300
    grids = standing.board(publicist, TOWN_A, "installed", "grid")
    assert [(one.name, one.counts["installed"], one.rate("installed")) for one in grids.places] == [
        ("第一网格", 30, 30.0)
    ]
    for place in (*city.places, *grids.places):
        name, _, pick = place.query.partition("=")
        ask = Ask(pick) if name == "region" else Ask(picks={name: pick})
        rows = TABLES["counts"].rows(publicist, ask)
        assert sum(row.installed for row in rows) == place.counts["installed"]
    theirs = standing.board(make_user(Role.COUNTY_OFFICER, COUNTY_B), "", "installed")
    assert theirs.whole is not None
    assert theirs.whole.counts["installed"] == 50


def test_a_target_is_forecast_from_its_weeks(publicist: User) -> None:
    today = timezone.localdate()
    for back in range(70):
        enter(publicist, TOWN_A, 10, today - dt.timedelta(days=back))
    due = today + dt.timedelta(days=60)
    near = registering.set_target(publicist, TargetForm(COUNTY_A, "installed", due, goal=900))
    registering.set_target(publicist, TargetForm(TOWN_A, "installed", due, goal=5000))
    registering.set_target(publicist, TargetForm(TOWN_A, "real_name", due, goal=10))
    board = standing.board(publicist, "", "installed")
    first, second, third = board.outlooks
    assert (first.target, first.have) == (near, 700)
    assert first.expected == first.earliest == first.latest == today + dt.timedelta(days=20)
    assert (first.verdict, second.verdict, third.verdict) == ("likely", "unlikely", "unlikely")
    assert [week.new for week in board.weeks] == [70] * 10
    assert [week.total for week in board.weeks] == list(range(700, 0, -70))
    assert board.band[-1][1:] == pytest.approx((700 + 12 * 70,) * 3)
    again = registering.set_target(publicist, TargetForm(COUNTY_A, "installed", due, goal=600))
    assert again.pk == near.pk
    assert standing.board(publicist, "", "installed").outlooks[0].verdict == "met"
    registering.drop_target(publicist, near.pk, "目标改由镇街承担")
    assert Target.objects.count() == 2


def test_targets_in_hundredths_are_of_the_residents(publicist: User, regions: dict[str, Region]) -> None:
    due = timezone.localdate() + dt.timedelta(days=30)
    made = registering.set_target(publicist, TargetForm(COUNTY_A, "installed", due, percent=40))
    assert made.goal == -(-regions[COUNTY_A].population * 40 // 100)
    for goal, percent in ((0, 0), (5, 5)):
        with pytest.raises(FieldFaults, match="二选一"):
            registering.set_target(publicist, TargetForm(COUNTY_A, "installed", due, goal, percent))


def test_the_province_s_rank_is_the_city_s_and_the_latest_counts(
    publicist: User, make_user: MakeUser
) -> None:
    today = timezone.localdate()
    for back, rank in ((30, 6), (0, 4)):
        day = today - dt.timedelta(days=back)
        registering.enter_rank(publicist, RankForm(day, "installed", rank, 21, "省通报"))
    assert figures.LEDGER.value(publicist, "rank", Ask()) == 4
    with pytest.raises(FieldFaults, match="全市"):
        registering.enter_rank(
            make_user(Role.PUBLICIST, COUNTY_A), RankForm(today, "installed", 1, 21, "省通报")
        )
    with pytest.raises(FieldFaults):
        registering.enter_rank(publicist, RankForm(today, "installed", 22, 21, "省通报"))


def test_pages_show_filter_and_leave_as_files(publicist: User, log_in: LogIn, make_user: MakeUser) -> None:
    enter(publicist, TOWN_A, 1234, real_name=1000)
    client: Client = log_in(publicist)
    page = client.get("/outreach/").content.decode()
    assert "1,234" in page
    assert 'data-chart="reach-map"' in page
    assert client.get(f"/outreach/?region={TOWN_A}&level=grid").status_code == 200
    assert client.get("/outreach/t/counts/?won_at=stall&sort=-installed").status_code == 200
    assert client.get("/outreach/t/counts/?won_at=nowhere").status_code == 422
    sheet = client.post("/outreach/t/counts/file/?won_at=stall", {"form": "csv"})
    assert "1234" in b"".join(sheet.streaming_content).decode()  # type: ignore[attr-defined]
    assert client.get("/outreach/figures/").status_code == 200
    form = {"day": "2026-02-30", "won_at": "stall", "installed": "x"}
    wrong = client.post("/outreach/new/counts/", form)
    assert wrong.status_code == 422
    assert wrong.content.decode().count('aria-invalid="true"') == 2
    made = client.post(
        "/outreach/new/counts/",
        {"day": "2026-02-03", "region": TOWN_A, "won_at": "door", "installed": "7"},
    )
    assert made["Location"] == "/outreach/t/counts/"
    assert AppCount.objects.get(day="2026-02-03").installed == 7
    other = log_in(make_user(Role.BANK_TELLER))
    for address in ("/outreach/", "/outreach/figures/", "/outreach/t/counts/", "/outreach/new/counts/"):
        assert other.get(address).status_code == 403


def test_grids_are_of_a_village(publicist: User) -> None:
    with pytest.raises(FieldFaults):
        registering.add_grid(publicist, GridForm("g-1", "网格", TOWN_A))
    village = Region.objects.filter(level="village").order_by("code")[0]
    registering.add_grid(publicist, GridForm("g-1", "网格", village.name))
    assert queries.grid(publicist, "g-1") == Grid.objects.get()
    with pytest.raises(FieldFaults):
        registering.add_grid(publicist, GridForm("g-1", "网格", village.code))


def test_what_there_was_before_the_ledger_counts_and_is_no_growth(publicist: User) -> None:
    today = timezone.localdate()
    registering.enter_count(
        publicist, CountForm(today - dt.timedelta(days=70), TOWN_A, "stock", 1_000_000, 0, 0)
    )
    for back in range(70):
        registering.enter_count(
            publicist, CountForm(today - dt.timedelta(days=back), TOWN_A, "stall", 100, 0, 0)
        )
    registering.set_target(
        publicist, TargetForm(TOWN_A, "installed", today + dt.timedelta(days=99), 1_009_800)
    )
    board = standing.board(publicist, TOWN_A, "installed")
    assert board.whole is not None
    assert board.whole.counts["installed"] == 1_007_000
    assert {week.new for week in board.weeks} == {700}
    assert [week.total for week in board.weeks[:2]] == [1_007_000, 1_006_300]
    (outlook,) = board.outlooks
    assert (outlook.expected, outlook.verdict) == (today + dt.timedelta(days=28), "likely")
    assert ("stock", 1_000_000) in board.won
