"""What of an entry is told to others: no reason, no evidence, nobody's name."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from qingdun.console.exchange import rules
from qingdun.console.exchange.codes import Proof, Tlp

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:qingdun:exchange")


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the black list as it stands, without what stays in the house."""

    entry_id: int
    kind: str
    entity: str
    scam_type: str
    since: dt.datetime
    until: dt.datetime
    in_force: bool
    reversed_at: dt.datetime | None
    changed_at: dt.datetime
    """Of its last change in the feed."""
    enforced: bool
    networked: bool
    """Whether networks can block it."""
    two_persons: bool
    held: bool
    """Whether a resident of the register holds it."""
    taken: bool = False
    """Whether that resident holds it only since it was listed: it was somebody else's then."""
    protected: bool = False
    """Whether it is among what is never blocked by now."""

    @property
    def proof(self) -> Proof:
        """What speaks for it."""
        if self.enforced:
            return Proof.ENFORCED
        return Proof.TWO if self.two_persons else Proof.APPROVED

    @property
    def tlp(self) -> Tlp:
        """How far it may travel."""
        return rules.marking(self.kind, self.held)

    @property
    def reference(self) -> str:
        """The number by which everybody names it, as on the warning page."""
        return f"QD-{self.entry_id}"


@dataclass(frozen=True, slots=True)
class Met:
    """How often networks met an entry."""

    entry_id: int
    first_at: dt.datetime
    last_at: dt.datetime
    count: int


def own_id(city: str, *parts: object) -> uuid.UUID:
    """The id of a thing of that city's: the same thing has the same id, always.

    >>> own_id("441800", "entry", 1) == own_id("441800", "entry", 1) != own_id("441900", "entry", 1)
    True
    """
    return uuid.uuid5(_SPACE, ":".join(map(str, (city, *parts))))


def stamp(at: dt.datetime) -> str:
    """A moment as STIX writes it, to the thousandth of a second.

    >>> stamp(dt.datetime(2026, 11, 29, 1, 2, 3, 456789, dt.UTC))
    '2026-11-29T01:02:03.456Z'
    """
    utc = at.astimezone(dt.UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
