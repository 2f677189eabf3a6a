"""What happens to lists in the browser tests' console: `python -m tests.browser.seed_lists`."""

from __future__ import annotations

import datetime as dt

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.alerts import snapshots  # noqa: E402
from qingdun.console.kernel.models import User  # noqa: E402
from qingdun.console.lists import actions, changes, deciding, reading  # noqa: E402
from qingdun.console.lists.candidates import Candidate  # noqa: E402
from qingdun.console.lists.codes import Source  # noqa: E402
from qingdun.console.lists.interception import ConsoleLists  # noqa: E402
from qingdun.console.lists.models import Entry, HeldText  # noqa: E402
from qingdun.contract.columns import timestamp  # noqa: E402
from qingdun.contract.lists import HeldText as Told  # noqa: E402
from qingdun.contract.lists import PlaneState, Sightings  # noqa: E402
from qingdun.contract.tables import ClusterMember, Suspect  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402

TEXT = "【某某商城】尊敬的王女士，您的积分12,800分今日到期清零，请登录 jifen.example.invalid 兑换现金"
HOUR_US = 3_600_000_000
FILE = """类型,对象,名单,理由,诈骗类型,截止日期
网站,loan-fast.invalid,黑名单,仿冒贷款平台，受害人报案时提供,虚假贷款,
账户,6200000000000033,黑名单,首层收款账户，已有三名受害人转入,,
号码,+8617258017777,灰名单,多次冒充客服，待核实,,
网站,mp.weixin.qq.com,黑名单,群发链接,,
号码,12345,黑名单,误填,,
账户,6.22202E+18,黑名单,表格改写,,
"""


def main() -> None:
    """Nine suspects, a file half right, entries in force, waiting and reversed."""
    city, county = User.objects.get(username="city"), User.objects.get(username="county")
    at = made.us(made.MORNING)
    hosts = [f"b{n}c-bank.invalid" for n in range(6)]
    more = [
        Suspect(
            "host",
            host,
            0.93 - n / 20,
            "phishing",
            at,
            ("仿冒银行域名，仅被接到境外电话的人访问", "与 3 个可疑号码关联"),
        )
        for n, host in enumerate(hosts)
    ]
    account = Suspect("account", "6200000000000025", 0.91, None, at, ("收款后 30 分钟内转出 96%",))
    snapshots.replace_suspects(None, [*made.suspects(), *more, account])
    snapshots.replace_clusters(
        None, [ClusterMember("c1", "host", host, at, 0.9) for host in hosts[:4]]
        + [ClusterMember("c1", "number", made.CALLER, at, 0.9)],
    )  # fmt: skip
    rows = reading.read_candidates("两卡核查.csv", FILE.encode(), "black")
    file = actions.propose(county, rows, Source.FILE, "browser-file", "两卡核查.csv")
    first, second, _third = file.entries
    actions.approve(city, [(first.pk, None), (second.pk, None)])
    actions.reverse(city, [(second.pk, None)], "户主申诉，核实为本人代收货款")
    Entry.objects.filter(pk=first.pk).update(since=timezone.now() - dt.timedelta(days=2))
    ConsoleLists().report("sites", [Sightings(first.pk, 0, 1280, 0)])
    _met(first.pk)


def _met(entry_id: int) -> None:
    """A plane that follows, one that was heard of an hour ago, one that waits, and what they have met."""
    text = Candidate("text", TEXT, "black", "群发短信，冒充积分兑换", "phishing")
    made = actions.propose(User.objects.get(username="county"), [text], Source.HAND, "browser-text")
    city = User.objects.get(username="city")
    actions.approve(city, [(made.entries[0].pk, None)])
    actions.enforce(city, [(made.entries[0].pk, None)], "观察一日无误报")
    now, console = timestamp(timezone.now()), ConsoleLists()
    hours = [now - now % HOUR_US - ago * HOUR_US for ago in range(20)]
    console.report("sites", [Sightings(entry_id, at, 40 + n % 7 * 9, 0) for n, at in enumerate(hours)])
    console.report(
        "messages", [Sightings(made.entries[0].pk, at, 0, 25 + n % 5 * 8) for n, at in enumerate(hours)]
    )
    later = now + 3600 * 1_000_000  # it follows for as long as the tests look
    console.held("messages", [_held(made.entries[0].pk, 1, "held"), _held(None, 2, "failed")])
    (pending,) = deciding.decide(
        city, [(HeldText.objects.get(text_id=2).pk, None)], "release", "核实为正常通知"
    )
    assert pending.ok
    console.held("messages", [_held(None, 3, "held"), _held(None, 4, "unsure"), _held(None, 5, "held")])
    figures = {"breaker": "closed", "judged": 128_400, "segments_held": 3, "quarantine_full": 0}
    console.state(PlaneState("messages", later, changes.head(), now, 5, None, None, figures))
    console.state(PlaneState("sites", now - HOUR_US, 1, now, 5, None, None, {"block_sites": 1}))
    console.state(PlaneState("look-ups", later, 1, now, 5, changes.head(), 2400, {}))


def _held(entry_id: int | None, number: int, state: str) -> Told:
    """A text that the plane holds."""
    at = timestamp(timezone.now()) - number * HOUR_US
    return Told(
        "browser", number, at, at + 30 * 24 * HOUR_US, "10690000777001", "+8617258010101", number, TEXT, True,
        entry_id, 0.99 - number / 50, "phishing", ("积分◇今日到期清零", "请登录◎兑换现金"), state, at,
        (0x45,) if state == "failed" else (), (),
    )  # fmt: skip


if __name__ == "__main__":
    main()
