"""Which calls are live, as Kamailio tells: so many and no more, so that an urgent alert can end one."""

from __future__ import annotations

from typing import NamedTuple

MOST_LIVE = 200_000
"""Calls that are known to be live; the oldest is forgotten first."""


class Live(NamedTuple):
    """A call that stands."""

    call_id: str
    from_tag: str
    to_tag: str
    caller: str
    """As lists write numbers."""
    callee: str


class LiveCalls:
    """The calls of one Kamailio."""

    def __init__(self) -> None:
        self._calls: dict[str, Live] = {}
        self._between: dict[tuple[str, str], str] = {}
        self.forgotten = 0
        """Calls that were let go though nobody said they had ended."""

    def begun(self, call: Live) -> None:
        """The call stands."""
        self.ended(call.call_id)
        if len(self._calls) >= MOST_LIVE:
            self.ended(next(iter(self._calls)))
            self.forgotten += 1
        self._calls[call.call_id] = call
        self._between[_pair(call.caller, call.callee)] = call.call_id

    def ended(self, call_id: str) -> None:
        """The call is over, if it stood."""
        call = self._calls.pop(call_id, None)
        if call is not None:
            pair = _pair(call.caller, call.callee)
            if self._between.get(pair) == call_id:
                del self._between[pair]

    def by_id(self, call_id: str) -> Live | None:
        """The call of that Call-ID, if it stands."""
        return self._calls.get(call_id)

    def between(self, one: str, other: str) -> Live | None:
        """The last call that stands between two numbers, whoever called."""
        found = self._between.get(_pair(one, other))
        return self._calls[found] if found is not None else None

    def __len__(self) -> int:
        return len(self._calls)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
