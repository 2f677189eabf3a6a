"""Two at once, for real: officers in threads with connections of their own, tick processes as processes."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from qingdun.console.alerts import actions, intake, priorities
from qingdun.console.alerts.models import Alert, Claim, Clock, ContextEvent, Task, TaskEvent
from qingdun.console.alerts.queries import Filters
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent, User
from qingdun.errors import IllegalMove, RefusedError, Unconfirmed
from tests.console.alerts import world as made
from tests.console.alerts.world import World

ROOT = Path(__file__).parents[3]
TICK = """
import datetime, os, sys
from django.db import connections
import django
from django.conf import settings
from tests import settings as ours
ours.DATABASES["default"]["NAME"] = os.environ["THE_DATABASE"]
django.setup()
from qingdun.console.alerts.ticking import tick
sys.stdin.readline()
now = datetime.datetime.fromisoformat(os.environ["THE_TIME"])
print(sum(tick(now) for _ in range(int(os.environ["ROUNDS"]))), flush=True)
"""


def together(*acts: Callable[[], object]) -> list[object]:
    """What came of each, all begun at the same moment in threads; a refusal is an answer."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return act()
        except RefusedError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_a_task_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    for number in range(4):
        intake.ingest_alerts(None, [made.alert(number, "urgent", "police", "transfer", made.POLICE_EVIDENCE)])
        task = Task.objects.latest("pk")
        version = task.version

        def dispatch(task: Task = task, version: int = version) -> Task:
            return actions.dispatch(User.objects.get(username="city"), task.pk, version)

        def dismiss(task: Task = task, version: int = version) -> Task:
            return actions.move(world.analyst, task.pk, version, "dismiss", "本人账户互转")

        answers = together(dispatch, dismiss)
        won = [answer for answer in answers if isinstance(answer, Task)]
        lost = [answer for answer in answers if isinstance(answer, IllegalMove)]
        assert (len(won), len(lost)) == (1, 1)
        task.refresh_from_db()
        assert (task.version, task.state) == (version + 1, won[0].state)
        assert str(lost[0]).startswith("已有人先行办理：值班员甲，")
        assert str(lost[0]).endswith(f"任务当前状态：{task.get_state_display()}")
    assert AuditRow.objects.filter(verb__in=("dispatch_straight", "dismiss")).count() == 4
    assert verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_two_officers_of_a_station_who_sign_at_once(world: World) -> None:
    intake.ingest_alerts(None, [made.police_urgent()])
    task = actions.dispatch(world.analyst, Task.objects.get().pk, None)
    answers = together(
        *(
            lambda who=who: actions.move(who, task.pk, None, "sign")
            for who in (world.officer, world.colleague)
        )
    )
    winner = next(answer for answer in answers if isinstance(answer, Task))
    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 1
    assert Task.objects.get().owner_id == winner.owner_id


@pytest.mark.django_db(transaction=True)
def test_those_who_press_next_at_once_are_given_different_tasks(world: World) -> None:
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    desk = [
        User.objects.create(username=f"desk-{number}", role=world.analyst.role, region=world.analyst.region)
        for number in range(3)
    ]
    for _ in range(3):
        Claim.objects.all().delete()
        answers = together(*(lambda who=who: actions.take_next(who) for who in (world.analyst, *desk)))
        given = {answer.pk for answer in answers if isinstance(answer, Task)}
        assert len(given) == 4
        best = [one.task_id for one in priorities.ranked(world.analyst, Filters())]
        assert given == set(best[:4])
    assert AuditRow.objects.filter(verb="take_next").count() == 12
    assert verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_of_two_who_call_one_person_at_once_about_two_tasks_one_is_asked_to_confirm(world: World) -> None:
    first = made.alert(0, "high", "loan", "lure", made.POLICE_EVIDENCE[:2], -6000, "before")
    held = zip(
        made.two_open_tasks(first, made.police_urgent()), (world.officer, world.colleague), strict=True
    )
    calls = []
    for task, who in held:
        actions.dispatch(world.analyst, task.pk, None)
        actions.move(who, task.pk, None, "sign")
        calls.append(lambda task=task, who=who: actions.move(who, task.pk, None, "call"))
    answers = together(*calls)
    assert sum(isinstance(answer, Unconfirmed) for answer in answers) == 1
    assert TaskEvent.objects.filter(verb="call").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_alerts_taken_in_twice_at_once_are_stored_once(world: World) -> None:
    batches = []
    for batch in range(5):
        rows = [
            made.alert(n, "urgent", "police", "transfer", made.POLICE_EVIDENCE, 24, f"b{batch}-{n}")
            for n in range(8)
        ]
        batches.append({row.alert_id: row for row in rows})

    for rows in batches:
        answers = together(
            *(
                lambda rows=rows: intake.ingest_alerts(
                    None, list(rows.values()), {alert_id: made.police_context() for alert_id in rows}
                )
                for _ in range(4)
            )
        )
        taken = [answer for answer in answers if isinstance(answer, intake.Taken)]
        assert sorted(one.fresh for one in taken) == [0, 0, 0, len(rows)]
    assert set(Alert.objects.values_list("alert_id", flat=True)) == {pk for rows in batches for pk in rows}
    assert AuditRow.objects.filter(verb="ingest_alerts").count() == len(batches)
    assert TaskEvent.objects.filter(verb="open").count() == Task.objects.count() == 8
    assert ContextEvent.objects.count() == 8 * len(made.police_context())
    assert verify_chain().intact


@pytest.mark.django_db(transaction=True)
def test_two_tick_processes_at_once_breach_every_clock_once(world: World) -> None:
    index = 0
    for _ in range(5):
        batch = []
        for person in range(11):
            index += 1
            pieces = made.POLICE_EVIDENCE
            row = made.alert(person, "urgent", "police", "transfer", pieces, 24, f"many-{index:03}")
            batch.append(row._replace(person_id=f"many-{index:03}"))
        intake.ingest_alerts(None, batch)
    clocks = Clock.objects.count()
    assert clocks == 55
    audited, events = AuditRow.objects.count(), LiveEvent.objects.count()
    far = Clock.objects.latest("due_at").due_at + dt.timedelta(seconds=1)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COV_")},
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "THE_DATABASE": str(connection.settings_dict["NAME"]),
        "THE_TIME": far.isoformat(),
        "ROUNDS": "5",
        "QINGDUN_CITY": settings.CITY_CODE,
    }
    command = [sys.executable, "-c", TICK]
    processes = [
        subprocess.Popen(
            command, env=environment, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    assert sum(done) == clocks
    assert TaskEvent.objects.filter(verb="breach").count() == clocks
    assert not Clock.objects.exclude(breached_at=far).exists()
    assert AuditRow.objects.count() == audited + clocks
    assert LiveEvent.objects.count() == events + clocks
    assert verify_chain().intact
