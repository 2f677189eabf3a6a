"""An engine that goes on for good: it judges what lands, and keeps what it knows on disk, so that whoever is
killed goes on where the last snapshot stands and loses and doubles no alert.

What came after that snapshot is read again and judged again to the same alerts: sinks that act at once know
them by their ids, sinks that write parts write them anew.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qingdun.contract.storage import FULL
from qingdun.contract.tables import FLOWS
from qingdun.run.challenger import Challenger
from qingdun.run.embedded import Engine
from qingdun.run.sinks.sink import Sink
from qingdun.run.snapshots import Place, Snapshot, Snapshots
from qingdun.run.sources.landing import Landing, Read
from qingdun.run.standing import Standing

SNAPSHOT_EVERY_S = 30.0
LOOK_EVERY_S = 0.2
"""How often the folder is looked at when nothing has landed."""

_log = logging.getLogger("qingdun.run")


class Lasting(Sink, Protocol):
    """A sink whose content goes with the snapshots."""

    def begin(self, number: int) -> None:
        """The engine goes on from the snapshot of that number; 0: it begins."""
        ...

    def keep(self, number: int) -> None:
        """What came since the last snapshot is safe, before the snapshot of that number is written. Errors:
        OSError.
        """
        ...

    def kept(self) -> None:
        """The snapshot stands."""
        ...

    def idle(self) -> None:
        """Nothing has landed; a little time has gone by."""
        ...


@dataclass(slots=True)
class Report:
    """What a run took and gave, and how its snapshots went."""

    events: int = 0
    alerts: int = 0
    rejects: int = 0
    snapshots: int = 0
    failed: int = 0
    """Snapshots that could not be written."""
    snapshot_bytes: int = 0
    snapshot_s: float = 0.0
    """Of the last one."""

    def text(self) -> str:
        """One line for a person."""
        last = (
            f"the last of {self.snapshot_bytes:,} bytes in {self.snapshot_s:.2f} s"
            if self.snapshots
            else "none"
        )
        failed = f", {self.failed:,} could not be written" if self.failed else ""
        return (
            f"{self.events:,} events, {self.alerts:,} alerts, {self.rejects:,} rejects; "
            f"{self.snapshots:,} snapshots, {last}{failed}"
        )


class Live:
    """One engine, one folder that files land in, one folder of snapshots."""

    def __init__(
        self,
        engine: Engine,
        landing: Landing,
        snapshots: Snapshots,
        lasting: Sequence[Lasting],
        sinks: Sequence[Sink] = (),
        *,
        challenger: Challenger | None = None,
        every_s: float = SNAPSHOT_EVERY_S,
        keep_landed: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The engine goes on from the newest snapshot. `sinks` are told at once, and again after a restart.
        Files that no snapshot needs any more are removed, unless `keep_landed`. A `challenger` judges what
        the engine has judged, after the sinks were told.

        Errors: InputError if there are snapshots and none can be used.
        """
        self.report = Report()
        self._engine, self._landing, self._snapshots = engine, landing, snapshots
        self._lasting, self._sinks = lasting, [*lasting, *sinks]
        self._every_s, self._clock, self._keep_landed = every_s, clock, keep_landed
        found = snapshots.newest(engine.restore)
        self._number = found.number if found else 0
        self._place: Place | None = found.place if found else None
        self._changed = False
        self._complaint = ""
        self._said, self._why = 0, ""
        self._kept_at = clock()
        self._standing = Standing(engine, self._sinks)
        for sink in lasting:
            sink.begin(self._number)
        self._challenger = challenger
        if challenger is not None:
            challenger.begin(self._number, self._place)

    def run(self, stopped: Callable[[], bool], rest: Callable[[float], object] = time.sleep) -> Report:
        """What lands is judged until `stopped`; then a last snapshot is written. `rest` waits so many
        seconds.
        """
        try:
            while not stopped():
                for read in self._landing.batches(self._place):
                    self._judge(read)
                    if stopped():
                        break
                    self._keep_if_due()
                else:
                    self._keep_if_due()
                    if not self._take():
                        for one in self._lasting:
                            one.idle()
                        rest(LOOK_EVERY_S)
            self._keep()
        finally:
            for sink in self._sinks:
                sink.close()
        return self.report

    def _take(self) -> bool:
        """Whether more has landed. A full disk takes nothing; what has landed waits."""
        try:
            found = self._landing.take()
        except OSError as error:
            if error.errno not in FULL:
                raise
            self._cannot(f"what has landed cannot be taken ({error}); it waits, and is tried again")
            return False
        self._complaint = ""
        return found

    def _cannot(self, what: str) -> None:
        """It is said once, however often it is tried."""
        if what != self._complaint:
            self._complaint = what
            _log.error("%s", what)

    def _say_rejects(self) -> None:
        """Whoever hands over what cannot be used is told so while it goes on, not at the end alone."""
        if new := self.report.rejects - self._said:
            _log.warning("rows that could not be used: %s; the last: %s", f"{new:,}", self._why)
        self._said = self.report.rejects

    def _judge(self, read: Read) -> None:
        decisions = self._engine.push(read.batch)
        rejects = [read.named(one) for one in (*decisions.rejects, *read.rejects)]
        counts = Counter(
            {flow.name: read.batch[flow.name].num_rows for flow in FLOWS if flow.name in read.batch}
        )
        for sink in self._sinks:
            if decisions.alerts:
                sink.alerts(decisions.alerts, decisions.context)
            if rejects:
                sink.rejects(rejects)
            sink.progress(self._engine.clock, counts)
        self._standing.hand_over()
        self._place, self._changed = read.place, True
        self.report.events += counts.total()
        self.report.alerts += len(decisions.alerts)
        self.report.rejects += len(rejects)
        if rejects:
            self._why = f"{rejects[-1].flow}, {rejects[-1].reason}"
        if self._challenger is not None:
            self._challenger.judge(read)

    def _keep_if_due(self) -> None:
        if self._changed and self._clock() - self._kept_at >= self._every_s:
            self._keep()

    def _keep(self) -> None:
        """What is known stands on disk; if it cannot be written, the run goes on and it is tried again."""
        if not self._changed or self._place is None:
            return
        began = self._clock()
        self._kept_at = began
        number = self._number + 1
        self._standing.hand_over(last=True)
        try:
            for lasting in self._lasting:
                lasting.keep(number)
            if self._challenger is not None:
                self._challenger.keep(number, self._place)
            state = self._engine.snapshot()
            self._snapshots.keep(Snapshot(number, self._place, state))
        except OSError as error:
            self.report.failed += 1
            _log.error(
                "snapshot %d cannot be written (%s); the one before it stands, and the run goes on",
                number,
                error,
            )
            return
        for lasting in self._lasting:
            lasting.kept()
        self._say_rejects()
        self._number, self._changed = number, False
        self.report.snapshots += 1
        self.report.snapshot_bytes = len(state)
        self.report.snapshot_s = self._clock() - began
        oldest = next(self._snapshots.places(), None)
        if oldest is not None and not self._keep_landed:
            try:
                self._landing.forget(oldest["group"])
            except OSError as error:
                _log.error("files that no snapshot needs cannot be removed (%s); they stay", error)
