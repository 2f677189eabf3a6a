"""A synthetic year of rankings and cards for a demonstration, made by the module's own acts at their time.

Figures of residents are those of the register of regions under a source that says so; villages keep their
estimates, so that their ranking shows what it says then.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingdun.console.assessment import queries
from qingdun.console.assessment.actions import publish_ranking, reckon
from qingdun.console.assessment.closing import close_accountability
from qingdun.console.assessment.codes import CARDS, Ranked, RulingKind
from qingdun.console.assessment.collecting import touches
from qingdun.console.assessment.deciding import (
    ANSWERED,
    decide_ruling,
    end_ruling,
    record_inspection,
    report_on_ruling,
)
from qingdun.console.assessment.models import Accountability, Ranking, Residents, Ruling
from qingdun.console.assessment.moves import RulingState
from qingdun.console.assessment.objecting import answer_to, object_to
from qingdun.console.assessment.opening import open_new
from qingdun.console.assessment.periods import before, last_over
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo import DutyOfficers, cadre_of, clock_at
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.errors import NotPermitted

MONTHS, WEEKS = 12, 5
OBJECTION = "（合成演示）本镇有一个大型居住区今年新增人口未计入常住人口数，请核对分母。"
ANSWER = "（合成演示）已核对：人口数以统计部门年度常住人口为准，新增人口计入下一年度，本次处置维持。"
REPORT = "（合成演示）已逐村开展入户宣传，重点人群建档，辖区银行网点落实大额转账提醒。"
FOUND_LATE = (
    "（合成演示）预警已产生，但部分环节超过时限，事主在劝阻见效前已付款；已约谈责任民警，调整夜间值班。"
)
FOUND_RIGHT = "（合成演示）预警、见面和回访均在时限内，事主其后再次被骗；列入重点人员，由专人联系。"
FOUND_NOTHING = "（合成演示）案发前没有预警，核查未见处置迟缓；所用手法已转模型补充规则。"
INSPECTION = "（合成演示）现场查看宣传台账、重点人员档案和网点值守，均已落实。"


def create_demo_assessment() -> int:
    """A year of rankings and what was decided by them stands; how many rankings are new, none the second
    time. Call it after `create_demo_losses`. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo rankings exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    if Ranking.objects.exists() or not User.objects.filter(username="demo-city").exists():
        return 0
    today = timezone.localdate()
    duty = DutyOfficers().city
    with transaction.atomic():
        _residents(duty, today)
    while open_new(timezone.now()):
        pass
    files = list(Accountability.objects.select_related("incident"))
    for file in files:
        file.opened_at = file.incident.entered_at
    Accountability.objects.bulk_update(files, ["opened_at"], batch_size=500)
    _close(duty)
    made = 0
    for level, count in ((Ranked.TOWN, MONTHS), (Ranked.VILLAGE, WEEKS)):
        periods = [last_over(level, today)]
        while len(periods) < count:
            periods.append(before(level, periods[-1]))
        for number, period in enumerate(reversed(periods), start=1):
            with clock_at(min(_morning(period.until + dt.timedelta(days=1)), timezone.now())):
                publish_ranking(duty, reckon(None, level, period.since).pk)
            made += 1
            if level == Ranked.TOWN and number < count:
                _decide(duty, period.until)
    _object(duty)
    return made


def _close(duty: User) -> None:
    """Of the files about alerts the older half was closed with what was found, and one of a case in which
    nothing had been seen.
    """
    seen: list[tuple[Accountability, str]] = []
    unseen: list[tuple[Accountability, str]] = []
    for file in queries.accountabilities(duty).order_by("incident__reported_at"):
        found = touches(duty, file)
        warned = any(one.kind == gettext("Alert") for one in found)
        late = any(one.late for one in found)
        said = FOUND_NOTHING if not warned else FOUND_LATE if late else FOUND_RIGHT
        (seen if warned else unseen).append((file, said))
    for file, said in [*seen[: len(seen) // 2], *unseen[:1]]:
        with clock_at(min(file.incident.reported_at + dt.timedelta(days=20), timezone.now())):
            close_accountability(duty, file.pk, said)


def _residents(duty: User, today: dt.date) -> None:
    towns = Region.objects.filter(level=Region.Level.TOWN, population__gt=0).order_by("code")
    made = Residents.objects.bulk_create(
        Residents(
            region_path=town.path, residents=town.population, as_of=today - dt.timedelta(days=800),
            source="演示人口数（合成）", by=duty, at=timezone.now(),
        )
        for town in towns
    )  # fmt: skip
    record(None, "reckon_ranking", ("assessment", "demo"), None, {"rows": len(made)})


def _decide(duty: User, until: dt.date) -> None:
    """What the month's rules proposed was confirmed two days later, and reported on after a week."""
    for ruling in list(Ruling.objects.filter(state=RulingState.PROPOSED).order_by("pk")):
        with clock_at(_morning(until + dt.timedelta(days=3))):
            decide_ruling(duty, ruling.pk, "confirm_ruling")
        if ruling.kind not in ANSWERED:
            continue
        cadre = _cadre(ruling)
        with clock_at(_morning(until + dt.timedelta(days=9))):
            report_on_ruling(duty if ruling.kind == RulingKind.INTERVIEW else cadre, ruling.pk, REPORT)
        if ruling.kind in CARDS:
            with clock_at(_morning(until + dt.timedelta(days=12))):
                end_ruling(duty, ruling.pk)
        if ruling.kind == RulingKind.LISTING:
            with clock_at(_morning(until + dt.timedelta(days=20))):
                record_inspection(duty, ruling.pk, timezone.localdate(), True, INSPECTION)


def _cadre(ruling: Ruling) -> User:
    """Who speaks for the town."""
    return cadre_of(Region.objects.get(path=ruling.region_path))


def _object(duty: User) -> None:
    """One objection was answered long ago; another waits. Of the latest month nothing is decided but the
    first proposal, whose town has objected.
    """
    listed = Ruling.objects.filter(kind=RulingKind.LISTING, state=RulingState.CONFIRMED)
    old = listed.order_by("pk").first()
    other = User.objects.get(username="demo-city")
    if old is not None and old.decided_at is not None:
        with clock_at(old.decided_at + dt.timedelta(days=2)):
            made = object_to(_cadre(old), old.pk, OBJECTION)
        with clock_at(old.decided_at + dt.timedelta(days=5)):
            answer_to(other, made.pk, "dismiss_objection", ANSWER)
    town = User.objects.filter(username="demo-cadre").values_list("region__path", flat=True).first()
    waiting = Ruling.objects.filter(state=RulingState.PROPOSED, kind__in=CARDS).order_by("pk")
    last = waiting.filter(region_path=town or "").first() or waiting.first()
    if last is not None:
        with clock_at(timezone.now() - dt.timedelta(hours=20)):
            decide_ruling(duty, last.pk, "confirm_ruling")
        with clock_at(timezone.now() - dt.timedelta(hours=3)):
            object_to(_cadre(last), last.pk, OBJECTION)


def _morning(day: dt.date) -> dt.datetime:
    """Half past nine of the day."""
    return midnight(day) + dt.timedelta(hours=9, minutes=30)
