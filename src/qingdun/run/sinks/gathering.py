"""What sinks that write files hold until they write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qingdun.contract.tables import Alert, ClusterMember, Reject, Suspect
from qingdun.detect.evidence import ContextEvent


class Gathering:
    """Alerts and rejects as they came, suspects and clusters as of last; None: none were told."""

    def __init__(self) -> None:
        self._alerts: list[Alert] = []
        self._rejects: list[Reject] = []
        self._suspects: list[Suspect] | None = None
        self._clusters: list[ClusterMember] | None = None

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
