"""Medium alerts: timed from the alert, called from the city's hotline, handed down if unsettled."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import Settings

from qingdun.console.alerts import actions, clocks, intake, queries, unmasking
from qingdun.console.alerts.access import sees
from qingdun.console.alerts.models import Clock, Contact, Task, TaskEvent
from qingdun.console.alerts.queries import Filters
from qingdun.console.alerts.states import State
from qingdun.console.alerts.ticking import tick
from qingdun.console.kernel import stream
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import PERMISSIONS, Role
from qingdun.console.kernel.stream import Listener
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def medium(world: World) -> Task:
    """A medium alert, on the city's desk."""
    row = made.police_high()._replace(alert_id="medium", level="medium")
    intake.ingest_alerts(None, [row])
    return Task.objects.get()


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def running(task: Task) -> dict[str, dt.datetime]:
    return dict(Clock.objects.filter(task=task, stopped_at=None).values_list("name", "due_at"))


def test_a_medium_alert_is_timed_from_its_arrival_and_a_desk_that_forgets_it_is_told(medium: Task) -> None:
    got = medium.received_at
    assert running(medium) == {"call": got + 2 * HOUR, "meet": got + DAY}
    assert tick(got + 2 * HOUR + dt.timedelta(seconds=1)) == 1
    medium.refresh_from_db()
    assert medium.escalation > 0


def test_being_sent_on_gives_nobody_more_time(world: World, medium: Task) -> None:
    due = running(medium)
    actions.dispatch(world.analyst, medium.pk, None)
    actions.dispatch(world.county, medium.pk, None)
    task = actions.move(world.officer, medium.pk, None, "sign")
    assert task.state == State.SIGNED
    assert running(task) == due


def test_the_hotline_calls_first_and_settles_it(world: World, medium: Task) -> None:
    actions.move(world.analyst, medium.pk, None, "hotline")
    task = actions.record_contact(world.analyst, medium.pk, None, "answered")
    assert (task.state, task.owner) == (State.REACHED, world.analyst)
    task = actions.save_visit(
        world.analyst, medium.pk, None, "hotline-1", actions.VisitForm(("persuade",)), "awakened"
    )
    assert (task.state, task.verdict) == (State.FEEDBACK, "awakened")
    assert running(task) == {}


def test_what_the_hotline_does_not_reach_goes_down_for_a_visit_within_the_day(
    world: World, medium: Task
) -> None:
    due = running(medium)
    actions.move(world.analyst, medium.pk, None, "hotline")
    actions.record_contact(world.analyst, medium.pk, None, "no_answer")
    with pytest.raises(IllegalMove, match="签收人为值班员甲"):
        actions.move(world.county, medium.pk, None, "call")
    task = actions.move(world.analyst, medium.pk, None, "hand_down")
    assert (task.state, task.owner, task.county is not None) == (State.COUNTY, None, True)
    assert running(task) == {"meet": due["meet"]}
    task = actions.dispatch(world.county, medium.pk, None)
    assert task.station == world.station
    assert running(task)["meet"] == due["meet"]


def test_the_desk_offers_the_hotline_and_the_phone_page_the_way_down(
    world: World, medium: Task, client_of: LogIn
) -> None:
    client = client_of(world.analyst)
    assert 'data-verb="hotline"' in client.get(f"/alerts/{medium.pk}/").content.decode()
    actions.move(world.analyst, medium.pk, None, "hotline")
    assert 'data-verb="hand_down"' in client.get(f"/m/visit/{medium.pk}/").content.decode()


def test_neither_serious_alerts_nor_counties_use_the_hotline(world: World, medium: Task) -> None:
    with pytest.raises(NotPermitted):
        actions.move(world.county, medium.pk, None, "hotline")
    intake.ingest_alerts(None, [made.police_high()])
    with pytest.raises(IllegalMove):
        actions.move(world.analyst, medium.pk, None, "hotline")


def test_results_of_calls_are_entered_as_calls_alone(world: World, medium: Task) -> None:
    actions.move(world.analyst, medium.pk, None, "hotline")
    actions.move(world.analyst, medium.pk, None, "call")
    for verb in ("reach", "miss", "refuse"):
        with pytest.raises(IllegalMove, match="专门的表单"):
            actions.move(world.analyst, medium.pk, None, verb)
    actions.record_contact(world.analyst, medium.pk, None, "refused")
    assert Contact.objects.get().result == "refused"


def test_a_high_order_sent_out_again_and_again_keeps_its_hard_cap(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    clock = _Wall(task.received_at)
    monkeypatch.setattr("django.utils.timezone.now", clock)
    actions.dispatch(world.analyst, task.pk, None)
    assert running(task)["meet"] == clock.at + 2 * HOUR
    for hours in (10, 20, 23):
        clock.at = task.received_at + hours * HOUR
        actions.move(world.analyst, task.pk, None, "recall")
        actions.dispatch(world.analyst, task.pk, None)
    assert running(task)["meet"] == task.received_at + DAY
    clocks.set_rule(world.analyst, "high", "cap", "", "both", 86_400 * 2, "专项行动")
    clock.at += HOUR
    actions.move(world.analyst, task.pk, None, "recall")
    actions.dispatch(world.analyst, task.pk, None)
    assert running(task)["meet"] == clock.at + 2 * HOUR


def test_a_clock_that_ran_out_while_no_tick_ran_is_breached_when_it_is_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    clock = _Wall(task.received_at + dt.timedelta(seconds=61))
    monkeypatch.setattr("django.utils.timezone.now", clock)
    actions.dispatch(world.analyst, task.pk, None)
    late = Clock.objects.get(task=task, stopped_at=clock.at)
    assert (late.name, late.breached_at) == ("sign", clock.at)
    breaches = TaskEvent.objects.filter(task=task, verb="breach", withdrawn_at=None)
    assert breaches.count() == 1
    actions.undo(world.analyst, task.pk)
    late.refresh_from_db()
    assert (late.stopped_at, late.breached_at, breaches.count()) == (None, None, 0)
    assert tick(clock.at) == 1  # and the tick that is back tells the duty officer
    task.refresh_from_db()
    assert (task.escalation, breaches.count()) == (1, 1)


def test_a_rise_takes_up_what_was_closed_and_the_same_level_does_not(world: World) -> None:
    low = made.police_high()._replace(alert_id="low", level="low")
    intake.ingest_alerts(None, [low])
    task = Task.objects.get()
    actions.move(world.analyst, task.pk, None, "dismiss", "短信已提醒")
    intake.ingest_alerts(None, [low._replace(alert_id="low again")])
    assert Task.objects.get().state == State.CLOSED
    intake.ingest_alerts(None, [low._replace(alert_id="medium", level="medium")])
    task = Task.objects.get()
    assert (task.state, task.level) == (State.REOPENED, "medium")
    assert set(running(task)) == {"call", "meet"}


@pytest.fixture
def operator(world: World) -> User:
    """Who answers 96110 for the city."""
    city = Region.objects.get(level=Region.Level.CITY)
    return made.make_user("operator", Role.HOTLINE_OPERATOR, city, "坐席辛")


@pytest.fixture
def member(world: World) -> User:
    """A grid member of the person's town."""
    return made.make_user("member", Role.GRID_MEMBER, world.town, "网格员壬")


def test_an_operator_sees_the_calm_tasks_of_the_citys_desk_and_calls(
    world: World, medium: Task, operator: User, client_of: LogIn
) -> None:
    intake.ingest_alerts(None, made.calm_alerts())
    calm = set(Task.objects.filter(level__in=("medium", "low")).values_list("pk", flat=True))
    assert {task.pk for task in queries.tasks(operator, Filters())} == calm
    client = client_of(operator)
    assert client.get("/").headers["Location"] == "/alerts/"
    assert client.get("/alerts/").status_code == 200
    assert 'data-verb="hotline"' in client.get(f"/alerts/{medium.pk}/").content.decode()
    actions.move(operator, medium.pk, None, "hotline")
    unmasking.unmask(operator, medium.pk, "回访核实")
    page = client.get(f"/m/visit/{medium.pk}/").content.decode()
    assert "data-call" in page
    assert "这里是96110反诈专线" in page
    assert "警官证" not in page, "nobody says they are an officer who is none"
    task = actions.record_contact(operator, medium.pk, None, "answered")
    assert (task.state, task.owner) == (State.REACHED, operator)
    task = actions.save_visit(
        operator, medium.pk, None, "operator-1", actions.VisitForm(("persuade",)), "awakened"
    )
    assert (task.state, task.verdict) == (State.FEEDBACK, "awakened")


def test_an_operator_opens_no_serious_task_no_other_page_and_unmasks_only_their_own(
    world: World, medium: Task, operator: User, client_of: LogIn
) -> None:
    intake.ingest_alerts(None, [made.alert(1, "high", "loan", "lure", made.POLICE_EVIDENCE)])
    serious = Task.objects.get(level="high")
    client = client_of(operator)
    assert client.get(f"/alerts/{serious.pk}/").status_code == 403
    with pytest.raises(NotPermitted):
        unmasking.unmask(operator, medium.pk, "核实身份")
    for refused in (
        lambda: actions.dispatch(operator, medium.pk, None),
        lambda: actions.move(operator, medium.pk, None, "dispatch_county"),
    ):
        with pytest.raises((NotPermitted, IllegalMove)):
            refused()
    for page in ("/cases/", "/entities/", "/measures/", "/alerts/clocks/", "/persons/p00/"):
        assert client.get(page).status_code in (403, 404), page
    actions.move(world.analyst, medium.pk, None, "hotline")
    assert client.get(f"/alerts/{medium.pk}/").status_code == 403


def test_an_operator_hears_of_what_waits_for_the_hotline_of_what_leaves_it_and_of_their_own(
    world: World, medium: Task, operator: User, member: User
) -> None:
    def heard(user: User) -> list[tuple[int, str]]:
        listens = Listener(user.pk, PERMISSIONS[Role(user.role)], user.region_path, False, None)
        told = [one.payload for one in stream.after(0, 1000) if listens.hears(one)]
        return [(one["task"], one["change"]) for one in told]

    intake.ingest_alerts(None, [made.alert(1, "high", "loan", "lure", made.POLICE_EVIDENCE)])
    serious = Task.objects.get(level="high")
    actions.dispatch(world.analyst, serious.pk, None)
    assert heard(operator) == [(medium.pk, "opened")]
    actions.move(operator, medium.pk, None, "hotline")
    actions.move(operator, medium.pk, None, "hand_down")
    actions.dispatch(world.county, medium.pk, None)
    # That it is theirs, and that it is theirs no more; where it went is none of their business.
    assert heard(operator)[1:] == [(medium.pk, "hotline"), (medium.pk, "hand_down")]
    actions.move(world.officer, medium.pk, None, "sign")
    assert heard(member) == []
    actions.entrust(world.officer, medium.pk, None, member.pk)
    assert heard(member) == [(medium.pk, "entrust")]


def test_an_operator_hears_that_what_waited_has_become_serious_and_nothing_after(
    world: World, medium: Task, operator: User
) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    actions.dispatch(world.analyst, medium.pk, None)
    listens = Listener(operator.pk, PERMISSIONS[Role.HOTLINE_OPERATOR], operator.region_path, False, None)
    told = [one.payload["change"] for one in stream.after(0, 1000) if listens.hears(one)]
    assert told == ["opened", "raised"]


def test_what_the_operator_does_not_reach_goes_down_and_is_searched_for_by_others(
    world: World, medium: Task, operator: User
) -> None:
    actions.move(operator, medium.pk, None, "hotline")
    for _ in range(3):
        task = actions.record_contact(operator, medium.pk, None, "no_answer")
    assert task.state == State.SEARCHING
    task = actions.move(operator, medium.pk, None, "hand_down")
    assert (task.state, task.owner, task.county is not None) == (State.COUNTY, None, True)
    assert not sees(operator, task)


def signed(world: World, medium: Task) -> Task:
    actions.dispatch(world.analyst, medium.pk, None)
    actions.dispatch(world.county, medium.pk, None)
    return actions.move(world.officer, medium.pk, None, "sign")


def test_a_grid_member_visits_what_a_station_entrusts_to_them_and_sees_nothing_else(
    world: World, medium: Task, member: User, client_of: LogIn
) -> None:
    intake.ingest_alerts(None, made.calm_alerts())
    assert not queries.tasks(member, Filters(state="all"))
    task = signed(world, medium)
    page = client_of(world.officer).get(f"/m/visit/{task.pk}/").content.decode()
    assert f'<option value="{member.pk}">' in page
    answer = client_of(world.officer).post(
        f"/alerts/{task.pk}/entrust/", {"version": task.version, "member": member.pk}
    )
    assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.state, task.owner, task.station) == (State.SIGNED, member, world.station)
    client = client_of(member)
    assert client.get("/").headers["Location"] == "/m/next/"
    assert client.get("/m/next/").headers["Location"] == f"/m/visit/{task.pk}/"
    unmasking.unmask(member, task.pk, "上门核实")
    page = client.get(f"/m/visit/{task.pk}/").content.decode()
    assert "data-call" in page
    assert "我是本社区的网格员" in page
    assert "警官证" not in page
    assert [one.pk for one in queries.tasks(member, Filters(state="all"))] == [task.pk]
    assert client.get("/cases/").status_code in (403, 404)
    actions.move(member, task.pk, None, "meet")
    task = actions.save_visit(
        member, task.pk, None, "member-1", actions.VisitForm(("persuade",)), "not_awakened"
    )
    assert (task.state, task.verdict) == (State.FEEDBACK, "not_awakened")
    assert AuditRow.objects.filter(verb="entrust", actor="officer").count() == 1


def test_a_grid_member_hands_back_what_they_could_not_settle(
    world: World, medium: Task, member: User
) -> None:
    task = signed(world, medium)
    with pytest.raises(IllegalMove, match="网格员"):
        actions.entrust(world.officer, task.pk, None, world.colleague.pk)
    with pytest.raises(IllegalMove):
        actions.entrust(world.colleague, task.pk, None, member.pk)
    elsewhere = Region.objects.filter(level=Region.Level.TOWN).exclude(code=world.town.code)[0]
    stranger = made.make_user("stranger", Role.GRID_MEMBER, elsewhere, "网格员癸")
    with pytest.raises(IllegalMove):
        actions.entrust(world.officer, task.pk, None, stranger.pk)
    actions.entrust(world.officer, task.pk, None, member.pk)
    with pytest.raises(IllegalMove, match="签收人为网格员壬"):
        actions.move(world.officer, task.pk, None, "meet")
    with pytest.raises(IllegalMove, match="理由"):
        actions.move(member, task.pk, None, "hand_back")
    task = actions.move(member, task.pk, None, "hand_back", "三次上门无人")
    assert (task.state, task.owner, task.station) == (State.STATION, None, world.station)
    assert actions.move(world.officer, task.pk, None, "sign").owner == world.officer


@pytest.mark.parametrize("who", ["city", "county", "officer"])
def test_whoever_entrusts_it_a_task_that_is_handed_back_is_with_the_station_of_the_town(
    world: World, medium: Task, member: User, who: str
) -> None:
    """The city may entrust what it called itself, and no station has ever had that task."""
    entrusts = {"city": world.analyst, "county": world.county, "officer": world.officer}[who]
    if who == "city":
        actions.move(world.analyst, medium.pk, None, "hotline")
    else:
        actions.dispatch(world.analyst, medium.pk, None)
        actions.dispatch(world.county, medium.pk, None)
        actions.move(entrusts, medium.pk, None, "sign")
    task = actions.entrust(entrusts, medium.pk, None, member.pk)
    assert (task.station, task.county is not None) == (world.station, True)
    task = actions.move(member, task.pk, None, "hand_back", "三次上门无人")
    assert (task.state, task.station, task.owner) == (State.STATION, world.station, None)
    assert task in queries.tasks(world.officer, Filters())
    assert actions.move(world.officer, task.pk, None, "sign").owner == world.officer


def test_a_task_entrusted_past_every_station_before_that_was_settled_is_handed_back_to_one(
    world: World, medium: Task, member: User
) -> None:
    actions.move(world.analyst, medium.pk, None, "hotline")
    actions.entrust(world.analyst, medium.pk, None, member.pk)
    Task.objects.update(station=None, county=None)
    task = actions.move(member, medium.pk, None, "hand_back", "三次上门无人")
    assert (task.state, task.station) == (State.STATION, world.station)


def test_where_no_station_serves_the_town_nothing_is_entrusted_and_undo_takes_the_station_back(
    world: World, medium: Task, member: User
) -> None:
    actions.move(world.analyst, medium.pk, None, "hotline")
    actions.entrust(world.analyst, medium.pk, None, member.pk)
    task = actions.undo(world.analyst, medium.pk)
    assert (task.owner, task.station) == (world.analyst, None)
    world.station.towns.clear()
    with pytest.raises(IllegalMove, match="没有派出所"):
        actions.entrust(world.analyst, medium.pk, None, member.pk)
    medium.refresh_from_db()
    assert (medium.owner, medium.station) == (world.analyst, None)


def test_no_serious_task_is_entrusted_and_one_that_becomes_serious_goes_to_officers(
    world: World, medium: Task, member: User, operator: User
) -> None:
    intake.ingest_alerts(None, [made.alert(0, "medium", "loan", "lure", made.POLICE_EVIDENCE[:2], 20)])
    actions.move(operator, medium.pk, None, "hotline")
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    assert (task.level, task.state, task.owner) == ("high", State.ESCALATED, None)
    assert set(running(task)) == {"sign", "call", "meet"}
    task = actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    with pytest.raises(IllegalMove):
        actions.entrust(world.officer, task.pk, None, member.pk)


def test_what_was_entrusted_and_becomes_serious_is_dispatched_anew(
    world: World, medium: Task, member: User
) -> None:
    task = signed(world, medium)
    actions.entrust(world.officer, task.pk, None, member.pk)
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    assert (task.level, task.state, task.owner) == ("urgent", State.ESCALATED, None)
    assert not sees(member, task)
    assert actions.dispatch(world.county, task.pk, None).station == world.station


class _Wall:
    """The clock on the wall, set by hand."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at
