"""Lists in a browser: every page at its sizes, and the review by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import DESKTOP, LOOKS, look_at, spills

PHONE = (360, 780)


@pytest.fixture(scope="module")
def listed(console: Console) -> Console:
    """The console with suspects to review, lists with entries in every state, and peers to exchange with."""
    console.happens(of="tests.browser.seed_lists")
    console.happens(of="tests.browser.seed_exchange")
    return console


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_lists_are_accessible_and_pictured(
    listed: Console, open_page: Callable[..., Page], theme: str, language: str
) -> None:
    page = open_page("city", DESKTOP, theme, language)
    page.goto(f"{listed.address}/lists/entries/?state=all")
    entry = page.locator("a.entity", has_text="loan-fast.invalid").get_attribute("href")
    text = page.locator("a.entity", has_text="积分").get_attribute("href")
    page.goto(f"{listed.address}{entry}")
    proposal = page.locator("a[href*='/lists/proposals/']").first.get_attribute("href")
    page.goto(f"{listed.address}/lists/")
    suspect = page.locator("a.entity").first.get_attribute("href")
    page.goto(f"{listed.address}/exchange/")
    peer = page.locator("a[href*='/exchange/peers/']", has_text=re.compile("邻市|City")).get_attribute("href")
    delivery = page.locator("a[href*='/exchange/deliveries/']").last.get_attribute("href")
    page.goto(f"{listed.address}/lists/planes/held/")
    held = page.locator("a[href*='/planes/held/']", has_text="#").last.get_attribute("href")
    addresses = {
        "exchange": "/exchange/",
        "exchange-register": "/exchange/peers/new/",
        "exchange-peer": peer,
        "exchange-rule": f"{peer}rule/",
        "exchange-sharing": f"{peer}sharing/",
        "exchange-why": f"{peer}{(entry or '').removeprefix('/lists/')}",
        "exchange-delivery": delivery,
        "review": "/lists/",
        "review-empty": "/lists/?kind=device",
        "entries": "/lists/entries/?state=all",
        "entries-empty": "/lists/entries/?list=never_block",
        "entry": entry,
        "enforce": "/lists/enforce/",
        "planes": "/lists/planes/",
        "changes": "/lists/planes/changes/",
        "met": "/lists/planes/met/?what=observed",
        "held": "/lists/planes/held/",
        "held-text": held,
        "released": "/lists/planes/released/",
        "text": text,
        "propose": "/lists/propose/",
        "proposal": proposal,
        "entity": suspect,
    }
    found: list[str] = []
    for size, mark in ((DESKTOP, ""), (PHONE, "-phone")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for name, address in addresses.items():
            found += look_at(page, f"{listed.address}{address}", f"lists-{name}{mark}-{theme}-{language}")
            found += spills(page, f"{name}{mark}")
    assert not found, "\n".join(found)


def test_the_review_obeys_the_keyboard(listed: Console, open_page: Callable[..., Page]) -> None:
    page = open_page("city")
    page.goto(f"{listed.address}/lists/")
    rows = page.locator("tr[data-row]")
    before = rows.count()
    page.keyboard.press("j")
    expect(rows.nth(0)).to_have_class("chosen")
    page.keyboard.press("a")  # nothing is marked: the row that is chosen
    expect(rows).to_have_count(before - 1)
    expect(page.locator(".toast")).to_contain_text("已办 1 条")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-marked]")).to_have_text("2")
    page.keyboard.press("r")  # a refusal asks for a reason first
    reason = page.locator("input[name=reason]")
    expect(reason).to_be_focused()
    expect(rows).to_have_count(before - 1)
    reason.fill("核实为本地快递网点")
    page.locator("button[value=refuse]").click()
    expect(rows).to_have_count(before - 3)
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("o")
    page.wait_for_url("**/entities/*/")
