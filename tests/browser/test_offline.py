"""The phone page in a dead spot: what was typed stays, the page opens again, the report goes out once."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SHOTS, Console

PHONE = (360, 780)
_COUNT = """
import django
django.setup()
from qingdun.console.alerts.models import Submission, Task, TaskEvent
task = Task.objects.get(person_id="p00").pk
print(task, Submission.objects.count(), TaskEvent.objects.filter(task=task, verb="meet").count())
"""
_KEPT = """async () => {
  const pages = await (await caches.open("visit-pages")).keys();
  return pages.map((request) => new URL(request.url).pathname);
}"""
_DRAFTS = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("qingdun-visits");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const all = request.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { request.result.close(); resolve(all.result); };
  };
})"""


def _counts(console: Console) -> tuple[int, int, int]:
    """The task of the golden story, how much the server has taken by key, and how often they were met."""
    task, taken, met = console.told(_COUNT)
    return task, taken, met


def task_of_the_story(console: Console) -> int:
    """The task of the golden story."""
    return _counts(console)[0]


@pytest.fixture(scope="module")
def task(console: Console) -> int:
    console.happens("alert", "on_the_way")
    return task_of_the_story(console)


def test_a_visit_without_a_line_is_entered_from_the_meeting_on_and_taken_once(
    console: Console, open_page: Callable[..., Page], task: int
) -> None:
    address = f"{console.address}/m/visit/{task}/"
    page = open_page("officer", size=PHONE)
    page.goto(address)
    expect(page.locator("#net[data-opens]")).to_be_visible()
    assert page.evaluate(_KEPT) == [f"/m/visit/{task}/"]

    page.context.set_offline(True)
    expect(page.locator("#net")).to_have_attribute("data-state", "offline")
    expect(page.locator("#visit")).to_be_hidden()
    page.get_by_role("button", name="上门见面").click()
    expect(page.locator("#pending")).to_contain_text("上门见面")
    page.locator("input[name=avoided]").fill("67000")
    page.locator("textarea[name=notes]").fill("门口没有信号")
    page.wait_for_function(
        f"async () => (await ({_DRAFTS})()).some(one => one.fields.notes === '门口没有信号')"
    )
    page.reload()
    expect(page.locator("#net")).to_have_attribute("data-state", "offline")
    expect(page.locator("input[name=avoided]")).to_have_value("67000")
    expect(page.locator("textarea[name=notes]")).to_have_value("门口没有信号")
    assert page.evaluate("fetch('/health').then(() => 'line', () => 'no line')") == "no line"

    page.get_by_text("已劝醒", exact=True).click()
    page.get_by_role("button", name="提交反馈").click()
    expect(page.locator("#queue")).to_contain_text("2")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "visit-offline.png")
    page.reload()
    expect(page.locator("#queue")).to_contain_text("2")
    assert _counts(console)[1:] == (0, 0)

    # The first answer is lost on the way back: the page must send again, the server must take it once.
    asked: list[str] = []

    def answer_is_lost(route: Route) -> None:
        asked.append(route.request.post_data_json["key"])
        if len(asked) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/alerts/tasks/*/visit", answer_is_lost)
    page.context.set_offline(False)
    expect(page.locator("h1 .state")).to_have_text("已反馈")
    until = time.monotonic() + 30
    while len(asked) < 2 and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert len(asked) == 2
    assert len(set(asked)) == 1
    assert _counts(console)[1:] == (2, 1)
    # The page may still be loading what the second answer brought.
    page.wait_for_function(f"async () => (await ({_DRAFTS})()).length === 0")


def test_what_a_proxy_answers_for_a_console_that_starts_anew_is_no_refusal(
    console: Console, open_page: Callable[..., Page], task: int
) -> None:
    page = open_page("officer", size=PHONE)
    page.goto(f"{console.address}/m/visit/{task}/")
    said = page.locator("#record .consent[data-kind=bank]")
    page.route("**/consents", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    said.locator("button[data-answer=yes]").click()
    expect(page.locator("#queue")).to_contain_text("1")
    expect(page.locator("#pending li")).not_to_have_class("refused")
    # The session is over: what is kept waits for whoever logs in again.
    page.unroute("**/consents")
    page.route("**/consents", lambda route: route.fulfill(status=401, json={"detail": "Unauthorized"}))
    page.reload()
    expect(page.locator("#toasts")).to_contain_text("服务器无应答")
    page.unroute("**/consents")
    page.reload()
    expect(said.locator(".state")).to_have_attribute("data-answer", "yes")
    expect(page.locator("#queue")).to_be_hidden()


def test_whoever_logs_out_leaves_nothing_on_the_phone(
    console: Console, open_page: Callable[..., Page], task: int
) -> None:
    page = open_page("officer", size=PHONE)
    page.goto(f"{console.address}/m/visit/{task}/")
    expect(page.locator("#net[data-opens]")).to_be_visible()
    assert page.evaluate(_KEPT) == [f"/m/visit/{task}/"]
    page.goto(f"{console.address}/accounts/logout/")
    page.locator("form[action*=logout] button").last.click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate(_KEPT) == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
