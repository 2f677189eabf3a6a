"""Runs a command with a real PostgreSQL of its own: `python tests/postgres.py pytest tests/console`.

The server lives in a temporary folder, listens on a free port of this machine only, and is gone when the
command ends; its database `tables` is migrated. PostgreSQL refuses to run as root: root starts it as the user
`postgres`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path:
    """Folder of the newest PostgreSQL on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        sys.exit("PostgreSQL is not installed; `apt-get install postgresql` brings it")
    return Path(on_path).parent


THROWN_AWAY = "-F -c synchronous_commit=off -c full_page_writes=off"
"""What a crash would lose is thrown away anyway."""


class Database:
    """A PostgreSQL of one's own, which is started, stopped and started again."""

    def __init__(self, folder: Path, settings: str, kept: Path | None) -> None:
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._folder, self._data, self._programs = folder, folder / "data", programs()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._options = f"-p {port} -h 127.0.0.1 -k {folder} {settings}"
        self.address = f"postgres://qingdun@127.0.0.1:{port}/postgres"
        if kept is None:
            options = ["-U", "qingdun", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
            self._run(self._programs / "initdb", "-D", self._data, *options)
        else:
            # With its owner, who alone may read it.
            subprocess.run(["cp", "-a", kept, self._data], check=True)

    def start(self) -> None:
        """It answers."""
        self._run(*self._control(), "-l", self._folder / "log", "-o", self._options, "start")

    def stop(self, check: bool = True) -> None:
        """It is gone at once, as when its machine is, and what was committed stays."""
        self._run(*self._control(), "-m", "immediate", "stop", check=check)

    def keep(self, data: Path) -> None:
        """It is gone with all it has written, of which `data` becomes a copy to begin others with."""
        self._run(*self._control(), "-m", "fast", "stop")
        subprocess.run(["cp", "-a", self._data, data], check=True)

    def _control(self) -> list[str | Path]:
        return [self._programs / "pg_ctl", "-D", self._data, "-w"]

    def _run(self, *command: str | Path, check: bool = True) -> None:
        subprocess.run(
            command, user=self._user, cwd=self._folder, check=check, stdout=subprocess.DEVNULL,
            stderr=None if check else subprocess.DEVNULL,
        )  # fmt: skip


@contextmanager
def stoppable(settings: str = THROWN_AWAY, kept: Path | None = None) -> Iterator[Database]:
    """A running PostgreSQL, started with these settings: with what is kept there, else with nothing in it."""
    folder = Path(tempfile.mkdtemp(prefix="qingdun-postgres-"))
    try:
        database = Database(folder, settings, kept)
        database.start()
        try:
            yield database
        finally:
            database.stop(check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(settings: str = THROWN_AWAY, kept: Path | None = None) -> Iterator[str]:
    """Address of a running PostgreSQL, as `stoppable` starts it."""
    with stoppable(settings, kept) as database:
        yield database.address


def main(command: list[str]) -> int:
    """Exit code of the command."""
    # Whoever ends us ends the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.laid import cluster  # which needs what stands here

    with server(kept=cluster()) as address:
        return subprocess.run(command, env=os.environ | {"QINGDUN_DATABASE": address}).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
