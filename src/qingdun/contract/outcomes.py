"""What an engine hears of its alerts while it runs: a part of its arrival, beside the rows of the flows."""

from __future__ import annotations

from typing import NamedTuple

from qingdun.contract.tables import Outcome


class OutcomeChange(NamedTuple):
    """An outcome that stands, or one told before that was undone."""

    stands: bool
    outcome: Outcome
