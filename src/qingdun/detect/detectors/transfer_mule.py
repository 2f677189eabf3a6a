"""An account takes money from many and passes it on at once.

What it sees: per account and day, how many different strangers pay in, how much of what came in within half
an hour has left again, small probes, the hour of night, and how new the account is.
Why it matters: first-level accounts of scams are emptied within minutes.
What it is blind to: accounts that keep the money, cash withdrawn at counters outside the flow.
Who looks guilty and isn't: merchants (left out), corporate accounts (weigh less), people who collect for a
group and pay once, and transfers between accounts of one holder (left out).
Source: docs/field.md §4, signals of mule accounts; all thresholds are defaults in weights.json.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights
from qingdun.detect.words import yuan, yuan_en

_MOST = 200


@dataclass(slots=True)
class Passage:
    """What went in and out of one account within a day."""

    inflows: deque[tuple[int, int, str]] = field(default_factory=lambda: deque(maxlen=_MOST))
    outflows: deque[tuple[int, int, str]] = field(default_factory=lambda: deque(maxlen=_MOST))
    probes: int = 0
    emptied: int = 0
    last_at: int = 0


class Mule(Pattern):
    """Suspicion of accounts that pass money on."""

    code = "transfer.mule"
    flows = ("transfers",)
    phases = ("requested",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._passages: dict[str, Passage] = {}

    def observe(self, event: Event, view: View) -> Found:
        """Suspicion of payer or payee if what passed through it by now is like a mule."""
        row = event.row
        if view.same_holder(row.payer_account, row.payee_account):
            return
        if self._may_be_mule(row.payee_account, view):
            passage = self._passages.setdefault(row.payee_account, Passage())
            stranger = not view.memory.has_paid(row.payer_account, row.payee_account)
            if stranger and row.amount_fen <= self.settings["probe_yuan"] * 100:
                passage.probes += 1
            passage.inflows.append((event.at, row.amount_fen, row.payer_account))
            passage.last_at = event.at
            yield from self._judge(row.payee_account, passage, event.at, view)
        paying = self._passages.get(row.payer_account)
        if paying is not None:
            paying.outflows.append((event.at, row.amount_fen, row.payee_account))
            paying.last_at = event.at
            if self._just_emptied(paying, event.at):
                paying.emptied += 1
            yield from self._judge(row.payer_account, paying, event.at, view)

    def _may_be_mule(self, account: str, view: View) -> bool:
        holding = view.holding(account)
        return holding is None or holding.kind != "merchant"

    def _just_emptied(self, passage: Passage, now: int) -> bool:
        since = now - round(self.settings["emptied_min"]) * MINUTE_US
        came = sum(amount for at, amount, _ in passage.inflows if at >= since)
        left = sum(amount for at, amount, _ in passage.outflows if at >= since)
        return came >= self.settings["least_yuan"] * 100 and left >= came * self.settings["emptied_share"]

    def _judge(self, account: str, passage: Passage, now: int, view: View) -> Found:
        bits, settings = self.bits, self.settings
        day = now - DAY_US
        payers = {payer for at, _, payer in passage.inflows if at > day}
        came = sum(amount for at, amount, _ in passage.inflows if at > day)
        total = 0
        if len(payers) >= settings["many_payers"]:
            total += bits["many_payers"]
        elif len(payers) >= settings["some_payers"]:
            total += bits["some_payers"]
        if passage.emptied:
            total += bits["emptied"] + (bits["emptied_again"] if passage.emptied > 1 else 0)
        if total <= 0:
            return
        if passage.probes:
            total += bits["probed"]
        holding = view.holding(account)
        if holding is not None:
            total += bits["corporate"] if holding.kind == "corporate" else 0
            if holding.opened_day is not None and now // DAY_US - holding.opened_day < settings["new_days"]:
                total += bits["new_account"]
        hour = (now // HOUR_US + round(settings["utc_offset_h"])) % 24
        if hour < settings["night_until"]:
            total += bits["night"]
        if total < settings["least_bits"] * 1000:
            return
        zh = (
            f"24小时内{len(payers)}人转入共{yuan(came)}，快进快出{passage.emptied}次，"
            f"小额试探{passage.probes}笔"
        )
        en = (
            f"{len(payers)} payers sent {yuan_en(came)} in a day; emptied {passage.emptied} times, "
            f"{passage.probes} small probes"
        )
        onward = sorted({("account", payee) for at, _, payee in passage.outflows if at > day})
        yield Suspicion(
            self.code, now, "account", account, total, self.types, zh, en, tied_to=tuple(onward[:8])
        )

    def forget(self, now: int) -> None:
        """Accounts without movement for two days are gone."""
        for account in [a for a, p in self._passages.items() if p.last_at < now - 2 * DAY_US]:
            del self._passages[account]
