"""Every page opens for who may see it and says what it is for; forms do what they say."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingdun.console.command import undertaking
from qingdun.console.command.models import Absence, Post, Provision, Tenure, Undertaking
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from tests.console.command.conftest import Held
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, TOWN_A

DAY = dt.timedelta(days=1)
LEDGERS = ("undertakings", "posts", "tenures", "absences")


def get(client: Client, name: str, *args: object, **query: object) -> str:
    answer = client.get(reverse(f"command:{name}", args=args), query)
    assert answer.status_code == 200, name
    return answer.content.decode()


def test_pages_are_opened_by_who_may_and_say_what_is_missing(
    analyst: User, cadre: User, log_in: LogIn, make_user: MakeUser
) -> None:
    for user in (analyst, cadre):
        client = log_in(user)
        assert "没有逾期事项" in get(client, "overdue")
        assert "还没有责任人" in get(client, "chain")
        assert "领导小组还没有职务" in get(client, "group")
        assert "还没有措施" in get(client, "provisions")
        for code in LEDGERS:
            assert "本辖区" in get(client, "table", code) or "没有" in get(client, "table", code)
    assert "采用草案" in get(log_in(analyst), "provisions")
    assert "采用草案" not in get(log_in(cadre), "provisions")
    for role in (Role.VIEWER, Role.STATION_OFFICER, Role.GRID_MEMBER, Role.BANK_TELLER):
        client = log_in(make_user(role, TOWN_A, name=f"x-{role}"))
        for name in ("overdue", "chain", "group", "provisions"):
            assert client.get(reverse(f"command:{name}")).status_code == 403


def test_the_forms_of_a_post_do_what_they_say(
    county: User, cadre: User, regions: dict[str, Region], log_in: LogIn
) -> None:
    client = log_in(county)
    form = reverse("command:form", args=["post"])
    wrong = client.post(form, {"title": "镇长", "kind": "direct", "place": "没有这个镇", "rank": ""})
    assert wrong.status_code == 422
    said = wrong.content.decode()
    assert "唯一名称" in said
    client.post(form, {"title": "镇长", "kind": "direct", "place": TOWN_A, "rank": ""})
    post = Post.objects.get(title="镇长")
    client.post(
        reverse("command:form", args=["hand-over", post.pk]),
        {"name": "甲", "since": "2026-01-05 09:00", "note": "移交", "account": "cadre"},
    )
    client.post(
        reverse("command:form", args=["deputy", post.pk]), {"name": "乙", "since": "2026-01-05 09:00"}
    )
    page = get(client, "post", post.pk)
    assert ("甲" in page, "乙" in page, "移交职务" in page) == (True, True, True)
    now = timezone.localtime()
    mine = Tenure.objects.get(name="甲")
    away = {"id": mine.pk, "since": f"{now - DAY:%Y-%m-%dT%H:%M}", "until": f"{now + DAY:%Y-%m-%dT%H:%M}"}
    own = log_in(cadre)
    own.post(reverse("command:act", args=[post.pk, "away"]), {**away, "reason": "公差"})
    page = get(own, "post", post.pk)
    assert ("公差" in page, "销假" in page, "移交职务" in page) == (True, True, False)
    chain = get(client, "chain", region=TOWN_A)
    assert ("乙" in chain, "代理" in chain) == (True, True)
    before = get(client, "chain", region=TOWN_A, at="2026-01-04T00:00")
    assert "还没有责任人" in before
    own.post(reverse("command:act", args=[post.pk, "back"]), {"id": Absence.objects.get().pk})
    assert "甲" in get(client, "chain", region=TOWN_A)
    refused = own.post(reverse("command:act", args=[post.pk, "close"]), {"reason": "越权"}, follow=True)
    assert "由上一级管理" in refused.content.decode()
    client.post(reverse("command:act", args=[post.pk, "close"]), {"reason": "撤并"})
    post.refresh_from_db()
    assert post.closed_on is not None


def test_the_forms_of_an_undertaking_do_what_they_say(
    analyst: User, county: User, regions: dict[str, Region], log_in: LogIn
) -> None:
    client = log_in(analyst)
    client.post(reverse("command:take_drafted"))
    third = Provision.objects.get(number=3)
    form = reverse("command:form", args=["undertaking"])
    typed = {
        "provision": third.pk, "title": "推广App", "goal": "不低于 35%",
        "due_on": f"{timezone.localdate() + 9 * DAY}", "to": f"{COUNTY_A}\n没有这个单位",
    }  # fmt: skip
    wrong = client.post(form, typed)
    assert (wrong.status_code, "没有这个单位" in wrong.content.decode()) == (422, True)
    client.post(form, {**typed, "to": COUNTY_A})
    one = Undertaking.objects.get()
    theirs = log_in(county)

    def move(verb: str) -> str:
        return reverse("command:move", args=[one.pk, verb])

    theirs.post(move("progress"), {"share": "40", "text": "已部署"})
    theirs.post(move("done"), {"share": "", "text": "完成"})
    page = get(client, "undertaking", one.pk)
    assert ("已部署" in page, "同意验收" in page) == (True, True)
    assert "同意验收" not in get(theirs, "undertaking", one.pk)
    client.post(move("return"), {"text": "缺佐证"})
    client.post(move("postpone"), {"due_on": "2000-01-01", "text": "x"})
    assert "完成时限已过" in get(client, "undertaking", one.pk)
    client.post(move("withdraw"), {"text": "不再需要"})
    one.refresh_from_db()
    assert one.state == "withdrawn"
    board = get(client, "provisions")
    assert third.title in board
    late = undertaking.set_undertakings(
        analyst,
        undertaking.UndertakingForm(
            third.pk, "第二项", "…", timezone.localdate(), (), [regions[TOWN_A].path]
        ),
    )[0]
    Undertaking.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - DAY)
    assert "第二项" in get(client, "table", "undertakings", late="1")
    assert "推广App" not in get(client, "table", "undertakings", late="1")


def test_the_ledger_of_posts_finds_who_is_not_there(analyst: User, held: Held, log_in: LogIn) -> None:
    held(TOWN_A, "镇党委书记", "甲", "乙")
    held(COUNTY_A, "县委书记", "")
    client = log_in(analyst)
    assert "县委书记" in get(client, "table", "posts", filled="vacant")
    assert "镇党委书记" not in get(client, "table", "posts", filled="vacant")
    assert "镇党委书记" in get(client, "table", "posts", words="甲", sort="-holder")
    assert "县委书记" not in get(client, "table", "posts", body="group")
