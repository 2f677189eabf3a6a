"""What all detectors have alike: their weights, and that they need neither timers nor tidying unless they
say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from qingdun.contract.tables import Outcome
from qingdun.detect.evidence import Event, HostVerdict, Signal, Suspicion, Timer, Types
from qingdun.detect.view import View
from qingdun.detect.waking import EVERYBODY, Concern
from qingdun.detect.weights import Weights

Found = Iterable[Signal | Suspicion]


class Pattern:
    """A detector without timers and without state that grows."""

    code: ClassVar[str]
    flows: ClassVar[tuple[str, ...]]
    phases: ClassVar[tuple[str, ...]] = ()

    def __init__(self, weights: Weights) -> None:
        own = weights.detectors[self.code]
        self.bits = own.millibits
        self.settings = own.settings
        self.types = own.types

    def observe(self, event: Event, view: View) -> Found:
        """Evidence that the event brings."""
        return ()

    def led(
        self,
        event: Event,
        person_id: str,
        millibits: int,
        types: Types,
        zh: str,
        en: str,
        direct: bool = True,
    ) -> Signal:
        """What a visit says of the subscriber: they were led to the host they asked for."""
        row = event.row
        return Signal(
            self.code,
            event.at,
            person_id,
            row.subscriber,
            "host",
            row.host,
            millibits,
            "lure",
            types,
            zh,
            en,
            direct=direct,
        )

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """All visits, unless the detector knows better."""
        return EVERYBODY

    def wake(self, timer: Timer, view: View) -> Found:
        """Nothing: the detector sets no timers."""
        return ()

    def take_back(self, outcome: Outcome) -> None:
        """Nothing: the detector keeps no outcomes."""

    def forget(self, now: int) -> None:
        """Nothing: the detector keeps nothing that grows."""
