"""Folders that many tests begin with: laid once, by whichever process is first, and copied.

What migrations alone decide is kept from one run to the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import django
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.postgres import programs, stoppable

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".laid"
TEMPLATE = "tables"
"""The database on the tests' PostgreSQL of which each process copies its own."""


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


def tables() -> Path:
    """A console's folder with the tables of its SQLite, to be copied."""
    return _kept("tables", django.__version__, lambda folder: migrate(environment(folder)))


def cluster() -> Path:
    """What a PostgreSQL begins with whose database TEMPLATE has the console's tables, to be copied."""

    def lay(folder: Path) -> None:
        with stoppable() as database:
            lay_template(database.address)
            database.keep(folder / "data")

    return _kept("cluster", f"{django.__version__} {programs()}", lay) / "data"


def lay_template(address: str) -> None:
    """On the server of the address TEMPLATE is there, with the console's tables and nothing else."""
    with psycopg.connect(address, autocommit=True) as server:
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(TEMPLATE)))
    with TemporaryDirectory() as folder:
        migrate(environment(Path(folder)) | {"QINGDUN_DATABASE": of_template(address)})


def of_template(address: str) -> str:
    """The address of TEMPLATE on the same server."""
    return urlsplit(address)._replace(path=f"/{TEMPLATE}").geturl()


def _kept(name: str, made_by: str, lay: Callable[[Path], None]) -> Path:
    """The folder of that name from one run to the next, until a migration or what made it is another."""
    KEPT.mkdir(exist_ok=True)
    told = hashlib.sha256(made_by.encode())
    for path in sorted(ROOT.glob("src/qingdun/console/*/migrations/*.py")):
        told.update(path.name.encode() + path.read_bytes())
    found = KEPT / f"{name}-{told.hexdigest()[:16]}"
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            for old in KEPT.glob(f"{name}-*"):
                shutil.rmtree(old)
            making = KEPT / f"{name}-making"
            making.mkdir()
            lay(making)
            making.rename(found)
    return found


def migrate(settings: dict[str, str]) -> None:
    """The database of these settings has the console's tables, as a first start gives them."""
    first = "import django; django.setup(); from qingdun.console.migrating import migrate; migrate()"
    subprocess.run([sys.executable, "-W", "ignore", "-c", first], check=True, env=settings, cwd=ROOT)
