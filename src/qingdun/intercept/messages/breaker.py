"""When judging fails or takes too long, nothing is judged for a while: messages pass, and are counted."""

from __future__ import annotations

import logging
from enum import StrEnum

FAILURES = 5
"""Batches one after the other that failed or were slow, until nothing is judged."""
SLOW_S, BATCH_S = 0.02, 0.25
"""What one message, or KiB of a long one, may take on average of its batch, and a batch at least: a busy
machine is no reason.
"""
REST_S = 5.0
"""How long nothing is judged until a batch is tried."""

_log = logging.getLogger("qingdun.intercept")


class State(StrEnum):
    """Whether messages are judged: all, none, or one batch for a trial."""

    CLOSED = "closed"
    OPEN = "open"
    TRIAL = "trial"


class Breaker:
    """Counts what went wrong in a row."""

    def __init__(self) -> None:
        self.state = State.CLOSED
        self.opened = 0
        """How often."""
        self._wrong = 0
        self._opened_at = 0.0

    def allows(self, now: float) -> bool:
        """Whether a batch is judged now."""
        if self.state is State.CLOSED:
            return True
        if self.state is State.OPEN and now - self._opened_at >= REST_S:
            self.state = State.TRIAL
        return self.state is State.TRIAL

    def took(self, seconds: float, messages: int, now: float) -> None:
        """A batch was judged, of so many messages, each KiB of a long one counted."""
        if seconds > max(SLOW_S * messages, BATCH_S):
            self.failed(f"{messages} messages took {seconds:.3f} s", now)
            return
        self._wrong = 0
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            _log.warning("messages are judged again")

    def failed(self, why: str, now: float) -> None:
        """A batch could not be judged, or only late."""
        self._wrong += 1
        if self.state is State.CLOSED and self._wrong < FAILURES:
            _log.warning("messages were not judged as they should be: %s", why)
            return
        if self.state is not State.OPEN:
            self.opened += 1
            _log.error("ALARM: no message is judged for %.0f s, all pass: %s", REST_S, why)
        self.state, self._opened_at = State.OPEN, now
