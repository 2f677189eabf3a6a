"""Results as Parquet files, each whole or not there at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ALERTS,
    CLUSTERS,
    REJECTS,
    SUSPECTS,
    Alert,
    ClusterMember,
    Reject,
    Suspect,
)
from qingdun.detect.evidence import ContextEvent


class ParquetSink:
    """Writes alerts, suspects, clusters and rejects into a folder when it is closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._alerts: list[Alert] = []
        self._suspects: list[Suspect] = []
        self._clusters: list[ClusterMember] = []
        self._rejects: list[Reject] = []

    def alerts(self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]]) -> None:
        """The alerts will be written; timelines are for the console and are not."""
        self._alerts += alerts

    def suspects(self, suspects: Sequence[Suspect]) -> None:
        """These suspects, and no earlier ones, will be written."""
        self._suspects = list(suspects)

    def clusters(self, members: Sequence[ClusterMember]) -> None:
        """These clusters, and no earlier ones, will be written."""
        self._clusters = list(members)

    def rejects(self, rejects: Sequence[Reject]) -> None:
        """The rejects will be written."""
        self._rejects += rejects

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """Nothing: files have no use for progress."""

    def close(self) -> None:
        """All four tables are in the folder."""
        write_table(ALERTS, self._alerts, self.folder / "alerts.parquet")
        write_table(SUSPECTS, self._suspects, self.folder / "suspects.parquet")
        write_table(CLUSTERS, self._clusters, self.folder / "clusters.parquet")
        write_table(REJECTS, sorted(self._rejects), self.folder / "rejects.parquet")
