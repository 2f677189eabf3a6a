"""Sites of nobody that a demonstration blocks, and what people outside said about it."""

from __future__ import annotations

import datetime as dt

from qingdun.console.industry import deciding
from qingdun.console.industry.outside import Plea, appeal_from_outside
from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.models import User
from qingdun.console.lists import actions as lists
from qingdun.console.lists.candidates import Candidate
from qingdun.console.lists.codes import Source

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SITES = (
    ("mall.yanlian-mofang.invalid", "仿冒购物平台（模拟）"),
    ("loan.yanlian-mofang.invalid", "虚假贷款页面（模拟）"),
)
"""Names that no name server can ever answer for (RFC 2606)."""
ADDRESS = "192.0.2.1"


def appeal_about_sites(city: User, confirmer: User, now: dt.datetime) -> None:
    """Two sites are blocked; of two appeals one was rejected and one waits. Errors: NotPermitted outside demo
    mode.
    """
    wanted = [Candidate("host", host, "black", why) for host, why in SITES]
    with clock_at(now - 25 * DAY):
        made = lists.propose(city, wanted, Source.HAND, "demo-sites")
        lists.approve(confirmer, [(entry.pk, None) for entry in made.entries])
    (mall, _why), (loan, _other) = SITES
    with clock_at(now - 20 * DAY):
        plea = Plea(loan, "某某（模拟）", "页面是我做的展示，不收费（模拟）", ADDRESS, "demo-1")
        rejected = appeal_from_outside(plea)
    with clock_at(now - 19 * DAY):
        deciding.decide_appeal(city, rejected.pk, "reject", "页面收取保证金，维持封堵（模拟）")
    with clock_at(now - 30 * HOUR):
        plea = Plea(mall, "某某商贸（模拟）", "正规商城，有备案，请求复核（模拟）", ADDRESS, "demo-2")
        appeal_from_outside(plea)
