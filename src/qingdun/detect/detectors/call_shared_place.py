"""Several numbers work through lists from one cell, and none of them ever moves.

What it sees: of numbers that have called many different people within the day and are not called back, those
whose calls all came from one cell, cell by cell.
Why it matters: boxes that forge a device for each card (GOIP), and pairs of phones laid side by side with a
net call in between, still stand somewhere.
What it is blind to: boxes whose calls carry no cell, and cards that call a handful of people.
Who looks guilty and isn't: sales rooms and clinics stand still too: with `call.fanout` of one group, it makes
no suspect until those called show signs of a scam. Couriers move, and are called back.
Source: docs/field.md §4, GOIP boxes by place.
"""

from __future__ import annotations

from qingdun.detect.evidence import DAY_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_MOST_NUMBERS = 256


class SharedPlace(Pattern):
    """Suspicion of every number that works through a list from the place."""

    code = "call.shared_place"
    flows = ("calls",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._stands: dict[str, dict[str, int]] = {}
        """By cell the numbers that worked through lists from there, and when last."""
        self._cell_of: dict[str, tuple[str, int]] = {}
        """Of such a number: its cell, or nothing once it has moved or was called back; and when seen last."""

    def observe(self, event: Event, view: View) -> Found:
        """Suspicions each time a number that has called so many more is seen where others do."""
        row, caller = event.row, view.memory.traffic.fanned_out()
        if caller is None or row.caller_cell is None:
            return
        cell, _ = self._cell_of.get(row.caller, (row.caller_cell, event.at))
        stands = self._stands.setdefault(cell, {})
        if cell != row.caller_cell or caller.called_back > self.settings["called_back_rate"] * caller.callees:
            stands.pop(row.caller, None)
            self._cell_of[row.caller] = ("", event.at)
        else:
            stands[row.caller] = event.at
            self._cell_of[row.caller] = (cell, event.at)
            yield from self._crowded(event, stands)

    def _crowded(self, event: Event, stands: dict[str, int]) -> Found:
        numbers = sorted(number for number, at in stands.items() if at > event.at - DAY_US)
        if len(numbers) < self.settings["least_numbers"]:
            return
        millibits = self.bits["many" if len(numbers) >= self.settings["many_numbers"] else "some"]
        zh = f"24小时内{len(numbers)}个号码在同一基站按名单呼出，位置不动"
        en = f"{len(numbers)} numbers worked through lists from one cell in a day and never moved"
        for number in numbers[:_MOST_NUMBERS]:
            yield Suspicion(self.code, event.at, "number", number, millibits, self.types, zh, en)

    def forget(self, now: int) -> None:
        """Numbers that were not seen for a day are gone."""
        kept = {
            cell: {number: at for number, at in stands.items() if at >= now - DAY_US}
            for cell, stands in self._stands.items()
        }
        self._stands = {cell: stands for cell, stands in kept.items() if stands}
        self._cell_of = {number: seen for number, seen in self._cell_of.items() if seen[1] >= now - DAY_US}
