"""A batch in the order in which its rows arrived: rows judged one by one, visits that are only counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.contract.tables import VISITS as VISITS_TABLE
from qingdun.contract.tables import Reject, Visit
from qingdun.detect.evidence import FLOW_ORDER, HOUR_US, VISITS, Event, HostVerdict
from qingdun.detect.tiles.asked import Asked
from qingdun.detect.tiles.codes import Codes
from qingdun.detect.tiles.layout import CUT
from qingdun.detect.waking import Waking
from qingdun.run.others import Others

Ints = npt.NDArray[np.int64]
_ORDERS = len(FLOW_ORDER)
ARRIVAL = "arrival"
"""Optional int64 column of a batch's tables: the place of each row in the order of arrival over all flows."""


@dataclass(frozen=True, slots=True)
class Visits:
    """Rows of a table of visits, in an order of their own."""

    rows: pa.Table
    at: Ints
    clock: Ints
    order: Ints | None
    """The place of each row in the arrival over all flows, where rows carry one."""
    chosen: Ints | None = None
    """Which rows of the table; None for all, in its order."""
    asked: Asked = field(default_factory=Asked.none)

    @classmethod
    def none(cls) -> Visits:
        """No visits."""
        ints = np.zeros(0, np.int64)
        return cls(VISITS_TABLE.from_rows([]), ints, ints, None, ints)

    def in_order(self) -> Visits:
        """All rows, by their place in the arrival or else by time."""
        keys = self.at if self.order is None else self.order
        if bool(np.all(keys[1:] >= keys[:-1])):
            return self
        return self.only(np.argsort(keys, kind="stable"))

    def only(self, places: Ints) -> Visits:
        """Those of the rows."""
        order = None if self.order is None else self.order[places]
        chosen = places if self.chosen is None else self.chosen[places]
        return Visits(self.rows, self.at[places], self.clock[places], order, chosen)

    def asked_by(self, numbers: Codes, hosts: npt.NDArray[np.int32]) -> Visits:
        """The same with their subscribers; whoever is in no register is told apart by a digest."""
        rows = np.arange(len(self.at)) if self.chosen is None else self.chosen
        found = numbers.seek(self.rows.column("subscriber"), rows)
        member = np.where(found.number >= 0, found.number, -1 - found.digest)
        asked = Asked(hosts, found.number, member, self.at, self.clock)
        return replace(self, chosen=rows, asked=asked)

    def events(self, places: Sequence[int], verdict: Callable[[str], HostVerdict]) -> Iterator[Event]:
        """The visits at these places, as they are judged."""
        where = np.array(places, np.int64)
        rows = self.rows.take(pa.array(where if self.chosen is None else self.chosen[where]))
        order = [FLOW_ORDER[VISITS]] * len(where) if self.order is None else self.order[where].tolist()
        columns = (
            self.at[where].tolist(),
            rows.column("subscriber").to_pylist(),
            rows.column("host").to_pylist(),
            rows.column("url").to_pylist() if "url" in rows.column_names else [None] * len(where),
            order,
            self.clock[where].tolist(),
        )
        for at, subscriber, host, url, place, clock in zip(*columns, strict=True):
            row = Visit(at, subscriber, host, url)
            yield Event(at, place, "", VISITS, row, verdict(host), clock)


class Arrival:
    """Visits by their place in the order of arrival, other rows each with the place of the visit before which
    it came."""

    def __init__(self, others: Others, visits: Visits, verdict: Callable[[str], HostVerdict]) -> None:
        """`verdict` is what the screens say of a host."""
        self.others = others
        self._visits = visits
        self._verdict = verdict
        if visits.order is None:
            keys, wanted = visits.at * _ORDERS + FLOW_ORDER[VISITS], others.at * _ORDERS + others.order
        else:
            keys, wanted = visits.order, others.order
        self.cuts = others.rows[:, CUT]
        self.cuts[:] = keys.searchsorted(wanted)
        self._ready: dict[int, Event] = {}

    def __len__(self) -> int:
        """How many visits there are."""
        return len(self._visits.at)

    def hours(self) -> list[tuple[int, int]]:
        """The places of visits at which the clock enters another hour, with the beginning of it."""
        if not len(self):
            return []
        hours = self._visits.clock - self._visits.clock % HOUR_US
        changes = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist()]
        return [(place, int(hours[place])) for place in changes]

    def clock_passes(self, at: int) -> int:
        """The place of the first visit that came when the clock was past `at`."""
        return int(self._visits.clock.searchsorted(at, side="right"))

    def clock_at(self, place: int) -> int:
        """The clock at the visit there."""
        return int(self._visits.clock[place])

    def others_before(self, place: int) -> int:
        """How many other rows came before the visit there."""
        return int(self.cuts.searchsorted(place, side="right"))

    def prepare(self, places: Sequence[int]) -> None:
        """The events of these visits are made, all at once."""
        if places:
            self._ready.update(zip(places, self._visits.events(places, self._verdict), strict=True))

    def pass_by(self, waking: Waking) -> None:
        """The next visit that was to be judged is not."""
        place = waking.take()
        waking.reach(place + 1)
        self._ready.pop(place, None)

    def take(self, waking: Waking) -> Event:
        """The next visit that is judged, which it is now."""
        place = waking.take()
        if place not in self._ready:
            self.prepare([place])
        self._visits.asked.judged[place] = 1
        waking.reach(place + 1)
        return self._ready.pop(place)


def carries_arrival(tables: Mapping[str, pa.Table]) -> bool:
    """Whether the rows say in which order they arrived."""
    return all(ARRIVAL in table.column_names for table in tables.values())


def clocks_of(tables: Mapping[str, pa.Table], times: Mapping[str, Ints], clock: int) -> dict[str, Ints]:
    """For every row the greatest `at` among what had arrived, itself included; `clock` is that of before."""
    if not carries_arrival(tables):
        return {name: np.maximum(at, clock) for name, at in times.items()}
    arrival = np.concatenate([t.column(ARRIVAL).to_numpy() for t in tables.values()])
    order = np.argsort(arrival, kind="stable")
    merged = np.concatenate(list(times.values()))
    clocks = np.empty_like(merged)
    clocks[order] = np.maximum(np.maximum.accumulate(merged[order]), clock)
    cuts = np.cumsum([len(at) for at in times.values()])[:-1]
    return dict(zip(times, np.split(clocks, cuts), strict=True))


def too_late(
    flow: str, rows: pa.Table, at: Ints, clock: Ints, late: npt.NDArray[np.bool_], most_us: int
) -> list[Reject]:
    """Why those of the rows that are `late`, by more than `most_us`, are not judged."""
    positions = rows.column("row").to_numpy() if "row" in rows.column_names else np.arange(rows.num_rows)
    return [
        Reject(flow, int(position), f"at: {late_s} s late, expected at most {most_us // 1_000_000}")
        for position, late_s in zip(positions[late], ((clock - at)[late] // 1_000_000).tolist(), strict=True)
    ]
