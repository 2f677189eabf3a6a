"""What an engine holds of suspects and clusters, handed to the sinks."""

from __future__ import annotations

from collections.abc import Sequence

from qingdun.contract.tables import ClusterMember, Suspect
from qingdun.detect.evidence import MINUTE_US
from qingdun.run.embedded import Engine
from qingdun.run.sinks.sink import Sink

HAND_OVER_EVERY_US = MINUTE_US
"""How often, in event time: they cost the sinks more than progress."""


class Standing:
    """What the engine holds now, handed to the sinks when it has changed and a minute has passed."""

    def __init__(self, engine: Engine, sinks: Sequence[Sink]) -> None:
        self._engine = engine
        self._sinks = sinks
        self._at: int | None = None
        self._suspects: list[Suspect] | None = None
        self._clusters: list[ClusterMember] | None = None

    def hand_over(self, last: bool = False) -> None:
        """The sinks have the suspects and clusters; without `last` only those of whole minutes."""
        now = self._engine.clock
        if not last and self._at is not None and now - self._at < HAND_OVER_EVERY_US:
            return
        self._at = now
        suspects, clusters = self._engine.suspects(), self._engine.clusters()
        if suspects != self._suspects:
            self._suspects = suspects
            for sink in self._sinks:
                sink.suspects(suspects)
        if clusters != self._clusters:
            self._clusters = clusters
            for sink in self._sinks:
                sink.clusters(clusters)
