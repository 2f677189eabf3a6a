"""The process that decides what is due: no module waits for another."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from qingdun.console import ticking

PATIENCE_S = 30.0


class Modules:
    """One module that never comes to an end, one that fails, one that is well."""

    def __init__(self) -> None:
        self.let_go, self.ticked = threading.Event(), threading.Semaphore(0)

    def slow(self, now: dt.datetime) -> int:
        """Waits until it is let go."""
        self.let_go.wait(PATIENCE_S)
        return 0

    def failing(self, now: dt.datetime) -> int:
        """Fails."""
        raise ValueError("for the test")

    def due_soon(self, now: dt.datetime) -> dt.datetime:
        """In a moment."""
        return now + dt.timedelta(milliseconds=5)

    def well(self, now: dt.datetime) -> int:
        """Counts."""
        self.ticked.release()
        return 1


@pytest.mark.django_db(transaction=True)
def test_a_module_that_hangs_or_fails_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    modules, ended = Modules(), threading.Event()
    monkeypatch.setattr(ticking, "TICKS", ("slow", "failing", "well"))
    monkeypatch.setattr(ticking, "import_string", lambda name: getattr(modules, name))
    running = threading.Thread(target=ticking.tick_forever, args=(0.01, ended.is_set))
    running.start()
    try:
        assert all(modules.ticked.acquire(timeout=PATIENCE_S) for _ in range(5))
    finally:
        ended.set()
        modules.let_go.set()
        running.join(PATIENCE_S)
    assert not running.is_alive()


def test_files_rest_a_fifth_of_their_work_and_every_other_module_all_of_it() -> None:
    files, other = "qingdun.console.kernel.imports.ticking.tick", "qingdun.console.care.ticking.tick"
    assert ticking.RESTS.keys() <= set(ticking.TICKS)
    assert [ticking.rest_s(name, 2.0) for name in (files, other)] == [0.4, 2.0]
    assert [ticking.rest_s(name, 0.25) for name in (files, other)] == [0.75, 0.75]


@pytest.mark.django_db(transaction=True)
def test_a_module_that_says_when_it_is_due_is_asked_then_and_not_a_second_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its second takes ten minutes here, so that it cannot be what brings the next."""
    modules, ended = Modules(), threading.Event()
    monkeypatch.setattr(ticking, "TICKS", ("well",))
    monkeypatch.setattr(ticking, "DUE", {"well": "due_soon"})
    monkeypatch.setattr(ticking, "import_string", lambda name: getattr(modules, name))
    running = threading.Thread(target=ticking.tick_forever, args=(600.0, ended.is_set), daemon=True)
    running.start()
    try:
        assert all(modules.ticked.acquire(timeout=PATIENCE_S) for _ in range(3))
    finally:
        ended.set()
        running.join(PATIENCE_S)
    assert not running.is_alive()
