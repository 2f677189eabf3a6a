"""The story of a town that finds its card wrong: it reckons its rank by hand, objects, and is answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, PHONE, WALL, look_at, shoot, spills


@pytest.fixture(scope="module")
def ranked(console: Console) -> Console:
    console.happens("start", of="tests.browser.seed_assessment")
    return console


def test_a_town_checks_its_rank_objects_and_is_answered(
    ranked: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("cadre", PHONE)
    page.goto(f"{ranked.address}/assessment/")
    first = page.locator("#lines tbody tr").first
    expect(first.locator("td").first).to_have_text("1 (1)")
    first.locator("th a").click()
    parts = page.locator("#parts table").first.locator("tbody tr")
    expect(parts).to_have_count(3)
    points = 0.0
    for number in range(3):
        told = parts.nth(number).locator("td").nth(3).inner_text()
        found = re.fullmatch(r"([\d.]+) × \(1 − min\(([\d.]+), ([\d.]+)\) ÷ [\d.]+\)", told)
        assert found, told
        weight, times, cap = map(float, found.groups())
        by_hand = weight * (1 - min(times, cap) / cap)
        assert parts.nth(number).locator("td").nth(4).inner_text() == pytest.approx(f"{by_hand:.2f}")
        points += by_hand
    assert float(page.locator("#parts tfoot b").inner_text()) == pytest.approx(points, abs=0.02)
    cases = page.locator("#parts a").first
    cases.click()
    expect(page.locator("main [role=status]").last).to_contain_text("40")
    page.go_back()
    page.locator("#rulings a", has_text="黄牌").click()
    shoot(page, "ruling-phone")
    page.locator("#object-text").fill("本镇今年新增一个大型居住区，常住人口数未计入，请核对分母。")
    page.locator("button", has_text="提出申辩").click()
    expect(page.locator("#objection .tag")).to_have_text("等待回应")
    address = page.url

    decided = open_page("city")
    decided.goto(address)
    expect(decided.locator("#objection")).to_contain_text("申辩须由他人答复")
    expect(decided.locator("#answer-text")).to_have_count(0)

    other = open_page("second")
    other.goto(address)
    other.locator("#answer-text").fill("已与统计部门核对，新增人口成立，撤回黄牌。")
    other.locator("button", has_text="申辩成立").click()
    expect(other.locator(".head-line .tag").last).to_have_text("因申辩撤回")

    page.reload()
    expect(page.locator("#objection")).to_contain_text("已与统计部门核对，新增人口成立，撤回黄牌。")
    shoot(page, "ruling-answered-phone")


def test_the_city_confirms_a_listing_and_takes_its_letter(
    ranked: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{ranked.address}/assessment/t/rulings/?kind=listing")
    page.locator("tbody a").first.click()
    page.locator("button.next", has_text="确认").click()
    expect(page.locator(".head-line .tag").last).to_have_text("生效")
    with page.expect_download() as taken:
        page.locator("button", has_text="PDF").click()
    assert taken.value.suggested_filename.endswith(".pdf")
    page.locator("#inspect-text").fill("台账、宣传点位和重点人员档案均已落实。")
    page.locator("#inspections input[name=passed]").check()
    page.locator("button", has_text="登记验收").click()
    expect(page.locator("#inspections li").first).to_contain_text("合格")
    page.goto(f"{ranked.address}/assessment/")
    expect(page.locator("#lines tbody tr").first).to_contain_text("挂牌整治")


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_assessment_are_accessible_and_pictured(
    ranked: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    found: list[str] = []
    look = f"{theme}-{language}"
    page = open_page("city", DESKTOP, theme, language)
    page.goto(f"{ranked.address}/assessment/t/rulings/")
    ruling = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto(f"{ranked.address}/assessment/t/accountability/")
    file = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto(f"{ranked.address}/assessment/")
    place = page.locator("#lines tbody a").first.get_attribute("href") or ""
    pages = {
        "ranks": "/assessment/", "ranks-villages": "/assessment/?level=village", "ranks-place": place,
        "ranks-ruling": ruling, "ranks-file": file, "ranks-rules": "/assessment/rules/",
        "ranks-figures": "/assessment/figures/", "ranks-rows": "/assessment/t/rows/",
        "ranks-bring": "/assessment/files/",
    }  # fmt: skip
    wide = ("ranks", "ranks-villages")
    for name, address in pages.items():
        if name not in wide:
            found += look_at(page, f"{ranked.address}{address}", f"{name}-1440-{look}")
    # Of a table that scrolls axe cannot tell what lies under its cells: fourteen columns need a wide page.
    page = open_page("city", WALL, theme, language)
    for name in wide:
        found += look_at(page, f"{ranked.address}{pages[name]}", f"{name}-{WALL[0]}-{look}")
    page = open_page("cadre", PHONE, theme, language)
    mine = {name: address for name, address in pages.items() if name not in ("ranks-file", "ranks-bring")}
    mine["ranks-ruling"] = "/assessment/t/rulings/"
    for name, address in mine.items():
        page.goto(f"{ranked.address}{address}")
        shoot(page, f"{name}-390-{look}")
        found += spills(page, name)
    assert not found, "\n".join(found)
