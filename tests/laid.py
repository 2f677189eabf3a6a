"""Folders that many tests begin with: laid once in a run, by whichever process is first, and copied."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.postgres import stoppable

ROOT = Path(__file__).parents[1]


def laid(factory: pytest.TempPathFactory, name: str, lay: Callable[[Path], None]) -> Path:
    """The folder of that name, which `lay` has filled."""
    run = factory.getbasetemp()
    run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    found = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            making = run / f"{name}.making"
            making.mkdir()
            lay(making)
            making.rename(found)
    return found


def environment(folder: Path) -> dict[str, str]:
    """What every process of a console in that folder is started with; none of the caller's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "qingdun.console.settings",
        "QINGDUN_VAR": str(folder),
        "QINGDUN_DEMO": "1",
    }


def lay_tables(folder: Path) -> None:
    """The console's database in that folder has its tables, and nothing but what migrations put there."""
    migrate(environment(folder))


def lay_postgres(address: str, name: str) -> str:
    """The same as a database of that name on the server of the address; gives its own address."""
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    own = urlsplit(address)._replace(path=f"/{name}").geturl()
    with TemporaryDirectory() as folder:
        migrate(environment(Path(folder)) | {"QINGDUN_DATABASE": own})
    return own


def lay_cluster(folder: Path) -> None:
    """`folder / "data"` is what a whole PostgreSQL begins with whose database has these tables."""
    with stoppable() as database, TemporaryDirectory() as var:
        migrate(environment(Path(var)) | {"QINGDUN_DATABASE": database.address})
        database.keep(folder / "data")


def migrate(settings: dict[str, str]) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=settings, cwd=ROOT)
