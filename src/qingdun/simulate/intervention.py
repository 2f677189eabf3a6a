"""The hook by which a victim who was reached in time does not pay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Intervention(Protocol):
    """Somebody who may stop a payment."""

    def stopped(self, person_id: str, scam_type: str, at: int) -> bool:
        """Whether that person, in a scam of that type, no longer pays at `at` (UTC microseconds).

        It is asked right before every payment to a scam account. Once stopped, a person pays nothing more in
        that scam.
        """
        ...


class NoIntervention:
    """Nobody is stopped."""

    def stopped(self, person_id: str, scam_type: str, at: int) -> bool:
        """False."""
        return False


@dataclass(frozen=True, slots=True)
class MetInTime:
    """Who was met pays no more from that moment on, for so many hours."""

    met_at: Mapping[str, int]
    lasts_us: int = 72 * 3_600 * 1_000_000

    @classmethod
    def from_table(cls, rows: Iterable[tuple[str, int]], lasts_h: int = 72) -> MetInTime:
        """An intervention from rows of person id and meeting (UTC microseconds); the first counts."""
        first: dict[str, int] = {}
        for person_id, met_at in rows:
            first[person_id] = min(met_at, first.get(person_id, met_at))
        return cls(first, lasts_h * 3_600 * 1_000_000)

    def stopped(self, person_id: str, scam_type: str, at: int) -> bool:
        """Whether the person was met before `at` and it still holds."""
        met_at = self.met_at.get(person_id)
        return met_at is not None and met_at <= at < met_at + self.lasts_us
