"""The synthetic money of the story in the browser: three victims and five accounts in four layers."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class Victim(NamedTuple):
    """Who paid, what they lost, and how many minutes before now."""

    number: str
    account: str
    yuan: str
    ago_min: int


VICTIMS = (
    Victim("17258010000", "6200000000000011", "67000.00", 30),
    Victim("17258010001", "6200000000000029", "23456.78", 29),
    Victim("17258010002", "6200000000000037", "9543.22", 28),
)
FIRST, SECOND, THIRD, ASIDE, LAST = (f"62000000000001{n:02}" for n in range(1, 6))
"""An account of each layer, and one aside in the third."""
NAMES = {
    FIRST: "赵某某（模拟）", SECOND: "钱某某（模拟）", THIRD: "孙某某（模拟）", ASIDE: "李某某（模拟）",
    LAST: "周某某（模拟）",
}  # fmt: skip
BANK = "演练银行"
HEAD = "账号,户名,时间,金额,收付标志,对方账号,对手户名,对手开户行,余额,流水号,摘要"


def reply(now: dt.datetime) -> str:
    """The banks' answer: everything that moved in the five accounts."""
    moves = [(one.ago_min, one.account, FIRST, one.yuan) for one in VICTIMS]
    moves += [
        (25, FIRST, SECOND, "98000.00"), (21, SECOND, THIRD, "60000.00"), (20, SECOND, ASIDE, "35000.00"),
        (17, THIRD, LAST, "58000.00"), (14, LAST, "", "2000.00"),
    ]  # fmt: skip
    held = dict.fromkeys(NAMES, 0)
    lines = [HEAD]
    for serial, (ago, payer, payee, yuan) in enumerate(moves):
        at = f"{now - dt.timedelta(minutes=ago):%Y-%m-%d %H:%M:%S}"
        fen = int(yuan.replace(".", ""))
        for own, other, way, sign in ((payer, payee, "出", -1), (payee, payer, "进", 1)):
            if own not in held:
                continue
            held[own] += sign * fen
            note = "跨行转账" if other else "ATM取现"
            other_bank = BANK if other in NAMES else ""
            lines.append(
                f"{own},{NAMES[own]},{at},{yuan},{way},{other},{NAMES.get(other, '')},{other_bank},"
                f"{held[own] / 100:.2f},S{serial},{note}"
            )
    return "\n".join(lines)
