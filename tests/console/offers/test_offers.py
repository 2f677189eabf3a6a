"""A search is offered to the nearest free officers; the first to take it has it, wherever they serve."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts import queries as alert_queries
from qingdun.console.alerts.actions import UNDO_FOR
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.ticking import tick as alert_tick
from qingdun.console.kernel.models import AuditRow, LiveEvent, Person, User
from qingdun.console.offers import actions, queries, rules
from qingdun.console.offers.models import Offer
from qingdun.console.offers.ticking import tick
from qingdun.console.sms.models import Message
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts.world import alert, evidence, police_high, police_urgent, stand_at
from tests.console.conftest import LogIn
from tests.console.offers.conftest import Field

MINUTE = dt.timedelta(minutes=1)


def asked(state: str = "open") -> list[str]:
    return list(
        Offer.objects.filter(state=state).order_by("way_min").values_list("officer__username", flat=True)
    )


def test_the_nearest_are_asked_and_told_by_event_and_message_and_nobody_twice(
    out: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGDUN_OFFER_AT_ONCE", "2")
    out.on_duty(out.near, out.next, out.far)
    task, now = out.searching(), timezone.now()
    assert tick(now) == 2
    assert asked() == ["near", "next"]
    assert tick(now) == 0
    offer = Offer.objects.get(officer=out.near)
    assert offer.km == pytest.approx(2.2, abs=0.1)
    told = LiveEvent.objects.filter(topic="offers")
    assert [event.users for event in told.order_by("pk")] == [[out.near.pk], [out.next.pk]]
    texts = Message.objects.filter(task=task, key__startswith="offer:")
    assert sorted(texts.values_list("msisdn", flat=True)) == ["+8617258900101", "+8617258900102"]
    assert all(str(task.pk) in text.text and "接手" in text.text for text in texts)
    person = Person.objects.get(pk="p00")
    assert not any(person.name in text.text or task.msisdn in text.text for text in texts)
    assert '["near","next"]' in AuditRow.objects.get(verb="offer_task").after.replace(" ", "")


def test_a_search_that_may_be_taken_back_is_told_to_nobody_unless_it_is_urgent(out: Field) -> None:
    out.on_duty(out.near)
    task = out.searching(police_high())
    at = task.moved_at
    assert task.level == "high"
    assert tick(at + UNDO_FOR - dt.timedelta(milliseconds=1)) == 0
    alerts.undo(out.world.officer, task.pk)
    assert tick(at + UNDO_FOR) == 0
    assert not Message.objects.filter(key__startswith="offer:").exists()
    alerts.record_contact(out.world.officer, task.pk, None, "no_answer", confirmed=True)
    task.refresh_from_db()
    assert tick(task.moved_at + UNDO_FOR) == 1
    assert asked() == ["near"]


def test_an_offer_that_nobody_answers_widens_to_the_next(out: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGDUN_OFFER_AT_ONCE", "1")
    out.on_duty(out.near, out.next, out.far)
    out.searching()
    now = timezone.now()
    tick(now)
    assert asked() == ["near"]
    tick(now + rules.stands() - dt.timedelta(seconds=1))
    assert asked() == ["near"]
    tick(now + rules.stands())
    assert (asked(), asked("lapsed")) == (["next"], ["near"])
    actions.decline(out.next, Offer.objects.get(officer=out.next).pk)
    tick(now + rules.stands())
    assert (asked(), asked("declined")) == (["far"], ["next"])
    tick(now + 2 * rules.stands())
    tick(now + 3 * rules.stands())
    assert (asked(), Offer.objects.count()) == ([], 3), "everybody was asked once"
    out.on_duty(out.world.colleague)
    tick(now + 3 * rules.stands())
    assert asked() == [], "the holder is free and as near: nobody of the same station is asked instead"


def test_who_has_an_open_visit_or_is_off_duty_is_not_asked(out: Field) -> None:
    out.on_duty(out.near, out.next)
    out.searching()
    piece = evidence(5, "call.fanout", "number", "+00852170990009", 6.0, "一", "one")
    ingest_alerts(None, [alert(1, "urgent", "police", "control", (piece,))])
    other = Task.objects.get(person_id="p01")
    Task.objects.filter(pk=other.pk).update(owner=out.near)
    stand_at(other.pk, "signed")
    tick(timezone.now())
    assert asked() == ["next"]


def test_a_fresh_visit_says_where_an_officer_is_and_an_old_one_does_not(out: Field) -> None:
    out.on_duty(out.near, out.far)
    home = Person.objects.get(pk="p00")
    neighbour = Person.objects.get(pk="p02")
    neighbour.home_lng, neighbour.home_lat = home.home_lng, home.home_lat
    neighbour.save()
    piece = evidence(5, "call.fanout", "number", "+00852170990009", 6.0, "一", "one")
    ingest_alerts(None, [alert(2, "urgent", "police", "control", (piece,))])
    visited = Task.objects.get(person_id="p02")
    now = timezone.now()
    from qingdun.console.alerts.models import Visit

    Visit.objects.create(task=visited, region_path=visited.region_path, started_at=now - MINUTE, by=out.far)
    out.searching()
    tick(now)
    assert asked() == ["far", "near"]
    assert Offer.objects.get(officer=out.far).km == pytest.approx(0, abs=0.01)
    Offer.objects.all().delete()
    Visit.objects.update(started_at=now - rules.fresh() - MINUTE)
    tick(now)
    assert asked() == ["near", "far"]


def test_who_takes_it_first_has_it_and_the_others_are_told(out: Field) -> None:
    out.on_duty(out.near, out.next)
    task = out.searching()
    tick(timezone.now())
    before = LiveEvent.objects.latest("pk").pk
    first, second = (Offer.objects.get(officer=officer) for officer in (out.near, out.next))
    assert not alert_queries.tasks(out.near, alert_queries.Filters()).exists()
    actions.take(out.near, first.pk)
    task.refresh_from_db()
    assert (task.owner, task.station, task.state) == (out.near, out.near.organisation, "searching")
    assert (asked("taken"), asked("over")) == (["near"], ["next"])
    heard = LiveEvent.objects.filter(pk__gt=before)
    assert [out.next.pk] in [event.users for event in heard.filter(topic="offers")]
    (moved,) = heard.filter(topic="alerts")
    assert {out.world.officer.pk, out.near.pk} == set(moved.users), "who held it before is told too"
    with pytest.raises(IllegalMove, match="民警near"):
        actions.take(out.next, second.pk)
    assert actions.take(out.near, first.pk) == first, "pressed twice, nothing changes"
    assert AuditRow.objects.filter(verb="take_over").count() == 1
    tick(timezone.now() + MINUTE * 5)
    assert asked() == []

    # In another town than their own they see it, work on it and hear of it.
    assert alert_queries.task(out.near, task.pk) == task
    alerts.move(out.near, task.pk, None, "meet")
    with pytest.raises(NotPermitted):
        alerts.move(out.world.officer, task.pk, None, "awakened")


def test_only_who_was_asked_may_take_it_and_only_in_time(out: Field) -> None:
    out.on_duty(out.near)
    task = out.searching()
    tick(timezone.now())
    (offer,) = Offer.objects.all()
    for stranger in (out.far, out.world.colleague, out.world.analyst, out.world.viewer):
        with pytest.raises(NotPermitted):
            actions.take(stranger, offer.pk)
    Offer.objects.update(expires_at=timezone.now() - MINUTE)
    with pytest.raises(IllegalMove):
        actions.take(out.near, offer.pk)
    Offer.objects.update(expires_at=timezone.now() + MINUTE)
    alerts.move(out.world.officer, task.pk, None, "meet")
    with pytest.raises(IllegalMove):
        actions.take(out.near, offer.pk)
    tick(timezone.now())
    assert asked("over") == ["near"]


def test_an_urgent_task_that_is_not_signed_in_time_is_offered_and_taking_it_signs_it(out: Field) -> None:
    out.on_duty(out.near)
    ingest_alerts(None, [police_urgent()])
    task = alerts.dispatch(out.world.analyst, Task.objects.get().pk, None)
    now = timezone.now()
    assert tick(now) == 0
    late = now + dt.timedelta(minutes=2)
    alert_tick(late)
    assert tick(late) == 1
    offer = Offer.objects.get()
    Offer.objects.update(expires_at=timezone.now() + MINUTE)
    actions.take(out.near, offer.pk)
    task.refresh_from_db()
    assert (task.state, task.owner, task.station) == ("signed", out.near, out.near.organisation)
    assert not task.clocks.filter(name="sign", stopped_at=None).exists()


def test_the_phone_shows_offers_first_and_answers_with_one_tap(out: Field, log_in: LogIn) -> None:
    out.on_duty(out.near, out.next)
    task = out.searching()
    tick(timezone.now())
    offer = Offer.objects.get(officer=out.near)
    client = log_in(out.near)
    page = client.get("/m/next/").content.decode()
    assert "就近派给您" in page
    assert "2.2 km" in page
    person = Person.objects.get(pk="p00")
    assert person.name not in page
    assert task.msisdn not in page
    assert "就近派给您" not in log_in(out.far).get("/m/next/").content.decode()
    answer = client.post(f"/m/offers/{offer.pk}/take/")
    assert answer["Location"] == f"/m/visit/{task.pk}/"
    assert client.get(answer["Location"]).status_code == 200
    late = log_in(out.next).post(f"/m/offers/{Offer.objects.get(officer=out.next).pk}/take/", follow=True)
    assert "民警near" in late.content.decode()
    desk = log_in(out.world.analyst).get(f"/alerts/{task.pk}/").content.decode()
    assert "已就近派警" in desk
    assert "民警next" in desk


def test_nobody_is_asked_about_two_searches_and_who_has_become_busy_no_longer_counts(out: Field) -> None:
    out.on_duty(out.near)
    out.searching()
    piece = evidence(5, "call.fanout", "number", "+00852170990009", 6.0, "一", "one")
    ingest_alerts(None, [alert(3, "urgent", "police", "control", (piece,))])
    other = Task.objects.get(person_id="p03")
    stand_at(other.pk, "searching")
    tick(timezone.now())
    assert Offer.objects.count() == 1
    Task.objects.filter(pk=other.pk).update(owner=out.near)
    tick(timezone.now())
    assert (asked(), asked("over")) == ([], ["near"])


def test_nobody_but_the_officer_reads_an_offer(out: Field) -> None:
    out.on_duty(out.near)
    out.searching()
    tick(timezone.now())
    readers: list[User] = [out.next, out.world.analyst, out.world.viewer]
    assert [queries.mine(reader).count() for reader in (out.near, *readers)] == [1, 0, 0, 0]
