"""What an engine hears of lists while it runs: a part of its arrival, beside the rows of the flows."""

from __future__ import annotations

from typing import NamedTuple

from qingdun.contract.tables import WatchlistEntry


class ListChange(NamedTuple):
    """An entry that is listed, or no longer. The engine knows it again by kind, entity and source."""

    listed: bool
    entry: WatchlistEntry
