"""Where decisions go: a port that Parquet files and the console implement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent


class Sink(Protocol):
    """Takes what the engine decides. Every call may come again after a restart: take it by its ids."""

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        """New alert rows, in the order they were raised, and by alert id the recent events of the person."""
        ...

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        """All suspects as of now; replaces what came before. At most once a minute of event time."""
        ...

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        """All clusters as of now; replaces what came before. At most once a minute of event time."""
        ...

    def rejects(self, rejects: Sequence[Reject]) -> None:
        """Rows that were not used."""
        ...

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """The engine's clock and how many rows of each flow it has taken since the last call."""
        ...

    def close(self) -> None:
        """Nothing more comes; what was given is safe."""
        ...
