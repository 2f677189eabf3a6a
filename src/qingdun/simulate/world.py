"""Where stories play: the city, the clock of the simulation, the rows told so far, and what comes next."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from qingdun.contract.codes import CallPhase
from qingdun.contract.tables import CALLS, MESSAGES, TRANSFERS, VISITS, Call, Message, Transfer, Truth, Visit
from qingdun.simulate.city import Population
from qingdun.simulate.gangs import Line
from qingdun.simulate.hosts import Hosts
from qingdun.simulate.intervention import Intervention
from qingdun.simulate.numbers import cell_ids, device_numbers, read_rows, row_id
from qingdun.simulate.ordinary.rhythm import SECOND
from qingdun.simulate.telling import call_row

Story: TypeAlias = Iterator[int]
"""A story yields the moments (UTC microseconds) at which it wants to go on."""


class Stopped(Exception):
    """The person was reached in time and pays no more; ends the story."""


@dataclass
class Case:
    """What the truth will say of one person and one scam; only what lies in the simulated days counts."""

    person_id: str
    scam_type: str
    first_contact_at: int | None = None
    first_transfer_at: int | None = None
    last_seen_at: int | None = None
    net_fen: int = 0
    numbers: dict[str, None] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)
    accounts: dict[str, None] = field(default_factory=dict)

    def seen(self, at: int) -> None:
        """The scam and the person had to do with each other at that moment."""
        self.last_seen_at = at if self.last_seen_at is None else max(at, self.last_seen_at)

    def truth(self) -> Truth | None:
        """The row of truth; None if the scam did not touch the person in the simulated days."""
        moments = [at for at in (self.first_contact_at, self.first_transfer_at) if at is not None]
        if not moments:
            return None
        return Truth(
            self.person_id,
            self.scam_type,
            min(moments),
            self.first_transfer_at,
            max(0, self.net_fen),
            tuple(self.numbers),
            tuple(self.hosts),
            tuple(self.accounts),
            self.last_seen_at,
        )


class World:
    """The stage of all stories. Stories are resumed in the order of the moments they asked for."""

    def __init__(
        self, people: Population, hosts: Hosts, span: tuple[int, int], intervention: Intervention, seed: int,
        cash_out: bool = False,
    ) -> None:  # fmt: skip
        """A world from `span[0]` to `span[1]` (UTC microseconds); `cash_out` says whether gangs fetch what
        rests in their last accounts.
        """
        self.cash_out = cash_out
        self.people, self.hosts, self.intervention, self.seed = people, hosts, intervention, seed
        self.start, self.end = span
        self.banks = read_rows("banks.csv")
        self.host_names: list[str] = hosts.name.to_pylist()
        self.calls: list[Call] = []
        self.messages: list[Message] = []
        self.visits: list[Visit] = []
        self.transfers: list[Transfer] = []
        self.cases: list[Case] = []
        self._agenda: list[tuple[int, str, Any, Story]] = []

    def shows(self, at: int) -> bool:
        """Whether that moment lies in the simulated days."""
        return self.start <= at < self.end

    def local_hour(self, at: int) -> float:
        """Hour of the local day, 0 to 24; the first moment of the simulation is local midnight."""
        return (at - self.start) / (3_600 * SECOND) % 24

    def begin(self, at: int, key: str, scene: Any, story: Story) -> None:
        """The story will begin at that moment; `key` is unique and orders stories of one moment."""
        heapq.heappush(self._agenda, (at, key, scene, story))

    def play_until(self, until: int) -> None:
        """Every story has gone on to its first moment at or after `until`."""
        while self._agenda and self._agenda[0][0] < until:
            at, key, scene, story = heapq.heappop(self._agenda)
            scene.now = at
            try:
                wake = next(story)
            except (StopIteration, Stopped):
                scene.close()
                continue
            heapq.heappush(self._agenda, (max(wake, at + 1), key, scene, story))

    def take(self) -> Iterator[tuple[Any, list[Any]]]:
        """The rows told since the last time, by table."""
        yield CALLS, self.calls
        yield MESSAGES, self.messages
        yield VISITS, self.visits
        yield TRANSFERS, self.transfers
        self.calls, self.messages, self.visits, self.transfers = [], [], [], []

    def number(self, line: int) -> str:
        """The number of a line."""
        found: str = self.people.phones.number[line].as_py()
        return found

    def account(self, index: int) -> str:
        """The number of an account."""
        found: str = self.people.accounts.number[index].as_py()
        return found

    def line(self, index: int) -> Line:
        """One of the city's ordinary lines as the network sees it."""
        phones = self.people.phones
        at = slice(index, index + 1)
        network = int(phones.network[index])
        origin = ("domestic", "overseas", "voip")[int(phones.origin[index])]
        return Line(
            self.number(index),
            origin,
            self.number(network) if network >= 0 else None,
            device_numbers(phones.device[at])[0].as_py(),
            cell_ids(phones.cell[at])[0].as_py(),
        )

    def dial(self, line: Line, rng: random.Random, at: int, times: int, key: str) -> None:
        """The line calls `times` other people of the city in the next 50 minutes and reaches none."""
        phases = (CallPhase.MISSED, CallPhase.REFUSED, CallPhase.BUSY, CallPhase.INVALID, CallPhase.FORWARDED)
        for step in range(times):
            called = self.line(rng.randrange(self.people.size))
            phase = rng.choices(phases, (55, 25, 8, 8, 4))[0]
            when = at + rng.randrange(3_000) * SECOND + rng.randrange(SECOND)
            call_id = row_id("c", f"{self.seed}/{key}/dial{step}")
            self.calls.append(call_row(call_id, when, phase, line, called))
