"""The story of a round: drawn and explained, a visit in a dead spot with a photo, a finding that is overdue
and told, inspected again, and standing in the town's file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.test_pages import PHONE, shoot
from tests.browser.test_visits import TARGETS

SMALL = (360, 780)
_RECORDED = """
import django
django.setup()
from qingdun.console.supervision.models import Shortcoming, Supervision, VisitPhoto
print(Supervision.objects.count(), Shortcoming.objects.count(), VisitPhoto.objects.count(),
      sum(b"a camera" in bytes(one.picture) for one in VisitPhoto.objects.all()))
"""
SEED = "tests.browser.seed_supervision"


@pytest.fixture(scope="module")
def ranked(console: Console) -> Console:
    console.happens("start", of=SEED)
    return console


def recorded(console: Console) -> tuple[int, ...]:
    """How many visits, findings and photos the server has, and photos that say with what they were taken."""
    return console.told(_RECORDED)


def photo() -> FilePayload:
    """A JPEG of a phone, as it comes out of its camera."""
    out, exif = BytesIO(), Image.Exif()
    exif[0x010F] = "a camera"
    Image.new("RGB", (1200, 900), "#88aa99").save(out, "JPEG", exif=exif)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_round_from_its_draft_to_the_town_s_file(ranked: Console, open_page: Callable[..., Page]) -> None:
    city = open_page("city")
    city.goto(f"{ranked.address}/supervision/")
    city.locator("a", has_text="查看草案").click()
    worst = city.locator("#towns tbody tr").first
    expect(worst).to_contain_text("仍在列")
    expect(worst).to_contain_text("重点督导")
    expect(worst).to_contain_text("此前即由其督导")
    shoot(city, "supervision-draft")
    city.locator("button", has_text="确认督导分工").click()
    expect(city.locator(".head-line .tag").first).to_have_text("生效")
    town = worst.get_attribute("data-subject") or ""
    place = worst.locator("th a").get_attribute("href") or ""

    page = open_page("com-a" if "督导专员A" in worst.inner_text() else "com-b", SMALL)
    page.goto(f"{ranked.address}/m/supervision/")
    expect(page.locator("#net[data-opens]")).to_be_visible()
    page.locator(".supervised-one", has_text=town).first.click()
    expect(page.locator("#net[data-opens]")).to_be_visible()
    page.context.set_offline(True)
    page.locator("textarea[name=notes]").fill("查看了值班台账，询问了两名网格员。")
    page.locator("[data-add-finding]").click()
    page.locator(".finding [data-area]").select_option("duty")
    page.locator(".finding [data-text]").fill("夜间值班表没有带班领导签到。")
    due = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=6)
    page.locator(".finding [data-due]").fill(f"{due}")
    page.locator("[data-photo]").set_input_files(photo())
    expect(page.locator("#photos li")).to_have_count(1)
    page.reload()  # without a line: the page opens, and the draft is there with its photo
    expect(page.locator("#net")).to_have_attribute("data-state", "offline")
    expect(page.locator(".finding [data-text]")).to_have_value("夜间值班表没有带班领导签到。")
    expect(page.locator("#photos li")).to_have_count(1)
    assert page.evaluate(TARGETS) == []
    shoot(page, "supervision-offline")
    page.locator("[data-record]").click()
    expect(page.locator("#queue")).to_contain_text("1")
    assert recorded(ranked) == (0, 0, 0, 0)

    # The first answer is lost on its way back: the visit is sent twice, and taken once.
    lost: list[str] = []

    def answer_is_lost(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.fetch()
            route.abort()

    page.route("**/api/supervision/charges/**", answer_is_lost)
    page.context.set_offline(False)
    expect(page.locator("#toasts")).to_contain_text("服务器无应答")
    with page.expect_response("**/api/supervision/photos"):
        page.reload()
    expect(page.locator("#queue")).to_be_hidden()
    expect(page.locator(".log")).to_contain_text("查看了值班台账")
    assert lost
    assert recorded(ranked) == (1, 1, 1, 0)

    ranked.happens("later", of=SEED)
    city.goto(f"{ranked.address}/supervision/")
    city.locator("a.bad", has_text="1").first.click()
    city.locator("tbody a").first.click()
    expect(city.locator("#due")).to_contain_text("已逾期")
    expect(city.locator("#escalations li")).to_have_count(1)
    finding = city.url

    cadre = open_page("cadre", PHONE)
    cadre.goto(finding)
    cadre.locator("#answer-text").fill("已补签到，今后由镇纪检抽查。")
    cadre.locator("button", has_text="上报已整改").click()
    expect(cadre.locator(".finding-state")).to_contain_text("待复查")

    page.reload()
    expect(page.locator(".recheck")).to_contain_text("已补签到")
    page.locator(".recheck input[value=passed]").check()
    page.locator("textarea[name=notes]").fill("复查值班台账，签到齐全。")
    page.locator("[data-record]").click()
    expect(page.locator("#toasts")).to_contain_text("走访已登记")
    cadre.goto(f"{ranked.address}{place}")
    file = cadre.locator("#supervision")
    expect(file).to_contain_text("夜间值班表没有带班领导签到")
    expect(file.locator(".finding-state")).to_contain_text("已整改")
    expect(file).to_contain_text("曾上报督办")
    shoot(cadre, "supervision-town-file")
    assert recorded(ranked) == (2, 1, 1, 0)
