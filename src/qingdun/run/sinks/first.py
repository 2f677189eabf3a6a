"""A sink that keeps one moment: when the first alert of a kind was raised."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent


class FirstAlert:
    """Notes the first alert of one of the levels that was raised at or after `since` (UTC microseconds)."""

    def __init__(self, since: int, levels: Collection[str]) -> None:
        self.raised_at: int | None = None
        self._since = since
        self._levels = levels

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        """The first one is noted, whatever comes later."""
        fitting = [a.raised_at for a in alerts if a.raised_at >= self._since and a.level in self._levels]
        if fitting and self.raised_at is None:
            self.raised_at = min(fitting)

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
