"""Ordinary calls: friends and family, and all those whose calls look odd and are not.

Couriers and clinics call strangers briefly, sales rooms share devices and are refused, collectors call
again and again, call centres show short codes or another number than they have, internet lines and
relatives abroad call too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.codes import CallPhase
from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.tables import CALLS
from qingdun.simulate.city import CONTACTS, Population, Trade
from qingdun.simulate.numbers import Ints, cell_ids, device_numbers, row_ids
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.phones import ORIGINS

PER_DAY = 0.52
"""Attempted calls per person and day; an answered one has two rows."""

_FAILURES = (CallPhase.MISSED, CallPhase.BUSY, CallPhase.REFUSED, CallPhase.FORWARDED, CallPhase.INVALID)
_PHASES = pa.array([CallPhase.ANSWERED, *_FAILURES])


@dataclass(frozen=True, slots=True)
class CallKind:
    """A sort of call: share of all, groups that call and are called, how often answered and how long."""

    name: str
    share: float
    caller: str
    callee: str
    answered: float
    median_s: float
    sigma: float
    hours: tuple[float, ...] = rhythm.CALLS
    failures: tuple[float, ...] = (0.62, 0.16, 0.14, 0.06, 0.02)


KINDS: tuple[CallKind, ...] = (
    CallKind("circle", 0.42, "anyone", "circle", 0.74, 55, 1.1),
    CallKind("friend", 0.15, "circle", "anyone", 0.72, 55, 1.1),
    CallKind("courier", 0.05, "courier", "anyone", 0.7, 18, 0.6, rhythm.PARCELS),
    CallKind("masked", 0.045, "masked", "anyone", 0.68, 20, 0.6, rhythm.PARCELS),
    CallKind("centre", 0.05, "centre", "anyone", 0.55, 80, 0.9, rhythm.WORK),
    CallKind("hotline", 0.04, "anyone", "centre", 0.95, 130, 0.9, rhythm.WORK),
    CallKind("sales", 0.06, "room", "anyone", 0.34, 16, 0.9, rhythm.WORK, (0.3, 0.1, 0.5, 0.04, 0.06)),
    CallKind("collector", 0.02, "fixed", "debtor", 0.4, 40, 1.0, rhythm.WORK, (0.35, 0.15, 0.44, 0.03, 0.03)),
    CallKind("clinic", 0.04, "fixed", "anyone", 0.66, 45, 0.8, rhythm.WORK),
    CallKind("firm", 0.03, "anyone", "fixed", 0.8, 90, 1.0, rhythm.WORK),
    CallKind("abroad", 0.012, "overseas", "kin", 0.6, 700, 1.1),
    CallKind("to_abroad", 0.006, "kin", "overseas", 0.55, 600, 1.1),
    CallKind("wrong", 0.025, "outside", "anyone", 0.45, 9, 0.7, rhythm.CALLS, (0.5, 0.1, 0.2, 0.05, 0.15)),
    CallKind("second_card", 0.025, "second", "circle_of_second", 0.6, 40, 1.0),
    CallKind("meeting", 0.02, "office", "circle", 0.8, 1_500, 0.7, rhythm.WORK),
    CallKind("callback", 0.007, "anyone", "masked", 0.3, 15, 0.7, rhythm.PARCELS, (0.3, 0.1, 0.1, 0.1, 0.4)),
)


class Calling:
    """Makes the call rows of an hour."""

    def __init__(self, people: Population, seed: int) -> None:
        """Find who are couriers, debtors, office workers and kin of people abroad."""
        rng = np.random.default_rng([seed, 3])
        self._people = people
        everyone = np.arange(people.size)
        self._groups = {
            "courier": _some(np.flatnonzero(people.trade == Trade.COURIER)),
            "office": _some(np.flatnonzero(np.isin(people.trade, (Trade.OFFICE, Trade.REMOTE)))),
            "debtor": rng.choice(everyone, max(2, people.size // 60)),
            "kin": rng.choice(everyone, max(2, people.size // 40)),
        }

    def hour(self, hour: rhythm.Hour, rng: np.random.Generator) -> pa.Table:
        """Rows of the calls that begin in that hour, the ends of the answered ones included."""
        parts = []
        for kind in KINDS:
            count = int(rng.poisson(self._people.size * PER_DAY * kind.share * kind.hours[hour.of_day]))
            caller, callee = self._pairs(kind, count, rng)
            parts.append(
                (
                    caller,
                    callee,
                    _phases(kind, count, rng),
                    rhythm.lasting(count, kind.median_s, kind.sigma, rng),
                )
            )
        caller, callee, phase, duration = (np.concatenate(column) for column in zip(*parts, strict=True))
        at = hour.moments(len(caller), rng)
        order = rng.permutation(len(caller))
        return self._table(hour, at, caller[order], callee[order], phase[order], duration[order], rng)

    def _pairs(self, kind: CallKind, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        people = self._people
        sides: dict[str, Ints] = {}
        for group in (kind.caller, kind.callee):
            if group == "anyone":
                sides[group] = people.some(count, rng)
            elif group in self._groups:
                sides[group] = rng.choice(self._groups[group], count)
            elif group in people.phones.span:
                sides[group] = people.phones.pick(group, count, rng)
        if "circle" in (kind.caller, kind.callee):
            other = kind.callee if kind.caller == "circle" else kind.caller
            near = (rng.random(count) ** 1.4 * CONTACTS).astype(np.int64)
            sides["circle"] = people.circle[sides[other], near].astype(np.int64)
        if kind.callee == "circle_of_second":
            holder = people.phones.holder[sides["second"]]
            sides[kind.callee] = people.circle[holder, rng.integers(0, CONTACTS, count)].astype(np.int64)
        return sides[kind.caller], sides[kind.callee]

    def _table(
        self,
        hour: rhythm.Hour,
        at: Ints,
        caller: Ints,
        callee: Ints,
        phase: Ints,
        duration: Ints,
        rng: np.random.Generator,
    ) -> pa.Table:
        phones = self._people.phones
        keep = caller != callee
        at, caller, callee, phase, duration = (c[keep] for c in (at, caller, callee, phase, duration))
        serial = np.arange(len(at)) + hour.number * 10_000_000
        talked = np.flatnonzero(phase == 0)
        row = np.concatenate([np.arange(len(at)), talked])
        ended = np.arange(len(row)) >= len(at)
        moment = np.concatenate([at, at[talked] + duration[talked] * rhythm.SECOND])
        caller_cell, callee_cell = (self._cells(line, hour, rng)[row] for line in (caller, callee))
        network = phones.network[caller]
        names = pc.if_else(pa.array(ended), CallPhase.ENDED, _PHASES.take(pa.array(phase[row])))
        origin = phones.origin[caller]
        return pa.Table.from_arrays(
            [
                row_ids("c", serial).take(pa.array(row)),
                pa.array(moment).cast(TIMESTAMP),
                names,
                phones.number.take(pa.array(caller[row])),
                phones.number.take(pa.array(callee[row])),
                pa.array(np.where(ended, duration[row], 0).astype(np.int32)),
                pa.array(ORIGINS).take(pa.array(origin[row])),
                phones.number.take(pa.array(network[row], mask=network[row] < 0)),
                device_numbers(phones.device[caller]).take(pa.array(row)),
                cell_ids(caller_cell),
                device_numbers(phones.device[callee]).take(pa.array(row)),
                cell_ids(callee_cell),
            ],
            schema=CALLS.schema,
        )

    def _cells(self, line: Ints, hour: rhythm.Hour, rng: np.random.Generator) -> Ints:
        """Where each line is: at home, by day on workdays at work, at times on the way."""
        people = self._people
        cell = people.phones.cell[line].copy()
        resident = np.flatnonzero(line < people.size)
        if 8 <= hour.of_day < 18 and hour.weekday < 5:
            busy = people.trade[line[resident]] < Trade.STUDENT
            at_work = resident[busy]
            cell[at_work] = people.work_cell[line[at_work]]
        moving = resident[rng.random(len(resident)) < 0.1]
        cell[moving] = rng.integers(0, len(people.cell_town), len(moving))
        return cell


def _phases(kind: CallKind, count: int, rng: np.random.Generator) -> Ints:
    share = np.array([kind.answered, *((1 - kind.answered) * f for f in kind.failures)])
    return rng.choice(len(share), count, p=share / share.sum()).astype(np.int64)


def _some(found: Ints) -> Ints:
    return found if len(found) else np.zeros(1, np.int64)
