"""A small sum from a stranger comes in while the person is on a site few people know.

What it sees: first-time payments of up to 500 yuan from private accounts to a person who asked for an
uncommon host within the last half hour; the second and third such sum weigh more.
Why it matters: brushing pays commissions for the first tasks, and a fake platform lets the first withdrawal
succeed, to win trust before the large payments.
What it is blind to: commissions credited inside the site.
Who looks guilty and isn't: people who sell second-hand goods and browse unusual sites: one such sum is weak.
Source: docs/field.md §4, brushing (small inflows from strangers, unknown site) and investment (redemption).
"""

from __future__ import annotations

from collections import deque

from qingdun.detect.evidence import DAY_US, MINUTE_US, Event, Signal
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights
from qingdun.detect.words import site, yuan, yuan_en

_KEEP_US = 3 * DAY_US


class InflowAtSite(Pattern):
    """Signals about the person who takes the money."""

    code = "transfer.inflow_at_site"
    flows = ("transfers",)
    phases = ("requested",)

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._sums: dict[tuple[str, str], deque[int]] = {}

    def observe(self, event: Event, view: View) -> Found:
        """A signal for each uncommon host the taker was on."""
        row = event.row
        person = view.holder(row.payee_account)
        if person is None or row.amount_fen > self.settings["most_yuan"] * 100:
            return
        holding = view.holding(row.payer_account)
        if view.holder(row.payer_account) == person or (holding and holding.kind != "personal"):
            return
        if view.memory.has_paid(row.payer_account, row.payee_account):
            return
        for host in view.little_known_sites(
            person, event.at - round(self.settings["within_min"] * MINUTE_US)
        ):
            sums = self._sums.setdefault((person, host), deque(maxlen=3))
            sums.append(event.at)
            yield Signal(
                self.code,
                event.at,
                person,
                view.number_of(person),
                "host",
                host,
                self.bits["again" if len(sums) > 1 else "once"],
                "lure",
                self.types,
                f"访问冷门网站{site(host)}时收到陌生账户小额转入{yuan(row.amount_fen)}（第{len(sums)}笔）",
                f"a stranger sent {yuan_en(row.amount_fen)} during a visit to a "
                f"little-known site, {site(host)}: "
                f"small sum number {len(sums)}",
            )

    def forget(self, now: int) -> None:
        """Sums of more than three days ago are gone."""
        for key in [k for k, sums in self._sums.items() if sums[-1] < now - _KEEP_US]:
            del self._sums[key]
