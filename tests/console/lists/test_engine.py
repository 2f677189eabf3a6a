"""The engine uses an approved entry, and stops using a reversed one, while it judges a live replay."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from qingdun.console.alerts.models import Evidence, FeedProgress
from qingdun.console.kernel.models import AuditRow
from qingdun.console.lists import actions
from qingdun.console.lists.models import Entry
from tests.console.lists.conftest import People, candidate, propose
from tests.run.world import START, S, World

ROOT = Path(__file__).parents[3]
HOST = "shop.rare.invalid"
PERSONS = 1200
EVERY_US = S // 4
FIRST = START + 10 * S
PATIENCE_S = 240.0


def flows(folder: Path) -> Path:
    """Everybody got one spoofed call; then they open the same host one after the other, four a second."""
    world = World(PERSONS)
    for person in range(PERSONS):
        world.call(START + person * 1000, "+00861110", world.number(person), 5, "overseas")
        world.visit(FIRST + person * EVERY_US, world.number(person), HOST)
    return world.write(folder)


def address() -> str:
    """The test's database, for another process."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(found["NAME"])
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def wait_for(found: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    """What `found` gives once it gives something; fails if the process ends or far too much time passes."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := found():
            return answer
        assert process.poll() is None, "the engine's process ended"
        time.sleep(0.05)
    raise AssertionError("it did not happen")


@pytest.fixture
def engine(
    people: People, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[subprocess.Popen[bytes]]:
    """`qingdun ingest` at real time, in a process of its own."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGDUN_")},
        "DJANGO_SETTINGS_MODULE": "qingdun.console.settings",
        "QINGDUN_DATABASE": address(),
        "QINGDUN_VAR": str(tmp_path / "var"),
        "QINGDUN_SECRET_KEY": settings.SECRET_KEY,
    }
    command = [sys.executable, "-m", "qingdun.cli", "ingest", str(flows(tmp_path / "flows")), "--replay", "1"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def visits() -> list[int]:
    """Which persons' visits were held against them, in order."""
    found = Evidence.objects.filter(detector="visit.listed_host").values_list("at", flat=True).distinct()
    return sorted(round((round(at.timestamp() * S) - FIRST) / EVERY_US) for at in found)


def clock() -> dt.datetime | None:
    progress = FeedProgress.objects.first()
    return progress.clock_at if progress else None


def passed(moment: dt.datetime) -> Callable[[], bool]:
    return lambda: (clock() or moment) > moment


@pytest.mark.django_db(transaction=True)
def test_an_approved_entry_counts_from_the_next_visits_on_and_a_reversed_one_no_longer(
    people: People, engine: subprocess.Popen[bytes]
) -> None:
    begun = dt.datetime.fromtimestamp(FIRST / S, dt.UTC)
    wait_for(passed(begun + dt.timedelta(seconds=3)), engine)
    assert not visits()

    made = propose(people.county, candidate("rare.invalid"))
    before = clock()
    assert before is not None
    actions.approve(people.analyst, [(made.entries[0].pk, None)])
    wait_for(visits, engine)
    entry = Entry.objects.get()
    piece = Evidence.objects.filter(detector="visit.listed_host").order_by("at", "pk")[0]
    # The engine's process reads the replay at real time: its clock and ours go side by side.
    taken = AuditRow.objects.filter(verb="ingest_alerts", at__gt=entry.approved_at).order_by("at")[0].at
    assert entry.approved_at is not None
    sys.stdout.write(
        f"\napproved to alert on the desk: {(taken - entry.approved_at).total_seconds():.2f} s\n"
    )
    assert FIRST + visits()[0] * EVERY_US >= before.timestamp() * S, "nobody who visited before"
    assert entry.reason in piece.text_zh

    seen = len(visits())
    wait_for(lambda: len(visits()) > seen + 4, engine)
    numbers = visits()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "and everybody from then on"

    actions.reverse(people.colleague, [(entry.pk, None)], "核实为误报")
    at_reversal = clock()
    assert at_reversal is not None
    # Two reports of progress later, a second apart, the engine has asked what has changed.
    wait_for(passed(at_reversal), engine)
    settled = clock()
    assert settled is not None
    wait_for(passed(settled), engine)
    last = clock()
    assert last is not None
    wait_for(passed(last + dt.timedelta(seconds=4)), engine)
    held = [FIRST + number * EVERY_US for number in visits()]
    assert max(held) <= last.timestamp() * S, "nobody after the reversal"
    after = (max(held) - round(at_reversal.timestamp() * S)) / S
    sys.stdout.write(f"last visit that counted: {after:.2f} s of flow time after the last report before\n")
