"""What the engine is told of: in the order of commits, once it can no longer be undone, as refits read it."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from qingdun.console.alerts import actions, intake, outcomes
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.models import Alert, OutcomeLine, Task
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.console.alerts.states import State
from qingdun.console.kernel.ledger import locked_head
from qingdun.console.kernel.models import Person
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ACCOUNTS, ALERTS, FLOWS, OUTCOMES, SUBSCRIBERS
from qingdun.detect.weights import load_weights
from qingdun.evaluate.refit import refit
from tests.console.alerts import world as made
from tests.console.alerts.world import World

KNOWN = tuple(
    piece._replace(detector=code)
    for piece, code in zip(made.POLICE_EVIDENCE, sorted(load_weights().detectors), strict=False)
)
"""Evidence of detectors that the shipped weights know."""


def later(seconds: float = 60) -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=seconds)


def work(world: World, task: Task, verdict: str = "awakened") -> None:
    """Called in vain, met, and the verdict."""
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.analyst, task.pk, None, "sign")
    actions.record_contact(world.analyst, task.pk, None, "forwarded", confirmed=True)
    actions.move(world.analyst, task.pk, None, "meet")
    actions.save_visit(
        world.analyst, task.pk, None, f"working-{task.pk}", VisitForm(reason="own_transfer"), verdict
    )


def test_calls_and_verdicts_come_once_and_in_order(world: World, task: Task) -> None:
    work(world, task)
    told = outcomes.outcomes_since(0, now=later())
    assert [row.result for row in told.rows] == ["forwarded", "awakened"]
    assert {row.alert_id for row in told.rows} == {made.police_urgent().alert_id}
    assert {(row.person_id, row.by) for row in told.rows} == {("p00", "city")}
    assert outcomes.outcomes_since(told.serial, now=later()) == ([], told.serial)
    first = outcomes.outcomes_since(0, most=1, now=later())
    assert outcomes.outcomes_since(first.serial, now=later()).rows == told.rows[1:]


def test_nothing_is_told_before_it_can_no_longer_be_undone(world: World, task: Task) -> None:
    work(world, task)
    assert outcomes.outcomes_since(0) == ([], 0)
    at = OutcomeLine.objects.latest("pk").at
    assert len(outcomes.outcomes_since(0, now=at + UNDO_FOR).rows) == 2


def test_the_table_is_what_the_contract_says_and_a_refit_learns_from_it(world: World, tmp_path: Path) -> None:
    rows = []
    for number in range(30):
        right = number % 3 != 0
        pieces = KNOWN[:3] if right else KNOWN[:1]
        row = made.alert(number % 12, "high", "police", "control", pieces, 24, f"refit-{number:02}")
        rows.append(row._replace(person_id=f"refit-{number:02}"))
        Person.objects.create(
            person_id=f"refit-{number:02}", birth_year=1970, sex="f", floating=False,
            region=world.town, region_path=world.town.path,
        )  # fmt: skip
    intake.ingest_alerts(None, rows)
    for number, task in enumerate(Task.objects.order_by("pk")):
        work(world, task, "awakened" if number % 3 != 0 else "false_alarm")
    flows, results = tmp_path / "flows", tmp_path / "results"
    for table in (*FLOWS, SUBSCRIBERS, ACCOUNTS):
        write_table(table, [], flows / f"{table.name}.parquet")
    write_table(ALERTS, rows, results / "alerts.parquet")
    count = outcomes.write_outcomes(flows / "outcomes.parquet", now=later())
    assert count == 60
    read = FlowDirectory(flows).reference(OUTCOMES)
    assert read.num_rows == count
    report = refit(flows, results, tmp_path / "weights.json")
    assert (report.by, report.alerts, report.confirmed) == ("outcomes", 30, 20)
    assert report.after.brier < report.before.brier


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_the_feed_misses_nothing_that_is_committed_late(world: World) -> None:
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()[:3]])
    alerts = list(Alert.objects.select_related("task"))
    rounds, writers = 8, 3

    def write(writer: int) -> None:
        try:
            for _ in range(rounds):
                with transaction.atomic():
                    locked_head()
                    outcomes.keep([outcomes.line(alerts[writer].task, timezone.now(), "busy", "city")])
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    seen, serial = 0, 0
    while any(thread.is_alive() for thread in threads) or serial < OutcomeLine.objects.latest("pk").pk:
        told = outcomes.outcomes_since(serial, now=later())
        seen, serial = seen + len(told.rows), told.serial
    assert seen == rounds * writers


def test_what_was_done_before_there_was_a_feed_is_in_it(world: World, task: Task) -> None:
    from importlib import import_module

    from django.apps import apps

    work(world, task)
    told = outcomes.outcomes_since(0, now=later()).rows
    OutcomeLine.objects.all().delete()
    Task.objects.update(verdict="", verdict_at=None)
    import_module("qingdun.console.alerts.migrations.0006_outcomes_so_far").fill(apps, None)
    assert outcomes.outcomes_since(0, now=later()).rows == told
    assert Task.objects.get().verdict == State.AWAKENED
