"""Ordinary text messages: notices of banks, parcels, offices and schools, codes, adverts, chatter."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.tables import MESSAGES
from qingdun.simulate.city import CONTACTS, Population
from qingdun.simulate.hosts import Hosts
from qingdun.simulate.numbers import Ints, row_ids
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.texts.grammar import grammar

PER_DAY = 0.84
"""Messages received per person and day."""


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A sort of message: its rules' name, share of all, group of senders, and how many get the same text."""

    rules: str
    share: float
    sender: str
    copies: int = 1


KINDS: tuple[MessageKind, ...] = (
    MessageKind("bank_notice", 0.17, "short"),
    MessageKind("code", 0.24, "firm"),
    MessageKind("parcel", 0.13, "firm"),
    MessageKind("advert", 0.13, "firm", 12),
    MessageKind("telecom", 0.07, "short"),
    MessageKind("school", 0.025, "firm", 6),
    MessageKind("health", 0.02, "firm"),
    MessageKind("government", 0.04, "firm", 8),
    MessageKind("chatter", 0.115, "circle"),
    MessageKind("collector", 0.015, "firm"),
    MessageKind("work", 0.012, "circle"),
    MessageKind("site_notice", 0.02, "firm"),
    MessageKind("sideline", 0.013, "stranger"),
)


class Writing:
    """Makes the messages of an hour."""

    def __init__(self, people: Population, hosts: Hosts, seed: int) -> None:
        """Give firms their sender codes."""
        rng = np.random.default_rng([seed, 4])
        self._people = people
        self._hosts = hosts.name.to_pylist()
        codes = 106_900_000_000 + rng.integers(10**7, 10**8, 400 + people.size // 100)
        self._codes = pa.array(codes).cast(pa.string())
        self._grammar = grammar("ordinary")

    def hour(self, hour: rhythm.Hour, rng: np.random.Generator) -> pa.Table:
        """The messages of that hour."""
        words = random.Random(int(rng.integers(1 << 62)))
        recipients, senders, texts = [], [], []
        for kind in KINDS:
            expected = self._people.size * PER_DAY * kind.share * rhythm.MESSAGES[hour.of_day]
            count = int(rng.poisson(expected))
            person = self._people.some(count, rng)
            recipients.append(person)
            senders.append(self._senders(kind, person, rng))
            fresh = [self._text(kind, words) for _ in range(-(-count // kind.copies))]
            texts.append(pa.array(fresh, pa.string()).take(pa.array(np.arange(count) // kind.copies)))
        person = np.concatenate(recipients)
        order = pa.array(rng.permutation(len(person)))
        return pa.Table.from_arrays(
            [
                row_ids("m", hour.number * 10_000_000 + np.arange(len(person))),
                pa.array(hour.moments(len(person), rng)).cast(TIMESTAMP),
                pa.concat_arrays(senders).take(order),
                self._people.phones.number.take(pa.array(person)).take(order),
                pa.concat_arrays(texts).take(order),
            ],
            schema=MESSAGES.schema,
        )

    def _text(self, kind: MessageKind, words: random.Random) -> str:
        host = self._hosts[int(words.random() ** 2 * len(self._hosts))]
        return self._grammar.grow(kind.rules, words, host=host)

    def _senders(self, kind: MessageKind, person: Ints, rng: np.random.Generator) -> pa.Array:
        phones, count = self._people.phones, len(person)
        if kind.sender == "firm":
            # Copies of one text come from one sender; firms differ in how much they send.
            place = (rng.random(-(-count // kind.copies)) ** 2 * len(self._codes)).astype(np.int64)
            return self._codes.take(pa.array(np.repeat(place, kind.copies)[:count]))
        if kind.sender == "short":
            return phones.number.take(pa.array(phones.span["centre"][0] + rng.integers(0, 20, count)))
        near = self._people.circle[person, rng.integers(0, CONTACTS, count)].astype(np.int64)
        strangers = np.where(
            rng.random(count) < 0.5, phones.pick("room", count, rng), phones.pick("overseas", count, rng)
        )
        known = rng.random(count) < (0.97 if kind.sender == "circle" else 0.5)
        return phones.number.take(pa.array(np.where(known, near, strangers)))
