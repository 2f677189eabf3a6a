"""Rows are locked in one order (docs/decisions/0002): tasks by their ids, then what hangs on them, the ledger
last. Whoever waits for a row holds nothing that its holder may still ask for.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest
from django.db import Error, connection, transaction

from qingdun.console.alerts import intake
from qingdun.console.alerts.merging import merge
from qingdun.console.alerts.models import Alert, Task
from qingdun.console.kernel.models import LedgerHead
from qingdun.console.visits import actions as visiting
from qingdun.console.visits.models import Photo, Place
from tests.console.alerts import world as made
from tests.console.alerts.conftest import task, world
from tests.console.alerts.world import World
from tests.console.visits.conftest import meet

__all__ = ["task", "world"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one lock for all"),
]
PATIENCE_S = 20.0


class Other:
    """Somebody else's act, in a thread with a connection of its own."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.failed: list[BaseException] = []
        self._act, self._thread = act, threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._act()
        except Exception as error:
            self.failed.append(error)
        finally:
            connection.close()

    def waits(self) -> bool:
        """Whether it has come to wait for a lock."""
        deadline = time.monotonic() + PATIENCE_S
        while self._thread.is_alive() and time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                if cursor.fetchone()[0]:
                    return True
        return False

    def succeeds(self) -> bool:
        """Whether it ends well."""
        self._thread.join(PATIENCE_S)
        assert not self.failed, self.failed
        return not self._thread.is_alive()


def is_free(model: type[Task] | type[LedgerHead], pk: int) -> bool:
    """Whether nobody holds that row."""

    def look() -> None:
        with transaction.atomic():
            model._default_manager.select_for_update(nowait=True).get(pk=pk)

    other = Other(look)
    other._thread.join(PATIENCE_S)
    assert all(isinstance(error, Error) for error in other.failed)
    return not other.failed


def test_alerts_of_a_merged_task_lock_both_tasks_in_the_order_of_their_ids(world: World, task: Task) -> None:
    later = made.police_high()._replace(
        alert_id="later", episode_id="later", raised_at=made.us(made.MORNING + dt.timedelta(days=9))
    )
    made.stand_at(task.pk, "closed")
    intake.ingest_alerts(None, [later])
    second = Task.objects.latest("pk")
    made.stand_at(task.pk, "reopened")
    Task.objects.filter(pk=task.pk).update(closed_at=None)
    merge(world.analyst, second.pk, None, task.pk)
    with transaction.atomic():
        Task.objects.select_for_update().get(pk=task.pk)
        other = Other(lambda: intake.ingest_alerts(None, [later._replace(alert_id="more")]))
        assert other.waits()
        assert is_free(Task, second.pk)
    assert other.succeeds()
    assert Alert.objects.get(pk="more").task_id == task.pk


def test_whoever_waits_for_what_is_purged_of_a_visit_does_not_hold_the_ledger(
    world: World, task: Task
) -> None:
    meet(world, task)
    visiting.state_consent(world.officer, task.pk, "a-key-of-consent", "photo", "yes")
    visiting.set_place(world.officer, task.pk, "a-key-of-a-place", 23.68, 113.05, 12)
    Photo.objects.create(
        task=task, region_path=task.region_path, key="a-key-of-a-photo", name="none.jpg", sha256="0" * 64,
        size_bytes=1, width=1, height=1, at=made.MORNING, by=world.officer,
    )  # fmt: skip
    for rows, act in (
        (
            Place.objects.all(),
            lambda: visiting.set_place(world.officer, task.pk, "another-key", 23.69, 113.06, 9),
        ),
        (
            Photo.objects.all(),
            lambda: visiting.state_consent(world.officer, task.pk, "a-second-key", "photo", "no"),
        ),
    ):
        with transaction.atomic():
            rows.delete()
            other = Other(act)
            assert other.waits()
            assert is_free(LedgerHead, 1)
        assert other.succeeds()
    assert Place.objects.get().lat == 23.69
