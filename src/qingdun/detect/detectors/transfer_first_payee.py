"""A person who shows other signs of being scammed pays somebody for the first time.

What it sees: a transfer requested to an account the payer has never paid, while evidence on the payer is
open; large against the balance weighs more.
Why it matters: whatever the story, the money goes to a new payee; the account becomes a suspect with it.
What it is blind to: payments through shops and wallets that hide the payee.
Who looks guilty and isn't: everybody pays new people; without evidence before it this says nothing.
Source: docs/field.md §4, shopping, loan, boss or friend.
"""

from __future__ import annotations

from qingdun.detect.evidence import Event, Signal, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.words import yuan, yuan_en


class FirstPayee(Pattern):
    """Signals about the payer and suspicion of the payee."""

    code = "transfer.first_payee"
    flows = ("transfers",)
    phases = ("requested",)

    def observe(self, event: Event, view: View) -> Found:
        """Evidence if the payee is new to a payer on whom other evidence is open."""
        row = event.row
        person = view.holder(row.payer_account)
        if person is None or not view.has_evidence(person):
            return
        holding = view.holding(row.payee_account)
        if view.same_holder(row.payer_account, row.payee_account) or (holding and holding.kind == "merchant"):
            return
        if view.memory.has_paid(row.payer_account, row.payee_account):
            return
        evidence = view.evidence(person, without=("account", row.payee_account))
        if evidence < self.settings["least_bits"] * 1000:
            return
        balance = getattr(view.holding(row.payer_account), "balance_fen", None) or 0
        large = row.amount_fen >= self.settings["large_yuan"] * 100 or (
            balance > 0 and row.amount_fen >= balance * self.settings["large_share"]
        )
        deep = evidence >= self.settings["deep_bits"] * 1000
        yield Suspicion(
            self.code,
            event.at,
            "account",
            row.payee_account,
            self.bits["payee_deep" if deep else "payee"],
            (),
            "疑似受骗人首次向其转账",
            "first payment by a person who is probably being scammed",
        )
        yield Signal(
            self.code,
            event.at,
            person,
            view.number_of(person),
            "account",
            row.payee_account,
            self.bits["large" if large else "small"],
            "transfer",
            (),
            f"出现受骗迹象后首次向陌生账户{row.payee_account}转账{yuan(row.amount_fen)}",
            f"the person paid {yuan_en(row.amount_fen)} for the first time to a strange account, "
            f"{row.payee_account}, after signs of a scam",
            urgent=deep,
        )
