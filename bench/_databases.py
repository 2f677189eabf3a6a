"""A benchmark that is run on both databases, on each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext

PARTS = ("postgresql", "sqlite")


def on_each(script: str, parts: Sequence[str] = PARTS, settings: str = "", **more: str) -> None:
    """The script again, with `--part` and what it was told itself: on a PostgreSQL of its own, started with
    these settings, and on SQLite; `more` is set in the environment.
    """
    sys.path.insert(0, os.getcwd())
    from tests.postgres import server

    for part in parts:
        place = server(settings) if part == "postgresql" else nullcontext("")
        with place as address, tempfile.TemporaryDirectory() as folder:
            env = os.environ | more | {
                "QINGDUN_DATABASE": address or f"{folder}/qingdun.sqlite3", "QINGDUN_VAR": folder,
                "QINGDUN_DEMO": "1", "PYTHONPATH": os.getcwd(),
            }  # fmt: skip
            subprocess.run([sys.executable, script, "--part", part, *sys.argv[1:]], env=env, check=True)
