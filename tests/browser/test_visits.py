"""The phone page under a thumb: targets are large enough, looks remembered, one tap ends a false alarm."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as NotInTimeError

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

SIGN_EDGE = """() => Math.max(...[...document.querySelectorAll('#sign-dialog, #sign-dialog *')]
  .map((one) => Math.round(one.getBoundingClientRect().right)))"""


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
    page.locator("textarea[name=notes]").blur()
    length = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size[0], "height": length + 200})  # bars that stick cover nothing then
    page.evaluate("scrollTo(0, 0)")
    # Under `zoom` axe takes a text area for covered; its colours are those of the other looks.
    found = [one for one in findings(page) if "large" not in looks or "partially obscured" not in one]
    assert found == []

    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.locator("[data-sign]").click()
    assert page.evaluate(TARGETS) == []
    assert page.evaluate(SIGN_EDGE) <= size[0]
    shoot(page, name.replace("thumb", "sign"))


def test_no_tap_is_lost_before_the_scripts_of_the_page_hear(
    console: Console, open_page: Callable[..., Page], task: int
) -> None:
    page = open_page("officer", NARROW, "light", "zh-hans")
    held: list[Route] = []
    page.route("**/built/pages/visit.js", lambda route: held.append(route))
    page.goto(f"{console.address}/m/visit/{task}/", wait_until="commit")
    large = page.locator("[data-look=large]")
    expect(large).to_have_css("opacity", "0.5")  # it shows that it waits
    with pytest.raises(NotInTimeError, match="intercepts pointer events"):
        large.click(timeout=500)
    before = large.get_attribute("aria-pressed")
    held[0].continue_()
    large.click()
    expect(large).not_to_have_attribute("aria-pressed", before or "")
    expect(large).to_have_css("opacity", "1")
    large.click()


_TAKEN = """
import django
django.setup()
from qingdun.console.visits.models import Consent, Photo, Place, Receipt
print(*(model.objects.count() for model in (Consent, Photo, Place, Receipt)))
"""
_ACTS = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("qingdun-visits");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const all = request.result.transaction("acts").objectStore("acts").getAll();
    all.onsuccess = () => { request.result.close(); resolve(all.result.length); };
  };
})"""


def taken(console: Console) -> tuple[int, ...]:
    """How many consents, photos, places and receipts the server has."""
    return console.told(_TAKEN)


def sign(page: Page) -> None:
    """The person signs with a finger."""
    page.locator("[data-sign]").click()
    page.locator("[data-signed]").click()
    expect(page.locator("#sign-dialog [data-problem]")).to_be_visible()
    pad = page.locator("#sign-dialog .pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(
            box["x"] + box["width"] * (0.25 + step / 10), box["y"] + box["height"] / (1 + step % 2)
        )
    page.mouse.up()
    page.locator("[data-signed]").click()
    expect(page.locator("#sign-dialog")).to_be_hidden()


def test_what_is_recorded_without_a_line_waits_over_a_reload_and_is_taken_once(
    console: Console, open_page: Callable[..., Page], task: int
) -> None:
    page = open_page("officer", NARROW)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 23.68, "longitude": 113.05, "accuracy": 12})
    page.goto(f"{console.address}/m/visit/{task}/")
    expect(page.locator("#net[data-opens]")).to_be_visible()
    before = taken(console)

    page.context.set_offline(True)
    expect(page.locator("[data-take]")).to_be_hidden()
    page.locator("[data-consent=photo][data-answer=yes]").click()
    expect(page.locator("[data-take]")).to_be_visible()
    picture = io.BytesIO()
    Image.new("RGB", (3000, 2000), "green").save(picture, "JPEG")
    page.set_input_files(
        "[data-photo]", {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    expect(page.locator("#pending li")).to_have_count(2)
    page.locator("[data-place]").click()
    expect(page.locator("#pending li")).to_have_count(3)
    page.reload()
    expect(page.locator("#pending li")).to_have_count(3)
    expect(page.locator("#queue")).to_contain_text("3")
    page.locator("input[value=hang_up]").check()
    sign(page)
    expect(page.locator("#pending li")).to_have_count(4)
    shoot(page, "visit-pending")
    assert taken(console) == before

    # The answer to each is lost once on the way back: each is sent twice, and taken once.
    asked: list[str] = []
    lost: set[str] = set()

    def answer_is_lost(route: Route) -> None:
        kind = route.request.url.rsplit("/", 1)[-1]
        asked.append(kind)
        if kind in lost:
            route.continue_()
        else:
            lost.add(kind)
            route.fetch()
            route.abort()

    page.route("**/api/visits/tasks/**", answer_is_lost)
    page.context.set_offline(False)
    for _ in range(4):
        expect(page.locator("#toasts")).to_contain_text("服务器无应答")
        page.reload()
    expect(page.locator(".consent[data-kind=photo] .state")).to_have_attribute("data-answer", "yes")
    expect(page.locator("#pending")).to_be_hidden()
    assert sorted(asked) == ["consents"] * 2 + ["photos"] * 2 + ["place"] * 2 + ["receipts"] * 2
    assert taken(console) == tuple(number + 1 for number in before)
    assert page.evaluate(_ACTS) == 0
    expect(page.locator(".photos .kept li")).to_have_count(1)
    expect(page.locator(".place")).to_contain_text("±12 m")
    pdf = page.request.get(f"{console.address}{page.locator('.receipts a').get_attribute('href')}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF-")

    # What the server refuses says why and can be dropped.
    page.route(
        "**/api/visits/tasks/*/photos", lambda route: route.fulfill(status=409, json={"message": "满了"})
    )
    page.set_input_files(
        "[data-photo]", {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    expect(page.locator("#pending li.refused")).to_contain_text("满了")
    page.locator("[data-act-drop]").click()
    expect(page.locator("#pending")).to_be_hidden()


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
