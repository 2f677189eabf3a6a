"""A small synthetic day for the tests of the alert module: places, officers, persons, alerts of every level.

Nobody here exists: names are made up, numbers lie in segments nobody is assigned, hosts end in `.invalid`.
"""

# ruff: noqa: E501, SIM905 (a table of sentences reads better in one line each)

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from qingdun.console.alerts.intake import Around, ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.models import Organisation, Person, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.contract.tables import Alert, Evidence, Suspect

PASSWORD = "a long synthetic phrase 7"
MORNING = dt.datetime(2026, 3, 3, 2, 0, tzinfo=dt.UTC)
PRIOR_BITS = -13.0
NAMES = "郑晓岚 何国栋 梁佩仪 冯子健 罗秀兰 欧阳建明 谢小满 邓家豪 潘月英 黎志强 曾雨桐 江伯文".split()


@dataclass(frozen=True)
class World:
    """Who acts and where."""

    analyst: User
    county: User
    other_county: User
    officer: User
    colleague: User
    viewer: User
    auditor: User
    station: Organisation
    town: Region


def build_world() -> World:
    """Regions, a station a town, one user a role, twelve persons in as many towns."""
    load_regions(settings.CITY)
    city = Region.objects.get(level=Region.Level.CITY)
    towns = sorted(
        Region.objects.filter(level=Region.Level.TOWN), key=lambda town: (not town.urban, town.code)
    )
    for town in towns:
        station = Organisation.objects.create(
            code=f"station-{town.code}", kind=Organisation.Kind.STATION, name=f"{town.short_name}派出所",
            name_en=f"{town.name_en} Police Station", region=town, lng=town.lng + 0.01, lat=town.lat + 0.008,
        )  # fmt: skip
        station.towns.add(town)
    town = towns[0]
    station = Organisation.objects.get(code=f"station-{town.code}")
    other = Region.objects.filter(level=Region.Level.COUNTY).exclude(code=town.parent_id)[0]
    for number, name in enumerate(NAMES):
        home = towns[(number * 7) % len(towns)] if number else town
        Person.objects.create(
            person_id=f"p{number:02}", name=name, birth_year=1952 + number * 4, sex="fm"[number % 2],
            floating=number % 4 == 0, region=home, region_path=home.path,
            home_lng=home.lng, home_lat=home.lat, home_address=f"{home.name}演练路{number + 1}号",
        )  # fmt: skip
    return World(
        make_user(
            "city", Role.CITY_ANALYST, city, "值班员甲", Organisation.objects.get(code=f"bureau-{city.code}")
        ),
        make_user("county", Role.COUNTY_OFFICER, town.parent or city, "县区员乙"),
        make_user("other", Role.COUNTY_OFFICER, other, "县区员丙"),
        make_user("officer", Role.STATION_OFFICER, town, "民警丁", station),
        make_user("colleague", Role.STATION_OFFICER, town, "民警戊", station),
        make_user("viewer", Role.VIEWER, city, "大屏"),
        make_user("auditor", Role.AUDIT_ADMIN, city, "审计员"),
        station,
        town,
    )


def make_user(
    name: str, role: Role, region: Region, shown: str, organisation: Organisation | None = None
) -> User:
    """Somebody who logs in with PASSWORD."""
    user = User(username=name, role=role, region=region, display_name=shown, organisation=organisation)
    user.set_password(PASSWORD)
    user.save()
    return user


def stand_at(task_id: int, state: str) -> None:
    """The task is in that state, however it came there: the database lets that one change through."""
    was = Task.objects.values_list("state", flat=True).get(pk=task_id)
    pair = [was, state]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM alerts_legal_move WHERE source = %s AND target = %s", pair)
        if not cursor.fetchone()[0]:
            cursor.execute("INSERT INTO alerts_legal_move (source, target) VALUES (%s, %s)", pair)
            Task.objects.filter(pk=task_id).update(state=state)
            cursor.execute("DELETE FROM alerts_legal_move WHERE source = %s AND target = %s", pair)
        else:
            Task.objects.filter(pk=task_id).update(state=state)


def repeated(row: Alert) -> Task:
    """The task that the alert opens though its person has others: they were over when it came, and have been
    taken up again since.
    """
    held = dict(Task.objects.filter(person_id=row.person_id).values_list("pk", "state"))
    for pk in held:
        stand_at(pk, "closed")
    ingest_alerts(None, [row])
    for pk, state in held.items():
        stand_at(pk, state)
    return Task.objects.get(episode_id=row.episode_id)


def two_open_tasks(first: Alert, second: Alert) -> tuple[Task, Task]:
    """Two of one person, the older one first."""
    return repeated(first), repeated(second)


def us(at: dt.datetime) -> int:
    """UTC microseconds."""
    return round(at.timestamp() * 1_000_000)


def number(index: int) -> str:
    """A phone number nobody has."""
    return f"+861725801{index:04}"


def evidence(minute: float, detector: str, kind: str, entity: str, bits: float, zh: str, en: str) -> Evidence:
    """One piece of evidence, `minute` after the morning began."""
    return Evidence(detector, us(MORNING + dt.timedelta(minutes=minute)), kind, entity, bits, zh, en)


CALLER = "+00852170990001"
SCREEN_HOST = "meet-share.invalid"
POLICE_EVIDENCE = (
    evidence(0, "call.overseas", "number", CALLER, 3.2, "境外来电，号码此前未与本人通话", "A call from abroad, from a number never heard before"),
    evidence(14, "call.long_live", "number", CALLER, 4.1, "通话已持续 14 分钟，仍未挂断", "The call has lasted 14 minutes and goes on"),
    evidence(16, "call.other_refused", "number", CALLER, 2.6, "通话期间其他来电全部被拒接", "All other calls are refused meanwhile"),
    evidence(19, "visit.screen_share_in_call", "host", SCREEN_HOST, 4.4, "访问屏幕共享软件下载页", "The download page of a screen-sharing app was opened"),
    evidence(20, "visit.bank_in_call", "host", "bank.invalid", -0.6, "打开的银行网站为常用银行", "The bank's site opened is one used often"),
    evidence(23, "transfer.consolidation", "account", "6200000000000017", 3.9, "名下 3 个账户资金归集到一张卡", "Money of three own accounts was moved to one card"),
)  # fmt: skip


def alert(
    index: int,
    level: str,
    scam_type: str,
    stage: str,
    pieces: tuple[Evidence, ...],
    minute: float = 24,
    episode: str = "",
) -> Alert:
    """One alert on person `index`; its probability follows from the prior and the bits."""
    bits = PRIOR_BITS + sum(piece.bits for piece in pieces)
    episode = episode or f"episode-{index:02}"
    return Alert(
        f"{episode}:{level}", episode, f"p{index:02}", number(index), scam_type, level, stage,
        1 / (1 + math.exp2(-bits)), us(MORNING + dt.timedelta(minutes=minute)), pieces,
    )  # fmt: skip


def police_high() -> Alert:
    """The golden story before the screen is shared: high."""
    return alert(0, "high", "police", "control", POLICE_EVIDENCE[:4], 19)


def police_urgent() -> Alert:
    """The same episode once money moves: urgent."""
    return alert(0, "urgent", "police", "transfer", POLICE_EVIDENCE, 23)


def police_context() -> list[Around]:
    """Ordinary and suspicious events around the golden story."""

    def around(
        minute: float, lane: str, kind: str, entity: str, zh: str, en: str, bad: bool, long_s: int = 0
    ) -> Around:
        return Around(us(MORNING + dt.timedelta(minutes=minute)), lane, kind, entity, zh, en, bad, long_s)

    return [
        around(-170, "messages", "message", "95500", "银行余额变动短信", "Balance message of a bank", False),
        around(
            -95,
            "calls",
            "call",
            number(41),
            "与家人通话 3 分钟",
            "Spoke with family for 3 minutes",
            False,
            180,
        ),
        around(-40, "sites", "visit", "news.invalid", "浏览新闻网站", "Read a news site", False),
        around(0, "calls", "call", CALLER, "境外来电，持续中", "Call from abroad, going on", True, 1500),
        around(6, "calls", "call", number(41), "家人来电，被拒接", "Family calls, refused", True),
        around(11, "calls", "call", "95588", "银行客服来电，被拒接", "The bank calls, refused", True),
        around(
            13,
            "messages",
            "message",
            "106000000001",
            "收到“通缉令”短信",
            "A message with a forged warrant",
            True,
        ),
        around(
            19,
            "sites",
            "visit",
            SCREEN_HOST,
            "访问屏幕共享软件下载页",
            "Opened a screen-sharing download",
            True,
        ),
        around(20, "sites", "visit", "bank.invalid", "打开手机银行", "Opened mobile banking", True),
        around(
            21.5,
            "money",
            "transfer",
            "6200000000000017",
            "归集 ¥42,000.00",
            "¥42,000.00 brought together",
            True,
        ),
        around(
            22.5,
            "money",
            "transfer",
            "6200000000000017",
            "归集 ¥25,000.00",
            "¥25,000.00 brought together",
            True,
        ),
    ]


def calm_alerts() -> list[Alert]:
    """Ten more persons: every level, several types."""
    chat = evidence(
        5,
        "message.invitation",
        "sender",
        "106000000077",
        5.4,
        "收到刷单兼职邀请短信",
        "A message invites to paid clicks",
    )
    site = evidence(
        9,
        "visit.suspect_host",
        "host",
        "b0c-bank.invalid",
        6.1,
        "访问仿冒银行的网站",
        "Opened a site that imitates a bank",
    )
    call = evidence(
        12,
        "call.fanout",
        "number",
        CALLER,
        4.8,
        "来电号码一小时内拨打 212 个陌生号码",
        "The caller rang 212 strangers within an hour",
    )
    flow = evidence(
        15,
        "transfer.first_payee",
        "account",
        "6200000000000025",
        5.2,
        "首次向陌生对公账户转账",
        "First transfer to an unknown corporate account",
    )
    rows = [
        (1, "urgent", "customer_service", "transfer", (call, site, flow)),
        (2, "high", "investment", "transfer", (chat, flow, site)),
        (3, "high", "loan", "control", (site, call)),
        (4, "high", "brushing", "lure", (chat, flow)),
        (5, "medium", "phishing", "lure", (site, chat)),
        (6, "medium", "romance", "contact", (chat, call)),
        (7, "medium", "shopping", "lure", (flow, chat)),
        (8, "low", "game", "contact", (call,)),
        (9, "low", "credit", "contact", (chat,)),
        (10, "low", "acquaintance", "contact", (call,)),
    ]
    return [alert(i, level, kind, stage, pieces, 20 + i) for i, level, kind, stage, pieces in rows]


def suspects() -> list[Suspect]:
    """Two of the entities above, as the engine suspects them."""
    first = us(MORNING - dt.timedelta(days=2))
    return [
        Suspect(
            "number", CALLER, 0.97, "police", first, ("外呼 212 个陌生号码，回拨率 0", "与 6 台设备轮换使用")
        ),
        Suspect("host", SCREEN_HOST, 0.88, None, first, ("注册 3 天，仅被接到境外电话的人访问",)),
    ]
