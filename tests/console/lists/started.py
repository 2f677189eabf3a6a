"""Planes of interception as processes of their own, on the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.console.lists.test_engine import ROOT, address
from tests.intercept.running import until


@contextmanager
def started(
    name: str, var: Path, begun: Callable[[], object], **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`qingdun intercept NAME`, with more settings (without their `QINGDUN_`); `begun`: whether it works."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGDUN_")},
        "DJANGO_SETTINGS_MODULE": "qingdun.console.settings",
        "QINGDUN_DATABASE": address(),
        "QINGDUN_VAR": str(var),
        "QINGDUN_SECRET_KEY": settings.SECRET_KEY,
        **{f"QINGDUN_{setting}": value for setting, value in more.items()},
    }
    command = [sys.executable, "-m", "qingdun.cli", "intercept", name]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until(begun, process)
        yield process
    finally:
        process.kill()
        process.wait()
