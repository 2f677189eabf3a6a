"""The console's processes, started and stopped together: pages, event stream and what feeds them."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from qingdun.console.keeping import Kept, keep
from qingdun.contract.progress import Share, unheard
from qingdun.errors import ConfigurationError

_PAGES = "qingdun.console.wsgi:application"
_EVENTS = "qingdun.console.push:application"
_STREAMS = 20_000
"""Browsers that may listen at once."""
_CONNECT_S = 3


def setup() -> None:
    """Django is ready to be used in this process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdun.console.settings")
    django.setup()
    _reach_database()


def _reach_database() -> None:
    """The database answers. Errors: ConfigurationError at once, before a pool tries again and again."""
    from django.db import DatabaseError, connection

    if wrong := database_away():
        raise ConfigurationError(f"the database does not answer: {wrong}")
    if connection.vendor == "sqlite":
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            name = connection.settings_dict["NAME"]
            raise ConfigurationError(f"{name}: no SQLite database that can be used: {error}") from error


def database_away() -> str:
    """Empty if the database answers, else what is wrong, on one line."""
    from django.conf import settings

    found = settings.DATABASES["default"]
    if not found["ENGINE"].endswith("postgresql"):
        return ""
    import psycopg

    try:
        psycopg.connect(
            host=found["HOST"], port=found["PORT"], dbname=found["NAME"], user=found["USER"],
            password=found["PASSWORD"], connect_timeout=_CONNECT_S,
        ).close()  # fmt: skip
    except psycopg.OperationalError as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


@contextmanager
def environment(demo: bool, host: str, port: int) -> Iterator[None]:
    """This process and its children have the settings that follow from the command line; set ones win."""
    os.environ.setdefault("QINGDUN_DEMO", "1" if demo else "0")
    os.environ.setdefault("QINGDUN_ALLOWED_HOSTS", f"{host},127.0.0.1,localhost")
    origins = ",".join(f"http://{name}:{port}" for name in dict.fromkeys((host, "127.0.0.1", "localhost")))
    os.environ.setdefault("QINGDUN_ORIGINS", origins)
    os.environ.setdefault("QINGDUN_EVENTS_URL", f":{port + 1}/events")
    setup()
    yield


def prepare(told: Share = unheard) -> None:
    """The database has its tables and the city's regions."""
    from django.conf import settings

    from qingdun.console.kernel.loading import load_regions
    from qingdun.console.migrating import migrate

    settings.VAR.mkdir(parents=True, exist_ok=True)
    migrate(told)
    load_regions(settings.CITY)


def is_prepared() -> bool:
    """Whether every migration has been applied."""
    from qingdun.console.kernel.health import pending_migrations

    return pending_migrations() == 0


def check_ports(host: str, port: int) -> None:
    """Nobody listens on `port` nor on the next. Errors: ConfigurationError says which of them is what.

    The server shares its port with others of its kind, so it would not notice by itself.
    """
    for number, use in (
        (port, "the pages"),
        (port + 1, "the event stream, always the port after the pages'"),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except OSError as error:
                raise ConfigurationError(_cannot_listen(host, number, use, error)) from error


def _cannot_listen(host: str, port: int, use: str, error: OSError) -> str:
    """What is wrong with the address, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"{host}:{port}, for {use}, is taken; choose another with --port, or make run PORT=8100"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine ({error.strerror}); expected one for --host"
    return f"{host}:{port}, for {use}, cannot be listened on: {error.strerror}"


def run(host: str, port: int, feeds: Sequence[Sequence[str]] = ()) -> None:
    """Pages answer on `port`, events on the next, and what is due is done, until a signal comes; then all
    have ended, and whatever they started. A process that ends by itself is started again, and a database that
    goes away is waited for.

    `feeds` are `qingdun` command lines run beside them; one that ends well is done.
    Errors: ConfigurationError if a port is taken or a process does not stay.
    """
    from django.conf import settings

    check_ports(host, port)
    granian = [sys.executable, "-m", "granian", "--host", host, "--log-level", "warning"]
    # For when this process is killed outright: a browser that keeps its stream open holds nothing up.
    granian += ["--workers-kill-timeout", "1"]
    web = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--port", str(port), _PAGES]
    live = ["--interface", "asginl", "--workers", "1", "--port", str(port + 1)]
    # An open browser holds its stream all day, and a thousand come back at once after a fall.
    live += ["--backlog", "4096", "--backpressure", str(_STREAMS), _EVENTS]
    commands = {"pages": [*granian, *web], "event stream": [*granian, *live]}
    children = [Kept(name, command) for name, command in commands.items()]
    for feed in (["tick"], *feeds):
        command = [sys.executable, "-m", "qingdun.cli", *feed]
        children.append(Kept(f"qingdun {feed[0]}", command, may_end=feed in feeds))
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    keep(children, settings.VAR, lambda: stopping, database_away)
