"""Small sums come in from strangers, then money goes out to strangers, more each time.

What it sees: first-time payers who send 1 to 500 yuan to a person's account, and later first-time payees of
the person, within three days; test payments that go out small and come back.
Why it matters: brushing pays a few commissions, investment lets a first withdrawal succeed; then the sums
rise.
What it is blind to: commissions paid inside apps.
Who looks guilty and isn't: people who sell second-hand goods or collect for a dinner take in small sums, but
do not pay rising sums to other strangers.
Source: docs/field.md §4, brushing and investment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights
from qingdun.detect.words import yuan, yuan_en

_DAYS_US = 3 * DAY_US


@dataclass(slots=True)
class Dealings:
    """A person's small takings from strangers and payments to strangers."""

    taken: dict[str, tuple[int, int]] = field(default_factory=dict)
    paid: dict[str, tuple[int, int]] = field(default_factory=dict)
    last_at: int = 0


class SmallInflow(Pattern):
    """Signals about the person who takes in and then pays out."""

    code = "transfer.small_inflow"
    flows = ("transfers",)
    phases = ("requested",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._dealings: dict[str, Dealings] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A signal when strangers' small money is followed by payments to strangers."""
        row = event.row
        if view.same_holder(row.payer_account, row.payee_account):
            return
        if view.memory.has_paid(row.payer_account, row.payee_account):
            return
        taker, payer = view.holder(row.payee_account), view.holder(row.payer_account)
        if taker is not None and self._personal(row.payer_account, view):
            yield from self._take(event, taker, view)
        if payer is not None and self._personal(row.payee_account, view):
            yield from self._pay(event, payer, view)

    def _personal(self, account: str, view: View) -> bool:
        holding = view.holding(account)
        return holding is None or holding.kind == "personal"

    def _take(self, event: Event, person: str, view: View) -> Found:
        row = event.row
        if row.amount_fen > self.settings["most_yuan"] * 100:
            return
        dealings = self._dealings.setdefault(person, Dealings())
        dealings.last_at = event.at
        dealings.taken[row.payer_account] = (event.at, row.amount_fen)
        strangers = [a for a, (at, _) in dealings.taken.items() if at > event.at - _DAYS_US]
        contacted = view.evidence(person) >= self.settings["least_bits"] * 1000
        back = any(event.at - _DAYS_US < at < event.at for at, _ in dealings.paid.values())
        if not contacted and not back and len(strangers) < self.settings["least_strangers"]:
            return
        weight = "came_back" if back else "after_contact" if contacted else "strangers"
        yield self._signal(
            event,
            person,
            view,
            self.bits[weight],
            "lure",
            f"三天内{len(strangers)}个陌生账户小额转入，最近一笔{yuan(row.amount_fen)}",
            f"{len(strangers)} strangers sent small sums within three days, last {yuan_en(row.amount_fen)}",
            row.payer_account,
        )

    def _pay(self, event: Event, person: str, view: View) -> Found:
        row = event.row
        dealings = self._dealings.setdefault(person, Dealings())
        taken = [amount for at, amount in dealings.taken.values() if event.at - _DAYS_US < at < event.at]
        before = [amount for at, amount in dealings.paid.values() if event.at - _DAYS_US < at < event.at]
        dealings.paid[row.payee_account] = (event.at, row.amount_fen)
        dealings.last_at = event.at
        if not taken or row.amount_fen <= max(taken):
            return
        rising = bool(before) and row.amount_fen > max(before)
        yield self._signal(
            event,
            person,
            view,
            self.bits["rising" if rising else "paid_out"],
            "transfer",
            f"收到陌生账户小额返款后，向陌生账户转出{yuan(row.amount_fen)}{'，金额递增' if rising else ''}",
            f"paid {yuan_en(row.amount_fen)} to a stranger after small sums came in"
            + (", rising" if rising else ""),
            row.payee_account,
        )

    def _signal(
        self,
        event: Event,
        person: str,
        view: View,
        millibits: int,
        stage: str,
        zh: str,
        en: str,
        account: str,
    ) -> Signal:
        number = view.number_of(person)
        return Signal(
            self.code, event.at, person, number, "account", account, millibits, stage, self.types, zh, en
        )

    def forget(self, now: int) -> None:
        """Persons without such dealings for three days are gone."""
        for person in [p for p, d in self._dealings.items() if d.last_at < now - _DAYS_US]:
            del self._dealings[person]
