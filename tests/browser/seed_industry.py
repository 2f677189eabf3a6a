"""What happens to lists for parties in the browser tests' console:
`python -m tests.browser.seed_industry start|late`.
"""

from __future__ import annotations

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.industry import actions, checking, finding, interviewing, parties, punishing  # noqa: E402
from qingdun.console.industry.actions import AssignmentForm, Line  # noqa: E402
from qingdun.console.industry.blacklisting import Listing, list_identities  # noqa: E402
from qingdun.console.industry.models import Assignment  # noqa: E402
from qingdun.console.industry.punishing import PunishmentForm  # noqa: E402
from qingdun.console.industry.ticking import find_breaches  # noqa: E402
from qingdun.console.kernel.models import Organisation, Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def somebody(name: str, role: Role, party: Organisation | None, words: str) -> User:
    """A user of the whole city who logs in with the password of the tests."""
    user = User(
        username=name, role=role, region=Region.objects.get(level="city"), organisation=party,
        display_name=words,
    )  # fmt: skip
    user.set_password(made.PASSWORD)
    user.save()
    return user


def start() -> None:
    """A bank and an operator with officers, a second analyst, twelve accounts sent, one of everything."""
    city = User.objects.get(username="city")
    second = somebody("second", Role.CITY_ANALYST, None, "研判员乙")
    bank = parties.register_party(city, "bank-a", "演练银行", "bank")
    phones = parties.register_party(city, "operator-a", "演练移动", "operator")
    somebody("bank-a", Role.PARTY_OFFICER, bank, "合规专员甲")
    caller = somebody("operator-a", Role.PARTY_OFFICER, phones, "合规专员丙")
    lines = [Line(f"62009900000{number:04}", f"模拟商贸{number}部", True) for number in range(1, 13)]
    form = AssignmentForm(
        "story", bank.code, "企业账户核查管控", "account", "control", "act-18",
        "多层转账后集中取现，涉案资金汇入", lines,
    )  # fmt: skip
    actions.move_assignment(second, actions.propose(city, form).pk, "send")
    waits = AssignmentForm(
        "waits", phones.code, "异常号码关停", "number", "shut", "act-11", "群呼异地号码",
        [Line(f"+86172580101{number:02}") for number in range(5)],
    )  # fmt: skip
    actions.propose(city, waits)
    finding.push(caller, [finding.Found("number", "17258020001", timezone.now(), "群发引流短信")])
    check = checking.flag_card(city, "17258020002", "短期内频繁换机", phones.code, "某某")
    checking.move_check(caller, check.pk, "notify")
    list_identities(city, "person", [Listing("990000199001010011")], "act-31", "出租电话卡")
    interviewing.record_interview(city, "bank", bank.name, timezone.localdate(), "开户审核", "一周内整改")
    told = PunishmentForm(
        "990000199001010011", "某某某", 2, timezone.localdate(), "出租银行卡三张", ("供述",)
    )
    punishing.confirm_punishment(second, punishing.propose_punishment(city, told).punishment.pk, "order")


def late() -> None:
    """The clocks of every list that was sent have run out."""
    due = Assignment.objects.exclude(due_at=None).order_by("-due_at").values_list("due_at", flat=True)[0]
    if due is not None:
        find_breaches(due)


if __name__ == "__main__":
    {"start": start, "late": late}[sys.argv[1]]()
