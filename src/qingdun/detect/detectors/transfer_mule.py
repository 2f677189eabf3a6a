"""An account takes money from many and passes it on at once.

What it sees: per account and day, how many different strangers pay in, how much of what came in within half
an hour has left again, small probes, the hour of night, how new the account is, and whether nothing moved on
it for weeks before it took from several and passed it on to private accounts; of a firm's, whether it
takes many times what it took a day in the week before. It tells besides what
the account received and paid, settled, in the last hour and in seven days.
Why it matters: first-level accounts of scams are emptied within minutes.
What it is blind to: accounts that keep the money, cash withdrawn at counters outside the flow; rests of
accounts in no register, of firms, and before the engine has watched for `dormant_days`.
Who looks guilty and isn't: merchants (left out), corporate accounts (weigh less, as long as they do what they
always did), people who collect for a
group and pay once, and transfers between accounts of one holder (left out); old accounts that one payer
wakes, or relatives for a term's fees.
Source: docs/field.md §4, signals of mule accounts; all thresholds are defaults in weights.json.
"""

from __future__ import annotations

from qingdun.detect.evidence import DAY_US, HOUR_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.money import Passed
from qingdun.detect.tiles.turnover import Turned
from qingdun.detect.view import View
from qingdun.detect.words import yuan, yuan_en


class Mule(Pattern):
    """Suspicion of accounts that pass money on."""

    code = "transfer.mule"
    flows = ("transfers",)
    phases = ("requested",)

    def observe(self, event: Event, view: View) -> Found:
        """Suspicion of payer or payee if what passed through it by now is like a mule."""
        payer, payee = event.row.payer_account, event.row.payee_account
        for account, other in ((payee, payer), (payer, payee)):
            passed = view.memory.money.passed(account, other, account is payee, event.at)
            if passed is not None:
                yield from self._judge(account, passed, event.at, view)

    def _judge(self, account: str, passed: Passed, now: int, view: View) -> Found:
        bits, settings = self.bits, self.settings
        total = 0
        if passed.payers >= settings["many_payers"]:
            total += bits["many_payers"]
        elif passed.payers >= settings["some_payers"]:
            total += bits["some_payers"]
        if passed.emptied:
            total += bits["emptied"] + (bits["emptied_again"] if passed.emptied > 1 else 0)
        if total <= 0:
            return
        if passed.probes:
            total += bits["probed"]
        holding = view.holding(account)
        if holding is not None:
            if holding.kind == "corporate":
                unusual = self._is_unusual(account, view)
                total += bits["corporate_unusual" if unusual else "corporate"]
            if holding.opened_day is not None and now // DAY_US - holding.opened_day < settings["new_days"]:
                total += bits["new_account"]
        rested = self._rested_days(account, passed, view)
        if rested:
            total += bits["dormant"]
        hour = (now // HOUR_US + round(settings["utc_offset_h"])) % 24
        if hour < settings["night_until"]:
            total += bits["night"]
        if total < settings["least_bits"] * 1000:
            return
        turned_zh, turned_en = _turned(view.memory.money.turned(account, view.now))
        rested_zh = f"；此前至少{rested}天无收付" if rested else ""
        rested_en = f"; nothing had moved on it for at least {rested} days" if rested else ""
        zh = (
            f"24小时内{passed.payers}人转入共{yuan(passed.came_fen)}，快进快出{passed.emptied}次，"
            f"小额试探{passed.probes}笔{rested_zh}{turned_zh}"
        )
        en = (
            f"{passed.payers} payers sent {yuan_en(passed.came_fen)} in a day; "
            f"emptied {passed.emptied} times, {passed.probes} small probes{rested_en}{turned_en}"
        )
        yield Suspicion(
            self.code,
            now,
            "account",
            account,
            total,
            self.types,
            zh,
            en,
            tied_to=tuple(("account", name) for name in passed.onward[:8]),
        )

    def _rested_days(self, account: str, passed: Passed, view: View) -> int | None:
        """For how long the account had rested, if it then took from several and passed that on; a firm's and
        one whose money went to shops and firms alone may rest as they like."""
        holding = view.holding(account)
        several = passed.emptied and passed.payers >= self.settings["some_payers"]
        if holding is None or holding.kind == "corporate" or not several:
            return None
        onward = (view.holding(name) for name in passed.onward)
        if all(one is not None and one.kind != "personal" for one in onward):
            return None
        since = view.now - round(self.settings["awake_h"] * HOUR_US)
        return view.memory.money.rested_days(account, since)

    def _is_unusual(self, account: str, view: View) -> bool:
        """Whether a firm's account has received within a day many times what it did on a day of the week
        before, as far as the engine has watched; before the second day it is not."""
        received = view.memory.money.turned(account, view.now).received
        today, before = received["1d"].total, received["7d"].total - received["1d"].total
        days = min(6.0, view.watched_us() / DAY_US - 1)
        return days >= 1 and before > 0 and today > self.settings["unusual_times"] * before / days


def _turned(turned: Turned) -> tuple[str, str]:
    """What has settled, in Chinese and English."""
    hour, week, spent = turned.received["1h"], turned.received["7d"], turned.paid["7d"]
    zh = en = ""
    if week.begun:
        zh = (
            f"；已到账：近1小时{hour.begun}笔{yuan(hour.total)}，7天{week.begun}笔{yuan(week.total)}，"
            f"来自{week.met}个账户，单笔{yuan(week.least)}至{yuan(week.most)}"
        )
        en = (
            f"; settled: {hour.begun} payments of {yuan_en(hour.total)} in the hour, {week.begun} of "
            f"{yuan_en(week.total)} in seven days from {week.met} accounts, "
            f"{yuan_en(week.least)} to {yuan_en(week.most)} each"
        )
    if spent.begun:
        zh += f"；7天已转出{yuan(spent.total)}至{spent.met}个账户，近1小时{yuan(turned.paid['1h'].total)}"
        en += (
            f"; paid {yuan_en(spent.total)} to {spent.met} accounts in seven days, "
            f"{yuan_en(turned.paid['1h'].total)} of it in the hour"
        )
    return zh, en
