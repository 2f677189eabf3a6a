"""A synthetic chain of responsibility and leading group for a demonstration, made by the module's own acts at
their time. Everybody's name begins with what they are: synthetic.
"""

from __future__ import annotations

import datetime as dt
import random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.command import actions
from qingdun.console.command.actions import Appointment, PostForm
from qingdun.console.command.codes import PostKind, Standing
from qingdun.console.command.demo_undertakings import create_undertakings
from qingdun.console.command.models import Post, Tenure
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo import DutyOfficers, clock_at
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach import queries as outreach
from qingdun.errors import NotPermitted

SURNAMES = "陈李张黄何罗梁刘邓林朱欧谢曾冯潘钟郑范温"
GIVEN = "志建国明俊嘉晓文永海丽秀桂春梅"
TITLES: dict[str, tuple[tuple[str, PostKind], ...]] = {
    "city": (("市委书记", PostKind.PRINCIPAL), ("市公安局局长", PostKind.DIRECT)),
    "county": (("县（市、区）委书记", PostKind.PRINCIPAL), ("县级公安机关负责人", PostKind.DIRECT)),
    "town": (("镇（街）党委书记", PostKind.PRINCIPAL), ("镇（街）反诈专干", PostKind.DIRECT)),
    "village": (("村（社区）党组织书记", PostKind.PRINCIPAL),),
}
GROUP = (
    ("领导小组组长", PostKind.LEADER), ("领导小组副组长", PostKind.VICE), ("市联席办主任", PostKind.OFFICE),
)  # fmt: skip
HEAD = "网格长"
HANDED = "（合成演示）移交责任书、重点人员台账和未办结事项清单。"
VACANT_EVERY, VACANT_FROM, AWAY_EVERY, MOVED_EVERY = 37, 25, 11, 5


@transaction.atomic
def create_demo_command() -> int:
    """The chain from the city to the grids and the leading group stand; how many posts are new, none the
    second time. Call it after the demo's outreach, whose grids and units it names. Errors: NotPermitted
    outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("a demo chain exists in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    if Post.objects.exists():
        return 0
    office = DutyOfficers().city
    now = timezone.now()
    draw = random.Random(16)
    with clock_at(now - dt.timedelta(days=400)):
        posts = _posts(office)
        _seat(office, posts, draw, timezone.now())
    _hand_over(office, posts, draw, now)
    _away(office, posts, now)
    create_undertakings(office, now)
    return len(posts)


def _posts(office: User) -> list[Post]:
    """Every post; the city's and counties' by the acts, the rest, which are many, at once."""
    made = []
    city = Region.objects.get(level=Region.Level.CITY)
    for title, kind in GROUP:
        made.append(actions.open_post(office, PostForm(title, kind, city.path)))
    for place in Region.objects.filter(level__in=["city", "county"]).order_by("path"):
        for rank, (title, kind) in enumerate(TITLES[place.level], start=1):
            made.append(actions.open_post(office, PostForm(title, kind, place.path, rank=rank)))
    today = timezone.localdate()
    below = [
        Post(title=title, kind=kind, region_path=place.path, rank=rank, opened_on=today, by=office)
        for place in Region.objects.filter(level__in=["town", "village"]).order_by("path")
        for rank, (title, kind) in enumerate(TITLES[place.level], start=1)
    ]
    below += [
        Post(
            title=HEAD, kind=PostKind.GRID, region_path=one.region_path, grid=one, opened_on=today, by=office
        )
        for one in outreach.grids(office)
    ]
    bulk = Post.objects.bulk_create(below, batch_size=1000)
    record(None, "open_post", ("command", "demo"), None, {"rows": len(bulk)})
    return [*made, *bulk]


def _seat(office: User, posts: list[Post], draw: random.Random, since: dt.datetime) -> None:
    """Everybody but at one post in so many stands at their post; with a deputy down to the towns."""
    rows = []
    for number, post in enumerate(posts):
        if number % VACANT_EVERY == VACANT_FROM:
            continue
        made = {"post": post, "since": since, "by": office, "at": since}
        rows.append(Tenure(name=_name(draw), standing=Standing.HOLDER, **made))
        if post.region_path.count("/") <= 3 and post.kind != PostKind.GRID:
            rows.append(Tenure(name=_name(draw), standing=Standing.DEPUTY, rank=1, **made))
    Tenure.objects.bulk_create(rows, batch_size=1000)
    record(None, "hand_over_post", ("command", "demo"), None, {"rows": len(rows)})


def _hand_over(office: User, posts: list[Post], draw: random.Random, now: dt.datetime) -> None:
    """Some towns have had another secretary since."""
    towns = [one for one in posts if one.region_path.count("/") == 3 and one.kind == PostKind.PRINCIPAL]
    for number, post in enumerate(towns[::MOVED_EVERY]):
        at = now - dt.timedelta(days=20 + 11 * number % 300)
        with clock_at(at):
            actions.hand_over(office, post.pk, Appointment(_name(draw), at, HANDED))


def _away(office: User, posts: list[Post], now: dt.datetime) -> None:
    """Some are away today, and their deputies stand in."""
    towns = [one for one in posts if one.region_path.count("/") <= 3 and one.kind == PostKind.PRINCIPAL]
    there = Tenure.objects.filter(post__in=towns[3::AWAY_EVERY], standing=Standing.HOLDER, until=None)
    since, until = now - dt.timedelta(days=1), now + dt.timedelta(days=4)
    for one in there.order_by("pk"):
        actions.record_absence(office, one.pk, since, until, "外出学习（合成演示）")


def _name(draw: random.Random) -> str:
    return f"演示{draw.choice(SURNAMES)}{draw.choice(GIVEN)}"
