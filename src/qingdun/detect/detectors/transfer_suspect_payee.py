"""A person orders a transfer to a listed or suspected account.

What it sees: transfers at the moment they are requested, before they settle; 3,000 yuan and more, from which
on fraud is a crime, weigh more, and make the alert urgent by themselves.
Why it matters: it is the last moment at which money can be stopped.
What it is blind to: first-level accounts nobody has suspected yet.
Who looks guilty and isn't: people who pay the same account again and again or pay a few yuan; people who pay
somebody whose account was rented out unknown to them; those who pass on what others have just paid them, who
are more often mules than victims; transfers between accounts of one holder never count.
Source: docs/field.md §3, urgent trigger.
"""

from __future__ import annotations

from qingdun.detect.evidence import MINUTE_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.words import listed_for, yuan, yuan_en


class SuspectPayee(Pattern):
    """Signals about the payer."""

    code = "transfer.suspect_payee"
    flows = ("transfers",)
    phases = ("requested",)

    def observe(self, event: Event, view: View) -> Found:
        """A signal if the payee is listed or suspected and the payer is not of the gang."""
        row = event.row
        person = view.holder(row.payer_account)
        if view.same_holder(row.payer_account, row.payee_account):
            return
        if person is None:
            return
        entry = view.listed("account", row.payee_account)
        if entry is None and not view.suspected("account", row.payee_account):
            return
        if view.listed("account", row.payer_account) or view.suspected("account", row.payer_account):
            return  # one mule paying the next is no victim
        certain = view.suspicion_probability("account", row.payee_account) >= self.settings["strongly"]
        millibits = self.bits["listed" if entry else "strongly_suspected" if certain else "suspected"]
        known = view.memory.has_paid(row.payer_account, row.payee_account)
        if known or view.memory.has_paid(row.payee_account, row.payer_account):
            millibits += self.bits["paid_before"]
        if row.amount_fen < self.settings["small_yuan"] * 100:
            millibits += self.bits["small"]
        elif row.amount_fen >= self.settings["large_yuan"] * 100:
            millibits += self.bits["large"]
        if self._passes_on(row.payer_account, row.amount_fen, event.at, view):
            millibits += self.bits["passed_on"]
        why_zh, why_en = listed_for(entry.reason if entry else None)
        word_zh, word_en = ("名单", "listed") if entry else ("可疑", "suspected")
        yield Signal(
            self.code,
            event.at,
            person,
            view.number_of(person),
            "account",
            row.payee_account,
            millibits,
            "transfer",
            view.suspected_types("account", row.payee_account),
            f"正向{word_zh}账户{row.payee_account}转账{yuan(row.amount_fen)}{why_zh}",
            f"the person is sending {yuan_en(row.amount_fen)} to a {word_en} account, "
            f"{row.payee_account}{why_en}",
            urgent=(entry is not None or certain) and millibits >= self.settings["urgent_bits"] * 1000,
            direct=entry is not None or view.suspected("account", row.payee_account, direct_only=True),
        )

    def _passes_on(self, account: str, amount_fen: int, at: int, view: View) -> bool:
        """Whether what others have just paid into the account covers the payment.

        What a lender, an employer or a shop pays out is the payer's own, and does not count.
        """
        since = at - round(self.settings["passed_on_min"]) * MINUTE_US
        return view.memory.money.taken(account, since, at) >= amount_fen
