"""The database brought to the tables of this version, and how far that is.

An empty one gets today's tables at once, and of the migrations only what they do besides tables: guards and
first rows. To play their history through takes half a minute and more, spent on imagining each state between.
A law holds both ways against each other (`tests/console/test_migrating.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command
from django.db import connection
from django.db.migrations import RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor

from qingdun.console.kernel.health import pending_migrations
from qingdun.contract.progress import Share, unheard


class Migrate(Command):
    """Django's `migrate`; whoever is told hears the share of migrations done."""

    def __init__(self, told: Share) -> None:
        super().__init__()
        self._told, self._done, self._all = told, 0, 0

    def migration_progress_callback(self, action: str, *about: Any, **more: Any) -> None:
        """A migration begins or is done."""
        super().migration_progress_callback(action, *about, **more)
        if action == "apply_start":
            self._all = self._all or pending_migrations()
        elif action == "apply_success":
            self._done += 1
            self._told(self._done / max(self._done, self._all))


def migrate(told: Share = unheard) -> None:
    """The database has the tables of this version, whatever it had before."""
    if not connection.introspection.table_names():
        lay(told)
    call_command(Migrate(told), interactive=False, verbosity=0)


def lay(told: Share = unheard) -> None:
    """The empty database has today's tables, guards and first rows, and every migration counts as applied;
    if that is broken off, it is empty still.
    """
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    today = executor.loader.project_state()
    models = [model for model in today.apps.get_models() if model._meta.can_migrate(connection)]
    number = len(models) + len(plan)
    with connection.schema_editor() as editor:
        for done, model in enumerate(models, 1):
            editor.create_model(model)
            told(done / number)
        executor.recorder.ensure_schema()
        for done, migration in enumerate(plan, len(models) + 1):
            for operation in _besides_tables(migration.operations):
                operation.database_forwards(migration.app_label, editor, today, today)
            executor.recorder.record_applied(migration.app_label, migration.name)
            told(done / number)


def _besides_tables(operations: Iterable[Any]) -> Iterator[RunPython | RunSQL]:
    """What an empty database needs of the operations: not what moves rows, which is marked `elidable`."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _besides_tables(operation.database_operations)
        elif isinstance(operation, RunPython | RunSQL) and not operation.elidable:
            yield operation
