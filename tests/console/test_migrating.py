"""How far a database is on its way to its tables; an empty one gets what their history gives."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.laid import ROOT, environment, migrate
from tests.postgres import programs, server

PREPARED = """
from qingdun.console import serving
from tests.hearing import Hearing
serving.setup()
for _ in range(2):
    told = Hearing()
    serving.prepare(told)
    print(told.rises(), len(told.shares), told.shares[-1:])
"""

BROKEN_OFF = """
import django
django.setup()
from django.db import connection
from qingdun.console import migrating

def told(share):
    if share > 0.9:
        raise KeyboardInterrupt

try:
    migrating.migrate(told)
except KeyboardInterrupt:
    print(connection.introspection.table_names())
migrating.migrate()
print(len(connection.introspection.table_names()) > 100, migrating.pending_migrations())
"""


def said(program: str, settings: dict[str, str]) -> list[str]:
    """The lines that the program prints with these settings."""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_first_start_moves_the_bar_and_a_second_shows_none(tmp_path: Path) -> None:
    first, second = said(PREPARED, environment(tmp_path))
    rises, count, last = first.split(maxsplit=2)
    assert (rises, int(count) > 60, last) == ("True", True, "[1.0]")
    assert second == "False 0 []"


def test_what_is_broken_off_leaves_an_empty_database_that_is_laid_anew(tmp_path: Path) -> None:
    assert said(BROKEN_OFF, environment(tmp_path)) == ["[]", "True 0"]


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[dict[str, str], Path]]:
    """Settings of an empty SQLite, and where it lies."""
    yield environment(folder), folder / "qingdun.sqlite3"


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Settings of an empty PostgreSQL, and its address."""
    with server() as address:
        yield environment(folder) | {"QINGDUN_DATABASE": address}, address


NOT_COUNTED = ("django_migrations", "sqlite_sequence")
"""Tables whose rows tell of the way and not of where it leads."""


def rows_of_sqlite(path: Path) -> tuple[Counter[str], dict[str, int]]:
    """What tables, indexes and guards are made of, as often as it is said; and the rows of each table."""
    with closing(sqlite3.connect(path)) as database:
        master = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
        tables = [name for kind, name, _sql in master if kind == "table" and name not in NOT_COUNTED]
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
    # Columns come in another order, and are parted by commas outside of brackets.
    return Counter(f"{name}: {part.strip()}" for _, name, sql in master for part in parts(sql)), rows


def parts(sql: str) -> list[str]:
    """A statement parted at the commas between its columns."""
    if not sql.startswith("CREATE TABLE"):
        return [sql]
    body, depth, found = sql[sql.index("(") + 1 : sql.rindex(")")], 0, [""]
    for letter in body:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return found


def rows_of_postgresql(address: str) -> tuple[Counter[str], dict[str, int]]:
    """The same of a PostgreSQL, from what its own program writes down."""
    dump = subprocess.run(
        [programs() / "pg_dump", "--inserts", address], capture_output=True, text=True, check=True
    ).stdout
    rows = Counter(re.findall(r"^INSERT INTO public\.(\w+) ", dump, re.MULTILINE))
    lines = Counter(
        line.rstrip(",")
        for line in dump.splitlines()
        if not line.startswith(("INSERT", "\\", "SELECT", "--"))
    )
    return lines, {name: count for name, count in rows.items() if name not in NOT_COUNTED}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_database_gets_what_the_history_of_its_tables_gives(kind: str, tmp_path: Path) -> None:
    found = []
    for way in ("laid", "played"):
        folder = tmp_path / way
        folder.mkdir()
        with (sqlite if kind == "sqlite" else postgresql)(folder) as (settings, place):
            if way == "laid":
                migrate(settings)
            else:
                said("import django; django.setup(); from django.core.management import call_command; "
                     "call_command('migrate', verbosity=0)", settings)  # fmt: skip
            found.append(rows_of_sqlite(place) if isinstance(place, Path) else rows_of_postgresql(place))
    (laid, laid_rows), (played, played_rows) = found
    assert laid - played == Counter()
    assert played - laid == Counter()
    assert laid_rows == played_rows
