"""What the desk asks of the database: no more for many tasks than for few, and by indexes made for it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from qingdun.console.alerts import actions, intake, priorities, queries
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.queries import Filters
from qingdun.console.kernel import paging
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.DEMO = True


ROWS, RANKED, PAGE, PANE, ACT, UNDER_LOCK = 7, 10, 38, 27, 23, 8
"""Statements that are taken at most, log-in and all, by a list, by one in the order of what a minute saves,
by the whole desk with a task open, by a task's panes, by an act; and those of an act that others wait for.
"""


def asked(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as statements:
        assert client.get(path).status_code == 200
    return len(statements)


@pytest.mark.parametrize(
    "query", ["", "?sort=priority", "?state=all", "?state=all&sort=loss", "?sort=newest&page=1"]
)
def test_a_list_asks_as_often_for_many_tasks_as_for_few(world: World, log_in: LogIn, query: str) -> None:
    client = log_in(world.analyst)
    intake.ingest_alerts(None, made.calm_alerts()[:6])
    few = asked(client, f"/alerts/rows/{query}"), asked(client, f"/alerts/{query}")
    intake.ingest_alerts(None, [made.police_high(), *made.calm_alerts()])
    many = asked(client, f"/alerts/rows/{query}"), asked(client, f"/alerts/{query}")
    assert many[0] <= few[0] <= (RANKED if "priority" in query else ROWS)
    assert few[1] <= PAGE
    assert many[1] <= few[1] + 3  # another task may be the first, with more to show


def test_a_list_alone_counts_nothing(world: World, log_in: LogIn) -> None:
    intake.ingest_alerts(None, made.calm_alerts())
    client = log_in(world.analyst)
    with CaptureQueriesContext(connection) as statements:
        client.get("/alerts/rows/")
    assert not [one for one in statements if "COUNT(" in one["sql"]]


def test_more_than_anybody_pages_through_is_not_counted(
    world: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.ingest_alerts(None, made.calm_alerts())
    monkeypatch.setattr(paging, "MOST", 3)
    counts = queries.level_counts(world.analyst, Filters())
    assert max(counts.values()) <= 4
    page = log_in(world.analyst).get("/alerts/").content.decode()
    assert 'id="queue-count">3+<' in page


def test_a_part_of_a_page_asks_for_no_frame(world: World, log_in: LogIn) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    client, task = log_in(world.analyst), Task.objects.get()
    assert asked(client, f"/alerts/{task.pk}/pane/") <= PANE
    for path in ("/alerts/rows/", "/alerts/strip/"):
        with CaptureQueriesContext(connection) as statements:
            client.get(path)
        assert not [one for one in statements if 'ORDER BY "kernel_region"' in one["sql"]]


def test_levels_are_counted_in_one_statement(world: World) -> None:
    intake.ingest_alerts(None, made.calm_alerts())
    assert world.analyst.region is not None
    with CaptureQueriesContext(connection) as statements:
        counts = queries.level_counts(world.analyst, Filters(level=("low",)))
    assert len(statements) == 1
    assert counts == {
        level: Task.objects.filter(level=level, closed_at=None).count() for level in Level.values
    }
    world.analyst.region = None
    assert queries.level_counts(world.analyst, Filters()) == dict.fromkeys(Level.values, 0)


def test_an_act_takes_few_statements_and_fewer_that_others_wait_for(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    for act in (
        lambda: actions.dispatch(world.analyst, task.pk, None),
        lambda: actions.move(world.officer, task.pk, None, "sign"),
        lambda: actions.record_contact(world.officer, task.pk, None, "answered"),
        lambda: actions.move(world.officer, task.pk, None, "meet"),
        lambda: actions.save_visit(
            world.officer, task.pk, None, "a-key-of-a-phone", VisitForm(("persuade",)), "awakened"
        ),
    ):
        with CaptureQueriesContext(connection) as statements:
            act()
        locked = next(n for n, one in enumerate(statements) if "kernel_ledgerhead" in one["sql"])
        assert len(statements) <= ACT
        assert len(statements) - locked <= UNDER_LOCK


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a plan of PostgreSQL")
@pytest.mark.parametrize(
    ("index", "filters"),
    [
        ("task_open_urgency", Filters()),
        ("task_open_urgency", Filters(state="desk", level=("urgent",))),
        ("task_open_priority", Filters(sort="priority")),
        ("task_by_urgency", Filters(state="all")),
        ("task_by_loss", Filters(state="closed", sort="loss")),
    ],
)
def test_the_first_page_is_read_in_the_order_of_an_index(world: World, index: str, filters: Filters) -> None:
    """Whatever the database believes of its tables: it may neither read all nor sort."""
    found = queries.tasks(world.analyst, filters)
    if filters.sort == "priority":
        found = found.filter(state__in=priorities.AWAITING, closed_at=None)
    sql, values = found.values("pk")[:50].query.sql_with_params()
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Scan using {index}" in plan
    assert "Sort" not in plan


def test_what_is_not_over_has_no_time_of_ending(world: World) -> None:
    """The desk asks for both."""
    intake.ingest_alerts(None, [made.police_high(), *made.calm_alerts()])
    for task in Task.objects.all():
        assert (task.closed_at is None) == (task.state not in ("closed", "merged", "suppressed"))
    assert Task.objects.filter(closed_at=None, received_at__lte=timezone.now()).exists()
