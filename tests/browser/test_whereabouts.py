"""Where a person may be, and the search that is offered: in both themes, on the phone and on the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_offline import task_of_the_story
from tests.browser.test_pages import PHONE, WIDEST, findings, look_at, shoot

THEMES = [("light", "zh-hans"), ("dark", "en")]


@pytest.fixture(scope="module")
def task(console: Console) -> int:
    console.happens(of="tests.browser.seed_search")
    return task_of_the_story(console)


@pytest.mark.parametrize(("theme", "language"), THEMES)
@pytest.mark.parametrize("size", [PHONE, (1440, 900)], ids=["phone", "desk"])
def test_the_panel_asks_why_and_shows_the_places(
    console: Console,
    open_page: Callable[..., Page],
    task: int,
    size: tuple[int, int],
    theme: str,
    language: str,
) -> None:
    page = open_page("officer", size, theme, language)
    address = f"{console.address}/{'m/visit' if size == PHONE else 'alerts'}/{task}/"
    page.goto(address)
    panel = page.locator("task-whereabouts")
    purpose = panel.locator("input[name=purpose]")
    expect(panel.locator("input[name=purpose], svg.where-map").first).to_be_visible()
    if purpose.is_visible():
        purpose.fill("上门查找")
        panel.locator("button").click()
    expect(panel.locator("svg.where-map")).to_be_visible()
    expect(panel.locator(".where-list li[data-kind=cell]")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], page.evaluate(WIDEST)
    shoot(page, f"whereabouts-{size[0]}-{theme}")
    panel.scroll_into_view_if_needed()
    length = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size[0], "height": max(length, size[1])})
    # Of a drawing's letters axe cannot tell the ground; the list beside it says the same.
    found = [one for one in findings(page) if "<text " not in one]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("theme", "language"), THEMES)
def test_a_search_that_is_offered_stands_on_the_phone_with_its_way(
    console: Console, open_page: Callable[..., Page], task: int, theme: str, language: str
) -> None:
    page = open_page("colleague", PHONE, theme, language)
    found = look_at(page, f"{console.address}/m/next/", f"offered-{theme}")
    assert not found, "\n".join(found)
    expect(page.locator("article.offer")).to_have_count(1)
    expect(page.locator("article.offer")).to_contain_text("3.2 km")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], page.evaluate(WIDEST)


def test_whoever_takes_the_search_has_it(console: Console, open_page: Callable[..., Page], task: int) -> None:
    page = open_page("colleague", PHONE)
    page.goto(f"{console.address}/m/next/")
    page.locator("article.offer button.next").click()
    page.wait_for_url(f"**/m/visit/{task}/")
    expect(page.locator("[data-verb=meet]")).to_be_visible()
