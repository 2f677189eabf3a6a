"""Synthetic replies of banks for a demonstration: nobody's accounts, nobody's names, and they say so."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.funds import actions, freezing, refunding, tracing
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.demo_year import create_year
from qingdun.console.funds.freezing import FreezeForm
from qingdun.console.funds.statements import KIND
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports.models import Import, State
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.queries import persons
from qingdun.console.kernel.roles import Role
from qingdun.errors import NotPermitted

HEAD = (
    "交易卡号,交易户名,交易时间,交易金额,收付标志,交易对手账卡号,"
    "对手户名,对手开户银行,交易余额,交易流水号,摘要说明"
)
BANKS = ("演练银行", "演练商业银行", "演练农信社")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
SCAMS = ("investment", "police", "brushing", "customer_service", "loan", "romance")
AGO_H = (0.4, 5, 30, 24 * 9, 24 * 40, 24 * 120)
"""How long before now each incident was reported."""


@dataclass
class _Book:
    """Balances and statements of a synthetic gang's accounts."""

    luck: random.Random
    prefix: str
    balances: dict[str, int] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    lines: list[tuple[dt.datetime, list[str]]] = field(default_factory=list)

    def opened(self, number: int) -> str:
        """A mule's account, with a little money of its own."""
        account = f"62009{self.prefix}{number:08}"
        self.names[account] = (f"{self.luck.choice(SURNAMES)}某某（模拟）", self.luck.choice(BANKS))
        self.balances[account] = self.luck.randrange(1000, 30_000) if self.luck.random() < 0.3 else 0
        return account

    def pay(self, at: dt.datetime, payer: str, payee: str, fen: int, summary: str = "转账") -> None:
        """Money moves; every account of the book has it in its statement."""
        for account, sign, other in ((payer, -1, payee), (payee, 1, payer)):
            if account not in self.balances:
                continue
            self.balances[account] += sign * fen
            name, bank = self.names.get(other, ("", ""))
            told = [
                account, self.names[account][0], f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}",
                f"{fen / 100:.2f}", "进" if sign > 0 else "出", other, name, bank,
                f"{self.balances[account] / 100:.2f}", f"M{self.prefix}{len(self.lines):06}", summary,
            ]  # fmt: skip
            self.lines.append((at, told))

    def csv(self) -> str:
        """The reply, in order of time."""
        ordered = sorted(self.lines, key=lambda line: line[0])
        return "\n".join([HEAD, *(",".join(cells) for _at, cells in ordered)])


def create_demo_funds() -> int:
    """Some incidents stand with their banks' replies, from the victim through five layers to cash, and with
    orders; how many were new. Call it after the accounts and the register, as often as one likes.

    Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo funds exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    actor = User.objects.filter(demo=True, role=Role.CITY_ANALYST).order_by("username").first()
    if actor is None or Import.objects.filter(kind=KIND, by=actor, file_name__startswith="demo-").exists():
        return 0
    with_accounts = persons(actor).filter(accounts__isnull=False, numbers__isnull=False).distinct()
    chosen = list(with_accounts.order_by("person_id")[: len(AGO_H)])
    create_year(actor)  # First: its documents have the earlier numbers.
    for number, person in enumerate(chosen):
        _tell(actor, person, number)
    return len(chosen)


def _tell(actor: User, person: Person, number: int) -> None:
    luck = random.Random(f"funds-{number}")
    reported = timezone.now() - dt.timedelta(hours=AGO_H[number])
    book = _Book(luck, f"{number:03}")
    victim = person.accounts.order_by("account")[0].account
    book.names[victim] = (person.name, "演练银行")
    paid = sorted(reported - dt.timedelta(minutes=luck.randrange(25, 90)) for _turn in range(1 + number % 3))
    first = book.opened(1)
    amounts = [luck.randrange(8, 60) * 100_000 + luck.randrange(0, 100) * 100 for _turn in paid]
    _spread(book, [first], list(zip(paid, amounts, strict=True)), victim)
    loss = sum(amounts)
    form = IncidentForm(
        f"demo-funds-{number}", reported, SCAMS[number % len(SCAMS)], loss, "演示数据：模拟警情", None,
        person.numbers.order_by("msisdn")[0].msisdn, "",
    )  # fmt: skip
    incident = cases.report_incident(actor, form)
    text = f"{book.csv()}\n坏行,,,,,,,,,,"
    reply = imports.receive(actor, KIND, f"demo-{number}.csv", text.encode(), "演练银行", incident.pk)
    imports.begin(actor, reply.pk)
    reply.refresh_from_db()
    while reply.state == State.RUNNING:
        take_part(timezone.now())
        reply.refresh_from_db()
    if number == 0:
        return
    stop = StopForm(
        f"demo-funds-{number}", book.names[first][0], first, amounts[0], paid[0], book.names[first][1], None,
        incident.pk,
    )  # fmt: skip
    asked = actions.request_stop(actor, stop)
    if number % 4 == 2:
        actions.move(actor, asked.pk, "turn_down", "演示：户名与账号不符")
    elif number % 4 != 3:
        actions.move(actor, asked.pk, "hold")
    _freeze(actor, incident.pk, number)


def _freeze(actor: User, incident_id: int, number: int) -> None:
    """The account that holds most of the incident's money is frozen, or the bank is asked to."""
    found = tracing.trace(actor, [one.pk for one in tracing.payments(actor, incident_id)])
    held = sorted(found.proposals, key=lambda one: -one.order.there_fen)
    if held:
        form = FreezeForm(f"demo-funds-{number}", incident_id, held[0].place.entry, held[0].order.there_fen)
        asked = freezing.request_freeze(actor, form)
        if number % 2:
            freezing.move_freeze(actor, asked.pk, "freeze")
            refund = refunding.prepare_refund(actor, f"demo-funds-{number}", asked.pk, [])
            if number == 5:
                refunding.move_refund(actor, refund.pk, "order")


def _spread(book: _Book, layer: list[str], payments: list[tuple[dt.datetime, int]], victim: str) -> None:
    """Money goes down five layers, splitting, with shopping, cash and other people's money in between."""
    luck = book.luck
    here: list[tuple[str, dt.datetime, int]] = []
    for at, fen in payments:
        book.pay(at, victim, layer[0], fen, "跨行转账")
        here.append((layer[0], at, fen))
    opened = 1
    for level in range(2, 6):
        below: list[tuple[str, dt.datetime, int]] = []
        for account, at, fen in here:
            later = at + dt.timedelta(minutes=luck.randrange(2, 9), seconds=luck.randrange(60))
            if luck.random() < 0.4 and level > 2:
                book.pay(
                    later - dt.timedelta(seconds=30), f"62008{luck.randrange(10**9):09}", account, 150_000
                )
            left = fen
            for share in _parts(luck, fen, 2 if level < 4 else 1):
                if luck.random() < 0.3 and level > 2:
                    continue
                opened += 1
                payee = book.opened(opened)
                book.pay(later, account, payee, share)
                below.append((payee, later, share))
                left -= share
                later += dt.timedelta(seconds=luck.randrange(20, 90))
            if level == 4 and left > 100_000 and luck.random() < 0.5:
                book.pay(later, account, "8800000000000001", 88_800, "商户消费")
        here = below
    for account, at, fen in here[: max(1, len(here) // 2)]:
        for turn, part in enumerate(_cash(fen)):
            book.pay(at + dt.timedelta(minutes=3 + turn), account, "", part, "ATM取现")


def _parts(luck: random.Random, fen: int, most: int) -> Iterator[int]:
    first = fen * luck.randrange(45, 70) // 100 // 100 * 100
    yield from [fen] if most == 1 else [first, fen - first - luck.randrange(0, 3) * 10_000]


def _cash(fen: int) -> list[int]:
    """At most 20,000 yuan of it, in notes of a hundred, 5,000 at a time."""
    whole = min(fen, 2_000_000) // 10_000 * 10_000
    return [part for start in range(0, whole, 500_000) if (part := min(500_000, whole - start))]
