"""A synthetic year of industry governance for a demonstration: nobody's numbers, nobody's names, and they say
so.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from itertools import count

from django.conf import settings
from django.utils import timezone

from qingdun.console.industry import (
    actions,
    answering,
    blacklisting,
    checking,
    deciding,
    finding,
    interviewing,
    parties,
    punishing,
    ticking,
)
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.blacklisting import Listing
from qingdun.console.industry.demo_punished import answered, served
from qingdun.console.industry.demo_sites import appeal_about_sites
from qingdun.console.industry.models import Assignment, CardCheck, Finding, Restriction
from qingdun.console.industry.moves import State
from qingdun.console.industry.punishing import PunishmentForm
from qingdun.console.kernel.demo import DutyOfficers, clock_at
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import NotPermitted

WEEKS = 52
PARTIES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("demo-bank-1", "演练银行", "bank", ("工商银行", "建设银行", "中国银行", "交通银行")),
    ("demo-bank-2", "演练商业银行", "bank", ("招商银行", "广发银行", "中信银行", "平安银行")),
    ("demo-bank-3", "演练农信社", "bank", ("农业银行", "邮储银行")),
    ("demo-operator-1", "演练移动", "operator", ("中国移动", "中国广电")),
    ("demo-operator-2", "演练电信", "operator", ("中国电信",)),
    ("demo-operator-3", "演练联通", "operator", ("中国联通", "虚拟运营商")),
)
"""Code, name and kind, and what the simulated city calls them."""
DEPARTMENTS = ("通信管理", "金融监管", "市场监管", "邮政管理", "网信", "教育", "民政", "人社", "住建", "商务")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
EVIDENCE = {
    "number": ("群呼异地号码，一日三百次", "接通率不足百分之五", "出现在三起警情中", "同一设备轮换多张卡"),
    "account": ("入账后十分钟内转空", "五个陌生账户集中汇入", "凌晨小额试探后大额转出", "法人称不知情"),
}
DISPUTES = ("代发工资账户，流水正常", "户主已到柜面核实", "号码为单位座席，已核实")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


class _Cast:
    """Who acts in the year, and the numbers not used yet."""

    def __init__(self, city: User) -> None:
        self.city = city
        self.confirmer = DutyOfficers().city
        self.luck = random.Random("industry")
        self.serials = count(1)
        for code, name, kind, also in PARTIES:
            parties.register_party(city, code, name, kind, names=also)
        self.parties = list(Organisation.objects.filter(code__in=[code for code, *_rest in PARTIES]))
        self.officers = {party.pk: self._officer(party) for party in self.parties}

    def _officer(self, party: Organisation) -> User:
        return User.objects.create(
            username=party.code, role=Role.PARTY_OFFICER, region=self.city.region, organisation=party,
            display_name=f"{party.name}合规专员（合成）", demo=True, password=self.city.password,
        )  # fmt: skip

    def some(self, kind: str) -> Organisation:
        """One of the banks or operators."""
        return self.luck.choice([party for party in self.parties if party.kind == kind])

    def holder(self, corporate: bool = False) -> str:
        """A name of nobody."""
        number = next(self.serials)
        return f"模拟商贸{number}部" if corporate else f"{self.luck.choice(SURNAMES)}某某（模拟）"

    def lines(self, subject_kind: str, rows: int, corporate: bool) -> list[Line]:
        """Numbers or accounts that nobody has."""
        mark = "+8617258" if subject_kind == "number" else "62009900"
        told = EVIDENCE[subject_kind]
        return [
            Line(
                f"{mark}{next(self.serials):06}", self.holder(corporate), corporate,
                evidence=tuple(f"{said}（模拟）" for said in self.luck.sample(told, 2)),
            )
            for _row in range(rows)
        ]  # fmt: skip

    def identity(self) -> str:
        """An identity of a region that does not exist; only its digest is kept on the blacklist."""
        return f"990000{self.luck.randrange(1960, 2006)}0101{next(self.serials) % 10000:04}"


def create_demo_industry() -> int:
    """A year of lists, answers, appeals, findings, checks, punishments and interviews stands, with open work
    at its end; how many lists were new. Call it after the accounts, as often as one likes.

    Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("a demo year exists in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    city = User.objects.filter(demo=True, role=Role.CITY_ANALYST).order_by("username").first()
    if city is None or Organisation.objects.filter(code=PARTIES[0][0]).exists():
        return 0
    cast, now = _Cast(city), timezone.now()
    for week in range(WEEKS, 0, -1):
        _week(cast, now - week * 7 * DAY, week)
    _open_work(cast, now)
    return Assignment.objects.count()


def _week(cast: _Cast, at: dt.datetime, week: int) -> None:
    luck = cast.luck
    _worked(cast, at, cast.some("operator"), "number", "shut", luck.randrange(10, 30))
    _worked(cast, at, cast.some("bank"), "account", "control", luck.randrange(4, 12), corporate=True)
    if week % 8 == 0:
        _worked(cast, at, cast.some("bank"), "account", "clear", 1, corporate=True)
    _findings(cast, at, luck.randrange(3, 9))
    _check(cast, at, luck.choice(("pass", "suspend", "restore")))
    with clock_at(at):
        persons = [Listing(cast.identity()) for _one in range(luck.randrange(20, 60))]
        blacklisting.list_identities(cast.confirmer, "person", persons, "act-31", "出租出售电话卡（模拟）")
        firms = [Listing(f"99{next(cast.serials):016}") for _one in range(luck.randrange(1, 5))]
        blacklisting.list_identities(cast.confirmer, "enterprise", firms, "act-17", "对公账户涉案（模拟）")
    if week % 4 == 1:
        served(cast.city, cast.confirmer, _deed(cast, at), at)
    if week % 5 == 0:
        _interview(cast, at, week)
    _ended(cast, at)


def _worked(
    cast: _Cast, at: dt.datetime, party: Organisation, subject_kind: str, kind: str, rows: int,
    corporate: bool = False,
) -> None:  # fmt: skip
    """A list that was sent, answered within hours, and partly disputed; now and then an appeal."""
    officer, luck = cast.officers[party.pk], cast.luck
    sent = _sent(cast, at, party, subject_kind, kind, rows, corporate)
    found = list(sent.restrictions.order_by("row"))
    disputed = [row for row in found if luck.random() < 0.06]
    with clock_at(at + luck.randrange(2, 20) * HOUR):
        answering.answer(officer, [Answer(row.pk, "control") for row in found if row not in disputed])
        answering.answer(officer, [Answer(row.pk, "dispute", luck.choice(DISPUTES)) for row in disputed])
    for row in disputed:
        with clock_at(at + DAY):
            if luck.random() < 0.5:
                deciding.decide(cast.confirmer, row.pk, "withdraw", "采纳单位异议")
                continue
            deciding.decide(cast.confirmer, row.pk, "insist", "流水复核后仍属涉案")
        with clock_at(at + DAY + 3 * HOUR):
            answering.answer(officer, [Answer(row.pk, "control")])
    controlled = [row for row in found if row not in disputed]
    if controlled and luck.random() < 0.2:
        _appeal(cast, at + 3 * DAY, officer, luck.choice(controlled))


def _sent(
    cast: _Cast, at: dt.datetime, party: Organisation, subject_kind: str, kind: str, rows: int,
    corporate: bool,
) -> Assignment:  # fmt: skip
    words = {"shut": "异常号码关停", "control": "企业账户核查管控", "clear": "涉案对公账户清理"}[kind]
    form = AssignmentForm(
        f"demo-{next(cast.serials)}", party.code, f"{words}（{timezone.localtime(at):%m月%d日}）",
        subject_kind, kind, "act-11" if subject_kind == "number" else "act-18", "研判涉诈（模拟）",
        cast.lines(subject_kind, rows, corporate),
    )  # fmt: skip
    with clock_at(at):
        made = actions.propose(cast.city, form)
        return actions.move_assignment(cast.confirmer, made.pk, "send")


def _appeal(cast: _Cast, at: dt.datetime, officer: User, row: Restriction) -> None:
    verb = cast.luck.choice(("uphold", "reject"))
    with clock_at(at):
        made = deciding.file_appeal(officer, row.pk, row.holder, "账户用于日常经营，请求复核（模拟）")
    with clock_at(at + 30 * HOUR):
        deciding.decide_appeal(cast.city, made.pk, verb, "复核材料后作出答复（模拟）")
    if verb == "uphold":
        with clock_at(at + 35 * HOUR):
            answering.answer(officer, [Answer(row.pk, "lift")])


def _findings(cast: _Cast, at: dt.datetime, rows: int) -> None:
    officer = cast.officers[cast.some("operator").pk]
    found = [
        finding.Found("number", f"+8617259{next(cast.serials):06}", at, "频繁呼叫异地号码（模拟）")
        for _row in range(rows)
    ]
    with clock_at(at):
        pushed = finding.push(officer, found)
    with clock_at(at + 6 * HOUR):
        for one in pushed:
            verb = "confirm" if cast.luck.random() < 0.7 else "dismiss"
            finding.decide_finding(cast.city, one.finding, verb, "核实为快递联系电话（模拟）")
    for one in pushed:
        if cast.luck.random() < 0.4:
            flagged = at + cast.luck.choice((-1, 1)) * cast.luck.randrange(1, 48) * HOUR
            Finding.objects.filter(pk=one.finding).update(engine_at=flagged)


def _check(cast: _Cast, at: dt.datetime, end: str) -> None:
    made = _noticed(cast, at)
    officer = cast.officers[made.party_id]
    with clock_at(at + 15 * HOUR):
        if end == "pass":
            checking.move_check(officer, made.pk, "pass")
            return
        checking.move_check(officer, made.pk, "suspend", "逾期未到场核验（模拟）")
    if end == "restore":
        with clock_at(at + 2 * DAY):
            checking.move_check(officer, made.pk, "object", "本人出差，补充材料（模拟）")
            checking.move_check(cast.confirmer, made.pk, "order_restoring", "核验材料属实（模拟）")
        with clock_at(at + 2 * DAY + 3 * HOUR):
            checking.move_check(officer, made.pk, "restore", "已恢复通话（模拟）")


def _noticed(cast: _Cast, at: dt.datetime) -> CardCheck:
    party = cast.some("operator")
    with clock_at(at):
        number = f"+8617257{next(cast.serials):06}"
        made = checking.flag_card(cast.city, number, "短期内频繁换机（模拟）", party.code, cast.holder())
    with clock_at(at + HOUR):
        return checking.move_check(cast.officers[party.pk], made.pk, "notify")


def _deed(cast: _Cast, at: dt.datetime) -> PunishmentForm:
    return PunishmentForm(
        cast.identity(), cast.holder(), cast.luck.choice((2, 3)), timezone.localtime(at - 20 * DAY).date(),
        "出租、出售银行卡（模拟）", ("供述（模拟）",),
    )  # fmt: skip


def _interview(cast: _Cast, at: dt.datetime, week: int) -> None:
    names: Sequence[tuple[str, str]] = (
        ("bank", cast.some("bank").name),
        ("operator", cast.some("operator").name),
        ("department", f"{DEPARTMENTS[week // 5 % len(DEPARTMENTS)]}部门（模拟）"),
        ("university", f"第{week // 5 + 1}高校（模拟）"),
        ("enterprise", f"第{week // 5 + 1}人力资源公司（模拟）"),
    )
    with clock_at(at):
        for kind, name in names:
            interviewing.record_interview(
                cast.city, kind, name, timezone.localdate(), "守土有责，落实管控责任（模拟）", "一周内整改"
            )


def _ended(cast: _Cast, at: dt.datetime) -> None:
    """What has ended by its term by then is released and restored, as banks and operators report in time."""
    with clock_at(at):
        ticking.end_terms(at)
        ticking.end_suspensions(at)
    with clock_at(at + 4 * HOUR):
        for party, officer in cast.officers.items():
            over = Restriction.objects.filter(party=party, state=State.RELEASING, until__lte=at)
            answering.answer(officer, [Answer(pk, "lift") for pk in over.values_list("pk", flat=True)])
            for pk in CardCheck.objects.filter(party=party, state="restoring").values_list("pk", flat=True):
                checking.move_check(officer, pk, "restore", "期限届满，已恢复（模拟）")


def _open_work(cast: _Cast, now: dt.datetime) -> None:
    """What waits today: a list to answer, a late one, a proposal, a dispute and one insisted upon, an appeal
    and a release, a finding, a check and an objection, a punishment, entries for a second person, an appeal
    about a site.
    """
    bank, operator = cast.parties[0], cast.parties[3]
    _sent(cast, now - 2 * HOUR, bank, "account", "control", 12, True)
    _sent(cast, now - 30 * HOUR, operator, "number", "shut", 9, False)
    actions.propose(cast.city, AssignmentForm(
        "demo-waits", bank.code, "企业账户核查管控（待确认）", "account", "control", "act-18",
        "研判涉诈（模拟）", cast.lines("account", 6, True),
    ))  # fmt: skip
    row = Restriction.objects.filter(party=bank, state="in_force").order_by("-since")[0]
    with clock_at(now - 20 * HOUR):
        deciding.file_appeal(cast.officers[bank.pk], row.pk, row.holder, "账户用于发放工资（模拟）")
    with clock_at(now - 3 * HOUR):
        found = finding.Found(
            "number", f"+8617259{next(cast.serials):06}", now - 4 * HOUR, "群发引流短信（模拟）"
        )
        finding.push(cast.officers[operator.pk], [found])
    _noticed(cast, now - 21 * HOUR)
    _file(cast, now)
    _open_rows(cast, now)
    _open_people(cast, now)
    answered(cast.city, cast.confirmer, [_deed(cast, now - 30 * DAY) for _one in range(3)], now)
    appeal_about_sites(cast.city, cast.confirmer, now)


def _open_rows(cast: _Cast, now: dt.datetime) -> None:
    bank = cast.parties[1]
    officer = cast.officers[bank.pk]
    rows = list(_sent(cast, now - 9 * HOUR, bank, "account", "control", 5, True).restrictions.order_by("row"))
    with clock_at(now - 6 * HOUR):
        answering.answer(officer, [Answer(row.pk, "dispute", DISPUTES[0]) for row in rows[:2]])
        answering.answer(officer, [Answer(row.pk, "control") for row in rows[2:]])
    with clock_at(now - 5 * HOUR):
        deciding.decide(cast.confirmer, rows[0].pk, "insist", "流水复核后仍属涉案（模拟）")
        appeal = deciding.file_appeal(officer, rows[2].pk, rows[2].holder, "账户用于日常经营（模拟）")
    with clock_at(now - HOUR):
        deciding.decide_appeal(cast.city, appeal.pk, "uphold", "货款往来属实（模拟）")
    check = _noticed(cast, now - 3 * DAY)
    with clock_at(now - 2 * DAY):
        checking.move_check(cast.officers[check.party_id], check.pk, "suspend", "逾期未到场核验（模拟）")
    with clock_at(now - 7 * HOUR):
        checking.move_check(cast.officers[check.party_id], check.pk, "object", "本人出差（模拟）")


def _file(cast: _Cast, now: dt.datetime) -> None:
    """A file of the blacklist with two rows that are no such thing, taken in by the tick process."""
    people = [f"开卡人,{cast.identity()},出租电话卡（模拟）,act-31,5" for _one in range(18)]
    wrong = ["开卡人,123,出租电话卡（模拟）,act-31,5", f"开卡人,{cast.identity()},,act-31,5"]
    text = "\n".join(["类别,证件号码,理由,法律依据,年限", *people[:9], *wrong, *people[9:]])
    with clock_at(now - 8 * HOUR):
        brought = imports.receive(cast.city, "industry_blacklist", "开卡人员名单（模拟）.csv", text.encode())
        imports.begin(cast.city, brought.pk)


def _open_people(cast: _Cast, now: dt.datetime) -> None:
    with clock_at(now - 4 * HOUR):
        form = PunishmentForm(
            cast.identity(), cast.holder(), 2, timezone.localdate() - 30 * DAY, "出借电话卡（模拟）",
            ("供述（模拟）", "通话记录（模拟）"),
        )  # fmt: skip
        punishing.propose_punishment(cast.city, form)
        many = [Listing(cast.identity()) for _one in range(settings.LISTS_TWO_PERSONS + 200)]
        blacklisting.list_identities(cast.confirmer, "person", many, "act-31", "批量开卡出售（模拟）")
