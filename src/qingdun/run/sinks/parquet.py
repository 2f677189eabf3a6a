"""Results as Parquet files, each whole or not there at all."""

from __future__ import annotations

from pathlib import Path

from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ALERTS,
    CLUSTERS,
    REJECTS,
    SUSPECTS,
)
from qingdun.run.sinks.gathering import Gathering


class ParquetSink(Gathering):
    """Writes alerts, suspects, clusters and rejects into a folder when it is closed."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def close(self) -> None:
        """All four tables are in the folder."""
        write_table(ALERTS, self._alerts, self.folder / "alerts.parquet")
        write_table(SUSPECTS, self._suspects or (), self.folder / "suspects.parquet")
        write_table(CLUSTERS, self._clusters or (), self.folder / "clusters.parquet")
        write_table(REJECTS, sorted(self._rejects), self.folder / "rejects.parquet")
