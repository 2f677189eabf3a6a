"""A person pays somebody for the first time within minutes of being on a site few people know.

What it sees: first payments to private accounts within half an hour after a visit to an uncommon host, and
how many of those who ask for that host pay like that.
Why it matters: fake platforms, tasks, shops and loan sites name an account to pay; a real shop takes money
by merchant account.
What it is blind to: scams run inside chat apps, payments made on another day.
Who looks guilty and isn't: somebody who pays a friend while reading an unusual site: one such payment is
weak, and a site is suspected only when a good part of those who ask for it pay.
Source: docs/field.md §4, sequences of brushing, investment, shopping, loan and game.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, MINUTE_US, Event, Signal, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights
from qingdun.detect.words import site, yuan, yuan_en


@dataclass(slots=True)
class Payers:
    """Who paid a stranger right after being on a host, and when last."""

    persons: set[str] = field(default_factory=set)
    last_at: int = 0


class AfterRareSite(Pattern):
    """Signals about the payer, and suspicion of the host once several pay."""

    code = "transfer.after_rare_site"
    flows = ("transfers",)
    phases = ("requested",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._payers: dict[str, Payers] = {}

    def observe(self, event: Event, view: View) -> Found:
        """Evidence when a first payment follows a visit."""
        row = event.row
        person = view.holder(row.payer_account)
        if person is None or not self._to_stranger(event, view):
            return
        since = event.at - round(self.settings["within_min"] * MINUTE_US)
        for host in view.little_known_sites(person, since):
            yield from self._paid(event, person, host, view)

    def _to_stranger(self, event: Event, view: View) -> bool:
        row = event.row
        holding = view.holding(row.payee_account)
        return not (
            view.same_holder(row.payer_account, row.payee_account)
            or (holding is not None and holding.kind == "merchant")
            or view.memory.has_paid(row.payer_account, row.payee_account)
        )

    def _paid(self, event: Event, person: str, host: str, view: View) -> Found:
        payers = self._payers.setdefault(host, Payers())
        payers.persons.add(person)
        payers.last_at = event.at
        count, visitors = len(payers.persons), max(1, view.memory.visitors(host))
        if count > 1 and count >= visitors * self.settings["least_share"]:
            yield Suspicion(
                self.code,
                event.at,
                "host",
                host,
                self.bits["host_many" if count >= self.settings["many_payers"] else "host_some"],
                (),
                f"{visitors}名访问者中有{count}人访问后首次向陌生账户转账",
                f"{count} of {visitors} visitors then paid a stranger for the first time",
                tied_to=(("account", event.row.payee_account),),
            )
        amount = event.row.amount_fen
        yield Signal(
            self.code,
            event.at,
            person,
            view.number_of(person),
            "host",
            host,
            self.bits["several" if count > 1 else "alone"],
            "transfer",
            (),
            f"访问冷门网站{site(host)}后首次向陌生账户转账{yuan(amount)}",
            f"the person paid {yuan_en(amount)} to a stranger right after being on a "
            f"little-known site, {site(host)}",
        )

    def forget(self, now: int) -> None:
        """Payments of more than ten days ago are gone."""
        for host in [h for h, p in self._payers.items() if p.last_at < now - 10 * DAY_US]:
            del self._payers[host]
