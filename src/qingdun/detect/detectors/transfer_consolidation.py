"""A person who shows other signs of being scammed gathers the money of several own accounts in one.

What it sees: transfers between accounts of one holder, from two or more into one, within two hours, while
evidence is open or a suspicious call is live.
Why it matters: impersonated police have victims gather their savings before the one big transfer.
What it is blind to: accounts whose holder is not known.
Who looks guilty and isn't: people who move money between own banks, some 190,000 yuan in a known false
alarm: without a contact before it this says nothing.
Source: docs/field.md §4, police impersonation; §11, complaints of front-line officers.
"""

from __future__ import annotations

from qingdun.detect.evidence import HOUR_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights
from qingdun.detect.words import yuan, yuan_en


class Consolidation(Pattern):
    """Signals about the holder."""

    code = "transfer.consolidation"
    flows = ("transfers",)
    phases = ("requested",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._gathered: dict[str, dict[str, tuple[int, int]]] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A signal when a second own account pays into the same one."""
        row = event.row
        person = view.holder(row.payee_account)
        if person is None or row.payer_account == row.payee_account:
            return
        if not view.same_holder(row.payer_account, row.payee_account):
            return
        gathered = self._gathered.setdefault(row.payee_account, {})
        gathered[row.payer_account] = (event.at, row.amount_fen)
        recent = [amount for at, amount in gathered.values() if 0 <= event.at - at <= 2 * HOUR_US]
        number = view.number_of(person)
        call = view.live_call(number)
        in_call = call is not None and call.marks > 0
        if not in_call and view.evidence(person) < self.settings["least_bits"] * 1000:
            return
        if len(recent) < 2 and not in_call:
            return
        total = sum(recent)
        yield Signal(
            self.code,
            event.at,
            person,
            number,
            "account",
            row.payee_account,
            self.bits["in_call" if in_call else "after_contact"],
            "control",
            self.types,
            f"出现受骗迹象后将{len(recent)}个本人账户资金{yuan(total)}归集到{row.payee_account}",
            f"the person gathered {yuan_en(total)} from {len(recent)} own accounts in {row.payee_account} "
            "after signs of a scam",
        )

    def forget(self, now: int) -> None:
        """Transfers of more than two hours ago are gone."""
        for account in [
            a for a, g in self._gathered.items() if all(at < now - 2 * HOUR_US for at, _ in g.values())
        ]:
            del self._gathered[account]
