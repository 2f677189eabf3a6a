"""The phone page under a thumb: targets are large enough, looks remembered, one tap ends a false alarm."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_offline import task_of_the_story
from tests.browser.test_pages import WIDEST, findings, shoot

THUMB = 48
NARROW, WIDER = (360, 740), (390, 844)
TARGETS = f"""() => [...document.querySelectorAll(`.phone :is(button, a.button, summary, label.switch,
    label.choice, textarea, select, .pad, input:not([type=checkbox], [type=radio], [type=hidden]))`)]
  .filter((one) => one.offsetParent !== null)
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => Math.round(box.width) < {THUMB} || Math.round(box.height) < {THUMB})
  .map(([one, box]) => `${{one.outerHTML.slice(0, 90)}} ${{box.width}}x${{box.height}}`)"""


@pytest.fixture(scope="module")
def task(console: Console) -> int:
    console.happens("alert", "phone")
    return task_of_the_story(console)


@pytest.mark.parametrize("size", [NARROW, WIDER], ids=["360", "390"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("looks", [(), ("large",), ("sun",), ("large", "sun")], ids="-".join)
def test_every_target_is_as_large_as_a_thumb_in_every_look(
    console: Console,
    open_page: Callable[..., Page],
    task: int,
    size: tuple[int, int],
    language: str,
    looks: tuple[str, ...],
) -> None:
    theme = "dark" if language == "en" and "sun" not in looks else "light"
    page = open_page("officer", size, theme, language)
    page.goto(f"{console.address}/m/visit/{task}/")
    for look in looks:
        page.locator(f"[data-look={look}]").click()
    page.reload()
    for look in ("large", "sun"):
        expect(page.locator(f"[data-look={look}]")).to_have_attribute(
            "aria-pressed", "true" if look in looks else "false"
        )
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert page.evaluate(TARGETS) == []
    needs = page.evaluate("document.documentElement.scrollWidth")
    assert needs <= size[0], page.evaluate(WIDEST)
    name = "-".join(["thumb", str(size[0]), theme, language, *looks])
    shoot(page, name)
    page.locator("textarea[name=notes]").fill("门口")  # axe measures no contrast in an empty field
    page.set_viewport_size(
        {"width": size[0], "height": page.evaluate("document.documentElement.scrollHeight")}
    )
    assert findings(page) == []


def test_one_tap_ends_a_false_alarm_and_an_undo_takes_it_back(
    console: Console, open_page: Callable[..., Page], task: int
) -> None:
    page = open_page("officer", NARROW)
    page.goto(f"{console.address}/m/visit/{task}/")
    page.locator("[data-reason=own_transfer]").click()
    expect(page.locator("h1 .state")).to_have_text("已反馈")
    page.locator("button[data-undo]").click()
    expect(page.locator("h1 .state")).to_have_text("已见面")

    page.context.set_offline(True)
    page.locator("[data-reason=other]").click()
    page.locator("#note-dialog textarea").fill("本人在银行柜台办理业务")
    page.locator("#note-dialog button[value=ok]").click()
    expect(page.locator("#net")).to_have_attribute("data-state", "offline")
    page.locator("[data-take-back]").click()
    expect(page.locator("#queue")).to_be_hidden()
    page.locator("[data-reason=work]").click()
    expect(page.locator("#queue")).to_contain_text("1")
    page.context.set_offline(False)
    expect(page.locator("h1 .state")).to_have_text("已反馈")
    expect(page.locator("details .log").last).to_contain_text("误报")
