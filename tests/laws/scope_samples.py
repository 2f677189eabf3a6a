"""What each read of the console is asked in the law of scope, module by module; the data of a county is in
`scope_worlds.py`, `scope_ledgers.py` and their like. A new read adds its line.
"""

from __future__ import annotations

from tests.laws import (
    scope_exchange,
    scope_samples_desk,
    scope_samples_governance,
    scope_samples_ledgers,
)
from tests.laws.scope_sampling import Sample

SAMPLES: dict[str, Sample] = {
    **scope_samples_desk.SAMPLES,
    **scope_samples_ledgers.SAMPLES,
    **scope_samples_governance.SAMPLES,
    **scope_exchange.SAMPLES,
}
TOOLS = {
    "alerts.access.may_open",
    "alerts.access.may_unmask",
    "alerts.access.require_open",
    "alerts.access.visible",
    "alerts.access.sees",
    "alerts.access.require_sight",
    "kernel.scope.covers",
    "kernel.scope.in_station",
    "kernel.scope.narrowed",
    "kernel.scope.of_region",
    "kernel.scope.require_covers",
    "kernel.scope.residents",
    "kernel.scope.within",
}
"""Functions that are given rows and narrow them: what the law is about, and not subject to it."""
