"""The story of a bulletin: composed, edited between its figures, signed by two, compared, taken away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console


@pytest.fixture(scope="module")
def written(console: Console) -> Console:
    console.happens("start", of="tests.browser.seed_bulletin")
    return console


def test_a_bulletin_is_composed_signed_by_two_and_taken_away(
    written: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{written.address}/bulletins/")
    page.locator("#compose button.next").click()
    draft = page.locator("#draft")
    expect(draft).to_be_visible()
    address = page.url
    draft.locator("textarea").nth(1).fill("，全市反诈工作情况如下，另有 5 项未列。")
    draft.locator("button.next").click()
    expect(page.locator("#signatures .warning")).to_contain_text("5")
    page.locator("#draft a.locked", has_text="18").first.click()
    expect(page.locator("main [role=status]").last).to_contain_text("18")

    page.goto(address)
    page.locator("button.next", has_text="签署").click()
    expect(page.locator("#signatures")).to_contain_text("须由另一人复核签署")
    other = open_page("second")
    other.goto(address)
    other.locator("button.next", has_text="复核签发").click()
    expect(other.locator(".head-line .tag").first).to_contain_text("已签发")
    expect(other.locator("#text")).to_contain_text("18起（环比上升50.0%）")
    expect(other.locator("#draft")).to_have_count(0)
    with other.expect_download() as taken:
        other.locator("button", has_text="Word").click()
    assert taken.value.suggested_filename.endswith(".docx")
    other.locator("a.button", has_text="与上一期对比").click()
    expect(other.locator(".pieces ins", has_text="18").first).to_be_visible()
    expect(other.locator(".pieces del", has_text="12").first).to_be_visible()
