"""The story of the source document, by what its people have: the city's desk, the officer's phone, the audit.

15:29, a high order from the city to Xiniu station. The officer on duty is called by message; her line is
busy, twice; the officer finds where she is, goes there, hangs up on the scammer, removes the screen-sharing
app, restarts the phone. 67,000 yuan and three cards; then the bank, the balance, the cards, the passwords.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ROOT, Console
from tests.browser.test_pages import shoot

PURPOSE = "高危预警，电话占线，上门劝阻"
AT_THE_DOOR = (
    "挂断诈骗电话",
    "卸载屏幕共享软件",
    "重启手机",
    "问清告知过对方的银行卡，逐张记下",
    "讲明骗术，当面劝阻",
)
AT_THE_BANK = ("陪同到银行查询余额", "银行卡口头挂失", "补办新卡", "更换支付、银行密码")
PATIENCE_MS = 30_000
SEED = "tests.browser.seed_xiniu"


@pytest.fixture(scope="module")
def xiniu(console: Console) -> Iterator[Console]:
    """The console with Xiniu's people, and with the processes that do what is due and that send messages."""
    console.happens("start", of=SEED)
    processes = [
        subprocess.Popen([sys.executable, "-m", "qingdun.cli", name], env=console.environment, cwd=ROOT)
        for name in ("tick", "send")
    ]
    yield console
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(15)


def appears(page: Page, address: str, what: Callable[[], Locator]) -> Locator:
    """The page is loaded again, as somebody waiting would, until it is there."""
    page.goto(address)
    for _again in range(PATIENCE_MS // 1000):
        if what().count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(what().first).to_be_visible()
    return what()


HEARD = """([task, version]) => document.body.dispatchEvent(
    new CustomEvent("live:alerts", { detail: { payload: { task: Number(task), version } } }))"""


def is_left_alone_by_what_it_shows(phone: Page, task: str | None) -> None:
    """News of the own act does not load the page anew beneath the next tap; newer news does."""
    version = phone.locator("main").get_attribute("data-version")
    assert version is not None
    phone.evaluate("document.body.dataset.loaded = 'once'")
    loaded = phone.locator("body[data-loaded]")
    phone.evaluate(HEARD, [task, int(version)])
    phone.evaluate("new Promise(requestAnimationFrame)")
    expect(loaded).to_have_count(1)
    phone.evaluate(HEARD, [task, int(version) + 1])
    expect(loaded).to_have_count(0)


def test_the_story_of_xiniu(xiniu: Console, open_page: Callable[..., Page]) -> None:
    home = xiniu.address
    desk = open_page("city")
    desk.goto(f"{home}/alerts/")
    expect(desk.locator("#live")).to_have_attribute("data-state", "on")

    # 15:29: the alert rises by itself; the city sends it straight to the station.
    xiniu.happens("order", of=SEED)
    row = desk.locator(".row", has_text="林**")
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    expect(row).to_contain_text("高危")
    row.click()
    expect(desk.locator(".sentence")).to_contain_text("英德市西牛镇的林**")
    expect(desk.locator(".sentence")).to_contain_text("冒充公检法")
    expect(desk.locator(".waterfall")).to_contain_text("15:29")
    desk.keyboard.press("d")
    state = desk.locator("article.task .state").first
    expect(state).to_have_text("待派出所签收")
    task = desk.locator("article.task").get_attribute("data-task")
    shoot(desk, "xiniu-1-order")

    # The officer on duty is called by message, with no word of who is meant.
    duty = open_page("city")
    call = appears(duty, f"{home}/duty/", lambda: duty.locator(".duty-call", has_text="西牛派出所"))
    expect(call.first).to_contain_text("西牛所民警")
    sms = appears(duty, f"{home}/sms/demo/", lambda: duty.get_by_text(f"高危预警任务{task}号（西牛镇）"))
    expect(sms.first).not_to_contain_text("林")

    # The officer signs, sees the number for a purpose, and calls: busy, twice.
    phone = open_page("xiniu", size=(390, 844))
    phone.goto(f"{home}/m/next/")
    expect(phone).to_have_url(f"{home}/m/visit/{task}/")
    where = phone.locator("h1 .state")
    phone.get_by_role("button", name="签收", exact=True).click()
    expect(where).to_have_text("已签收")
    is_left_alone_by_what_it_shows(phone, task)
    phone.locator("[data-unmask]").click()
    phone.locator("#unmask-dialog input").fill(PURPOSE)
    phone.locator("#unmask-dialog button[value=ok]").click()
    expect(phone.locator("a[data-call]")).to_have_attribute("href", "tel:+8617258015290")
    for attempt in (1, 2):
        phone.get_by_role("button", name="占线", exact=True).click()
        expect(where).to_have_text("未接通")
        expect(phone.locator("ul.log b", has_text="占线")).to_have_count(attempt)
    expect(desk.locator("article.task")).to_contain_text("紧急")  # a busy line is a scam going on

    # Where she is: the last cell, her home, her daughter, the bank near by.
    place = phone.locator("task-whereabouts")
    place.get_by_label("用途").fill(PURPOSE)
    place.get_by_role("button").click()
    for known in ("演练基站西牛一", "西牛镇演练路15号", "林演冬", "演练银行西牛支行"):
        expect(place.locator(".where-list")).to_contain_text(known)
    shoot(phone, "xiniu-2-where")
    phone.get_by_role("button", name="查找", exact=False).first.click()
    expect(where).to_have_text("查找中")
    phone.get_by_role("button", name="上门见面").click()
    expect(where).to_have_text("已见面")
    expect(place.locator(".where-list")).to_have_count(0)  # met: where she is is nobody's business any more

    # At the door, then at the bank.
    for step in (*AT_THE_DOOR, *AT_THE_BANK):
        phone.get_by_role("switch", name=step).check()
    phone.locator("input[name=avoided]").fill("67000")
    phone.locator("input[name=cards]").fill("3")
    shoot(phone, "xiniu-3-door")
    phone.get_by_text("已劝醒", exact=True).click()
    phone.get_by_role("button", name="提交反馈").click()
    expect(where).to_have_text("已反馈", timeout=PATIENCE_MS)

    # The report is reviewed and the task closed; the days after stand by themselves.
    desk.get_by_role("button", name="审核", exact=True).click()
    expect(where).to_have_text("已审核")
    coming = appears(
        phone, f"{home}/follow-ups/?view=coming", lambda: phone.locator(".follow-up", has_text="林**")
    )
    expect(coming).to_have_count(3)
    shoot(phone, "xiniu-4-follow-ups")
    phone.goto(f"{home}/m/visit/{task}/")
    phone.get_by_role("button", name="办结", exact=True).click()
    expect(where).to_have_text("已办结")
    expect(state).to_have_text("已办结")
    phone.goto(f"{home}/follow-ups/?view=coming")
    expect(coming).to_have_count(3)

    # The measures count her, and every number leads to her row.
    town = desk.evaluate(
        "() => [...document.querySelectorAll('select[name=region] option')]"
        ".find(one => one.textContent.trim() === '西牛镇').value"
    )
    desk.goto(f"{home}/measures/?region={town}")
    shoot(desk, "xiniu-5-measures")
    card = desk.locator(".measure")
    expect(card.filter(has_text="避免损失")).to_contain_text("¥67,000.00")
    for rate in ("见面率", "见面及时率", "预警准确率"):
        expect(card.filter(has=desk.get_by_role("heading", name=rate, exact=True))).to_contain_text("100.0%")
    card.filter(has_text="避免损失").get_by_role("link", name="1", exact=True).click()
    expect(desk.locator("main tbody tr")).to_have_count(1)
    expect(desk.locator(f"main tbody a[href*='/alerts/{task}/']").first).to_be_visible()

    # All of it is on record, whole.
    auditor = open_page("auditor")
    auditor.goto(f"{home}/audit/?subject={task}")
    for verb in (
        "dispatch_straight", "call_to_duty", "sign", "unmask_task", "contact", "look_for_person", "search",
        "meet", "awakened", "review", "plan_follow_ups", "close",
    ):  # fmt: skip
        expect(auditor.locator(f"td[title={verb}]").first).to_be_visible()
    auditor.goto(f"{home}/audit/?verb=unmask_task&subject={task}")
    expect(auditor.locator("main")).to_contain_text(PURPOSE)
    auditor.get_by_role("button", name="校验").click()
    expect(auditor.locator("main")).to_contain_text("完整")
    shoot(auditor, "xiniu-6-audit")
    chain = subprocess.run(
        [sys.executable, "-m", "qingdun.cli", "audit", "verify"],
        env=xiniu.environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert chain.returncode == 0, chain.stdout + chain.stderr
