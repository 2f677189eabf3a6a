"""An analyst's work at the desk without a mouse, from the log-in on."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Console
from tests.console.alerts.world import PASSWORD

MOST_TABS = 120


def tab_to(page: Page, what: Locator) -> None:
    """The key Tab leads there: whoever has no mouse gets to it."""
    expect(what).to_be_visible()
    for _ in range(MOST_TABS):
        if what.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {what}")


def test_an_analyst_logs_in_and_works_a_morning_by_keyboard_alone(
    console: Console, browser: Browser, open_page: Callable[..., Page]
) -> None:
    console.happens("wall", "alert")
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    keys = page.keyboard
    page.goto(f"{console.address}/accounts/login/")
    tab_to(page, page.locator("input[name=login]"))
    keys.type("city")
    keys.press("Tab")
    expect(page.locator("input[name=password]")).to_be_focused()
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/alerts/**")
    state, chosen = page.locator("article.task .state").first, page.locator(".row[aria-selected=true]")

    # The queue: down, up, and the task that saves most.
    first = chosen.get_attribute("data-id")
    keys.press("j")
    expect(chosen).not_to_have_attribute("data-id", first or "")
    keys.press("k")
    expect(chosen).to_have_attribute("data-id", first or "")
    keys.press("n")
    expect(page.locator("[data-task]")).to_be_visible()

    # An order goes out, is taken back, and goes out again.
    urgent = page.locator(".row", has_text="郑**").get_attribute("data-id") or ""
    for _ in range(page.locator(".row").count()):
        if chosen.count() and chosen.get_attribute("data-id") == urgent:
            break
        before = chosen.get_attribute("data-id") if chosen.count() else ""
        keys.press("k")
        if chosen.get_attribute("data-id") == before:
            keys.press("j")
    expect(page.locator("[data-task]")).to_have_attribute("data-task", urgent)
    keys.press("d")
    expect(state).to_have_text("待派出所签收")
    keys.press("z")
    expect(state).to_have_text("已研判")
    keys.press("d")
    expect(state).to_have_text("待派出所签收")

    # Who it is, for a purpose: Enter in the field means yes.
    tab_to(page, page.locator("[data-unmask]"))
    keys.press("Enter")
    expect(page.locator("#unmask-dialog [name=note]")).to_be_focused()
    keys.type("核实身份后联系")
    keys.press("Enter")
    expect(page.locator("#person [data-field=number]")).to_have_text(re.compile(r"^\+86\d{11}$"))
    tab_to(page, page.locator("[data-mask]"))
    keys.press("Enter")
    expect(page.locator("[data-unmask]")).to_be_visible()

    # A calm one is closed with a reason, which is asked for and may not be empty.
    page.goto(f"{console.address}/alerts/?level=low&state=desk")
    low = page.locator("[data-task]").get_attribute("data-task")
    keys.press("c")
    dialog = page.locator("#note-dialog")
    expect(dialog).to_be_visible()
    keys.press("Control+Enter")
    expect(dialog.locator("[name=note]")).to_be_focused()
    keys.type("本人账户互转")
    keys.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#row-{low}")).to_have_count(0)

    # Two are marked and sent on together.
    page.goto(f"{console.address}/alerts/?level=medium&state=desk")
    keys.press("x")
    keys.press("j")
    keys.press("x")
    expect(page.locator("#bulk-count")).to_have_text("2")
    keys.press("d")
    expect(page.locator("#toasts")).to_contain_text("2/2")

    # What officers reported is reviewed.
    page.goto(f"{console.address}/alerts/?state=review")
    expect(state).to_have_text("已反馈")
    keys.press("a")
    expect(state).to_have_text("已审核")

    # The help says every key; the search leads to the task of a whole number.
    keys.press("?")
    expect(page.locator("#help")).to_be_visible()
    for key in ("j", "k", "x", "a", "d", "e", "c", "n", "z", "/", "?"):
        expect(page.locator("#help kbd", has_text=re.compile(f"^{re.escape(key)}$")).first).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    keys.press("/")
    expect(page.locator("#search")).to_be_focused()
    keys.type("17258010000")
    tab_to(page, page.locator("#search-hits a", has_text=f"#{urgent} 郑**"))
    keys.press("Enter")
    page.wait_for_url(f"**/alerts/{urgent}/")
    context.close()

    auditor = open_page("auditor")
    auditor.goto(f"{console.address}/audit/?subject={low}")
    expect(auditor.locator("td[title=dismiss]").first).to_be_visible()
