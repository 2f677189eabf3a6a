"""What passes between the parts of the engine: events, verdicts of the screens, signals, suspicions,
timers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

CALLS, MESSAGES, VISITS, TRANSFERS = "calls", "messages", "visits", "transfers"
OUTCOMES = "outcomes"
"""What people did about alerts, back from the console: judged beside the four flows."""
FLOW_ORDER = {CALLS: 0, MESSAGES: 1, VISITS: 2, TRANSFERS: 3, OUTCOMES: 4}
"""The order in which rows of the same instant are judged."""

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

Types = tuple[tuple[str, float], ...]
"""Scam types a piece of evidence speaks for, with weights."""


class HostVerdict(NamedTuple):
    """What the screen says of a host: probability of fraud, type, what it is known as, the listed parent
    if any.
    """

    probability: float
    scam_type: str | None
    kinds: tuple[str, ...]
    listed: str | None
    own_domain: bool = False
    """Whether it is a registered domain itself, or its www, m, h5 or wap."""
    well_known: bool = False
    """Whether its kinds are those of its domain, and not of a label that anybody may take."""


class TextVerdict(NamedTuple):
    """What the screen says of a message: probability of fraud, type, the phrases that weighed most, hosts
    named.
    """

    probability: float
    scam_type: str | None
    phrases: tuple[str, ...]
    hosts: tuple[tuple[str, HostVerdict], ...]
    code: bool
    """Whether it carries a one-time code."""


class Event(NamedTuple):
    """One row of a flow that the screens let through; `row` is the contract's row tuple."""

    at: int
    order: int
    id: str
    flow: str
    row: Any
    verdict: Any
    clock: int
    """The greatest `at` that had arrived when this row arrived, its own included."""


class Timer(NamedTuple):
    """A detector's wish to be woken at `at` (UTC microseconds) with `key`; `number` makes the order total."""

    at: int
    number: int
    detector: str
    key: tuple[Any, ...]


class Signal(NamedTuple):
    """Evidence about a person, in thousandths of a bit."""

    detector: str
    at: int
    person_id: str
    msisdn: str
    entity_kind: str
    entity: str
    millibits: int
    stage: str
    types: Types
    text_zh: str
    text_en: str
    urgent: bool = False
    """Whether by itself it shows money about to move: the trigger of the most urgent level."""
    direct: bool = True
    """Whether it rests on what happened, not on the company the entity keeps."""


class Suspicion(NamedTuple):
    """Evidence about an entity that may not yet have a victim, in thousandths of a bit."""

    detector: str
    at: int
    entity_kind: str
    entity: str
    millibits: int
    types: Types
    text_zh: str
    text_en: str
    direct: bool = True
    tied_to: tuple[tuple[str, str], ...] = ()
    """Other entities (kind, entity) that this one was seen working with."""


class ContextEvent(NamedTuple):
    """One event of an alerted person's last day, for the timeline beside the alert."""

    at: int
    lane: str
    """calls, messages, sites or money."""
    kind: str
    entity: str
    text_zh: str
    text_en: str
    suspicious: bool = False
    duration_s: int = 0
    """How long a call lasted; 0 for everything else."""
    cell: str = ""
    """Cell of the person's own phone in a call, where known."""
