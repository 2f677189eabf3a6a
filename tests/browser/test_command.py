"""The story of an undertaking from what is overdue to its acceptance; every page of command, looked at."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, PHONE, WALL, look_at, settle, shoot, spills


@pytest.fixture(scope="module")
def led(console: Console) -> Console:
    console.happens("wall", "alert")
    console.happens("start", of="tests.browser.seed_command")
    return console


def test_what_is_overdue_is_reported_with_proof_and_accepted(
    led: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("county", PHONE)
    page.goto(f"{led.address}/command/overdue/?source=undertakings")
    row = page.locator("table.overdue tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("已逾期 5 天")
    expect(row).to_contain_text("县委书记")
    row.locator("th a").click()
    page.locator("#file").set_input_files(
        {"name": "纪要.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 synthetic"}
    )
    page.locator("#proofs button", has_text="添加佐证材料").click()
    expect(page.locator("#proofs li").first).to_contain_text("纪要.pdf")
    page.locator("#text").fill("已完成部署，注册量达到目标。")
    page.locator("#report button", has_text="报完成").click()
    expect(page.locator(".head-line .tag")).to_have_text("已报完成，待验收")
    shoot(page, "command-undertaking-phone")
    address = page.url

    above = open_page("city")
    above.goto(address)
    above.locator("#judge button", has_text="同意验收").click()
    expect(above.locator(".head-line .tag")).to_have_text("已验收")
    above.goto(f"{led.address}/command/provisions/")
    third = above.locator("tbody tr").nth(2)
    expect(third.locator("td").nth(4)).to_have_text(re.compile(r"1\s*/\s*8"))


def test_who_answers_follows_absence_and_figures_open_their_rows(
    led: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{led.address}/command/")
    tile = page.locator(".measure").first
    number = tile.locator(".measure-value").inner_text()
    tile.locator("a").first.click()
    expect(page.locator("main [role=status]").last).to_contain_text(number)
    page.goto(f"{led.address}/wall/")
    settle(page)
    held = page.locator(".wall-right .money dd").last
    expect(held).to_contain_text("67")
    held.locator("a").click()
    expect(page.locator("main tbody")).to_contain_text("演练银行")


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_command_are_accessible_and_pictured(
    led: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    found: list[str] = []
    look = f"{theme}-{language}"
    page = open_page("city", DESKTOP, theme, language)
    page.goto(f"{led.address}/command/t/undertakings/")
    one = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto(f"{led.address}/command/t/posts/?filled=held")
    post = page.locator("tbody a").first.get_attribute("href") or ""
    pages = {
        "board": "/command/", "overdue": "/command/overdue/?span=week", "chain": "/command/chain/",
        "group": "/command/group/", "provisions": "/command/provisions/", "undertaking": one, "post": post,
        "posts": "/command/t/posts/", "form": "/command/new/undertaking/", "bring": "/command/files/",
    }  # fmt: skip
    wide = ("board", "posts")
    for name, address in pages.items():
        if name not in wide:
            found += look_at(page, f"{led.address}{address}", f"command-{name}-1440-{look}")
    page = open_page("city", WALL, theme, language)
    for name in wide:
        found += look_at(page, f"{led.address}{pages[name]}", f"command-{name}-{WALL[0]}-{look}")
    page = open_page("county", PHONE, theme, language)
    for name, address in pages.items():
        if name == "undertaking":
            continue
        page.goto(f"{led.address}{address}")
        shoot(page, f"command-{name}-390-{look}")
        found += spills(page, name)
    assert not found, "\n".join(found)
