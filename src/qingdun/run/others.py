"""The rows of a batch other than visits, in the order in which they arrived: as columns of integers that the
compiled pass takes, and as events for those that Python looks at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.codes import CallPhase, Origin, TransferPhase
from qingdun.contract.tables import TABLES
from qingdun.detect.evidence import CALLS, FLOW_ORDER, MESSAGES, OUTCOMES, TRANSFERS, Event, TextVerdict
from qingdun.detect.screens import Told
from qingdun.detect.tiles import layout as c
from qingdun.detect.tiles.letters import digests_of
from qingdun.detect.tiles.money import Money
from qingdun.detect.tiles.open_tables import ordered_pairs
from qingdun.detect.tiles.paying import HOLDER, KIND, MERCHANT
from qingdun.detect.tiles.speaking import pairs_of
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import Traffic
from qingdun.detect.tiles.turnover import LARGEST_FEN

Ints = npt.NDArray[np.int64]

_PHASES = {str(phase): place for place, phase in enumerate((*CallPhase, *TransferPhase), 1)}
_CALLED = {"answered": c.ANSWERED, "ended": c.ENDED, "invalid": c.INVALID}
_ORDERED = {"requested": c.REQUESTED, "settled": c.SETTLED}
_ORIGINS = {str(Origin.OVERSEAS): c.OVERSEAS_CALL, str(Origin.VOIP): c.VOIP_CALL}
_CODE_LETTERS = 6
"""A service code has at most so many digits."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one flow, in the order of their arrival."""

    flow: str
    rows: pa.Table
    at: Ints
    clock: Ints
    order: Ints | None
    verdicts: Sequence[TextVerdict] = ()
    told: Ints | None = None
    """Of messages: the verdict on each."""

    def only(self, places: Ints) -> Part:
        """Those of the rows."""
        order = None if self.order is None else self.order[places]
        told = None if self.told is None else self.told[places]
        rows = self.rows.take(pa.array(places))
        return Part(self.flow, rows, self.at[places], self.clock[places], order, self.verdicts, told)

    def in_order(self) -> Part:
        """By the place in the arrival, or by time and id."""
        keys = self.at if self.order is None else self.order
        if bool(np.all(keys[1:] > keys[:-1])):
            return self
        if self.order is not None:
            return self.only(np.argsort(keys, kind="stable"))
        keyed = pa.table({"at": pa.array(self.at), "id": ids_of(self.flow, self.rows)})
        order = pc.sort_indices(keyed, sort_keys=[("at", "ascending"), ("id", "ascending")])
        return self.only(order.to_numpy())

    def events(self, places: Ints) -> Iterator[Event]:
        """The rows at these places as they are judged."""
        rows = self.rows.take(pa.array(places))
        if self.flow == MESSAGES:
            bare = pa.array([""] * len(places), pa.string())
            rows = rows.set_column(rows.column_names.index("text"), "text", bare)
        found = TABLES[self.flow].to_rows(rows)
        ids = ids_of(self.flow, rows).to_pylist()
        order = [FLOW_ORDER[self.flow]] * len(places) if self.order is None else self.order[places].tolist()
        told = [None] * len(places) if self.told is None else self.told[places].tolist()
        for row, row_id, place, verdict, now in zip(
            found, ids, order, told, self.clock[places].tolist(), strict=True
        ):
            said = None if verdict is None else self.verdicts[verdict]
            yield Event(row.at, place, row_id, self.flow, row, said, now)


class Others:
    """All such rows, merged."""

    def __init__(self, parts: Sequence[Part], columns: Sequence[Ints]) -> None:
        """`columns` are those of each part, whose rows are in order."""
        self._parts = parts
        part = np.repeat(np.arange(len(parts)), [len(one.at) for one in parts])
        place = np.concatenate([np.arange(len(one.at)) for one in parts] or [np.zeros(0, np.int64)])
        self.at = np.concatenate([one.at for one in parts] or [np.zeros(0, np.int64)])
        self.order = np.concatenate(
            [np.full(len(one.at), FLOW_ORDER[one.flow]) if one.order is None else one.order for one in parts]
            or [np.zeros(0, np.int64)]
        )
        carried = any(one.order is not None for one in parts)
        sorting = np.argsort(self.order, kind="stable") if carried else np.lexsort((self.order, self.at))
        self._part, self._place = part[sorting], place[sorting]
        self.at, self.order = self.at[sorting], self.order[sorting]
        rows = np.concatenate([*columns, np.zeros((0, c.ROW_WIDTH), np.int64)])
        self.rows = rows[sorting]
        self._ready: dict[int, Event] = {}

    def __len__(self) -> int:
        return len(self.at)

    def prepare(self, places: Ints) -> None:
        """The events of these rows are made, all at once."""
        for number, part in enumerate(self._parts):
            own = places[self._part[places] == number]
            if len(own):
                self._ready.update(zip(own.tolist(), part.events(self._place[own]), strict=True))

    def event(self, place: int) -> Event:
        """The row at that place as it is judged."""
        if place not in self._ready:
            self.prepare(np.array([place]))
        return self._ready.pop(place)


def ids_of(flow: str, rows: pa.Table) -> pa.ChunkedArray:
    """What tells the rows apart. A try has no id of its own: person, time and result say which it is."""
    if flow != OUTCOMES:
        return rows.column(0)
    moments = rows.column("at").cast(pa.int64()).cast(pa.string())
    return pc.binary_join_element_wise(rows.column("person_id"), moments, rows.column("result"), " ")


class Columns:
    """Rows of a flow as the compiled pass takes them."""

    def __init__(self, traffic: Traffic, touches: Touches, money: Money) -> None:
        self._traffic, self._touches, self._money = traffic, touches, money

    def of(self, part: Part, told: Told | None) -> Ints:
        """The columns of a part, of messages with what the screen says of them."""
        columns = np.zeros((len(part.at), c.ROW_WIDTH), np.int64)
        columns[:, c.AT], columns[:, c.CLOCK], columns[:, c.FLOW] = part.at, part.clock, c.OTHERS
        columns[:, [c.ONE_LINE, c.OTHER_LINE, c.ONE_PERSON, c.OTHER_PERSON]] = -1
        columns[:, [c.ONE_ENTITY, c.OTHER_ENTITY, c.DEVICE]] = -1
        digests = digests_of(ids_of(part.flow, part.rows))
        phases = np.zeros(len(part.at), np.int64)
        if "phase" in part.rows.column_names:
            phases = _coded(part.rows.column("phase"), _PHASES, 0)
        named = pc.not_equal(ids_of(part.flow, part.rows), "").to_numpy()
        columns[:, c.ID] = np.where(named, digests << 4 | phases + 1, 0)
        if part.flow == CALLS:
            self._calls(part.rows, digests, columns)
        elif part.flow == TRANSFERS:
            self._transfers(part.rows, columns)
        elif told is not None:
            self._messages(part.rows, told, columns)
        return columns

    def _calls(self, rows: pa.Table, digests: Ints, columns: Ints) -> None:
        columns[:, c.FLOW], columns[:, c.CALL] = c.CALLS, digests | 1
        columns[:, c.ENDED_ID] = digests << 4 | _PHASES["ended"] + 1
        columns[:, c.PHASE] = phase = _coded(rows.column("phase"), _CALLED, c.TURNED_AWAY)
        columns[:, c.ORIGIN] = origin = _coded(rows.column("origin"), _ORIGINS, 0)
        columns[:, c.LASTED] = rows.column("duration_s").to_numpy()
        self._parties(rows, ("caller", "callee"), columns)
        one, other = columns[:, c.ONE], columns[:, c.OTHER]
        own = self._traffic.parties.digests
        columns[:, c.FROM], columns[:, c.TO] = own[one], own[other]
        columns[:, c.PAIR] = pairs_of(own[one], own[other])
        columns[:, c.DEVICE] = self._traffic.devices(rows.column("caller_imei"))
        self._traffic.enter()
        answered = phase == c.ANSWERED
        behind = pc.fill_null(pc.not_equal(rows.column("network_number"), rows.column("caller")), False)
        odd = _begins(rows.column("caller"), "+00") | behind.to_numpy() | (origin != 0)
        code = ~_begins(rows.column("callee"), "+")
        code &= pc.utf8_length(rows.column("callee")).to_numpy() <= _CODE_LETTERS
        odd |= _padded(rows.column("caller"))
        columns[:, c.DUE] = (answered & odd) | (code & (phase != c.ENDED))
        for touched, person, entity, column in (
            (one, c.OTHER_PERSON, c.ONE_ENTITY, "caller"),
            (other, c.ONE_PERSON, c.OTHER_ENTITY, "callee"),
        ):
            touch = answered & (columns[:, person] >= 0) & _begins(rows.column(column), "+")
            columns[touch, entity] = self._traffic.entities("number", touched[touch], self._touches.entities)

    def _messages(self, rows: pa.Table, told: Told, columns: Ints) -> None:
        columns[:, c.FLOW] = c.MESSAGES
        self._parties(rows, ("sender", "recipient"), columns)
        senders = rows.column("sender")
        columns[:, c.COUNTED] = pc.utf8_length(senders).to_numpy() > _CODE_LETTERS
        columns[:, c.SUSPICIOUS], columns[:, c.DUE] = told.suspicious[told.of], told.telling[told.of]
        columns[_padded(senders), c.DUE] = c.ALWAYS
        touch = (columns[:, c.OTHER_PERSON] >= 0) & ~pc.utf8_is_digit(senders).to_numpy()
        senders_touched = columns[touch, c.ONE]
        columns[touch, c.ONE_ENTITY] = self._traffic.entities(
            "sender", senders_touched, self._touches.entities
        )

    def _transfers(self, rows: pa.Table, columns: Ints) -> None:
        money = self._money
        columns[:, c.FLOW] = c.TRANSFERS
        columns[:, c.PHASE] = phase = _coded(rows.column("phase"), _ORDERED, 0)
        columns[:, c.LASTED] = np.minimum(rows.column("amount_fen").to_numpy(), LARGEST_FEN)
        columns[:, c.ONE] = payer = money.accounts.of(rows.column("payer_account"))
        columns[:, c.OTHER] = payee = money.accounts.of(rows.column("payee_account"))
        columns[:, c.DEVICE] = money.devices(rows.column("device"))
        money.enter()
        own = money.accounts.digests
        columns[:, c.FROM], columns[:, c.TO] = own[payer], own[payee]
        columns[:, c.PAIR] = ordered_pairs(own[payer], own[payee])
        columns[:, c.DUE] = _padded(rows.column("payee_account")) | _padded(rows.column("payer_account"))
        holder, kind = money.figures[:, HOLDER], money.figures[:, KIND]
        columns[:, c.ONE_PERSON] = holder[payer]
        touch = (phase == c.REQUESTED) & (holder[payer] >= 0) & (holder[payer] != holder[payee])
        touch &= kind[payee] != MERCHANT
        columns[touch, c.OTHER_ENTITY] = money.entities(payee[touch], self._touches.entities)

    def _parties(self, rows: pa.Table, names: tuple[str, str], columns: Ints) -> None:
        columns[:, c.ONE] = self._traffic.parties.of(rows.column(names[0]))
        columns[:, c.OTHER] = self._traffic.parties.of(rows.column(names[1]))
        self._traffic.enter()
        for party, line, person in (
            (c.ONE, c.ONE_LINE, c.ONE_PERSON),
            (c.OTHER, c.OTHER_LINE, c.OTHER_PERSON),
        ):
            columns[:, line] = self._traffic.lines(columns[:, party])
            columns[:, person] = self._touches.persons(columns[:, line])


def _coded(column: pa.ChunkedArray, codes: dict[str, int], others: int) -> Ints:
    """The code of each string."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    found = [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        known = np.array([codes.get(name, others) for name in chunk.dictionary.to_pylist()] or [0])
        found.append(known[chunk.indices.to_numpy(zero_copy_only=False)])
    return np.concatenate(found)


def _begins(column: pa.ChunkedArray, letters: str) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.starts_with(column, letters).to_numpy())


def _padded(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether blanks stand around it: lists are asked without them."""
    return np.asarray(pc.not_equal(column, pc.utf8_trim_whitespace(column)).to_numpy())
