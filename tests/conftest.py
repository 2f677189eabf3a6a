"""What the tests of every part share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests import laid

settings.register_profile(
    "qingdun",
    deadline=None,  # timings never decide a test
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,  # what is tried anew at every desk is tried alike where a change lands
)
settings.load_profile("qingdun")

GUARDS = ("0002_audit_is_append_only", "0007_audit_grows_at_its_end")
"""Migrations that guard the ledger."""


@pytest.fixture(scope="session")
def tables() -> Path:
    """A console's folder with the tables of its SQLite, to be copied."""
    return laid.tables()


@pytest.fixture(scope="session")
def django_db_keepdb(tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings: None) -> bool:
    """The process's own database begins as a copy of one that has been migrated."""
    if connection.vendor == "sqlite":
        shutil.copyfile(laid.tables() / "qingdun.sqlite3", connection.creation._get_test_db_name())
        return True
    address = os.environ["QINGDUN_DATABASE"]
    laid.laid(tmp_path_factory, "template", lambda _folder: laid.lay_template(address))
    connection.settings_dict["TEST"]["TEMPLATE"] = laid.TEMPLATE
    return False


@pytest.fixture(autouse=True)
def append_only_ledger(request: pytest.FixtureRequest) -> Iterator[None]:
    """Audit rows are append-only in every test that uses the database.

    A test with real transactions ends by emptying every table, which the ledger's triggers refuse: they are
    taken away for that moment and put back before the next test.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    migrations = [import_module(f"qingdun.console.kernel.migrations.{name}") for name in GUARDS]
    if not _has_triggers():
        for migration in migrations:
            _execute(migration.STATEMENTS[connection.vendor])
    yield
    if marker.kwargs.get("transaction") and _has_triggers():
        for migration in migrations:
            _execute(migration.UNDO[connection.vendor])


def _has_triggers() -> bool:
    table, column = {"sqlite": ("sqlite_master", "name"), "postgresql": ("pg_trigger", "tgname")}[
        connection.vendor
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} LIKE 'audit_no_%'")
        return bool(cursor.fetchone()[0])


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
