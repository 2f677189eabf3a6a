"""Everyday life by the million rows, in which nothing looks like a scam; drawn from a simulated city."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ACCOUNTS, CALLS, MESSAGES, SUBSCRIBERS, TRANSFERS, VISITS
from qingdun.detect.evidence import HOUR_US
from qingdun.simulate.hosts import build_hosts

FRIENDS = 5
_POPULAR = 20_000
"""Hosts that one visit in so many asks for are asked for in everyday life."""
_ANSWERED, _SECOND = 0.8, 1_000_000
_DIGITS = r"\d{4,}"

Ints = npt.NDArray[np.int64]


class Fresh:
    """Hosts that nobody has asked for before: the beginning of one simulated name and the end of another."""

    def __init__(self, persons: int, seed: int) -> None:
        self._names = build_hosts(persons, seed).name.to_pylist()

    def name(self, number: int) -> str:
        """The host of that number."""
        size = len(self._names)
        one, other = self._names[number % size], self._names[(number + 1 + number // size) % size]
        one, (label, _, end) = one.rpartition(".")[0].removesuffix(".com"), other.rpartition(".")
        return f"{one[: (len(one) + 2) // 2]}{label[len(label) // 2 :]}.{end}".replace("..", ".")


class Everyday:
    """Draws rows of the four flows for the persons of a simulated city."""

    def __init__(self, city: FlowDirectory, persons: int, seed: int, fresh: float) -> None:
        """`fresh`: the share of visits that ask for a host nobody has asked for before."""
        self._draw = np.random.default_rng(seed)
        self._numbers = _strings(city.reference(SUBSCRIBERS).column("msisdn"))
        self._devices = pa.array([f"8690{i:011}" for i in range(len(self._numbers))])
        accounts = city.reference(ACCOUNTS)
        kinds, held = accounts.column("kind"), accounts.column("account")
        self._personal = _strings(held.filter(pc.equal(kinds, "personal")))
        self._merchants = _strings(held.filter(pc.equal(kinds, "merchant")))
        self._fresh, self._share, self._made = Fresh(persons, seed), fresh, 0
        self._hosts, self._popularity = _popular(city)
        self._senders, self._texts = _texts(city)
        self._ids = 0

    def rows(self, flow: str, count: int, since: int) -> pa.Table:
        """So many rows that begin in the hour from `since` (UTC microseconds), a few less of calls."""
        at = np.sort(since + self._draw.integers(0, HOUR_US, count))
        by_flow = {
            "visits": self._visits,
            "calls": self._calls,
            "messages": self._messages,
            "transfers": self._transfers,
        }
        return by_flow[flow](at)

    def _someone(self, count: int) -> Ints:
        return self._draw.integers(0, len(self._numbers), count)

    def _friend(self, persons: Ints) -> Ints:
        """An acquaintance of each, always of the same few."""
        return (persons + 1 + 997 * self._draw.integers(0, FRIENDS, len(persons))) % len(self._numbers)

    def _new_ids(self, letter: str, count: int) -> pa.Array:
        first, self._ids = self._ids, self._ids + count
        numbers = pa.array(np.arange(first, self._ids)).cast(pa.string())
        return pc.binary_join_element_wise(f"everyday-{letter}", numbers, "")

    def _visits(self, at: Ints) -> pa.Table:
        hosts = self._popularity.searchsorted(self._draw.random(len(at)), side="right")
        chosen = np.flatnonzero(self._draw.random(len(at)) < self._share)
        hosts[chosen] = len(self._hosts) + np.arange(len(chosen))
        names = [self._fresh.name(self._made + i) for i in range(len(chosen))]
        self._made += len(chosen)
        every = pa.concat_arrays([self._hosts, pa.array(names, pa.string())])
        subscribers = self._numbers.take(pa.array(self._someone(len(at))))
        return _table(VISITS.schema, at=at, subscriber=subscribers, host=every.take(pa.array(hosts)))

    def _calls(self, at: Ints) -> pa.Table:
        """Calls that were answered and end within ten minutes, and others that were not."""
        at = at[: round(len(at) / (1 + _ANSWERED))]
        answered = self._draw.random(len(at)) < _ANSWERED
        lasted = np.minimum(self._draw.lognormal(4, 1, len(at)), 600).astype(np.int64)
        which = np.concatenate([np.arange(len(at)), np.flatnonzero(answered)])
        ends = np.arange(len(which)) >= len(at)
        phase = np.where(ends, 1, np.where(answered[which], 0, 2))
        one = self._someone(len(at))
        other = self._friend(one)
        numbers, devices, which_one = self._numbers, self._devices, pa.array(one[which])
        return _table(
            CALLS.schema,
            call_id=self._new_ids("c", len(at)).take(pa.array(which)),
            at=at[which] + np.where(ends, lasted[which] * _SECOND, 0),
            phase=pa.array(["answered", "ended", "missed"]).take(pa.array(phase)),
            caller=numbers.take(which_one),
            callee=numbers.take(pa.array(other[which])),
            duration_s=np.where(ends, lasted[which], 0).astype(np.int32),
            origin=pa.array(["domestic"] * len(which)),
            caller_imei=devices.take(which_one),
            callee_imei=devices.take(pa.array(other[which])),
        )

    def _messages(self, at: Ints) -> pa.Table:
        place = self._draw.integers(0, len(self._texts), len(at))
        to = self._numbers.take(pa.array(self._someone(len(at))))
        texts = self._texts.take(pa.array(place))
        digits = pa.array(self._draw.integers(1000, 10_000, len(at))).cast(pa.string())
        before = pc.replace_substring_regex(texts, rf"(?s)^(.*?){_DIGITS}.*$", r"\1")
        after = pc.replace_substring_regex(texts, rf"(?s)^.*?{_DIGITS}", "")
        own = pc.binary_join_element_wise(before, digits, after, "")
        return _table(
            MESSAGES.schema,
            message_id=self._new_ids("m", len(at)),
            at=at,
            sender=self._senders.take(pa.array(place)),
            recipient=to,
            text=pc.if_else(pc.match_substring_regex(texts, _DIGITS), own, texts),
        )

    def _transfers(self, at: Ints) -> pa.Table:
        """To merchants; half of the rows say that one was settled, a second later."""
        at = at[: len(at) // 2]
        payer = self._draw.integers(0, len(self._personal), len(at))
        merchant = self._draw.integers(0, len(self._merchants), len(at))
        amount = self._draw.lognormal(8, 1, len(at))
        twice = pa.array(np.tile(np.arange(len(at)), 2))
        columns: dict[str, Any] = {
            "transfer_id": self._new_ids("t", len(at)).take(twice),
            "phase": pa.array(["requested"] * len(at) + ["settled"] * len(at)),
            "payer_account": self._personal.take(pa.array(payer)).take(twice),
            "payee_account": self._merchants.take(pa.array(merchant)).take(twice),
            "amount_fen": np.tile(amount.astype(np.int64) + 1, 2),
            "channel": pa.array(["app"] * 2 * len(at)),
        }
        return _table(TRANSFERS.schema, at=np.concatenate([at, at + _SECOND]), **columns)


def _strings(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.cast(pa.string()).chunks)


def _table(schema: pa.Schema, at: Ints, **columns: Any) -> pa.Table:
    columns["at"] = pa.array(at, TIMESTAMP)
    nothing = {field.name: pa.nulls(len(at), field.type) for field in schema if field.name not in columns}
    return pa.table({name: (columns | nothing)[name] for name in schema.names})


def _popular(city: FlowDirectory) -> tuple[pa.Array, npt.NDArray[np.float64]]:
    """Hosts that many visits ask for, and how often up to each, from 0 to 1."""
    visits = city.files(VISITS)
    assert visits is not None
    pieces = [visits.read(piece.file, piece.index, ["host"]) for piece in visits.pieces()]
    counted = pc.value_counts(pa.concat_tables(pieces).column("host").cast(pa.string()))
    often = counted.field(1).to_numpy()
    popular = often * _POPULAR >= often.sum()
    shares = np.cumsum(often[popular]) / often[popular].sum()
    return counted.field(0).filter(pa.array(popular)), shares


def _texts(city: FlowDirectory) -> tuple[pa.Array, pa.Array]:
    """Senders and texts of messages that name no address and come from residents or services."""
    rows = pa.concat_tables([rows for _, rows in city.files(MESSAGES).read_all()])  # type: ignore[union-attr]
    known = city.reference(SUBSCRIBERS).column("msisdn")
    senders, texts = rows.column("sender"), rows.column("text")
    service = pc.less_equal(pc.utf8_length(senders), 6)
    kept = pc.and_(
        pc.or_(service, pc.is_in(senders, value_set=pc.unique(known))),
        pc.invert(pc.match_substring_regex(texts, r"[A-Za-z0-9-]\.[A-Za-z]{2}")),
    )
    return _strings(senders.filter(kept)), _strings(texts.filter(kept))
