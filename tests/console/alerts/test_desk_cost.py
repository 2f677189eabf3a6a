"""What the desk asks of the database: no more for many tasks than for few, and by indexes made for it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from qingdun.console.alerts import actions, intake, priorities, queries
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


ROWS, PAGE, ACT, UNDER_LOCK = 15, 70, 45, 12
"""Statements that a list, the whole desk with a task open, and an act take at most, log-in and all; and those
of an act that everybody else who acts waits for.
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
    assert many[0] <= few[0] <= ROWS
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


def test_an_act_takes_few_statements_and_fewer_that_others_wait_for(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    for act in (
        lambda: actions.dispatch(world.analyst, task.pk, None),
        lambda: actions.move(world.officer, task.pk, None, "sign"),
        lambda: actions.record_contact(world.officer, task.pk, None, "answered"),
        lambda: actions.move(world.officer, task.pk, None, "meet"),
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
