"""Key-person files: opened by themselves and once, worked on, reviewed weekly, closed, opened anew only for
something new.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Alert, Task
from qingdun.console.care import filing, queries, ticking
from qingdun.console.care.models import FollowUp, KeyPerson
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.kernel.models import AuditRow, Person, PersonRelation
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.care.conftest import decide
from tests.console.conftest import LogIn

HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7)


def again(number: int, level: str = "high", kind: str = "loan") -> Task:
    """One more alert on the golden story's person, an episode of its own."""
    episode = f"again-{number}"
    return made.repeated(made.alert(0, level, kind, "lure", made.POLICE_EVIDENCE[:2], 30 + number, episode))


def tick(after: dt.timedelta = dt.timedelta()) -> None:
    ticking.tick(timezone.now() + after)


def refuse(world: World, task: Task) -> None:
    alerts.move(world.officer, task.pk, None, "sign")
    alerts.record_contact(world.officer, task.pk, None, "refused", confirmed=True)


@pytest.fixture
def file(world: World, task: Task) -> KeyPerson:
    refuse(world, task)
    tick()
    return KeyPerson.objects.get()


def test_three_alerts_open_one_file(world: World, task: Task) -> None:
    ingest_alerts(None, [made.police_high()])  # the same episode at another level is the same alert
    again(1)
    tick()
    assert not KeyPerson.objects.exists()
    again(2)
    tick()
    tick(HOUR * 2)
    file = KeyPerson.objects.get()
    assert (file.person_id, file.reason, file.alerts) == ("p00", "alerts", 3)
    assert (file.station, file.region_path) == (world.station, world.town.path)
    assert file.officer is not None
    assert file.officer.organisation == world.station
    assert AuditRow.objects.filter(verb="open_key_file").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyPerson.objects.create(
            person_id="p00", msisdn="x", region_path="x", reason="loss", alerts=0,
            opened_at=timezone.now(), review_due_at=timezone.now(),
        )  # fmt: skip


def test_alerts_of_long_ago_and_false_alarms_do_not_count(world: World, task: Task) -> None:
    again(1)
    third = again(2)
    Alert.objects.filter(task=third).update(received_at=timezone.now() - 31 * DAY)
    tick()
    assert not KeyPerson.objects.exists()
    Alert.objects.filter(task=third).update(received_at=timezone.now())
    decide(world, task, "false_alarm")
    tick(HOUR * 2)
    assert not KeyPerson.objects.exists()


def test_a_refusal_opens_a_file_held_by_who_knows_the_person(world: World, file: KeyPerson) -> None:
    assert (file.reason, file.officer) == ("refusal", world.officer)


def test_an_alert_after_a_loss_opens_a_file_but_the_loss_alone_does_not(world: World, task: Task) -> None:
    report_incident(world.officer, IncidentForm("care-key-1", timezone.now(), "police", 100, "", task.pk))
    tick()
    assert not KeyPerson.objects.exists()
    again(1)
    tick()
    assert KeyPerson.objects.get().reason == "loss"


def test_an_alert_after_a_task_that_came_too_late_opens_a_file(world: World, task: Task) -> None:
    decide(world, task, "already_paid")
    tick()
    assert not KeyPerson.objects.exists()
    again(1)
    tick()
    assert KeyPerson.objects.get().reason == "loss"


def test_a_follow_up_that_tells_of_a_payment_opens_a_file(world: World, task: Task) -> None:
    decide(world, task)
    tick(dt.timedelta(seconds=10))
    from qingdun.console.care.actions import record_result

    record_result(world.officer, FollowUp.objects.get(day=1).pk, "paid")
    tick(dt.timedelta(seconds=20))
    assert KeyPerson.objects.get().reason == "loss"


def test_a_closed_file_opens_anew_only_for_something_new(world: World, file: KeyPerson) -> None:
    filing.close_file(world.officer, file.pk, "已迁出本市")
    tick(HOUR * 2)
    assert KeyPerson.objects.count() == 1
    refuse(world, alerts.dispatch(world.analyst, again(1).pk, None))
    tick(HOUR * 4)
    assert [one.closed_at is None for one in KeyPerson.objects.order_by("pk")] == [False, True]


def test_reviews_are_weekly_called_for_and_entered_once(world: World, file: KeyPerson) -> None:
    assert file.review_due_at - file.opened_at == WEEK
    ticking.tick(file.review_due_at + HOUR)
    ticking.tick(file.review_due_at + HOUR * 2)
    file.refresh_from_db()
    assert file.reminded_at == file.opened_at + WEEK + HOUR
    due = file.review_due_at
    with pytest.raises(InputError):
        filing.review(world.officer, file.pk, "calm", " ")
    one = filing.review(world.officer, file.pk, "calm", "本周无异常", due)
    assert filing.review(world.officer, file.pk, "calm", "本周无异常", due) == one
    with pytest.raises(IllegalMove):
        filing.review(world.colleague, file.pk, "calm", "本周无异常", due)
    file.refresh_from_db()
    assert (file.review_due_at - one.at, file.reminded_at) == (WEEK, None)
    assert AuditRow.objects.filter(verb="review_key_file").count() == 1


def test_the_officer_is_one_of_the_station(world: World, file: KeyPerson) -> None:
    filing.name_officer(world.county, file.pk, world.colleague.pk, "原责任民警调离")
    file.refresh_from_db()
    assert file.officer == world.colleague
    row = AuditRow.objects.get(verb="name_key_officer")
    assert row.changes == [("officer", world.officer.pk, world.colleague.pk)]
    assert row.purpose == "原责任民警调离"
    for wrong in (world.county.pk, 0):
        with pytest.raises(InputError):
            filing.name_officer(world.county, file.pk, wrong, "原责任民警调离")
    with pytest.raises(InputError):
        filing.name_officer(world.county, file.pk, world.officer.pk, "")


def test_family_is_masked_until_there_is_a_purpose(world: World, file: KeyPerson) -> None:
    person = Person.objects.get(pk="p00")
    PersonRelation.objects.create(person=person, relative=Person.objects.get(pk="p01"), relation="child")
    (masked,) = queries.family(world.officer, file)
    assert (masked.name, masked.numbers) == ("何**", ("+86 172****0001",))
    with pytest.raises(InputError):
        filing.unmask_file(world.officer, file.pk, "")
    _, (legible,) = filing.unmask_file(world.officer, file.pk, "联系家属劝阻")
    assert (legible.name, legible.numbers) == ("何国栋", (made.number(1),))
    assert AuditRow.objects.get(verb="unmask_key_file").purpose == "联系家属劝阻"
    filing.choose_family(world.officer, file.pk, "p01")
    assert queries.family(world.officer, KeyPerson.objects.get())[0].chosen
    with pytest.raises(InputError):
        filing.choose_family(world.officer, file.pk, "p05")


def test_the_family_is_gone_from_view_when_the_file_closes(
    world: World, file: KeyPerson, log_in: LogIn, settings: Settings
) -> None:
    settings.DEMO = True
    person = Person.objects.get(pk="p00")
    PersonRelation.objects.create(person=person, relative=Person.objects.get(pk="p01"), relation="child")
    filing.close_file(world.county, file.pk, "连续三个月无异常")
    file.refresh_from_db()
    assert queries.family(world.officer, file) == []
    _, legible = filing.unmask_file(world.officer, file.pk, "联系家属劝阻")
    assert legible == []
    row = AuditRow.objects.get(verb="unmask_key_file")
    assert json.loads(row.after)["fields"] == ["name", "number"]
    answer = log_in(world.officer).post(f"/key-persons/{file.pk}/unmask/", {"purpose": "联系家属劝阻"})
    text = answer.content.decode()
    assert "何国栋" not in text
    assert made.number(1) not in text


def test_banks_protect_with_consent_alone(world: World, file: KeyPerson) -> None:
    now = timezone.now()
    for at, how in ((None, "signed"), (now + HOUR, "signed"), (now, "assumed")):
        with pytest.raises(InputError):
            filing.protect(world.officer, file.pk, "演练银行", "转账前电话确认", how, at)
    one = filing.protect(world.officer, file.pk, "演练银行", "转账前电话确认", "signed", now)
    with pytest.raises(InputError):
        filing.protect(world.officer, file.pk, "演练银行", "转账前电话确认", "signed", now)
    filing.end_protection(world.officer, one.pk, "本人撤回同意")
    with pytest.raises(IllegalMove):
        filing.end_protection(world.officer, one.pk, "本人撤回同意")
    again = filing.protect(world.officer, file.pk, "演练银行", "转账前电话确认", "signed", now)
    filing.close_file(world.officer, file.pk, "风险解除")
    again.refresh_from_db()
    assert again.ended_at is not None
    for act in (
        lambda: filing.protect(world.officer, file.pk, "演练银行", "确认", "signed", now),
        lambda: filing.review(world.officer, file.pk, "calm", "本周无异常"),
        lambda: filing.close_file(world.officer, file.pk, "风险解除"),
    ):
        with pytest.raises(IllegalMove):
            act()


def test_who_sees_a_file(world: World, file: KeyPerson) -> None:
    for user in (world.analyst, world.county, world.officer, world.colleague):
        assert queries.key_file(user, file.pk) == file
    assert list(queries.key_files(world.officer, view="mine")) == [file]
    assert not queries.key_files(world.colleague, view="mine")
    for user in (world.other_county, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            filing.close_file(user, file.pk, "风险解除")


def test_pages(world: World, file: KeyPerson, client_of: LogIn) -> None:
    person = Person.objects.get(pk="p00")
    PersonRelation.objects.create(person=person, relative=Person.objects.get(pk="p01"), relation="child")
    client = client_of(world.officer)
    listed, page = (client.get(at).content.decode() for at in ("/key-persons/", f"/key-persons/{file.pk}/"))
    for text in (listed, page):
        assert "郑**" in text
        for secret in ("郑晓岚", "何国栋", file.msisdn, made.number(1)):
            assert secret not in text
    legible = client.post(f"/key-persons/{file.pk}/unmask/", {"purpose": "联系家属劝阻"})
    assert "何国栋" in legible.content.decode()
    assert legible.headers["Cache-Control"] == "no-store"
    form = {"due_at": file.review_due_at.isoformat(), "outlook": "worse", "note": "仍与对方联系"}
    assert (
        "仍与对方联系" in client.post(f"/key-persons/{file.pk}/review/", form, follow=True).content.decode()
    )
    client.post(f"/key-persons/{file.pk}/review/", form)
    assert file.reviews.count() == 1
    assert client.post(f"/key-persons/{file.pk}/nonsense/").status_code == 404
    assert client.post(f"/key-persons/{file.pk}/close/", {"reason": ""}).status_code == 302
    client.post(f"/key-persons/{file.pk}/close/", {"reason": "风险解除"})
    assert "风险解除" in client.get("/key-persons/?view=closed").content.decode()
    assert client_of(world.other_county).get(f"/key-persons/{file.pk}/").status_code == 403


def test_what_the_tick_looks_for_every_second_is_found_by_index(db: None) -> None:
    migration = __import__(
        "qingdun.console.care.migrations.0002_what_the_tick_looks_for", fromlist=["INDICES"]
    )
    with connection.cursor() as cursor:
        for name, on in migration.INDICES.items():
            table = on.split(" ")[0]
            assert name in connection.introspection.get_constraints(cursor, table)
