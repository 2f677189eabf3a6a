"""A sink that keeps one moment: when the first person came into an alert of a kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent


class FirstAlert:
    """Notes the first alert of one of the levels, at or after `since` (UTC microseconds), on a new person."""

    def __init__(self, since: int, levels: Collection[str]) -> None:
        self.raised_at: int | None = None
        self._since = since
        self._levels = levels
        self._persons: set[str] = set()

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        """The first one is noted, whatever comes later."""
        for alert in alerts:
            fits = alert.raised_at >= self._since and alert.level in self._levels
            if fits and alert.person_id not in self._persons and self.raised_at is None:
                self.raised_at = alert.raised_at
            self._persons.add(alert.person_id)

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        """Nothing."""

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        """Nothing."""

    def rejects(self, rejects: Sequence[Reject]) -> None:
        """Nothing."""

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
