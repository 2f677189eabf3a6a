"""Money of many people is ordered on one device, and their accounts try each other or the same strangers.

What it sees: per device and day, the accounts from which money is ordered on it, how many different people
hold them, and how many of them are tied by probes: small first payments to an account of the same device, or
to one that another account of it tried too.
Why it matters: rented accounts are worked from one handset, tried with a few yuan before victims pay.
What it is blind to: a handset for each account, counters and cash machines, and flows without devices.
Who looks guilty and isn't: a child's phone for parents and grandparents (who send each other larger sums, or
have paid each other before), a clerk in the village who pays bills for many (shops and firms are no ties), a
bookkeeper of several firms (corporate accounts weigh less).
Source: docs/field.md §4, signals of mule accounts; the weights in docs/detection.md.
"""

from __future__ import annotations

from collections import Counter

from qingdun.detect.evidence import DAY_US, Event, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.money import Operated
from qingdun.detect.view import View

_MOST_ACCOUNTS = 64


class SharedDevice(Pattern):
    """Suspicion of the device and of every account that is worked from it."""

    code = "transfer.shared_device"
    flows = ("transfers",)
    phases = ("requested",)

    def observe(self, event: Event, view: View) -> Found:
        """Suspicions once the accounts of enough people have been worked from the device within a day."""
        if event.row.device is not None:
            used = [one for one in view.memory.money.operated(event.row.device) if one.at > event.at - DAY_US]
            yield from self._shared(event, used, view)

    def _shared(self, event: Event, used: list[Operated], view: View) -> Found:
        people = len({view.holder(one.account) or one.account for one in used})
        if people < self.settings["least_holders"]:
            return
        bits, links = self.bits, _links(used)
        several = people >= self.settings["several_holders"]
        millibits = bits["several" if several else "some"]
        if several and links >= self.settings["linked_share"] * len(used):
            millibits += bits["linked"]
        zh = f"24小时内在同一设备上操作{people}人的账户，其中{links}个账户相互或共同小额试探"
        en = f"money of {people} people ordered on one device in a day, {links} accounts tied by probes"
        device = ("device", event.row.device)
        yield Suspicion(self.code, event.at, *device, millibits, self.types, zh, en)
        for one in sorted(used)[:_MOST_ACCOUNTS]:
            holding = view.holding(one.account)
            own = millibits + (bits["corporate"] if holding and holding.kind == "corporate" else 0)
            yield Suspicion(
                self.code, event.at, "account", one.account, own, self.types, zh, en, tied_to=(device,)
            )


def _links(used: list[Operated]) -> int:
    """How many of the accounts are tied to another one by a probe."""
    accounts, paid = {one.account for one in used}, Counter(one.paid for one in used)
    return sum(
        one.account in paid or one.paid in accounts or (one.paid is not None and paid[one.paid] > 1)
        for one in used
    )
