"""What the engine's process polls: calls of officers that found a line busy, forwarded or a talk refused."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence

from django.utils import timezone

from qingdun.console.alerts import outcomes
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.contract.outcomes import OutcomeChange
from qingdun.contract.tables import Outcome

_EVERY_S = 0.25
_AHEAD_US = 60_000_000
"""How far the console's clock may be ahead of the flows: an outcome is of now, and only the rows are slow."""
_REMEMBERED = dt.timedelta(days=8)
"""A day more than the engine remembers anything of a person."""
_MAY_BE_UNDONE_S = UNDO_FOR.total_seconds() * 2


class OutcomeFeed:
    """Called between batches with the engine's clock; asks the database at most every quarter of a second.

    `own_time`: flows carry the time of today, so that an outcome stands at its own time; one that is ahead
    of the engine, which after a restart catches up the days before, waits until the engine is there.
    Otherwise, in a replay of another day, it stands where the engine is when it hears of it, and nothing from
    before counts.
    """

    def __init__(
        self,
        own_time: bool = False,
        every_s: float = _EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own_time = own_time
        self._every_s = every_s
        self._clock = clock
        self._serial: int | None = None
        self._asked_at = 0.0
        self._waiting: list[tuple[int, Outcome]] = []
        self._told: dict[int, tuple[float, Outcome]] = {}
        """By number, what was told lately and when: it may yet be undone."""

    def __call__(self, clock_us: int) -> Sequence[OutcomeChange]:
        """What was done, and undone, since the last call."""
        now = self._clock()
        if self._serial is not None and now - self._asked_at < self._every_s:
            return ()
        self._asked_at = now
        if self._serial is None:
            self._serial = 0 if self._own_time else outcomes.last_serial()
        found = outcomes.evidence_since(self._serial, timezone.now() - _REMEMBERED)
        if found:
            self._serial = found[-1][0]
        self._waiting += found
        return [*self._taken_back(now), *self._due(clock_us, now)]

    def _due(self, clock_us: int, now: float) -> list[OutcomeChange]:
        if not clock_us:
            return []
        due = [one for one in self._waiting if not self._own_time or one[1].at <= clock_us + _AHEAD_US]
        self._waiting = [one for one in self._waiting if one not in due]
        changes = []
        for serial, outcome in due:
            at = min(outcome.at, clock_us) if self._own_time else clock_us
            told = outcome._replace(at=at)
            self._told[serial] = (now, told)
            changes.append(OutcomeChange(True, told))
        return changes

    def _taken_back(self, now: float) -> list[OutcomeChange]:
        self._told = {serial: one for serial, one in self._told.items() if now - one[0] <= _MAY_BE_UNDONE_S}
        return [
            OutcomeChange(False, self._told.pop(serial)[1])
            for serial in sorted(outcomes.undone(self._told) if self._told else ())
        ]
