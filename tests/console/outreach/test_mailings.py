"""Mailings: sizes before anything is written, a draw that holds people out, the weekly guard."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from qingdun.console.alerts.models import Task
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, Person, PersonNumber, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach import audience, mailing, queries, ticking
from qingdun.console.outreach.audience import Wanted
from qingdun.console.outreach.mailing import MailingForm
from qingdun.console.outreach.models import Mailing, Recipient
from qingdun.console.sms import actions as sms
from qingdun.console.sms import sending
from qingdun.console.sms.models import LastEducation, Message
from qingdun.errors import IllegalMove, InputError, NotPermitted
from qingdun.reach.holdout import held_out
from tests.console.conftest import LogIn, MakeUser
from tests.console.outreach.conftest import FLOATING, TEXT, alerted, form
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A


def test_sizes_say_why_who_is_left_out_and_add_up(people: list[Person], publicist: User) -> None:
    PersonNumber.objects.filter(person=people[0]).delete()
    sms.opt_out(publicist_of_city(), number_of(people[1]), "本人来电要求")
    LastEducation.objects.create(person_id=people[2].pk, at=timezone.now() - dt.timedelta(days=6))
    LastEducation.objects.create(person_id=people[3].pk, at=timezone.now() - dt.timedelta(days=8))
    found = audience.size(publicist, FLOATING)
    assert (found.reach.people, found.reach.no_number, found.reach.opted_out, found.reach.too_soon) == (
        120,
        1,
        1,
        1,
    )
    assert (found.elsewhere, found.left) == (0, 117)
    assert found.places == [(COUNTY_B, 60), (COUNTY_A, 57)]
    assert audience.size(publicist, Wanted("floating", (COUNTY_B,))).left == 60
    assert audience.size(publicist, Wanted("new_number")).reach.people == 19  # of the twenty one lost it
    assert not Recipient.objects.exists()


def publicist_of_city() -> User:
    return User.objects.create(
        username="somebody", role=Role.CITY_ANALYST, region=Region.objects.get(level="city"), password="!"
    )


def number_of(person: Person) -> str:
    return PersonNumber.objects.get(person=person).msisdn


def test_a_tenth_of_every_county_is_held_out_by_a_draw_that_can_be_repeated(
    people: list[Person], publicist: User
) -> None:
    made = mailing.prepare(publicist, form())
    assert mailing.prepare(publicist, form()).pk == made.pk
    rows = list(Recipient.objects.filter(mailing=made))
    assert len(rows) == 120
    for county in (COUNTY_A, COUNTY_B):
        assert sum(row.arm == "held" and row.county == county for row in rows) == 6
    again = held_out({row.person_id: row.county for row in rows}, made.holdout_share, made.seed)
    assert again == {row.person_id for row in rows if row.arm == "held"}
    audited = AuditRow.objects.get(verb="prepare_mailing")
    assert ("people", None, 120) in audited.changes


def test_somebody_else_approves_and_only_then_it_is_queued(
    people: list[Person], publicist: User, approver: User
) -> None:
    made = mailing.prepare(publicist, form())
    assert ticking.queue_messages() == 0
    with pytest.raises(NotPermitted):
        mailing.approve(publicist, made.pk)
    own = mailing.prepare(approver, form("another-key"))
    with pytest.raises(IllegalMove, match="他人"):
        mailing.approve(approver, own.pk)
    mailing.approve(approver, made.pk)
    with pytest.raises(IllegalMove):
        mailing.approve(approver, made.pk)
    assert ticking.queue_messages() == 108
    assert ticking.queue_messages() == 1
    assert ticking.queue_messages() == 0
    made.refresh_from_db()
    assert made.state == "sent"
    assert queries.outcomes(publicist, made) == {"queued": 108}
    held = set(Recipient.objects.filter(mailing=made, arm="held").values_list("person_id", flat=True))
    assert not Message.objects.filter(person_id__in=held).exists()
    assert Message.objects.filter(kind="education").count() == 108


def test_nobody_gets_two_in_a_week_and_who_opts_out_meanwhile_gets_none(
    people: list[Person], publicist: User, approver: User, clock: Callable[[dt.timedelta], dt.datetime]
) -> None:
    clock(dt.timedelta(0))
    first = mailing.prepare(publicist, form("first-key", held=0))
    second = mailing.prepare(publicist, form("second-key", held=0))
    sms.opt_out(approver, number_of(people[5]), "本人来电要求")
    for one in (first, second):
        mailing.approve(approver, one.pk)
    ticking.queue_messages()
    assert queries.outcomes(publicist, first) == {"opted_out": 1, "queued": 119}
    assert queries.outcomes(publicist, second) == {"opted_out": 1, "too_soon": 119}
    with pytest.raises(FieldFaults, match="无人"):
        mailing.prepare(publicist, form("third-key"))
    clock(dt.timedelta(days=7, seconds=1))
    assert audience.size(publicist, FLOATING).left == 119


def test_education_never_stands_before_a_warning(
    people: list[Person], publicist: User, approver: User
) -> None:
    """A person who was sent education a moment ago is warned at once, and the warning goes first."""
    made = mailing.prepare(publicist, form(held=0))
    mailing.approve(approver, made.pk)
    ticking.queue_messages()
    alerted(people[7].pk)
    task = Task.objects.get(person_id=people[7].pk)
    warning = sms.warn(approver, task.pk)
    assert warning.priority < Message.objects.filter(kind="education")[0].priority
    assert Message.objects.filter(person_id=people[7].pk).count() == 2


def test_who_is_held_out_stays_so_while_it_is_read(
    people: list[Person], publicist: User, approver: User, clock: Callable[[dt.timedelta], dt.datetime]
) -> None:
    clock(dt.timedelta(0))
    made = mailing.prepare(publicist, form(held=50))
    mailing.approve(approver, made.pk)
    ticking.queue_messages()
    clock(dt.timedelta(days=8))
    found = audience.size(publicist, FLOATING)
    assert (found.left, found.elsewhere) == (60, 60)
    clock(dt.timedelta(weeks=3, seconds=1))
    assert audience.size(publicist, FLOATING).left == 120


def test_what_is_dropped_is_forgotten(people: list[Person], publicist: User, approver: User) -> None:
    made = mailing.prepare(publicist, form())
    with pytest.raises(InputError):
        mailing.drop(publicist, made.pk, "")
    mailing.drop(publicist, made.pk, "内容需要修改")
    assert not Recipient.objects.exists()
    with pytest.raises(IllegalMove):
        mailing.approve(approver, made.pk)


def test_faults_stand_beside_their_fields(people: list[Person], publicist: User, make_user: MakeUser) -> None:
    bad = MailingForm("key-of-form", " ", Wanted("hit_groups", ("nowhere",)), "emergency.police", 60, 0)
    with pytest.raises(FieldFaults) as wrong:
        mailing.prepare(publicist, bad)
    assert set(wrong.value.faults) == {"name", "scam_type", "places", "template", "held_percent", "weeks"}
    with pytest.raises(FieldFaults) as wrong:
        mailing.prepare(make_user(Role.PUBLICIST, COUNTY_A), form(wanted=Wanted("floating", (COUNTY_B,))))
    assert set(wrong.value.faults) == {"places"}
    with pytest.raises(NotPermitted):
        mailing.prepare(make_user(Role.STATION_OFFICER, TOWN_A), form())
    assert not Mailing.objects.exists()


def test_pages_count_first_and_write_then(people: list[Person], publicist: User, log_in: LogIn) -> None:
    client: Client = log_in(publicist)
    address = "/outreach/mailings/new/"
    page = client.get(address, {"kind": "floating", "places": [COUNTY_A, COUNTY_B]}).content.decode()
    assert 'data-reached="120"' in page
    typed = {"key": "typed-key", "kind": "floating", "places": [COUNTY_A, COUNTY_B], "name": "提醒",
             "template": TEXT, "held_percent": "x", "weeks": "3"}  # fmt: skip
    wrong = client.post(address, typed)
    assert wrong.status_code == 422
    assert 'id="e-held"' in wrong.content.decode()
    made = client.post(address, {**typed, "held_percent": "10"})
    assert made["Location"] == f"/outreach/mailings/{Mailing.objects.get().pk}/"
    # The same form again is the same mailing; whoever goes back and types something else hands in another.
    assert client.post(address, {**typed, "held_percent": "10"})["Location"] == made["Location"]
    assert client.post(address, {**typed, "held_percent": "20"})["Location"] != made["Location"]
    assert client.get(made["Location"]).status_code == 200
    assert client.get("/outreach/t/mailings/?state=prepared").status_code == 200
    assert client.get(address, {"kind": "hit_groups", "scam_type": "police"}).status_code == 200


def test_a_closed_approver_holds_up_their_own_mailing_alone(
    people: list[Person], publicist: User, approver: User, make_user: MakeUser, log_in: LogIn
) -> None:
    first = mailing.prepare(publicist, form("first-key", Wanted("floating", (COUNTY_A,)), 0))
    second = mailing.prepare(publicist, form("second-key", Wanted("floating", (COUNTY_B,)), 0))
    mailing.approve(approver, first.pk)
    mailing.approve(make_user(Role.CITY_ANALYST, name="another"), second.pk)
    approver.is_active = False
    approver.save()
    assert ticking.queue_messages() == 61  # the second's sixty, and that the first stands still
    assert ticking.queue_messages() == 1  # the second is finished
    assert ticking.queue_messages() == 0
    assert AuditRow.objects.filter(verb="hold_up_mailing").count() == 1
    client = log_in(publicist)
    page = client.get(f"/outreach/mailings/{first.pk}/").content.decode()
    assert "该批短信已停滞。 审批人已无发送权限。" in page
    client.post(f"/outreach/mailings/{first.pk}/stop/", {"reason": ""})
    first.refresh_from_db()
    assert first.state == "approved"
    client.post(f"/outreach/mailings/{first.pk}/stop/", {"reason": "审批人离任"})
    first.refresh_from_db()
    assert (first.state, first.stands_still) == ("stopped", "")
    assert queries.outcomes(publicist, first) == {"stopped": 60}
    assert AuditRow.objects.filter(verb="stop_mailing").count() == 1
    assert ticking.read_effects(timezone.now() + dt.timedelta(days=2)) == 1  # of the second alone
    page = client.get(f"/outreach/mailings/{first.pk}/").content.decode()
    assert "停止发送</button>" not in page
    with pytest.raises(IllegalMove):
        mailing.stop(publicist, first.pk, "再次停止")


def test_a_mailing_whose_approver_is_back_goes_on(
    people: list[Person], publicist: User, approver: User
) -> None:
    made = mailing.prepare(publicist, form(held=0))
    mailing.approve(approver, made.pk)
    User.objects.filter(pk=approver.pk).update(is_active=False)
    assert ticking.queue_messages() == 1
    User.objects.filter(pk=approver.pk).update(is_active=True)
    assert ticking.queue_messages() == 120
    made.refresh_from_db()
    assert made.stands_still == ""


def test_people_outside_the_region_the_approver_moved_to_are_called_so(
    people: list[Person], publicist: User, approver: User
) -> None:
    made = mailing.prepare(publicist, form(held=0))
    mailing.approve(approver, made.pk)
    county = Region.objects.get(code=COUNTY_A)
    User.objects.filter(pk=approver.pk).update(role=Role.COUNTY_OFFICER, region=county)
    ticking.queue_messages()
    assert queries.outcomes(publicist, made) == {"queued": 60, "outside": 60}


def test_who_is_held_out_of_one_gets_no_other_that_was_prepared_before(
    people: list[Person], publicist: User, approver: User
) -> None:
    first = mailing.prepare(publicist, form("first-key", held=50))
    second = mailing.prepare(publicist, form("second-key", held=0))
    for one in (first, second):
        mailing.approve(approver, one.pk)
    ticking.queue_messages()
    assert queries.outcomes(publicist, second) == {"elsewhere": 60, "too_soon": 60}
    held = Recipient.objects.filter(mailing=first, arm="held").values("person_id")
    assert not Message.objects.filter(person_id__in=held).exists()


def test_who_opts_out_once_queued_gets_none_and_the_page_says_so(
    people: list[Person], publicist: User, approver: User, log_in: LogIn
) -> None:
    made = mailing.prepare(publicist, form(held=0))
    mailing.approve(approver, made.pk)
    ticking.queue_messages()
    gone = Message.objects.filter(kind="education")[0]
    sms.opt_out(approver, gone.msisdn, "本人来电要求")
    while sending.claim("worker", timezone.now() + dt.timedelta(minutes=1)):
        pass
    gone.refresh_from_db()
    assert gone.state == "stopped"
    assert ("已退订", 1) in queries.arrivals(publicist, made)
    page = log_in(publicist).get(f"/outreach/mailings/{made.pk}/").content.decode()
    assert "已入队短信的去向" in page


def test_before_anything_is_sent_the_page_says_what_could_be_told(
    people: list[Person], publicist: User, log_in: LogIn
) -> None:
    for person in people[:30]:
        alerted(person.pk)
    ticking.count_groups(timezone.now())
    size = audience.size(publicist, FLOATING)
    assert size.hit_share == pytest.approx(30 / 120)
    tenth, half = (size.told_from_chance(held, 12) for held in (10, 50))
    assert (tenth.held, tenth.fall) == (12, None)
    assert half.held == 60
    page = log_in(publicist).get("/outreach/mailings/new/?kind=floating").content.decode()
    assert "无：人数太少" in page


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_nobody_two(people: list[Person], publicist: User, approver: User) -> None:
    """Two mailings to the same people, each queued by a process of its own, and both by two."""
    made = [mailing.prepare(publicist, form(f"key-number-{number}", held=0)) for number in range(2)]
    for one in made:
        mailing.approve(approver, one.pk)
    start = threading.Barrier(4)

    def queue(pk: int) -> int:
        try:
            start.wait()
            return sum(iter(lambda: ticking._queued(pk), 0))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(queue, [one.pk for one in made] * 2))
    sent = Message.objects.filter(kind="education").values_list("person_id", flat=True)
    assert len(sent) == len(set(sent)) == 120
    outcomes = [queries.outcomes(publicist, one) for one in made]
    assert sum(found.get("queued", 0) for found in outcomes) == 120
    assert sum(found.get("too_soon", 0) for found in outcomes) == 120


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_one_mailing_and_one_approval_counts(
    people: list[Person], publicist: User, approver: User, make_user: MakeUser
) -> None:
    second = make_user(Role.CITY_ANALYST, name="second")
    start = threading.Barrier(2)

    def at_once(act: Callable[[], object]) -> str:
        try:
            start.wait()
            act()
            return ""
        except IllegalMove as refused:
            return type(refused).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(at_once, [lambda: mailing.prepare(publicist, form())] * 2))
        made = Mailing.objects.get()
        assert made.recipients.count() == 120
        approve = [lambda: mailing.approve(approver, made.pk), lambda: mailing.approve(second, made.pk)]
        assert sorted(pool.map(at_once, approve)) == ["", "IllegalMove"]
    assert AuditRow.objects.filter(verb="approve_mailing").count() == 1
