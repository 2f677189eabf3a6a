"""What is told of lists: to an engine while it runs, as a part of its arrival, and to what enforces them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from qingdun.contract.tables import WatchlistEntry


class ListChange(NamedTuple):
    """An entry that is listed, or no longer. The engine knows it again by kind, entity and source."""

    listed: bool
    entry: WatchlistEntry


class ListedEntry(NamedTuple):
    """An entry in force, with what whoever enforces it must know. Moments are UTC microseconds.

    Sentences of evidence stay where they may be read; of each piece its detector travels.
    """

    entry_id: int
    list_name: str
    """`black`, `grey` or `never_block`."""
    entity_kind: str
    """A kind of `codes.EntityKind`, or `text`."""
    entity: str
    """Of a text its `template_key`; its words do not travel."""
    reason: str
    """In the words of whoever proposed it; not for the public."""
    scam_type: str
    evidence: tuple[str, ...]
    """The detectors whose evidence it rests on, each once; empty for a reason alone."""
    owner: str
    """The account that answers for it."""
    approved_by: tuple[str, ...]
    """The accounts that approved it: one, or two different ones."""
    approved_at: int
    since: int
    until: int | None
    enforced_at: int | None
    """Since when it is blocked; None: it is observed, and what it would have blocked is counted."""

    @property
    def enforced(self) -> bool:
        """Whether it is blocked, and not only observed."""
        return self.enforced_at is not None


class FeedLine(NamedTuple):
    """One change of the lists: serials rise by one in the order of commits."""

    serial: int
    what: str
    """`listed`, `extended`, `enforced` or `unlisted`."""
    at: int
    entry: ListedEntry
    ended_by: str
    """Of an entry that was reversed, the account that did it; empty for the clock."""
    ended_why: str


class FeedSnapshot(NamedTuple):
    """Everything in force, and a serial that was read before it: changes go on from there."""

    serial: int
    entries: Iterable[ListedEntry]


class Sightings(NamedTuple):
    """How often an entry was met in an hour of UTC: what it would have blocked, and what it blocked."""

    entry_id: int
    hour_at: int
    observed: int
    blocked: int


class PlaneState(NamedTuple):
    """How a plane stands. Moments are UTC microseconds; None: never."""

    plane: str
    """`sites`, `messages`, `calls` or `look-ups`."""
    at: int
    """When this was so."""
    serial: int | None
    """Up to which change of the lists it holds them."""
    heard_at: int | None
    """When the lists last answered it."""
    entries: int
    stopped_at: int | None
    """Up to which serial changes wait for a person's word; None if none do."""
    stopped_size: int | None
    """How many entries they would change."""
    figures: Mapping[str, int | str]
    """What else the plane tells of itself, by name: a breaker's state, clients refused."""


class HeldText(NamedTuple):
    """A text that a plane holds for a person, as it stands there. Moments are UTC microseconds."""

    quarantine: str
    """Which store it is in: its numbers are that one's."""
    text_id: int
    at: int
    until: int
    """When it leaves, whoever has looked at it or not."""
    sender: str
    recipient: str
    """The first, of many."""
    recipients: int
    words: str
    """Its beginning; empty once it is decided and done, or gone."""
    is_whole: bool
    """Whether that is all of it."""
    entry_id: int | None
    """An entry that it met and that is only observed; None: none."""
    probability: float
    """That it is a scam, as the model says."""
    scam_type: str
    phrases: tuple[str, ...]
    """What of it spoke loudest, spelt plainly, numbers wiped."""
    state: str
    """A state of `qingdun.intercept.messages.quarantine`, or `gone`."""
    moved_at: int
    answers: tuple[int | None, ...]
    """What the centre said to each of its messages when it was sent; None: nothing."""
    heard: tuple[tuple[str, bool], ...]
    """Decisions about it that came, by key, and whether they were still possible."""


class Decision(NamedTuple):
    """What a person decided of a text that is held."""

    key: str
    """Known once: it is followed once, however often it is told."""
    text_id: int
    verb: str
    """`release` or `drop`."""
