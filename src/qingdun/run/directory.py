"""A whole flow directory through the engine into sinks."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.lists import ListChange
from qingdun.contract.outcomes import OutcomeChange
from qingdun.contract.tables import FLOWS, OUTCOMES
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights
from qingdun.run.embedded import Decisions, Engine
from qingdun.run.sinks.parquet import ParquetSink
from qingdun.run.sinks.sink import Sink
from qingdun.run.sources.files import FED_EVERY_US, Batch, Pace, RealTime, Replay, read_ahead, read_batches
from qingdun.run.standing import Standing

_TELL_EVERY_S = 1.0
"""How often sinks hear of progress, in seconds of the run."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run took and gave."""

    events: int
    seconds: float
    alerts: int
    suspects: int
    rejects: int

    @property
    def events_per_s(self) -> float:
        """Rows of all flows judged in a second, reading included."""
        return self.events / self.seconds if self.seconds else 0.0

    def text(self) -> str:
        """One line for a person."""
        return (
            f"{self.events:,} events in {self.seconds:.1f} s ({self.events_per_s:,.0f}/s), "
            f"{self.alerts:,} alerts, {self.suspects:,} suspects, {self.rejects:,} rejects"
        )


def run_directory(
    flows: Path,
    out: Path | None = None,
    sinks: Sequence[Sink] = (),
    replay: float | Replay | None = None,
    progress: Callable[[float], None] | None = None,
    *,
    weights: Weights | None = None,
    pace: Pace | None = None,
    stopped: Callable[[], bool] = lambda: False,
    lists: Callable[[], Sequence[ListChange]] | None = None,
    outcomes: Callable[[int], Sequence[OutcomeChange]] | None = None,
    build: Callable[[Reference, Weights | None], Engine] = Engine,
    begin: Callable[[Engine], object] = lambda engine: None,
) -> RunReport:
    """Every row of `flows` has been judged; the results are in `out` as Parquet and in `sinks`.

    `replay`: None for as fast as it goes, a number for that many times real time, or a `Replay`; `progress`
    is told the share done, 0 to 1. `lists` is asked before every batch what has changed on the lists since
    it was asked last; `outcomes`, with the engine's clock, what was done about alerts since, which is judged
    with the batch, beside the outcomes of the directory itself. `begin` has the engine before the first
    row. Errors: those of `FlowDirectory`.
    """
    directory = FlowDirectory(flows)
    engine = build(Reference.of(directory), weights)
    begin(engine)
    targets: list[Sink] = [*sinks, *([ParquetSink(out)] if out is not None else [])]
    how = replay if isinstance(replay, Replay) else Replay(speed=replay)
    first, last = directory.span()
    pace = pace or RealTime()
    standing = Standing(engine, targets)
    began, told_at = time.monotonic(), pace.now_s()
    told, judged = Counter[str](), 0
    alerts = rejects = taken = 0

    def give(decisions: Decisions) -> None:
        nonlocal alerts, rejects, taken
        found = directory.rejects[taken:]  # of batches read ahead too
        taken += len(found)
        late = decisions.rejects + found
        alerts += len(decisions.alerts)
        rejects += len(late)
        for sink in targets:
            if decisions.alerts:
                sink.alerts(decisions.alerts, decisions.context)
            if late:
                sink.rejects(late)

    window_us = None if lists is None and outcomes is None and how.speed is None else FED_EVERY_US
    batches = read_batches(directory, how, window_us=window_us, pace=pace, stopped=stopped)
    for batch in batches if window_us else read_ahead(batches):
        engine.apply(lists() if lists else ())
        heard = outcomes(engine.clock) if outcomes else ()
        engine.take_back(change.outcome for change in heard if not change.stands)
        give(engine.push(_with(batch, heard)))
        counts = {flow.name: batch[flow.name].num_rows for flow in FLOWS if flow.name in batch}
        told.update(counts)
        judged += sum(counts.values())
        if pace.now_s() - told_at >= _TELL_EVERY_S:
            told_at = pace.now_s()
            _tell(targets, engine, told)
            # An engine that catches up after a restart does not know yet what it knew before.
            if how.catch_up_until is None or engine.clock >= how.catch_up_until:
                standing.hand_over()
            told = Counter()
            if progress is not None:
                progress(min(1.0, (engine.clock - how.shift_us - first) / max(1, last - first)))
    give(engine.finish())
    _tell(targets, engine, told)
    standing.hand_over(last=True)
    for sink in targets:
        sink.close()
    if progress is not None:
        progress(1.0)
    return RunReport(judged, time.monotonic() - began, alerts, len(engine.suspects()), rejects)


def _with(batch: Batch, heard: Sequence[OutcomeChange]) -> Batch:
    """The batch with the outcomes that were heard of and stand."""
    rows = [change.outcome for change in heard if change.stands]
    if not rows:
        return batch
    own = OUTCOMES.to_rows(batch[OUTCOMES.name]) if OUTCOMES.name in batch else []
    return batch | {OUTCOMES.name: OUTCOMES.from_rows(sorted((*own, *rows), key=lambda row: row.at))}


def _tell(sinks: Sequence[Sink], engine: Engine, counts: Counter[str]) -> None:
    for sink in sinks:
        sink.progress(engine.clock, dict(counts))
