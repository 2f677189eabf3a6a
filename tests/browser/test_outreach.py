"""Two stories: a mailing with a holdout tenth and its effect after three weeks; forty doors, no line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, PHONE, look_at, shoot, spills
from tests.browser.test_visits import TARGETS

DOORS = 40
_DOORS = """
import django
django.setup()
from django.db.models import Sum
from qingdun.console.outreach.models import Door
print(Door.objects.count(), Door.objects.values("place").distinct().count(),
      Door.objects.aggregate(n=Sum("installed"))["n"] or 0)
"""
SEED = "tests.browser.seed_outreach"


@pytest.fixture(scope="module")
def reached(console: Console) -> Console:
    console.happens("start", of=SEED)
    return console


def recorded(console: Console) -> tuple[int, ...]:
    """How many doors the server has, how many different ones, and how many registrations at them."""
    return console.told(_DOORS)


def test_a_publicist_warns_the_floating_population_of_two_counties_and_reads_the_effect(
    reached: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("publicist")
    page.goto(f"{reached.address}/outreach/")
    page.locator(".chip", has_text="宣传短信").click()
    page.locator("a.next", has_text="准备宣传短信").click()
    page.locator("input[name=kind][value=floating]").check()
    counties = page.locator("input[name=places]")
    counties.nth(0).check()
    counties.nth(1).check()
    page.locator("button", has_text="统计人数").click()
    # The world's own floating persons hold no number, and are counted as such.
    expect(page.locator("[data-reached]")).to_have_attribute("data-reached", "600")
    shoot(page, "mailing-size")
    page.locator("input[name=name]").fill("流动人口防诈提醒")
    page.locator("input[name=template][value='education.police']").check()
    expect(page.locator("input[name=held_percent]")).to_have_value("10")
    page.locator("button", has_text="提交审批").click()
    expect(page.locator(".head-line .tag")).to_have_text("待审批")
    groups = page.locator("dl.facts").nth(1)
    expect(groups).to_contain_text("540")
    expect(groups).to_contain_text("60")
    expect(page.locator("button", has_text="审批并发送")).to_have_count(0)

    approver = open_page("city")
    approver.goto(page.url)
    approver.locator("button", has_text="审批并发送").click()
    expect(approver.locator(".head-line .tag")).to_have_text("正在入队")

    reached.happens("later", of=SEED)
    page.reload()
    expect(page.locator(".head-line .tag")).to_have_text("已发出")
    effect = page.locator(".effect").first
    expect(effect).to_have_attribute("data-verdict", "fewer")
    expect(effect).to_contain_text("发送组 540 人中 9 人（1.7%）；留置组 60 人中 15 人（25.0%）")
    expect(effect).to_contain_text("95% 区间 −35.6 至 −14.0")
    expect(page.locator(".effect").nth(1)).to_have_attribute("data-verdict", "open")
    expect(page.locator("#effect h2")).to_contain_text("21")
    shoot(page, "mailing-effect")


def test_a_unit_s_name_leads_to_its_facts_and_from_there_to_its_rows(
    reached: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("publicist")
    page.goto(f"{reached.address}/outreach/figures/")
    page.locator(".measure", has_text="成员单位").first.locator("a").click()
    page.locator("tbody a", has_text="市总工会").click()
    expect(page.locator("h1")).to_have_text("市总工会")
    expect(page.locator(".measure-value")).to_have_text(["1", "1", "60"])
    page.locator(".measure", has_text="参加人数").locator("a").click()
    expect(page.locator("main")).to_contain_text("市总工会")
    page.locator("tbody a", has_text="走进企业").click()
    page.locator("a", has_text="更正").click()
    page.locator("input[name=heads]").fill("61")
    page.locator("form.entry .next").click()
    expect(page.locator("dl.facts")).to_contain_text("61")


def fill_in(page: Page, number: int) -> None:
    page.locator("input[name=place]").fill(f"{number}栋")
    if number % 4 == 0:
        page.locator("input[name=result][value=nobody]").check()
    else:
        page.locator("input[name=result][value=met]").check()
        page.locator("input[name=told]").fill("2")
        page.locator("input[name=installed]").fill("1")
    page.locator("[data-record]").click()
    expect(page.locator("#today [data-doors]")).to_have_text(str(number))


def test_a_grid_member_records_forty_doors_without_a_line_and_nothing_is_doubled(
    reached: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("grid", PHONE)
    page.goto(f"{reached.address}/")
    page.locator("a", has_text="入户走访").click()
    expect(page).to_have_url(f"{reached.address}/m/doors/")
    expect(page.locator("#net[data-opens]")).to_be_visible()
    page.context.set_offline(True)
    for number in range(1, DOORS // 2 + 1):
        fill_in(page, number)
    page.locator("input[name=place]").fill("21栋（未写完）")
    page.reload()  # the page opens without a line, and the draft is there
    expect(page.locator("#queue")).to_contain_text("20")
    expect(page.locator("#net")).to_have_attribute("data-state", "offline")
    expect(page.locator("input[name=place]")).to_have_value("21栋（未写完）")
    page.locator("#materials > summary").click()  # what to say is there too
    page.locator("#materials details > summary", has_text="安全账户").click()
    expect(page.locator("#materials .pre")).to_be_visible()
    for number in range(DOORS // 2 + 1, DOORS + 1):
        fill_in(page, number)
    expect(page.locator("#queue")).to_contain_text("40")
    shoot(page, "doors-offline")
    assert recorded(reached) == (0, 0, 0)

    # The first answer is lost on its way back: that door is sent twice, and taken once.
    lost: list[str] = []

    def answer_is_lost(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.fetch()
            route.abort()

    page.route("**/api/outreach/doors", answer_is_lost)
    page.context.set_offline(False)
    expect(page.locator("#toasts")).to_contain_text("服务器无应答")
    page.reload()
    expect(page.locator("#queue")).to_be_hidden()
    expect(page.locator("#today [data-doors]")).to_have_text("40")
    assert lost
    assert recorded(reached) == (DOORS, DOORS, 30)
    page.reload()
    expect(page.locator("#today [data-doors]")).to_have_text("40")
    assert page.evaluate(TARGETS) == []


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_outreach_are_accessible_and_pictured(
    reached: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    found: list[str] = []
    look = f"{theme}-{language}"
    desktop = {
        "reach": "/outreach/", "reach-figures": "/outreach/figures/", "reach-rows": "/outreach/t/counts/",
        "reach-new": "/outreach/mailings/new/?kind=floating", "reach-unit": "/outreach/r/units/1/",
        "reach-event": "/outreach/events/1/", "reach-files": "/outreach/files/?kind=outreach_events",
    }  # fmt: skip
    phone = {"doors": "/m/doors/", "quiz": "/m/quiz/"}
    for size, pages in ((DESKTOP, desktop), (PHONE, phone)):
        page = open_page("publicist", size, theme, language)
        for name, address in pages.items():
            found += look_at(page, f"{reached.address}{address}", f"{name}-{size[0]}-{look}")
    # Of tables that scroll axe cannot tell what lies under them; that the page itself does not, can be told.
    for name, address in {**desktop, **phone}.items():
        page.goto(f"{reached.address}{address}")
        found += spills(page, name)
    assert not found, "\n".join(found)
