"""The console as a sink of a run: what the engine decides becomes tasks, suspects and the feed strip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from qingdun.console.alerts import intake
from qingdun.console.kernel.models import User
from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent


class ConsoleSink:
    """A sink of `run` that writes through the console's actions, in the system's name or the actor's.

    Safe to hand the same rows twice.
    """

    def __init__(self, actor: User | None = None) -> None:
        self.actor = actor
        self._clock_us = 0
        self._told: dict[tuple[str, str], Suspect] = {}
        self._counts: Counter[str] = Counter()

    def alerts(self, rows: Sequence[Alert]) -> None:
        """The alerts are tasks, or have joined them."""
        if rows:
            intake.ingest_alerts(self.actor, rows)

    def context(self, alert_id: str, events: Iterable[ContextEvent]) -> None:
        """The timeline of the alert holds these events."""
        intake.ingest_context(self.actor, alert_id, events)

    def suspects(self, rows: Sequence[Suspect]) -> None:
        """The suspects are known with their latest score."""
        changed = [row for row in rows if self._told.get((row.entity_kind, row.entity)) != row]
        if changed:
            intake.upsert_suspects(self.actor, changed)
            self._told.update({(row.entity_kind, row.entity): row for row in changed})

    def clusters(self, rows: Sequence[ClusterMember]) -> None:
        """The clusters' members are known."""
        if rows:
            intake.keep_clusters(self.actor, rows)

    def rejects(self, rows: Sequence[Reject]) -> None:
        """The rejected rows are kept with their reasons."""
        if rows:
            intake.keep_rejects(self.actor, rows)

    def progress(self, clock_us: int, counts: Mapping[str, int]) -> None:
        """Desk and wall show the engine's clock and the events by flow since the feed began."""
        self._clock_us = clock_us
        self._counts.update(counts)
        intake.report_progress(clock_us, self._counts)

    def close(self) -> None:
        """The feed strip says that the feed has ended."""
        if self._clock_us:
            intake.report_progress(self._clock_us, self._counts, running=False)
