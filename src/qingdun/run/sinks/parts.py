"""Results as Parquet files that grow part by part: what came between two snapshots is one part, so that after
a restart every alert stands in exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qingdun.contract.columns import Table
from qingdun.contract.storage import sync, write_table
from qingdun.contract.tables import (
    ALERTS,
    CLUSTERS,
    REJECTS,
    SUSPECTS,
    Alert,
    Reject,
)
from qingdun.errors import InputError
from qingdun.run.sinks.gathering import Gathering
from qingdun.run.snapshots import KEPT

_GROWING = (ALERTS, REJECTS)


class PartsSink(Gathering):
    """`alerts/NUMBER.parquet` and `rejects/NUMBER.parquet` with what came up to the snapshot of that number;
    `suspects.parquet` and `clusters.parquet` as of the last one.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        for table in _GROWING:
            (folder / table.name).mkdir(parents=True, exist_ok=True)

    def idle(self) -> None:
        """Nothing."""

    def begin(self, number: int) -> None:
        """The engine goes on from that snapshot: what was written of later ones comes again, and is gone.

        Errors: InputError if the folder holds parts that cannot be this engine's.
        """
        for table in _GROWING:
            folder = self.folder / table.name
            later = [path for path in _parts(folder) if int(path.stem) > number]
            # Of a run that begins the first part alone can stand without its snapshot.
            last = number + KEPT if number else 1
            if later and int(later[-1].stem) > last:
                raise InputError(
                    f"{later[-1]}: found a part of another run, expected none after {last}; name "
                    "another folder, or move it away"
                )
            for path in later:
                path.unlink()
            sync(folder)

    def begin_anew(self) -> None:
        """Whatever was written is gone."""
        for table in _GROWING:
            folder = self.folder / table.name
            for path in _parts(folder):
                path.unlink()
            sync(folder)

    def keep(self, number: int) -> None:
        """What came since the last snapshot stands on disk, for the snapshot of that number. Errors: OSError;
        then it is still held.
        """
        if self._alerts:
            self._write(ALERTS, self._alerts, number)
        if self._rejects:
            self._write(REJECTS, sorted(self._rejects), number)
        if self._suspects is not None:
            write_table(SUSPECTS, self._suspects, self.folder / "suspects.parquet")
        if self._clusters is not None:
            write_table(CLUSTERS, self._clusters, self.folder / "clusters.parquet")
        sync(self.folder)

    def kept(self) -> None:
        """The snapshot stands: what was written for it is not held any more."""
        self._alerts, self._rejects, self._suspects, self._clusters = [], [], None, None

    def close(self) -> None:
        """Nothing more comes; what came after the last snapshot comes again."""

    def _write(self, table: Table, rows: Sequence[Alert] | Sequence[Reject], number: int) -> None:
        folder = self.folder / table.name
        write_table(table, rows, folder / f"{number:012}.parquet")
        sync(folder)


def _parts(folder: Path) -> list[Path]:
    """In their order; what somebody else put beside them is left alone."""
    return sorted(path for path in folder.glob("*.parquet") if path.stem.isdecimal())
