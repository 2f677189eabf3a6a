"""Whoever is killed at any moment, what was known is answered again, also while the lists are away."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.intercept.lookups.alone import NUMBERS, number
from tests.intercept.lookups.asking import Client, client
from tests.intercept.running import until


@contextmanager
def begun(asker: Client, lists: str) -> Iterator[subprocess.Popen[bytes]]:
    """The plane, until it is killed."""
    settings = asker.settings
    words = [str(settings.folder), str(settings.http.port), str(settings.dns.port), lists]
    process = subprocess.Popen([sys.executable, "-m", "tests.intercept.lookups.alone", *words])
    try:
        until(lambda: asker.knows(NUMBERS), process)
        yield process
    finally:
        process.kill()
        process.wait()


def test_killed_in_mid_load_and_started_again_without_the_lists(tmp_path: Path) -> None:
    asker = client(tmp_path)
    ended = threading.Event()
    wrong: list[str] = []
    asked = 0

    def load() -> None:
        nonlocal asked
        place = 0
        while not ended.is_set():
            place += 1
            try:
                if (found := asker.verdict("number", number(place % NUMBERS))) != "block":
                    wrong.append(found)
                asked += 1
            except OSError:
                continue

    with begun(asker, "here") as process:
        thread = threading.Thread(target=load)
        thread.start()
        until(lambda: asked > 20)
        process.kill()
        process.wait()
        until(lambda: not asker.knows(0))  # those that answered have ended with it
    with begun(asker, "away"):
        before = asked
        until(lambda: asked > before + 20)
        ended.set()
        thread.join()
        assert [asker.verdict("number", number(place)) for place in range(NUMBERS)] == ["block"] * NUMBERS
        until(lambda: asker.get("/v1/health").body["age_s"] >= 1)
    assert not wrong
