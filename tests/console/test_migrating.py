"""A database on its way to its tables tells how far it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PREPARED = """
from qingdun.console import serving
from tests.hearing import Hearing
serving.setup()
for _ in range(2):
    told = Hearing()
    serving.prepare(told)
    print(told.rises(), len(told.shares), told.shares[-1:])
"""


@pytest.mark.slow
def test_each_migration_moves_the_bar_and_a_second_start_shows_none(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    environment = {"QINGDUN_VAR": str(tmp_path), "QINGDUN_SECRET_KEY": "only-for-tests-" * 4}
    done = subprocess.run(
        [sys.executable, "-c", PREPARED], cwd=Path(__file__).parents[2], env=kept | environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = done.stdout.splitlines()
    rises, count, last = first.split(maxsplit=2)
    assert (rises, int(count) > 60, last) == ("True", True, "[1.0]")
    assert second == "False 0 []"
