"""The golden story in a browser: an alert appears, is dispatched, worked on a phone, closed and audited."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console


def test_alert_goes_from_the_engine_to_the_door_and_into_the_audit(
    console: Console, open_page: Callable[..., Page]
) -> None:
    desk = open_page("city")
    desk.goto(f"{console.address}/alerts/")
    expect(desk.locator("#live")).to_have_attribute("data-state", "on")
    rows = desk.locator(".row")
    before = rows.count()
    urgent = desk.locator("#levels .chip").first.locator("b")
    counted = int(urgent.inner_text())
    selected = desk.locator(".row[aria-selected=true]").get_attribute("data-id")

    console.happens("alert")
    expect(rows).to_have_count(before + 1)  # no reload
    fresh = desk.locator(".row.fresh")
    expect(fresh).to_contain_text("郑**")
    expect(urgent).to_have_text(str(counted + 1))  # and is counted
    expect(desk.locator(".row[aria-selected=true]")).to_have_attribute("data-id", selected or "")

    fresh.click()
    expect(desk.locator(".sentence")).to_contain_text("冒充公检法")
    expect(desk.locator(".waterfall tfoot")).to_contain_text("%")
    task = desk.locator("[data-task]").get_attribute("data-task")
    desk.keyboard.press("d")
    expect(desk.locator("[data-task] .state")).to_have_text("待派出所签收")
    desk.locator(".toast button").click()  # undo
    expect(desk.locator("[data-task] .state")).to_have_text("已研判")
    desk.keyboard.press("d")
    expect(desk.locator("[data-task] .state")).to_have_text("待派出所签收")
    desk.keyboard.press("z")
    expect(desk.locator("[data-task] .state")).to_have_text("已研判")
    desk.keyboard.press("d")
    expect(desk.locator("[data-task] .state")).to_have_text("待派出所签收")

    phone = open_page("officer", size=(390, 844))
    phone.goto(f"{console.address}/m/visit/{task}/")
    phone.get_by_role("button", name="签收", exact=True).click()
    phone.get_by_role("button", name="占线").click()
    expect(phone.locator("h1 .state")).to_have_text("未接通")
    phone.get_by_role("button", name="上门见面").click()
    expect(phone.locator("h1 .state")).to_have_text("已见面")
    for step in ("挂断诈骗电话", "卸载屏幕共享软件", "重启手机"):
        phone.get_by_role("switch", name=step).check()
    phone.locator("input[name=avoided]").fill("67000")
    phone.locator("input[name=cards]").fill("3")
    expect(phone.locator("#net")).to_have_attribute("data-state", "kept")
    phone.reload()  # the draft is still there
    expect(phone.locator("input[name=avoided]")).to_have_value("67000")
    expect(phone.get_by_role("switch", name="重启手机")).to_be_checked()

    phone.get_by_text("已劝醒", exact=True).click()
    phone.context.set_offline(True)
    expect(phone.locator("#net")).to_have_attribute("data-state", "offline")
    phone.get_by_role("button", name="提交反馈").click()
    expect(phone.locator("#queue")).to_contain_text("1")
    phone.context.set_offline(False)  # and goes out by itself
    expect(phone.locator("h1 .state")).to_have_text("已反馈")
    desk.get_by_role("button", name="审核", exact=True).click()
    expect(phone.locator("h1 .state")).to_have_text("已审核")
    phone.get_by_role("button", name="办结", exact=True).click()
    expect(phone.locator("h1 .state")).to_have_text("已办结")

    expect(desk.locator("[data-task] .state")).to_have_text("已办结")
    auditor = open_page("auditor")
    auditor.goto(f"{console.address}/audit/?subject={task}")
    for verb in ("dispatch_straight", "undo", "sign", "contact", "meet", "awakened", "close"):
        expect(auditor.locator(f"td[title={verb}]").first).to_be_visible()


def test_the_button_pressed_is_the_move_made_and_the_word_said(
    console: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{console.address}/alerts/?level=urgent&state=desk")
    task = page.locator("[data-task]").get_attribute("data-task")
    page.get_by_role("button", name="下发县区", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("下发县区 ✓")
    expect(page.locator("[data-task] .state")).to_have_text("县级处置")
    expect(page.locator(".context ol.log")).to_contain_text("下发县区")
    auditor = open_page("auditor")
    auditor.goto(f"{console.address}/audit/?subject={task}")
    expect(auditor.locator("td[title=dispatch_county]").first).to_have_text("下发县区")
    expect(auditor.locator("td[title=dispatch_straight]")).to_have_count(0)


def test_a_clock_that_runs_out_is_told_live_in_words_and_next_takes_it_up(
    console: Console, open_page: Callable[..., Page]
) -> None:
    desk = open_page("city")
    desk.goto(f"{console.address}/alerts/?level=urgent")
    expect(desk.locator("#live")).to_have_attribute("data-state", "on")
    expect(desk.locator(".row .row-marks")).to_have_count(0)
    console.happens("breach")
    marks = desk.locator(".row .row-marks").first
    expect(marks).to_contain_text("值班")  # no reload
    desk.locator("a.chip", has_text="超时").click()
    expect(desk.locator(".row .row-marks").first).to_be_visible()
    desk.goto(f"{console.address}/alerts/?level=low")
    before = desk.locator("[data-task]").get_attribute("data-task")
    desk.keyboard.press("n")
    expect(desk.locator("[data-task]")).not_to_have_attribute("data-task", before or "")


def test_a_step_on_the_phone_is_taken_back(console: Console, open_page: Callable[..., Page]) -> None:
    console.happens("to_the_officer")
    phone = open_page("officer", size=(390, 844))
    phone.goto(f"{console.address}/m/next/")
    expect(phone.locator("h1 .state")).to_have_text("待派出所签收")
    phone.get_by_role("button", name="签收", exact=True).click()
    expect(phone.locator("h1 .state")).to_have_text("已签收")
    phone.locator("button[data-undo]").click()
    expect(phone.locator("h1 .state")).to_have_text("待派出所签收")


def test_the_phone_asks_for_the_reason_that_a_move_needs(
    console: Console, open_page: Callable[..., Page]
) -> None:
    console.happens("to_the_officer")
    phone = open_page("officer", size=(390, 844))
    phone.goto(f"{console.address}/m/next/")
    english = open_page("officer", (360, 800), "dark", "en")
    english.goto(phone.url)
    assert english.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get_by_role("button", name="退回…").click()
    phone.locator("#note-dialog textarea").fill("不属本所辖区")
    phone.locator("#note-dialog button[value=ok]").click()
    expect(phone.locator("h1 .state")).to_have_text("已退回")


def test_unmasking_holds_through_a_refresh_is_masked_again_and_is_on_record(
    console: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{console.address}/alerts/")
    page.locator(".row").first.click()
    page.locator("[data-unmask]").click()
    page.locator("#unmask-dialog input").fill("核实身份后联系")
    page.locator("#unmask-dialog button[value=ok]").click()
    expect(page.locator("#person [data-field=number]")).to_have_text(re.compile(r"^\+86\d{11}$"))
    expect(page.locator("[data-unmasked-left]")).to_have_text(re.compile(r"^1[45] 分钟"))
    page.reload()
    expect(page.locator("#person [data-field=number]")).to_have_text(re.compile(r"^\+86\d{11}$"))
    page.locator("[data-mask]").click()
    expect(page.locator("[data-unmask]")).to_be_visible()
    expect(page.locator("#person [data-field=number]")).to_have_text(re.compile(r"^\+86 172\*{4}"))
    task = page.locator("[data-task]").get_attribute("data-task")
    auditor = open_page("auditor")
    auditor.goto(f"{console.address}/audit/?verb=unmask_task&subject={task}")
    expect(auditor.locator("main")).to_contain_text("核实身份后联系")


def test_what_comes_in_above_is_counted_and_moves_nothing_the_eye_is_on(
    console: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{console.address}/alerts/?state=all")
    expect(page.locator("#live")).to_have_attribute("data-state", "on")
    last = page.locator(".row").last
    last.click()
    chosen = page.locator(".row[aria-selected=true]")
    before, count = chosen.bounding_box(), page.locator(".row").count()
    console.happens("newcomer")
    expect(page.locator(".row")).to_have_count(count + 1)
    expect(page.locator("#arrived b")).to_have_text("1")
    assert chosen.bounding_box() == before
    page.locator("#arrived").click()
    expect(page.locator("#arrived")).to_be_hidden()
    expect(page.locator(".row.fresh")).to_be_in_viewport()


def test_a_late_answer_does_not_overwrite_a_newer_one(
    console: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{console.address}/alerts/?state=all")
    ids = page.locator(".row").evaluate_all("rows => rows.slice(0, 2).map(row => row.dataset.id)")
    held: list[Route] = []
    page.route(f"**/alerts/{ids[1]}/pane/", lambda route: held.append(route))
    page.locator(f"#row-{ids[1]}").click()
    with page.expect_response(f"**/alerts/{ids[0]}/pane/"):
        page.locator(f"#row-{ids[0]}").click()
    expect(page.locator("[data-task]")).to_have_attribute("data-task", ids[0])
    with page.expect_response(f"**/alerts/{ids[1]}/pane/"):
        held[0].continue_()
    page.locator(f"#row-{ids[0]}").click()
    expect(page.locator("[data-task]")).to_have_attribute("data-task", ids[0])
    expect(page.locator("#panes")).not_to_have_attribute("aria-busy", "true")


def test_queue_obeys_the_keyboard_and_bulk_dispatch_reports_every_row(
    console: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page("city")
    page.goto(f"{console.address}/alerts/?state=desk&level=medium")
    ids = page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.id)")
    chosen = page.locator(".row[aria-selected=true]")
    expect(chosen).to_have_attribute("data-id", ids[0])
    page.keyboard.press("j")
    expect(chosen).to_have_attribute("data-id", ids[1])
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("#bulk-count")).to_have_text("2")
    page.locator("[data-bulk]").click()
    expect(page.locator("#toasts")).to_contain_text("下发县区 ✓ 2/2")
    expect(page.locator(".c-owner", has_text="县级处置")).to_have_count(2)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


@pytest.mark.parametrize(
    "address", ["/alerts/", "/m/visit/1/", "/wall/", "/entities/", "/api/alerts/boundary/city"]
)
def test_nobody_who_is_not_logged_in_sees_anything(console: Console, browser: object, address: str) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    answer = page.request.get(f"{console.address}{address}", max_redirects=0)
    page.close()
    assert answer.status in (302, 401)
