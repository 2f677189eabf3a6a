"""An engine that is killed in the midst of its work, round after round, loses and doubles no alert.

The engine works in a process of its own and says a letter at each of its steps, at which it waits for leave
to go on; so it is known what it was at when it was killed, and that it had work. As soon as it has none, more
lands.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from qingdun.contract.tables import ALERTS, FLOWS
from qingdun.run.live import Live
from qingdun.run.sinks.gathering import Gathering
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.snapshots import KEPT, Snapshots
from qingdun.run.sources.landing import Landing
from tests.laws.test_engine import in_order
from tests.run.test_live import HOURS, Place
from tests.run.world import World, eventful

JUDGED, KEEPING, KEPT_IT, FILE, RESTING = "jkswr"
"""A batch is judged; a snapshot begins; it stands; a file is opened, renamed or removed; nothing landed."""
EVERY = 3
"""Batches to a snapshot, or one less."""
MOST_STEPS = 60
_ON_FILES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}


class Line:
    """What a worker says to whoever may kill it, and the leave it is given."""

    def __init__(self) -> None:
        self._heard, self._said = os.pipe()
        self._given, self._gave = os.pipe()

    def say(self, letter: str) -> None:
        """It was said, and there was leave to go on."""
        os.write(self._said, letter.encode())
        os.read(self._given, 1)

    def hear(self) -> str:
        """The next letter."""
        return os.read(self._heard, 1).decode()

    def let(self) -> None:
        """Whoever waits may go on."""
        os.write(self._gave, b".")

    def worked(self) -> None:
        """The process that hears leaves the ends to the one that says, whose death it will notice."""
        os.close(self._said)
        os.close(self._given)

    def close(self) -> None:
        """The ends of the one that hears."""
        os.close(self._heard)
        os.close(self._gave)


class Telling(Gathering):
    """Says when a batch is judged, and when a snapshot begins and stands."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def begin(self, number: int) -> None:
        """Nothing is kept."""

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        self._line.say(JUDGED)

    def keep(self, number: int) -> None:
        self._line.say(KEEPING)

    def kept(self) -> None:
        self._line.say(KEPT_IT)

    def idle(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        """Nothing is held."""


def work(place: Place, world: World, line: Line) -> NoReturn:
    """The engine works until it is killed."""

    def at_files(event: str, about: Sequence[Any]) -> None:
        if event in _ON_FILES and str(about[0]).startswith(str(place.landing.parent)):
            line.say(FILE)

    with suppress(BaseException):
        sys.addaudithook(at_files)
        live = Live(
            world.engine(), Landing(place.landing), Snapshots(place.state),
            [PartsSink(place.out), Telling(line)],
            every_s=EVERY, clock=itertools.count().__next__,
        )  # fmt: skip
        live.run(lambda: False, lambda _seconds: line.say(RESTING))
    os._exit(1)


def killed(place: Place, world: World, more: Iterator[None], steps: int, enough: str) -> str:
    """A worker is killed after so many steps, as soon as it has said `enough` since its last snapshot; what
    it had said. It had work: where there was none, more had landed.
    """
    line = Line()
    child = os.fork()
    if child == 0:
        work(place, world, line)
    line.worked()
    said = ""
    while len(said) < steps or said[-1] == RESTING or enough not in said.rpartition(KEPT_IT)[2]:
        said += (letter := line.hear())
        assert letter, "it ended by itself"
        if letter == RESTING:
            next(more)
        line.let()
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    line.close()
    assert os.WTERMSIG(status) == signal.SIGKILL
    return said


def landing(place: Place, world: World, pieces: int) -> Iterator[None]:
    """All rows in order of time, a few at each step."""
    rows = in_order(world)
    for number in range(pieces):
        few = rows[len(rows) * number // pieces : len(rows) * (number + 1) // pieces]
        place.put({flow.name: [row for name, row in few if name == flow.name] for flow in FLOWS}, f"{number}")
        yield


@pytest.mark.parametrize("count", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_loses_and_doubles_no_alert(tmp_path: Path, count: int) -> None:
    place, world, draw = Place(tmp_path), eventful(HOURS), random.Random(count)
    eventful(1).alerts()  # what is compiled is loaded once for all of them
    more = landing(place, world, 6 * count)
    between = 0
    for number in range(count):
        steps, enough = draw.randint(1, MOST_STEPS), (JUDGED, KEEPING, "")[number % 3]
        since = killed(place, world, more, steps, enough).rpartition(KEPT_IT)[2]
        between += JUDGED in since
    assert between >= count // 3, "so often what had been judged stood in no snapshot yet"
    for _ in more:
        pass
    place.run(world)
    wanted = ALERTS.from_rows(world.engine().push(world.batch()).alerts)
    assert wanted.num_rows > 10
    assert place.written() == ALERTS.to_rows(wanted)
    assert len(list(place.state.glob("*.snapshot"))) <= KEPT
