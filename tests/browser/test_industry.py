"""Industry governance in a browser: a bank's twelve accounts, an appeal, every page at its sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, look_at, shoot, spills

PHONE = (390, 844)
SEED = "tests.browser.seed_industry"


@pytest.fixture(scope="module")
def governed(console: Console) -> Console:
    """The console with a bank to which twelve accounts were sent."""
    console.happens("start", of=SEED)
    return console


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_industry_are_accessible_and_pictured(
    governed: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    page = open_page("city", DESKTOP, theme, language)
    page.goto(f"{governed.address}/industry/tables/restrictions/")
    row = page.locator("tbody a").first.get_attribute("href")
    page.goto(f"{governed.address}/industry/")
    drafted = page.locator("tbody a", has_text="异常号码关停").get_attribute("href")
    addresses = {
        "lists": "/industry/",
        "list": drafted,
        "restriction": row,
        "figures": "/industry/figures/",
        "findings": "/industry/tables/findings/",
        "finding": "/industry/findings/1/",
        "check": "/industry/checks/1/",
        "blacklist": "/industry/tables/blacklist/",
        "look-up": "/industry/blacklist/",
        "punishment": "/industry/punishments/1/",
        "form": "/industry/enter/assignment/",
        "empty": "/industry/tables/breaches/?clock=release",
        "outside": "/appeal/?host=www.example.com",
    }
    found: list[str] = []
    for size, mark in ((DESKTOP, ""), (PHONE, "-phone")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for name, address in addresses.items():
            found += look_at(
                page, f"{governed.address}{address}", f"industry-{name}{mark}-{theme}-{language}"
            )
            found += spills(page, f"{name}{mark}")
    assert not found, "\n".join(found)


def test_a_bank_controls_ten_disputes_two_and_an_upheld_appeal_is_released_in_time(
    governed: Console, open_page: Callable[..., Page]
) -> None:
    bank = open_page("bank-a")
    # The rail leads to the lists and nowhere else.
    expect(bank.locator("h1")).to_have_text("交办清单")
    bank.locator("tbody a", has_text="企业账户核查管控").click()
    rows = bank.locator(".scroll tbody tr")
    expect(rows).to_have_count(12)
    expect(rows.nth(0)).to_contain_text("620099000000001")
    found = look_at(bank, bank.url, "industry-bank-list-light-zh-hans")
    assert not found, "\n".join(found)
    for number in range(10):
        rows.nth(number).locator("input[name=row]").check()
    bank.locator("select[name=notice_way]").select_option("call")
    bank.get_by_role("button", name="反馈已管控").click()
    expect(bank.locator("p.sent")).to_contain_text("已答复 10 条")
    for number, why in ((10, "代发工资账户，流水正常"), (11, "户主已到柜面核实")):
        rows.nth(number).locator("input[name=row]").check()
        bank.locator("input[name=note]").fill(why)
        bank.get_by_role("button", name="提出异议").click()
        expect(rows.nth(number)).to_contain_text(why)
    expect(bank.locator("dl.facts")).to_contain_text("生效中 10")
    expect(bank.locator("dl.facts")).to_contain_text("单位有异议 2")
    shoot(bank, "industry-bank-answered-light-zh-hans")

    # The bank's customer appeals; who did not confirm the restriction decides.
    rows.nth(0).locator("a").click()
    bank.get_by_role("link", name="登记申诉").click()
    bank.locator("button.next").click()
    expect(bank.locator("#e-appellant")).to_be_visible()
    bank.locator("#f-appellant").fill("某某商贸")
    bank.locator("#f-text").fill("账户用于发放工资，请求复核")
    bank.locator("button.next").click()
    expect(bank.locator("article")).to_contain_text("待审理")
    restriction = bank.url
    city = open_page("city")
    city.goto(restriction)
    form = city.locator("form", has=city.locator("input[name=verb][value=uphold]"))
    form.locator("input[name=note]").fill("工资流水核实，申诉成立")
    form.locator("button").click()
    expect(city.locator(".head-line .tag").first).to_have_text("待解除")
    expect(city.locator("dl.facts")).to_contain_text("解除期限")

    bank.goto(restriction)
    bank.get_by_role("button", name="反馈已解除").click()
    expect(bank.locator(".head-line .tag").first).to_have_text("已解除")
    shoot(bank, "industry-bank-released-light-zh-hans")
    # It was within its clock: no breach of a release stands, whatever else is late.
    governed.happens("late", of=SEED)
    city.goto(f"{governed.address}/industry/tables/breaches/?clock=release")
    expect(city.locator(".scroll tbody tr td")).to_have_count(1)

    # Nothing else opens to the bank.
    for closed in ("/", "/lists/", "/incidents/", "/funds/", "/entities/"):
        bank.goto(f"{governed.address}{closed}")
        expect(bank.locator("body")).not_to_contain_text("异常号码关停")
