"""Rows as the network and the banks write them: what a call shows, and the phases of a transfer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from qingdun.contract.codes import CallPhase, Channel, TransferPhase
from qingdun.contract.tables import Call, Transfer
from qingdun.simulate.gangs import Line
from qingdun.simulate.ordinary.rhythm import SECOND


def call_row(call_id: str, at: int, phase: CallPhase, caller: Line, callee: Line, lasted_s: int = 0) -> Call:
    """One phase of a call between two lines."""
    return Call(
        call_id,
        at,
        phase,
        caller.number,
        callee.number,
        lasted_s,
        caller.origin,
        caller.network_number,
        caller.imei,
        caller.cell,
        callee.imei,
        callee.cell,
    )


@dataclass(frozen=True, slots=True)
class Order:
    """A transfer as ordered: the accounts' numbers, amount, channel, and what the bank sees of the payer."""

    transfer_id: str
    at: int
    payer: str
    payee: str
    amount_fen: int
    channel: Channel
    device: str | None
    place_code: str | None

    def row(self, phase: TransferPhase, at: int) -> Transfer:
        """One phase of it."""
        return Transfer(
            self.transfer_id,
            at,
            phase,
            self.payer,
            self.payee,
            self.amount_fen,
            self.channel,
            self.device,
            self.place_code,
        )

    def phases(self, rng: random.Random, held: bool) -> Iterator[Transfer]:
        """Its rows: requested and settled within half a minute, or held for hours and then half the time
        cancelled.
        """
        yield self.row(TransferPhase.REQUESTED, self.at)
        done = self.at + round(rng.uniform(3, 25) * SECOND)
        if held:
            yield self.row(TransferPhase.HELD, done)
            done += round(rng.uniform(900, 7_200) * SECOND)
            if rng.random() < 0.5:
                yield self.row(TransferPhase.CANCELLED, done)
                return
        yield self.row(TransferPhase.SETTLED, done)
