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

from qingdun.detect.evidence import Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.money import Dealt
from qingdun.detect.view import View
from qingdun.detect.words import yuan, yuan_en


class SmallInflow(Pattern):
    """Signals about the person who takes in and then pays out."""

    code = "transfer.small_inflow"
    flows = ("transfers",)
    phases = ("requested",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal when strangers' small money is followed by payments to strangers."""
        dealt = view.memory.money.dealt()
        taker, payer = view.holder(event.row.payee_account), view.holder(event.row.payer_account)
        if taker is not None and dealt.took:
            yield from self._take(event, taker, dealt, view)
        if payer is not None and dealt.paid_out:
            yield self._pay(event, payer, dealt, view)

    def _take(self, event: Event, person: str, dealt: Dealt, view: View) -> Found:
        row, strangers = event.row, dealt.strangers
        contacted = view.evidence(person) >= self.settings["least_bits"] * 1000
        if not contacted and not dealt.came_back and strangers < self.settings["least_strangers"]:
            return
        weight = "came_back" if dealt.came_back else "after_contact" if contacted else "strangers"
        yield self._signal(
            event,
            person,
            view,
            self.bits[weight],
            "lure",
            f"三天内{strangers}个陌生账户小额转入，最近一笔{yuan(row.amount_fen)}",
            f"{strangers} strangers sent small sums within three days, the last of {yuan_en(row.amount_fen)}",
            row.payer_account,
        )

    def _pay(self, event: Event, person: str, dealt: Dealt, view: View) -> Signal:
        row, rising = event.row, dealt.rising
        return self._signal(
            event,
            person,
            view,
            self.bits["rising" if rising else "paid_out"],
            "transfer",
            f"收到陌生账户小额返款后，向陌生账户转出{yuan(row.amount_fen)}{'，金额递增' if rising else ''}",
            f"the person paid {yuan_en(row.amount_fen)} to a stranger after small sums came in"
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
