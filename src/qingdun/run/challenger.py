"""A challenger: an engine with other weights that judges the same rows beside the one in charge, the
champion.

It writes what it would have said into a folder of its own and has no other sink: no officer, list or network
hears of it. The champion is told first, and whatever goes wrong with the challenger ends the challenger
alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from pathlib import Path
from typing import NamedTuple

from qingdun.detect.weights import Weights
from qingdun.run.embedded import Engine
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.snapshots import Place, Snapshot, Snapshots
from qingdun.run.sources.landing import Read

_log = logging.getLogger("qingdun.run")


def name_of(weights: Weights) -> str:
    """A folder's name for these weights and no others: what one challenger knew is nothing to the next."""
    content = json.dumps(weights.source, sort_keys=True, ensure_ascii=False).encode()
    return f"{re.sub(r'[^0-9A-Za-z.+-]', '_', weights.version)}-{hashlib.sha256(content).hexdigest()[:8]}"


class Folders(NamedTuple):
    """Where a challenger keeps what it knows and what it would have said."""

    state: Path
    out: Path

    @classmethod
    def beside(cls, state: Path, out: Path, weights: Weights) -> Folders:
        """Those of a challenger with the weights, beside the champion's."""
        return cls(state / "challengers" / name_of(weights), out / "challengers" / name_of(weights))


class Challenger:
    """Keeps a snapshot for each of the champion's, and goes on from where the champion does."""

    def __init__(self, engine: Engine, folders: Folders) -> None:
        """Errors: InputError if a folder cannot be made."""
        self.folders = folders
        self._engine = engine
        self._snapshots = Snapshots(folders.state)
        self._sink = PartsSink(folders.out)
        self.alerts = 0
        self.fault = ""
        """What ended it; empty as long as it runs."""

    def begin(self, number: int, place: Place | None) -> None:
        """It goes on from its snapshot of that number, if it was taken at the same place; else it has seen
        nothing, and what it said before is gone with what it knew."""
        if number and self._snapshots.restore(number, place, self._engine.restore):
            self._sink.begin(number)
            return
        self._sink.begin_anew()

    def judge(self, read: Read) -> None:
        """The rows that the champion has judged are judged."""
        if self.fault:
            return
        try:
            decisions = self._engine.push(read.batch)
            self._sink.alerts(decisions.alerts, decisions.context)
            self._sink.rejects([read.named(one) for one in (*decisions.rejects, *read.rejects)])
        except Exception as error:
            self._end(error)
            return
        self.alerts += len(decisions.alerts)

    def keep(self, number: int, place: Place) -> None:
        """What it would have said and what it knows stand on disk, for that snapshot of the champion's."""
        if self.fault:
            return
        try:
            self._sink.suspects(self._engine.suspects())
            self._sink.clusters(self._engine.clusters())
            self._sink.keep(number)
            self._snapshots.keep(Snapshot(number, place, self._engine.snapshot()))
        except OSError as error:
            _log.error("the challenger's snapshot %d cannot be written (%s)", number, error)
        except Exception as error:
            self._end(error)
        else:
            self._sink.kept()

    def _end(self, error: Exception) -> None:
        self.fault = f"{type(error).__name__}: {error}"
        _log.exception("the challenger has ended; the champion goes on")
