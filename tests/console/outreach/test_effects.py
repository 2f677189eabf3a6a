"""What a mailing did: whom it reached and who was held out, read by days, and what the page may say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from qingdun.console.cases.models import Incident
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach import audience, mailing, queries, ticking
from qingdun.console.outreach.audience import Wanted
from qingdun.console.outreach.models import HitGroup, Mailing, Recipient
from tests.console.conftest import LogIn
from tests.console.outreach.conftest import alerted, form


def test_the_effect_is_read_by_groups_and_days(
    people: list[Person], publicist: User, approver: User, log_in: LogIn,
    clock: Callable[[dt.timedelta], dt.datetime],
) -> None:  # fmt: skip
    clock(dt.timedelta(0))
    made = mailing.prepare(publicist, form(held=50))
    mailing.approve(approver, made.pk)
    ticking.queue_messages()
    held = list(Recipient.objects.filter(mailing=made, arm="held").values_list("person_id", flat=True))
    sent = list(Recipient.objects.filter(mailing=made, arm="sent").values_list("person_id", flat=True))
    clock(dt.timedelta(days=2))
    for person in (*held[:12], *sent[:2]):
        alerted(person)
    now = clock(dt.timedelta(days=3))
    assert ticking.read_effects(now) == 1
    assert ticking.read_effects(now) == 0
    now = clock(dt.timedelta(days=23))
    alerted(held[20])
    assert ticking.read_effects(now) == 1
    three, last = queries.readings(publicist, made)
    assert (three.days, three.sent, three.held, three.sent_alerts, three.held_alerts) == (3, 60, 60, 2, 12)
    assert (last.days, last.sent_alerts, last.held_alerts, last.held_cases) == (21, 2, 12, 0)
    page = log_in(publicist).get(f"/outreach/mailings/{made.pk}/").content.decode()
    assert "−16.7" in page
    assert 'data-verdict="fewer"' in page
    assert 'data-verdict="open"' in page
    assert not any(person in page for person in (*held, *sent))


def test_a_mailing_read_to_its_end_is_asked_about_no_more(
    people: list[Person], publicist: User, approver: User, clock: Callable[[dt.timedelta], dt.datetime],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    clock(dt.timedelta(0))
    for number in range(3):
        one = mailing.prepare(publicist, form(f"key-number-{number}", held=0))
        mailing.approve(approver, one.pk)
    now = clock(dt.timedelta(weeks=4))
    assert ticking.read_effects(now) == 3
    assert ticking.read_effects(now) == 0
    now = clock(dt.timedelta(weeks=8, days=1))
    with django_assert_num_queries(2):  # readings of a time to come, and what is still read
        assert ticking.read_effects(now) == 0


def test_what_is_entered_late_is_added_to_the_last_reading(
    people: list[Person], publicist: User, approver: User, clock: Callable[[dt.timedelta], dt.datetime]
) -> None:
    clock(dt.timedelta(0))
    made = mailing.prepare(publicist, form(held=50))
    mailing.approve(approver, made.pk)
    person = Recipient.objects.filter(mailing=made, arm="held")[0].person_id
    assert ticking.read_effects(clock(dt.timedelta(weeks=3))) == 1
    lose(person, timezone.now() - dt.timedelta(days=2))
    assert ticking.read_effects(clock(dt.timedelta(weeks=3, hours=3))) == 0
    assert ticking.read_effects(clock(dt.timedelta(weeks=4))) == 1
    (reading,) = queries.readings(publicist, made)
    assert (reading.days, reading.held_cases, reading.sent_cases) == (21, 1, 0)
    lose(person, made_at(made) + dt.timedelta(days=22))  # after its weeks
    assert ticking.read_effects(clock(dt.timedelta(weeks=5))) == 1
    (reading,) = queries.readings(publicist, made)
    assert reading.held_cases == 1


def lose(person_id: str, at: dt.datetime) -> None:
    """A loss of the person's was reported then."""
    path = Person.objects.get(pk=person_id).region_path
    Incident.objects.create(
        person_id=person_id, msisdn="+8617258000000", region_path=path,
        reported_at=at, scam_type="police", loss_fen=100, key=f"{person_id}-{at}", entered_at=at,
        by=User.objects.filter(role=Role.CITY_ANALYST)[0],
    )  # fmt: skip


def made_at(made: Mailing) -> dt.datetime:
    made.refresh_from_db()
    assert made.approved_at is not None
    return made.approved_at


def test_what_a_clock_read_that_ran_ahead_is_not_believed(
    people: list[Person], publicist: User, approver: User, clock: Callable[[dt.timedelta], dt.datetime]
) -> None:
    clock(dt.timedelta(0))
    made = mailing.prepare(publicist, form(held=50))
    mailing.approve(approver, made.pk)
    assert ticking.read_effects(clock(dt.timedelta(weeks=30))) == 1
    now = clock(dt.timedelta(days=2))
    assert ticking.read_effects(now) == 1
    assert [one.days for one in queries.readings(publicist, made)] == [2]
    assert ticking.read_effects(clock(dt.timedelta(days=-9))) == 0


def test_a_mailing_that_reached_one_group_meanwhile_is_told_of(
    people: list[Person], publicist: User, approver: User, log_in: LogIn,
    clock: Callable[[dt.timedelta], dt.datetime],
) -> None:  # fmt: skip
    clock(dt.timedelta(0))
    first = mailing.prepare(publicist, form("first-key", held=50))
    mailing.approve(approver, first.pk)
    ticking.queue_messages()
    clock(dt.timedelta(days=8))
    second = mailing.prepare(publicist, form("second-key", held=0))
    mailing.approve(approver, second.pk)
    ticking.queue_messages()
    ticking.read_effects(clock(dt.timedelta(days=9)))
    reading = queries.readings(publicist, first)[0]
    assert (reading.sent, reading.sent_others, reading.held_others) == (60, 60, 0)
    page = log_in(publicist).get(f"/outreach/mailings/{first.pk}/").content.decode()
    assert "发给发送组 60 人中的 60 人、留置组 60 人中的 0 人" in page
    other = queries.readings(publicist, second)[0]
    assert (other.sent_others, other.held_others) == (0, 0)  # the first was queued before


def test_without_a_holdout_the_page_says_that_nothing_can_be_told(
    people: list[Person], publicist: User, approver: User, log_in: LogIn
) -> None:
    made = mailing.prepare(publicist, form(held=0))
    mailing.approve(approver, made.pk)
    ticking.queue_messages()
    alerted(people[0].pk)
    assert ticking.read_effects(timezone.now() + dt.timedelta(days=2)) == 1
    page = log_in(publicist).get(f"/outreach/mailings/{made.pk}/").content.decode()
    assert 'data-verdict="nothing"' in page
    assert "有一组没有人" in page


def test_groups_hit_harder_than_the_rest_are_found(people: list[Person], publicist: User) -> None:
    year = timezone.localdate().year
    old = [one for one in people if one.sex == "f" and one.floating and year - one.birth_year >= 60]
    for person in old[:6]:
        alerted(person.pk)
    alerted(next(one.pk for one in people if one.sex == "m"))
    assert ticking.count_groups(timezone.now()) > 0
    assert ticking.count_groups(timezone.now()) == 0
    wanted = Wanted("hit_groups", (), "police")
    (group,) = audience.groups(publicist, wanted)
    assert (group.sex, group.band, group.floating, group.hit) == ("f", "60-", True, 6)
    assert group.residents == len(old)
    assert audience.size(publicist, wanted).reach.people == len(old)
    assert audience.groups(publicist, Wanted("hit_groups", (), "loan")) == []
    assert HitGroup.objects.filter(scam_type="").count() > 4
