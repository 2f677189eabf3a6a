"""Rosters, numbers and hand-overs: who writes them, what is refused, what the pages show."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.duty import actions, queries, ticking
from qingdun.console.duty.demo import DAYS, create_demo_rosters
from qingdun.console.duty.models import HandOver, OfficerNumber, Shift
from qingdun.console.duty.posts import local_midnight, monday_of
from qingdun.console.kernel.demo import create_demo_accounts
from qingdun.console.kernel.models import AuditRow, Organisation
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import calm_alerts
from tests.console.duty.conftest import NUMBERS, Posts
from tests.console.sms.test_pages import browser

HOUR = dt.timedelta(hours=1)


def test_who_writes_a_roster(posts: Posts) -> None:
    world, now = posts.world, timezone.now()
    for actor, code in (
        (world.other_county, posts.station),
        (world.officer, posts.county),
        (world.viewer, posts.station),
        (world.auditor, posts.station),
    ):
        with pytest.raises(NotPermitted):
            actions.add_shift(actor, code, world.colleague.pk, now, now + HOUR)
    first = actions.add_shift(world.officer, posts.station, world.colleague.pk, now, now + HOUR)
    actions.add_shift(world.county, posts.station, world.officer.pk, now, now + HOUR, 2)
    with pytest.raises(NotPermitted):
        actions.remove_shift(world.other_county, first.pk)
    actions.remove_shift(world.colleague, first.pk)
    assert Shift.objects.get().officer == world.officer
    assert [row.verb for row in AuditRow.objects.order_by("-seq")[:3]] == [
        "remove_shift", "add_shift", "add_shift",
    ]  # fmt: skip


def test_shifts_that_cannot_be(posts: Posts) -> None:
    world, now = posts.world, timezone.now()
    add = actions.add_shift
    add(world.county, posts.station, world.officer.pk, now, now + 8 * HOUR)
    for officer, start, end, position in (
        (world.county.pk, now, now + HOUR, 2),  # works elsewhere
        (world.colleague.pk, now, now, 2),
        (world.colleague.pk, now, now + 25 * HOUR, 2),
        (world.colleague.pk, now, now + HOUR, 0),
        (world.colleague.pk, now + HOUR, now + 2 * HOUR, 1),  # the place is taken
        (world.officer.pk, now + HOUR, now + 2 * HOUR, 2),  # is on duty already
        (0, now, now + HOUR, 2),
    ):
        with pytest.raises(InputError):
            add(world.county, posts.station, officer, start, end, position)
    assert Shift.objects.count() == 1


def test_a_week_is_copied_once_by_the_clock_on_the_wall(posts: Posts) -> None:
    world = posts.world
    monday = monday_of(timezone.localdate())
    start = local_midnight(monday) + 20 * HOUR
    actions.add_shift(world.county, posts.station, world.officer.pk, start, start + 12 * HOUR)
    following = monday + dt.timedelta(days=7)
    assert [actions.copy_week(world.county, posts.station, following) for _ in range(2)] == [1, 0]
    days = queries.week(world.officer, posts.station, following)
    (copy,) = days[0].shifts
    assert timezone.localtime(copy.starts_at).hour == 20
    assert not any(day.shifts for day in days[1:])


def test_numbers_are_whole_masked_and_taken_away(posts: Posts) -> None:
    world = posts.world
    with pytest.raises(InputError):
        actions.set_number(world.officer, posts.station, world.officer.pk, "12")
    actions.set_number(world.officer, posts.station, world.officer.pk, " ")
    assert not OfficerNumber.objects.filter(officer=world.officer).exists()
    assert NUMBERS["officer"] not in "".join(AuditRow.objects.values_list("before", flat=True))
    assert queries.officers(world.county, posts.station) == [
        (world.colleague, "+86 172****0002"), (world.officer, ""),
    ]  # fmt: skip


def test_what_waits_at_a_post_is_what_its_officers_can_do_something_about(posts: Posts) -> None:
    world = posts.world
    city = Organisation.objects.get(kind="city_bureau").code
    task = posts.ordered()

    def holding() -> list[str]:
        rows = (
            (world.officer, posts.station), (world.county, posts.county), (world.analyst, city),
        )  # fmt: skip
        return [code for viewer, code in rows if queries.open_tasks(viewer, code)]

    assert holding() == [posts.station]
    alerts.move(world.analyst, task.pk, None, "recall")
    assert holding() == [city]
    alerts.dispatch(world.analyst, task.pk, None)
    alerts.move(world.officer, task.pk, None, "bounce", "不在本所辖区居住")
    assert holding() == [posts.county]
    ingest_alerts(None, calm_alerts()[:1])
    assert holding() == [posts.county, city]  # what has just come in is scored, and the city's


def test_a_handover_keeps_the_open_tasks_and_both_confirm(posts: Posts) -> None:
    world = posts.world
    task = posts.ordered()
    made = actions.open_handover(world.officer, posts.station, world.colleague.pk, "注意夜间电话13800001234")
    assert made.tasks == [{"task": task.pk, "level": "urgent", "state": "station"}]
    for actor in (world.officer, world.county):
        with pytest.raises(NotPermitted):
            actions.confirm_handover(actor, made.pk)
    with pytest.raises(InputError):
        actions.open_handover(world.officer, posts.station, world.colleague.pk, "再来一次")
    page = browser(world.colleague).get(reverse("duty:handovers")).content.decode()
    assert "13800001234" not in page
    browser(world.colleague).post(reverse("duty:confirm", args=[made.pk]))
    made.refresh_from_db()
    assert made.taken_at is not None
    with pytest.raises(IllegalMove):
        actions.confirm_handover(world.colleague, made.pk)
    with pytest.raises(InputError):
        actions.open_handover(world.officer, posts.station, world.officer.pk, "给自己")
    assert [one.pk for one in queries.handovers(world.county)] == [made.pk]
    assert not queries.handovers(world.other_county).exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages(posts: Posts, language: str) -> None:
    world = posts.world
    posts.on_duty(posts.station, world.officer)
    posts.ordered()
    ticking.tick(timezone.now())
    county, officer = browser(world.county, language), browser(world.officer, language)
    page = county.get(reverse("duty:now")).content.decode()
    assert "民警丁" in page
    assert "+86 172****0001" in page
    assert NUMBERS["officer"] not in page
    assert (
        "民警丁" not in county.get(reverse("duty:now") + "?only=empty").content.decode().split("<section")[0]
    )
    roster = reverse("duty:roster", args=[posts.station])
    assert officer.get(reverse("duty:own_roster")).headers["Location"] == roster
    assert "民警丁" in officer.get(roster).content.decode()
    assert browser(world.other_county, language).get(roster).status_code == 403
    assert browser(world.viewer, language).get(reverse("duty:now")).status_code == 403
    assert Client().get(roster).status_code == 302
    assert officer.get(roster + "?week=9999-12-31").status_code == 200
    assert officer.get(roster + "?week=nonsense").status_code == 200


def test_a_shift_over_midnight_is_added_and_removed_from_the_page(posts: Posts) -> None:
    world = posts.world
    client, day = browser(world.officer), timezone.localdate()
    act = [
        reverse("duty:roster_act", args=[posts.station, name]) for name in ("add", "remove", "copy", "number")
    ]
    form = {
        "officer": world.colleague.pk,
        "day": day.isoformat(),
        "from": "20:00",
        "to": "08:00",
        "position": 1,
    }
    client.post(act[0], form)
    shift = Shift.objects.get()
    assert shift.ends_at - shift.starts_at == 12 * HOUR
    wrong = client.post(act[0], form | {"day": "never"}, follow=True)
    assert "请填写日期和起止时间" in wrong.content.decode()
    client.post(act[1], {"shift": shift.pk})
    assert not Shift.objects.exists()
    client.post(act[3], {"officer": world.colleague.pk, "number": "172 5890 0009"})
    assert OfficerNumber.objects.get(officer=world.colleague).msisdn == "+8617258900009"
    assert client.post(act[2]).status_code == 302
    client.post(reverse("duty:handovers"), {"taker": world.colleague.pk, "notes": "一切正常"})
    assert HandOver.objects.get().taker == world.colleague


def test_demo_rosters_man_every_demo_post_and_are_made_once(posts: Posts, settings: Settings) -> None:
    with pytest.raises(NotPermitted):
        create_demo_rosters()
    settings.DEMO = True
    create_demo_accounts()
    kinds = ("station", "county_bureau", "city_bureau")
    manned = Organisation.objects.filter(kind__in=kinds, user__demo=True).distinct()
    assert create_demo_rosters() == manned.count() * DAYS * 2
    assert create_demo_rosters() == 0
    on_duty = {post.organisation.pk for post in queries.on_duty_now(posts.world.analyst) if post.officers}
    assert on_duty == set(manned.values_list("pk", flat=True))
    task = posts.ordered()
    assert ticking.tick(timezone.now()) == 1
    assert Shift.objects.filter(organisation=task.station, officer__demo=True).exists()


@pytest.mark.django_db(transaction=True)
def test_of_those_who_write_a_roster_at_once_one_is_told_that_the_place_is_taken(posts: Posts) -> None:
    world, now = posts.world, timezone.now()

    def add(number: int) -> object:
        start = now + number * HOUR
        try:
            return actions.add_shift(world.county, posts.station, world.officer.pk, start, start + 8 * HOUR)
        except InputError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(add, range(4)))
    assert Shift.objects.count() == 1
    assert sum(isinstance(one, InputError) for one in came) == 3
