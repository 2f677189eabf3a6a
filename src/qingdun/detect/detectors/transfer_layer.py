"""Money of a suspected account reaches the next one, and goes on at once.

What it sees: large sums from accounts that are listed or suspects by their own deeds, and whether the taker
sends on what came within half an hour, or was only passed through by nearly the same sum.
Why it matters: money goes through three layers and more within the hour; each layer found is one whose next
victim can still be stopped.
What it is blind to: layers that wait for a day, and what comes in small sums.
Who looks guilty and isn't: whoever a wrong suspect pays (no account is held guiltier than the one before it,
less a step); victims whom a gang pays their first gains (they paid it before, or take little),
shops and firms (left out and weighing less), and whoever sells something to a mule: what comes once and stays
makes no suspect.
Source: docs/field.md §4, signals of mule accounts, and §5, funds; the weights in docs/detection.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from qingdun.detect.evidence import HOUR_US, MINUTE_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights
from qingdun.detect.words import yuan, yuan_en


@dataclass(slots=True)
class Came:
    """What came to an account from suspects in a row, fen, who sent it last, and when."""

    fen: int
    payer: str
    at: int


class Layer(Pattern):
    """Suspicion of the account that takes, and more of it once the money goes on."""

    code = "transfer.layer"
    flows = ("transfers",)
    phases = ("requested",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._came: dict[str, Came] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A suspicion when money of a suspect comes, and when it goes on."""
        row = event.row
        payer, payee = row.payer_account, row.payee_account
        if not view.same_holder(payer, payee):
            yield from self._goes_on(event, view)
            if self._is_a_step(event, view):
                yield from self._comes(event, view)

    def _is_a_step(self, event: Event, view: View) -> bool:
        """Whether a suspect sends a sum that counts to a private account or firm that never paid it."""
        row = event.row
        payer, payee, holding = row.payer_account, row.payee_account, view.holding(row.payee_account)
        if row.amount_fen < self.settings["least_yuan"] * 100 or (holding and holding.kind == "merchant"):
            return False
        suspected = view.suspected("account", payer, direct_only=True)
        guilty = suspected or view.listed("account", payer) is not None
        return guilty and not view.memory.has_paid(payee, payer)

    def _comes(self, event: Event, view: View) -> Found:
        row, before = event.row, self._came.get(event.row.payee_account)
        recent = before is not None and event.at - before.at <= self._within_us()
        fen = row.amount_fen + (before.fen if before is not None and recent else 0)
        self._came[row.payee_account] = Came(fen, row.payer_account, event.at)
        zh = f"收到可疑账户{row.payer_account}转入{yuan(row.amount_fen)}"
        en = f"took {yuan_en(row.amount_fen)} from a suspected account, {row.payer_account}"
        yield self._suspicion(event.at, row.payee_account, row.payer_account, "taken", (zh, en), view)

    def _goes_on(self, event: Event, view: View) -> Found:
        row, came = event.row, self._came.get(event.row.payer_account)
        if came is None or not 0 <= event.at - came.at <= self._within_us():
            return
        share = row.amount_fen / came.fen
        if self.settings["least_share"] <= share <= self.settings["most_share"]:
            minutes = (event.at - came.at) // MINUTE_US
            zh = f"收到可疑账户资金后{minutes}分钟内又转出{yuan(row.amount_fen)}"
            en = (
                f"sent on {yuan_en(row.amount_fen)} within {minutes} min of taking money of a "
                "suspected account"
            )
            yield self._suspicion(event.at, row.payer_account, came.payer, "passed_on", (zh, en), view)

    def _suspicion(
        self, at: int, account: str, payer: str, weight: str, words: tuple[str, str], view: View
    ) -> Suspicion:
        holding = view.holding(account)
        corporate = self.bits["corporate"] if holding is not None and holding.kind == "corporate" else 0
        millibits = self.bits[weight] + corporate
        if view.listed("account", payer) is None:
            millibits = min(millibits, view.suspicion("account", payer) + self.bits["step"])
        tied = (("account", payer),)
        return Suspicion(self.code, at, "account", account, millibits, self.types, *words, tied_to=tied)

    def _within_us(self) -> int:
        return round(self.settings["within_min"]) * MINUTE_US

    def forget(self, now: int) -> None:
        """What came longer ago cannot go on at once any more, not even by a row that is late."""
        since = now - self._within_us() - HOUR_US
        self._came = {account: came for account, came in self._came.items() if came.at >= since}
