"""Files of every kind that is brought, as long as one likes, none of whose rows was ever seen before."""

# ruff: noqa: E501
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

DAY = dt.timedelta(days=1)
GRIDS = 500
"""Grids of which the visits at doors are."""
HELD_CASES = 2000
"""Filed cases that persons and seizures belong to."""


@dataclass(frozen=True)
class FileKind:
    """One kind of file: its headings, its rows from one number on, who brings it, what it is about."""

    head: str
    line: Callable[[int], list[str]]
    by: str = "analyst"
    about: str = ""


@dataclass(frozen=True)
class City:
    """Who and what is there before files come."""

    towns: list[str]
    users: dict[str, Any]
    about: dict[str, int]
    first_restriction: int


def kinds(city: City) -> dict[str, FileKind]:
    """Every kind there is, by its code."""
    now = dt.datetime.now(dt.UTC).astimezone()

    def moment(ago: dt.timedelta) -> str:
        return f"{now - ago:%Y-%m-%d %H:%M}"

    def town(n: int) -> str:
        return city.towns[n % len(city.towns)]

    def movement(n: int) -> list[str]:
        at = dt.datetime(2026, 3, 1) + dt.timedelta(seconds=n)  # noqa: DTZ001
        return [
            f"62{n % 5000:014}", "演练甲", f"{at:%Y-%m-%d %H:%M:%S}", f"{n % 90_000 + 1:,}.50",
            "进" if n % 3 else "出", f"63{n % 7919:014}", "演练乙", "演练银行", f"{n % 500_000}.00", f"S{n:010}",
            "转账",
        ]  # fmt: skip

    return {
        "movements": FileKind(
            "交易卡号,交易户名,交易时间,交易金额,收付标志,交易对手账卡号,对手户名,对手开户银行,交易余额,交易流水号,摘要说明",
            movement,
        ),
        "alerts": FileKind(
            "预警编号,联系电话,预警等级,诈骗类型,预警时间,所属镇街,预警内容",
            lambda n: [
                f"A-{n}", f"1725{n % 10_000_000:07}", ("红色", "橙色", "黄色", "蓝色")[n % 4], "冒充公检法",
                moment(dt.timedelta(hours=2)), "", "演练：接听境外电话",
            ],
        ),
        "incidents": FileKind(
            "报警电话,接报时间,诈骗类型,损失金额,所属镇街,简要案情",
            lambda n: [
                f"1725{n % 10_000_000:07}", moment(DAY * (2 + n % 300)), "冒充公检法", f"{n % 90_000 + 1}.50",
                town(n), "演练：接听境外电话后转账",
            ],
        ),
        "cases": FileKind(
            "案件编号,案件名称,诈骗类型,两卡,立案日期,所属镇街",
            lambda n: [f"A4418{n:010}", f"演练案{n}", "", "是" if n % 5 else "", "2026-06-17", ""],
        ),
        "persons": FileKind(
            "案件编号,证件号码,姓名,涉案角色,发现日期,使用号码,强制措施,措施日期",
            lambda n: [
                f"H{n % HELD_CASES}", f"X{n:012}", "演练丙", "mule", "2026-06-17", "", "detained" if n % 2 else "",
                "2026-06-18" if n % 2 else "",
            ],
        ),
        # Of the persons before them, as the two below are of gangs and campaigns.
        "measures": FileKind(
            "案件编号,证件号码,强制措施,措施日期", lambda n: [f"H{n % HELD_CASES}", f"X{n:012}", "arrested", "2026-06-19"]
        ),
        "gangs": FileKind(
            "团伙名称,团伙类型,发现日期,所属镇街", lambda n: [f"演练团伙{n}", "cards", "2026-06-17", town(n)]
        ),
        "members": FileKind("团伙名称,证件号码,团伙角色", lambda n: [f"演练团伙{n}", f"X{n:012}", "mule"]),
        "seizures": FileKind(
            "案件编号,物品种类,数量,扣押日期,扣押地点,卡号",
            lambda n: [f"H{n % HELD_CASES}", "phone_card", "1", "2026-06-17", "演练地", f"1725{n:07}"],
        ),
        "campaigns": FileKind(
            "行动名称,开始日期,结束日期,目标,所属镇街",
            lambda n: [f"演练行动{n}", "2026-01-05", "2026-06-30", "打掉团伙", town(n)],
        ),
        "teams": FileKind("行动名称,工作组,人数", lambda n: [f"演练行动{n}", "演练一组", "6"]),
        "trips": FileKind(
            "行动名称,工作组,省份,城市,出发日期,返回日期,结果,人数",
            lambda n: [f"演练行动{n}", "演练一组", "36", "演练市", "2026-02-05", "2026-02-09", "抓获1人", "6"],
        ),
        "app_counts": FileKind(
            "日期,镇街,注册场景,注册数,实名数,开启预警数",
            lambda n: [
                f"{now - DAY * (1 + n // (len(city.towns) * 3)):%Y-%m-%d}", town(n // 3),
                ("vaccination", "campus", "other")[n % 3], f"{n % 50 + 1}", f"{n % 40}", f"{n % 30}",
            ],
        ),
        "outreach_doors": FileKind(
            "入户时间,网格编号,门牌,走访结果,宣传人数,注册数,实名数,开启预警数,发放资料",
            lambda n: [
                f"{dt.datetime(2026, 3, 1, 18) + dt.timedelta(minutes=n % 200_000):%Y-%m-%d %H:%M}",  # noqa: DTZ001
                f"g-{n % GRIDS}", f"{n}栋101", "见到人", "2", "1", "1", "0", "是" if n % 3 else "",
            ],
        ),
        "outreach_events": FileKind(
            "活动名称,活动类型,活动日期,参与人数,镇街,主办单位,参与学校企业",
            lambda n: [
                f"演练活动{n}", "摆摊咨询", "2026-06-17", f"{n % 300}", town(n), f"演练单位{n % 50}", f"演练企业{n % 900}",
            ],
        ),
        "industry_findings": FileKind(
            "类型,号码,发现时间,理由",
            lambda n: ["电话号码", f"1725{n % 10_000_000:07}", moment(DAY), "群呼"],
            "bank",
        ),
        "industry_answers": FileKind(
            "管控编号,处置结果", lambda n: [f"{city.first_restriction + n}", "已管控"], "bank"
        ),
        "industry_lines": FileKind(
            "账号,户名,企业账户", lambda n: [f"64{n:014}", "演练户", "是" if n % 2 else "否"], about="industry_lines"
        ),
        "industry_punishments": FileKind(
            "证件号码,姓名,惩戒年限,行为日期,惩戒事由", lambda n: [identity(n), "演练户", f"{2 + n % 2}", "2025-03-01", "出租出借"]
        ),
        "industry_interviews": FileKind(
            "类型,约谈单位,约谈日期,约谈事由,整改要求",
            lambda n: ["银行", f"演练银行{n % 9}", "2026-05-01", f"演练事由{n}", "一周内整改"],
        ),
        "industry_blacklist": FileKind(
            "类别,证件号码,列入原因,法律依据",
            lambda n: ["person", identity(n), "出租出借", "《反电信网络诈骗法》第三十一条"],
        ),
    }  # fmt: skip


def identity(n: int) -> str:
    """An identity number of a region that is none, with its check digit."""
    plain = f"999999{1950 + n // 28 // 12 % 50:04}{n // 28 % 12 + 1:02}{n % 28 + 1:02}{n // 16_800 % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(plain, weights, strict=True)) % 11
    return plain + "10X98765432"[rest]


def prepare(rows: int) -> City:
    """A city with an analyst, a bank and its officer, filed cases, a list sent to the bank and one drafted."""
    from django.utils import timezone

    from qingdun.console.cases.models import Case
    from qingdun.console.industry import actions
    from qingdun.console.industry.actions import AssignmentForm, Line
    from qingdun.console.industry.models import Restriction
    from qingdun.console.industry.parties import register_party
    from qingdun.console.kernel.models import Region, User
    from qingdun.console.kernel.roles import Role

    place = Region.objects.get(level=Region.Level.CITY)
    towns = list(
        Region.objects.filter(level=Region.Level.TOWN).order_by("code").values_list("code", flat=True)
    )
    analyst = User.objects.create(username="bench", role=Role.CITY_ANALYST, region=place, password="!")
    bank = register_party(analyst, "bench-bank", "演练银行", "bank")
    officer = User.objects.create(
        username="bench-bank", role=Role.PARTY_OFFICER, region=place, organisation=bank, password="!"
    )
    Case.objects.bulk_create(
        Case(number=f"H{n}", name="演练案", filed_on=dt.date(2026, 6, 1), region_path=place.path, by=analyst,
             entered_at=timezone.now())
        for n in range(HELD_CASES)
    )  # fmt: skip

    _matrix(analyst)

    def list_of(key: str, first: str) -> Any:
        lines = [Line(first, "甲", corporate=True)]
        form = AssignmentForm(key, bank.code, "演练名单", "account", "control", "act-18", "演练", lines)
        return actions.propose(analyst, form)

    sent = list_of("bench-sent", "6500000000000001")
    drafted = list_of("bench-drafted", "6500000000000002")
    actions.move_assignment(analyst, sent.pk, "send")
    one = Restriction.objects.get(assignment=sent)
    given = Restriction.objects.get(pk=one.pk)
    many = []
    for n in range(rows):
        copy = Restriction(
            **{field.attname: getattr(given, field.attname) for field in Restriction._meta.fields}
        )
        copy.pk, copy.row, copy.subject = None, n + 2, f"66{n:014}"
        many.append(copy)
    made = Restriction.objects.bulk_create(many, batch_size=1000)
    return City(
        towns,
        {"analyst": analyst, "bank": officer},
        {"industry_lines": drafted.pk},
        made[0].pk if made else one.pk,
    )


def _matrix(analyst: Any) -> None:
    """Grids, units and enterprises that files of outreach name."""
    from qingdun.console.kernel.models import Region
    from qingdun.console.outreach.models import Grid, Partner, Unit

    path = Region.objects.filter(level=Region.Level.VILLAGE).order_by("code")[0].path
    owned = {"region_path": analyst.region_path, "by": analyst}
    Grid.objects.bulk_create(Grid(code=f"g-{n}", name=f"演练网格{n}", region_path=path) for n in range(GRIDS))
    Unit.objects.bulk_create(
        Unit(name=f"演练单位{n}", kind="other", joined_on="2026-01-01", **owned) for n in range(50)
    )
    Partner.objects.bulk_create(Partner(name=f"演练企业{n}", kind="enterprise", **owned) for n in range(900))


def file_of(kind: FileKind, rows: int, number: int) -> bytes:
    """The file in UTF-8 with rows from `number` times `rows` on."""
    # Amounts hold commas: a cell of money is quoted, as programs write it.
    lines = (
        ",".join(f'"{cell}"' if "," in cell else cell for cell in line)
        for line in lines_of(kind, rows, number)
    )
    return "\n".join([kind.head, *lines]).encode()


def lines_of(kind: FileKind, rows: int, number: int) -> Iterator[list[str]]:
    """Its rows."""
    yield from (kind.line(n) for n in range(number * rows, number * rows + rows))
