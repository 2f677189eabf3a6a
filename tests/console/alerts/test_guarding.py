"""Nobody is called by two about the same thing, and nobody is rung up twice without being told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions, clocks, guarding
from qingdun.console.alerts.models import Contact, Task, TaskEvent
from qingdun.console.kernel.models import AuditRow, Organisation, User
from qingdun.errors import Unconfirmed
from tests.console.alerts import world as made
from tests.console.alerts.world import World


@pytest.fixture
def two(world: World) -> tuple[Task, Task]:
    """Two tasks of one person, the older one worked on by an officer of another station."""
    first = made.alert(0, "high", "loan", "lure", made.POLICE_EVIDENCE[:2], -6000, "before")
    older, newer = made.two_open_tasks(first, made.police_urgent())
    station = Organisation.objects.create(
        code="elsewhere", kind=Organisation.Kind.STATION, name="隔壁派出所", region=world.town
    )
    other = User.objects.create(
        username="elsewhere", role="station_officer", region=world.town, organisation=station,
        display_name="民警庚", password="!",
    )  # fmt: skip
    actions.dispatch(world.analyst, older.pk, None, station.pk)
    actions.move(other, older.pk, None, "sign")
    actions.record_contact(other, older.pk, None, "busy", "改天再打")
    actions.dispatch(world.analyst, newer.pk, None)
    actions.move(world.officer, newer.pk, None, "sign")
    return older, newer


@pytest.mark.parametrize("way", ["call", "contact"])
def test_a_call_soon_after_anothers_has_to_be_confirmed(
    world: World, two: tuple[Task, Task], way: str
) -> None:
    _, newer = two
    rows, lines = AuditRow.objects.count(), TaskEvent.objects.count()

    def call(confirmed: bool) -> Task:
        if way == "call":
            return actions.move(world.officer, newer.pk, None, "call", confirmed=confirmed)
        return actions.record_contact(world.officer, newer.pk, None, "answered", confirmed=confirmed)

    with pytest.raises(Unconfirmed, match=r"隔壁派出所.*(Busy line|占线)"):
        call(False)
    assert (AuditRow.objects.count(), TaskEvent.objects.count()) == (rows, lines)
    assert call(True).state in ("calling", "reached")


def test_ones_own_next_try_is_not_asked_about(world: World, two: tuple[Task, Task]) -> None:
    _, newer = two
    Contact.objects.all().delete()
    TaskEvent.objects.filter(verb="call").delete()
    for _ in range(3):
        actions.record_contact(world.officer, newer.pk, None, "no_answer")
    assert Task.objects.get(pk=newer.pk).state == "searching"


def test_the_span_is_configured_and_passes(world: World, two: tuple[Task, Task]) -> None:
    older, newer = two
    TaskEvent.objects.filter(task=older, verb="call").update(at=timezone.now() - dt.timedelta(seconds=301))
    newer.refresh_from_db()
    guarding.require_quiet(newer, world.officer, timezone.now(), confirmed=False)
    clocks.set_rule(world.analyst, "urgent", "quiet", "", "both", 600, "按市局要求")
    with pytest.raises(Unconfirmed, match="5"):
        guarding.require_quiet(newer, world.officer, timezone.now(), confirmed=False)
    clocks.set_rule(world.analyst, "urgent", "quiet", "", "both", None, "按市局要求")
    guarding.require_quiet(newer, world.officer, timezone.now(), confirmed=False)


def test_an_undone_call_is_no_call(world: World, two: tuple[Task, Task]) -> None:
    older, newer = two
    actions.undo(User.objects.get(username="elsewhere"), older.pk)
    assert guarding.lately_called(newer, world.officer, timezone.now()) is None


def test_whoever_works_on_the_person_sees_every_call_and_no_more(
    world: World, two: tuple[Task, Task]
) -> None:
    older, newer = two
    newer = actions.record_contact(world.officer, newer.pk, None, "no_answer", "邻居称在家", confirmed=True)
    own, others = guarding.attempts(world.officer, newer)
    assert (own.by, own.note, own.elsewhere) == ("民警丁", "邻居称在家", False)
    assert (others.by, others.note, others.task_id, others.elsewhere) == ("隔壁派出所", "", None, True)
    seen = guarding.attempts(world.analyst, newer)[1]
    assert (seen.by, seen.note, seen.task_id) == ("民警庚", "改天再打", older.pk)
    assert guarding.attempts(world.other_county, newer) == []
    assert guarding.warning(world.other_county, newer) is None
    warned = guarding.warning(world.officer, newer)
    assert warned is not None
    assert (warned.by, warned.note, warned.task_id) == ("隔壁派出所", "", None)
