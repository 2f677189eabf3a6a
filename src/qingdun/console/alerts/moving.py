"""One line of the table of moves, whom and which levels it names, and how long a move may be taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise

from qingdun.console.alerts.states import ClockName, State
from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role

CITY = Permission.DISPATCH_CITY
COUNTY = Permission.DISPATCH_COUNTY
REVIEW = Permission.REVIEW_ALERTS
FIELD = Permission.WORK_ALERTS
HOTLINE = Permission.CALL_HOTLINE
GRID = Permission.VISIT_ENTRUSTED

UNDO_FOR = dt.timedelta(seconds=5)
"""How long whoever made a move may take it back, and what leaves the building waits, unless it is urgent."""
ALL_LEVELS = ("urgent", "high", "medium", "low")
STRAIGHT = ("urgent", "high")
"""Levels that go from the city straight to the station, the county being copied."""
CALM = ("medium", "low")
"""Levels that a phone call may settle without a visit."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table."""

    verb: str
    label: str | Promise
    sources: tuple[State, ...]
    target: State | None
    """None: the task stays where it is, and only its mark `lost_at` changes."""
    permission: Permission
    also: tuple[Permission, ...] = ()
    """Other permissions that do as well."""
    stops: tuple[ClockName, ...] = ()
    starts: tuple[ClockName, ...] = ()
    starts_calm: tuple[ClockName, ...] = ()
    """Started as well for levels that a call may settle, unless they run: those are timed from the alert and
    not from an order, because the city may call by itself."""
    needs_note: bool = False
    levels: tuple[str, ...] = ALL_LEVELS
    by_owner: bool = False
    """Only whoever signed may, so that nobody is called by two levels about one task."""
    by_engine: bool = False
    """The system makes it as well, with nobody's name on it."""
    apart: bool = False
    """Made by an act of its own, which asks for more than a reason; no button of the action bar."""
    lost: bool | None = None
    """Whether the contact with the person is lost after it; None leaves that as it is."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that may make it."""
        return tuple(role for role in Role if PERMISSIONS[role] & {self.permission, *self.also})

    def fits(self, lost: bool) -> bool:
        """Whether it changes anything for a task whose contact is lost, or is not."""
        return self.target is not None or self.lost is not lost
