"""The console as a sink of a run: what the engine decides becomes tasks, suspects and the feed strip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from qingdun.console.alerts import feed, intake, snapshots
from qingdun.console.kernel.models import User
from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent


class ConsoleSink:
    """A sink of `run` that writes through the console's actions, in the system's name or the actor's.

    `source` names what is judged (`feed.source_of`), so that rejected rows of two directories are not taken
    for each other. Safe to hand the same rows twice.
    """

    def __init__(self, actor: User | None = None, source: str = "") -> None:
        self.actor = actor
        self.source = source
        self._clock_us = 0
        self._counts: Counter[str] = Counter()

    def alerts(
        self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]] | None = None
    ) -> None:
        """The alerts are tasks, or have joined them; the timeline of each holds the events."""
        if alerts:
            intake.ingest_alerts(self.actor, alerts, timelines)

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        """These suspects stand with their latest score; those that stood before and are not here are gone."""
        snapshots.replace_suspects(self.actor, suspects)

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        """These memberships stand; those that stood before and are not here are gone."""
        snapshots.replace_clusters(self.actor, members)

    def rejects(self, rejects: Sequence[Reject]) -> None:
        """The rejected rows are kept with their reasons."""
        if rejects:
            feed.keep_rejects(self.actor, self.source, rejects)

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """Desk and wall show the engine's clock and the events by flow since the feed began."""
        self._clock_us = clock_us
        self._counts.update(counts_by_flow)
        feed.report_progress(clock_us, self._counts)

    def close(self) -> None:
        """The feed strip says that the feed has ended."""
        if self._clock_us:
            feed.report_progress(self._clock_us, self._counts, running=False)
